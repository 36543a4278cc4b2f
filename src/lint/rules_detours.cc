// Calls that reach the same end as one that is forbidden, altogether or with some arguments.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "base/text.h"
#include "lint/conditions.h"
#include "lint/rules.h"
#include "profile/library_names.h"
#include "syscalls/facts.h"
#include "syscalls/purpose.h"
#include "syscalls/table.h"

namespace whittle::lint {
namespace {

using profile::Action;
using profile::Blocks;
using profile::Condition;
using profile::Operator;
using profile::Rule;

// It is refused so that libcs take the older call, which is to stay open.
bool IsToFallBack(const Subject& subject, Abi abi, std::string_view name) {
  const auto refusal = RefusalAt(subject.places().front(), abi, name);
  return refusal.action == Action::kErrno && refusal.data == ENOSYS && SyscallFallback(abi, name);
}

// The rows for 32-bit libraries' forms of a call; what a forbidden call leaves open in them is told of by
// itself.
bool IsOfForms(std::string_view abis) { return abis == "32" || abis == "64"; }

// --- Forbidden altogether

// Of calls that are let pass whatever their arguments, where the other is never: their names, with the ABI
// where it is not the native one.
class OpenWays {
 public:
  OpenWays(const Subject& subject, std::string_view forbidden) : subject_(subject), forbidden_(forbidden) {}

  void Ask(std::string_view call, std::string_view also, std::string_view abis) {
    if (call != forbidden_ || also == kRing || IsKnown(also)) return;
    for (const Abi abi : Abis(abis)) {
      if (!AbisInclude(abis, abi) || !IsOpenOn(abi, also)) continue;
      open_.push_back(
          {also, abi == Native() ? std::string(also) : fmt::format("{} ({})", also, ScmpArchName(abi))});
      return;
    }
  }
  std::vector<std::string> Texts() const {
    std::vector<std::string> texts(open_.size());
    std::ranges::transform(open_, texts.begin(), &Way::text);
    return texts;
  }

 private:
  struct Way {
    std::string_view call;
    std::string text;
  };

  Abi Native() const { return subject_.places().front().target.arch; }
  // The native one first. On another one what it lacks is told of by itself.
  std::vector<Abi> Abis(std::string_view abis) const {
    std::vector<Abi> all = {Native()};
    for (const Abi abi : subject_.abis()) {
      if (abi != Native() && !IsOfForms(abis) && profile::LibraryNumber(abi, forbidden_)) all.push_back(abi);
    }
    return all;
  }
  bool IsKnown(std::string_view also) const {
    return std::ranges::find(open_, also, &Way::call) != open_.end();
  }
  bool IsOpenOn(Abi abi, std::string_view also) const {
    return std::ranges::any_of(subject_.places(), [&](const Place& place) {
      return PassesAt(place, abi, forbidden_) == Passes::kNever &&
             PassesAt(place, abi, also) == Passes::kAlways;
    });
  }

  const Subject& subject_;
  std::string_view forbidden_;
  std::vector<Way> open_;
};

// In a list of what is allowed only what libraries call in its place: other ways there may be meant, as
// adjtimex is for reading the clock, a newer call is refused for what it is itself, and an older one does
// less.
std::vector<std::string> WaysAround(const Subject& subject, std::string_view name) {
  OpenWays ways(subject, name);
  const bool any = subject.deny_list();
  for (const auto& row : Detours()) {
    if (any) ways.Ask(row.call, row.also, "all");
    if (any && row.back) ways.Ask(row.also, row.call, "all");
  }
  const Abi native = subject.places().front().target.arch;
  for (const auto& row : Equivalents()) {
    if (row.call.empty() || (IsOfForms(row.abis) && !AbisInclude(row.abis, native))) continue;
    ways.Ask(row.call, row.also, row.abis);
    // What stands in for the older call does its work, and the older one the newer one's.
    if (row.same_power && any) ways.Ask(row.also, row.call, row.abis);
  }
  return ways.Texts();
}

// podman's own list refuses it among the calls of old.
constexpr std::string_view kRefusedForItsAge = "nice";

bool IsForbiddenByName(const Subject& subject, std::string_view name, const Name& facts) {
  if (facts.opened) return false;
  const Abi native = subject.places().front().target.arch;
  if (subject.deny_list()) return facts.here && !IsToFallBack(subject, native, name);
  return facts.known && !SyscallFallback(native, name) && name != kRefusedForItsAge;
}

void TellForbidden(const Subject& subject, Sink& sink) {
  if (!subject.deny_list() && subject.made_of_evidence()) return;  // refused as it was when it was recorded
  for (const auto& [name, facts] : subject.names()) {
    if (!IsForbiddenByName(subject, name, facts)) continue;
    const auto open = WaysAround(subject, name);
    if (open.empty()) continue;
    sink.Add(
        Severity::kWarning, At(facts.mentions.front()),
        fmt::format("'{}' is forbidden and what reaches the same end stays open: {}", name, Listed(open)),
        "forbid these too, or list what is allowed instead");
  }
}

// --- Forbidden with some arguments

// What a call is asked in an argument, another one is told in another, or in memory, where no filter sees it.
struct SameArgument {
  std::string_view call;
  uint32_t argument;
  uint64_t bits;          // which the other one takes as well; 0: whatever is asked
  std::string_view also;  // with blanks between
};
constexpr uint64_t kPrSetSeccomp = 22;
constexpr SameArgument kSameArguments[] = {
    {"chmod", 1, 0, "fchmod fchmodat fchmodat2"},
    {"chown", 1, 0, "fchown fchownat lchown"},
    {"clock_settime", 0, 0, "settimeofday"},
    {"clone", 0, kNamespaces, "unshare"},  // clone3: CheckClone3Bypass
    {"fchmod", 1, 0, "chmod fchmodat fchmodat2"},
    {"fchmodat", 2, 0, "chmod fchmod fchmodat2"},
    {"fchmodat2", 2, 0, "chmod fchmod fchmodat"},
    {"kill", 1, 0, "tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal"},
    {"mknod", 1, 0, "mknodat"},
    {"mknodat", 2, 0, "mknod"},
    {"mount", 3, 0, "fsmount move_mount open_tree"},
    {"mprotect", 2, 0, "pkey_mprotect"},
    {"open", 1, 0, "openat openat2"},
    {"openat", 2, 0, "open openat2"},
    {"pkey_mprotect", 2, 0, "mprotect"},
    {"setgid", 0, 0, "setregid setresgid"},
    {"setregid", 0, 0, "setgid setresgid"},
    {"setresgid", 0, 0, "setgid setregid"},
    {"setresuid", 0, 0, "setreuid setuid"},
    {"setreuid", 0, 0, "setresuid setuid"},
    {"setrlimit", 0, 0, "prlimit64"},
    {"setuid", 0, 0, "setresuid setreuid"},
    {"tgkill", 2, 0, "kill tkill"},
    {"tkill", 1, 0, "kill tgkill"},
    {"unshare", 0, kNamespaces, "clone clone3"},
};

bool Asks(const Condition& condition, uint32_t argument, uint64_t bits) {
  if (condition.index != argument) return false;
  return bits == 0 || ((condition.value | condition.value_two) & bits) != 0;
}

// prctl is one call for many ends, and only one of them is another call's.
bool RefusesSettingFilters(const Rule& rule, const Condition& condition) {
  const uint64_t value = condition.op == Operator::kMaskedEqual ? condition.value_two : condition.value;
  const bool exact = condition.op == Operator::kEqual || condition.op == Operator::kMaskedEqual;
  return Blocks(rule.action) && exact && condition.index == 0 && value == kPrSetSeccomp;
}

// Those that do with any arguments what this entry asks of `call`.
std::string_view TakingTheSame(const Rule& rule, std::string_view call, Abi native) {
  const auto asks = [&](uint32_t argument, uint64_t bits) {
    return std::ranges::any_of(rule.conditions,
                               [&](const Condition& one) { return Asks(one, argument, bits); });
  };
  for (const auto& row : kSameArguments) {
    if (row.call != call) continue;
    const uint32_t argument = call == "clone" && native == Abi::kS390x ? 1 : row.argument;
    return asks(argument, row.bits) ? row.also : "";
  }
  const bool filters = call == "prctl" && std::ranges::any_of(rule.conditions, [&](const Condition& one) {
                         return RefusesSettingFilters(rule, one);
                       });
  return filters ? "seccomp" : "";
}

std::vector<std::string> OpenWithAny(const Subject& subject, std::string_view call, std::string_view others) {
  std::vector<std::string> open;
  const Abi native = subject.places().front().target.arch;
  for (const auto also : Split(others, ' ')) {
    const auto passes = [&](const Place& place) {
      return PassesAt(place, native, call) == Passes::kSometimes &&
             PassesAt(place, native, also) == Passes::kAlways;
    };
    if (std::ranges::any_of(subject.places(), passes)) open.emplace_back(also);
  }
  return open;
}

// The first entry that asks the call for what others do with any arguments, and those.
struct AskedInPart {
  const Mention* mention = nullptr;
  std::string_view others;
};
AskedInPart AskedInPartOf(const Subject& subject, std::string_view name, const Name& facts) {
  const Abi native = subject.places().front().target.arch;
  const Mention* before = nullptr;
  for (const auto& mention : facts.mentions) {
    if (before != nullptr && before->rule == mention.rule) continue;
    before = &mention;
    const auto others = TakingTheSame(subject.document()->rules[mention.rule], name, native);
    if (!others.empty()) return {&mention, others};
  }
  return {};
}

void TellForbiddenInPart(const Subject& subject, Sink& sink) {
  if (subject.made_of_evidence()) return;  // it asks for what was recorded, of each call by itself
  for (const auto& [name, facts] : subject.names()) {
    const auto [mention, others] = AskedInPartOf(subject, name, facts);
    if (mention == nullptr) continue;
    const auto open = OpenWithAny(subject, name, others);
    if (open.empty()) continue;
    sink.Add(
        Severity::kWarning, At(*mention),
        fmt::format("'{}' passes with some arguments only, and what does the same with any stays open: {}",
                    name, Listed(open)),
        "refuse these too, or ask them the same; those with their flags in memory (clone3, openat2) can "
        "only be refused: with ENOSYS (errnoRet 38)");
  }
}

}  // namespace

void CheckOpenDetour(const Subject& subject, Sink& sink) {
  TellForbidden(subject, sink);
  TellForbiddenInPart(subject, sink);
}

}  // namespace whittle::lint

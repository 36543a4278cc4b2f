// Ways around a profile: other ABIs, multiplexers, calls that do the work of others.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <set>

#include "lint/rules.h"
#include "profile/library_names.h"
#include "syscalls/facts.h"
#include "syscalls/purpose.h"
#include "syscalls/table.h"

namespace whittle::lint {
namespace {

using filter::FlatRule;
using filter::Quirk;
using profile::Action;
using profile::Blocks;
using profile::Condition;

// The 32-bit ABI whose programs a kernel of that native ABI usually runs as well.
std::optional<Abi> SmallSibling(Abi native) {
  for (const Abi abi : SiblingAbis(native)) {
    if (Is32Bit(abi)) return abi;
  }
  return std::nullopt;
}

bool HasAbi(const Place& place, Abi abi) {
  return std::ranges::find(place.meaning.abis, abi, &filter::AbiRules::abi) != place.meaning.abis.end();
}

bool AsksFirstArgument(const profile::Rule& rule) {
  return std::ranges::any_of(rule.conditions,
                             [](const Condition& condition) { return condition.index == 0; });
}

bool NamesMultiplexer(std::string_view name) { return name == "socketcall" || name == "ipc"; }

// The entry that forbids the multiplexer, and is dropped since it does what the default does.
std::optional<size_t> DroppedMultiplexer(const Place& place, std::string_view through) {
  for (const auto& note : place.meaning.notes) {
    if (note.quirk == Quirk::kRedundantRule && note.what == through) return static_cast<size_t>(note.rule);
  }
  return std::nullopt;
}

// A companion that has lost what its rule said of argument 0.
struct Companion {
  size_t rule;
  Abi abi;
  std::string_view through;
  Action action;
};

std::vector<Companion> CompanionsAt(const Subject& subject, const Place& place) {
  std::vector<Companion> found;
  for (const auto& rules : place.meaning.abis) {
    for (const auto& [number, of_call] : rules.calls()) {
      const auto through = SyscallName(rules.abi(), number);
      if (!through || !NamesMultiplexer(*through)) continue;
      for (const FlatRule& flat : of_call) {
        if (flat.quirk != Quirk::kCompanion || flat.rule < 0) continue;
        const auto rule = static_cast<size_t>(flat.rule);
        if (AsksFirstArgument(subject.document()->rules[rule]))
          found.push_back({rule, rules.abi(), *through, flat.action});
      }
    }
  }
  return found;
}

std::string CompanionText(const Subject& subject, const Companion& companion, bool refusal_is_dropped) {
  const auto calls = Listed(subject.CallsOf(companion.rule), 3);
  const auto arch = ScmpArchName(companion.abi);
  if (Blocks(companion.action)) {
    return fmt::format("on {} libseccomp refuses {} through {} for every value of argument 0", arch, calls,
                       companion.through);
  }
  if (refusal_is_dropped) {
    return fmt::format(
        "this refusal of {} does what the default does, so runtimes drop it: on {} {} stays open "
        "through it, whatever entry {} says of argument 0",
        companion.through, arch, calls, companion.rule);
  }
  return fmt::format(
      "on {} {} is open through {} for every value of argument 0: libseccomp adds a rule for it, and "
      "what the entry says of the argument is lost",
      arch, calls, companion.through);
}

// It is refused so that libcs take the older call, which is to stay open.
bool IsToFallBack(const Subject& subject, Abi abi, std::string_view name) {
  const auto refusal = RefusalAt(subject.places().front(), abi, name);
  return refusal.action == Action::kErrno && refusal.data == ENOSYS && SyscallFallback(abi, name);
}

}  // namespace

void CheckAbiMissing(const Subject& subject, Sink& sink) {
  for (const auto& place : subject.places()) {
    const auto small = SmallSibling(place.target.arch);
    if (!place.filtered() || !small || HasAbi(place, *small)) continue;
    sink.Add(
        Severity::kWarning, subject.ArchitecturesPointer(),
        subject.lists_architectures()
            ? fmt::format(
                  "{} is not listed: programs of that ABI are killed, whatever the default action says",
                  ScmpArchName(*small))
            : fmt::format(
                  "no architectures: only the native ABI is filtered as written, and programs of any other, "
                  "as 32-bit ones ({}), are killed",
                  ScmpArchName(*small)),
        fmt::format("list {} if such programs may run; if none may, all is well", ScmpArchName(*small)));
    return;
  }
}

void CheckSocketcallBypass(const Subject& subject, Sink& sink) {
  std::set<size_t> told;
  for (const auto& place : subject.places()) {
    if (!place.filtered() || place.target.runtime == profile::Runtime::kNone) continue;
    for (const auto& companion : CompanionsAt(subject, place)) {
      const bool opens = !Blocks(companion.action);
      const auto dropped = opens ? DroppedMultiplexer(place, companion.through) : std::nullopt;
      const size_t at = dropped.value_or(companion.rule);
      if (!told.insert(at).second) continue;
      sink.Add(opens ? Severity::kError : Severity::kWarning, At(at),
               CompanionText(subject, companion, dropped.has_value()),
               opens ? fmt::format("refuse {} with another errno than the default's (38), or leave {} out",
                                   companion.through, ScmpArchName(companion.abi))
                     : "");
    }
  }
}

void CheckClone3Bypass(const Subject& subject, Sink& sink) {
  if (!subject.Mentions("clone3") && !subject.deny_list()) return;
  for (const auto& place : subject.places()) {
    const Abi abi = place.target.arch;
    if (PassesAt(place, abi, "clone") != Passes::kSometimes) continue;
    if (PassesAt(place, abi, "clone3") == Passes::kNever) continue;
    const bool named = subject.Mentions("clone3");
    sink.Add(Severity::kWarning, named ? At(subject.NameOf("clone3").mentions.front()) : "/defaultAction",
             "clone is open with some flags only, and clone3 with all: its flags are behind a pointer, which "
             "a filter "
             "cannot read",
             "answer clone3 with ENOSYS (SCMP_ACT_ERRNO, errnoRet 38): libcs then take clone");
    return;
  }
}

void CheckIoUringBypass(const Subject& subject, Sink& sink) {
  for (const auto& place : subject.places()) {
    const Abi abi = place.target.arch;
    if (PassesAt(place, abi, kRing) == Passes::kNever) continue;
    std::vector<std::string> refused;
    for (const auto& detour : Detours()) {
      if (detour.also == kRing && SyscallNumber(abi, detour.call) &&
          PassesAt(place, abi, detour.call) != Passes::kAlways)
        refused.emplace_back(detour.call);
    }
    if (refused.empty()) continue;
    const bool named = subject.Mentions(kRing);
    sink.Add(
        Severity::kWarning, named ? At(subject.NameOf(kRing).mentions.front()) : "/defaultAction",
        fmt::format("io_uring is open and does without the call what is refused: {}. No filter sees what is "
                    "submitted to a ring",
                    Listed(refused)),
        "refuse io_uring_setup, io_uring_enter and io_uring_register");
    return;
  }
}

void CheckOpenDetour(const Subject& subject, Sink& sink) {
  if (!subject.deny_list()) return;
  const Abi native = subject.places().front().target.arch;
  for (const auto& [name, facts] : subject.names()) {
    if (facts.opened || !facts.here || IsToFallBack(subject, native, name)) continue;
    std::vector<std::string> open;
    const auto ask = [&](std::string_view call, std::string_view also) {
      const bool passes = std::ranges::any_of(subject.places(), [&](const Place& place) {
        return PassesAt(place, place.target.arch, call) == Passes::kNever &&
               PassesAt(place, place.target.arch, also) == Passes::kAlways;
      });
      if (call == name && also != kRing && passes && std::ranges::find(open, also) == open.end())
        open.emplace_back(also);
    };
    for (const auto& detour : Detours()) ask(detour.call, detour.also);
    for (const auto& twin : Equivalents()) {
      if (twin.call.empty() || !AbisInclude(twin.abis, native)) continue;
      ask(twin.call, twin.also);
      // What stands in for the older call does its work, and the older one the newer one's.
      if (twin.same_power) ask(twin.also, twin.call);
    }
    if (open.empty()) continue;
    sink.Add(
        Severity::kWarning, At(facts.mentions.front()),
        fmt::format("'{}' is forbidden and what reaches the same end stays open: {}", name, Listed(open)),
        "forbid these too, or list what is allowed instead");
  }
}

}  // namespace whittle::lint

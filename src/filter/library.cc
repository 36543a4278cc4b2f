#include "filter/library.h"

#include <fmt/core.h>

#include <algorithm>
#include <span>

#include "filter/order.h"
#include "syscalls/table.h"

namespace whittle::filter {
namespace {

using profile::Condition;
using profile::Operator;

// Fewer are compared one by one.
constexpr size_t kManyRules = 16;

// The first argument of socketcall and ipc for what they multiplex. Source: linux/net.h, linux/ipc.h.
struct Multiplexed {
  std::string_view name;
  std::string_view through;
  uint32_t selector;
};
constexpr Multiplexed kMultiplexed[] = {
    {"socket", "socketcall", 1},
    {"bind", "socketcall", 2},
    {"connect", "socketcall", 3},
    {"listen", "socketcall", 4},
    {"accept", "socketcall", 5},
    {"getsockname", "socketcall", 6},
    {"getpeername", "socketcall", 7},
    {"socketpair", "socketcall", 8},
    {"send", "socketcall", 9},
    {"recv", "socketcall", 10},
    {"sendto", "socketcall", 11},
    {"recvfrom", "socketcall", 12},
    {"shutdown", "socketcall", 13},
    {"setsockopt", "socketcall", 14},
    {"getsockopt", "socketcall", 15},
    {"sendmsg", "socketcall", 16},
    {"recvmsg", "socketcall", 17},
    {"accept4", "socketcall", 18},
    {"recvmmsg", "socketcall", 19},
    {"sendmmsg", "socketcall", 20},
    {"semop", "ipc", 1},
    {"semget", "ipc", 2},
    {"semctl", "ipc", 3},
    {"semtimedop", "ipc", 4},
    {"msgsnd", "ipc", 11},
    {"msgrcv", "ipc", 12},
    {"msgget", "ipc", 13},
    {"msgctl", "ipc", 14},
    {"shmat", "ipc", 21},
    {"shmdt", "ipc", 22},
    {"shmget", "ipc", 23},
    {"shmctl", "ipc", 24},
};

bool Multiplexes(Abi abi) {
  switch (abi) {
    case Abi::kI386:
    case Abi::kS390x:
    case Abi::kS390:
    case Abi::kPpc64:
    case Abi::kPpc:
    case Abi::kMips:
      return true;
    default:
      return false;
  }
}

const Multiplexed* FindMultiplexed(Abi abi, std::string_view name) {
  if (!Multiplexes(abi)) return nullptr;
  for (const auto& row : kMultiplexed) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

// True if `longer` asks all that `shorter` asks, in one piece, and more.
bool Contains(const FlatRule& longer, const FlatRule& shorter) {
  if (longer.conditions.size() <= shorter.conditions.size()) return false;
  return !std::ranges::search(longer.conditions, shorter.conditions).empty();
}

bool StartsWith(const FlatRule& longer, const FlatRule& shorter) {
  return longer.conditions.size() > shorter.conditions.size() &&
         std::ranges::equal(std::span(longer.conditions).first(shorter.conditions.size()),
                            shorter.conditions);
}

// False if neither asks what the other does, in one piece, seen without asking more: where there are many
// rules most pairs are so, and each is compared with each. Both have conditions.
bool MayShare(const FlatRule& a, const FlatRule& b) {
  return a.conditions.size() != b.conditions.size() || a.conditions.front() == b.conditions.front();
}

// The rule of one call as bytes: the same bytes, the same rule.
std::string KeyOf(const void* call, const FlatRule& rule) {
  std::string key;
  const auto add = [&](auto value) { key.append(reinterpret_cast<const char*>(&value), sizeof value); };
  add(call);
  add(rule.action);
  add(rule.data);
  for (const auto& condition : rule.conditions) {
    add(condition.index);
    add(condition.op);
    add(condition.value);
    add(condition.value_two);
  }
  return key;
}

bool SameAction(const FlatRule& a, const FlatRule& b) { return a.action == b.action && a.data == b.data; }

std::unexpected<Stop> Clash(const FlatRule& old, const FlatRule& rule) {
  return Refuse({rule.rule, ""},
                fmt::format("libseccomp: rules {} and {} give one call two actions under the same conditions",
                            old.rule, rule.rule));
}

}  // namespace

bool IsMultiplexed(Abi abi, std::string_view name) { return FindMultiplexed(abi, name) != nullptr; }

std::optional<Multiplexer> MultiplexerOf(Abi abi, std::string_view name) {
  const auto* row = FindMultiplexed(abi, name);
  return row == nullptr ? std::nullopt : std::optional(Multiplexer{row->through, row->selector});
}

std::optional<std::string_view> MultiplexedBy(std::string_view through, uint64_t selector) {
  for (const auto& row : kMultiplexed) {
    if (row.through == through && row.selector == selector) return row.name;
  }
  return std::nullopt;
}

std::vector<std::string_view> MultiplexedCalls() {
  std::vector<std::string_view> calls;
  for (const auto& row : kMultiplexed) calls.push_back(row.name);
  return calls;
}

bool AbiRules::narrow() const {
  // libseccomp takes the ABIs with 32-bit pointers and 64-bit registers for 32-bit ones.
  const bool short_pointers = abi_ == Abi::kX32 || abi_ == Abi::kMips64N32;
  return Is32Bit(abi_) || (short_pointers && habits_ == Habits::kLibseccomp);
}

FlatRule AbiRules::Normalize(const Addition& addition) const {
  FlatRule rule{addition.conditions, addition.action, addition.data, addition.rule, addition.quirk};
  for (auto& condition : rule.conditions) {
    if (narrow()) {
      condition.value &= UINT32_MAX;
      condition.value_two &= UINT32_MAX;
    }
    if (condition.op != Operator::kMaskedEqual) {
      condition.value_two = 0;
    } else if (habits_ == Habits::kLibseccomp) {
      condition.value_two &= condition.value;
    }
  }
  // Always true, as (argument & 0) == 0 is.
  std::erase_if(rule.conditions, [](const Condition& condition) {
    return condition.op == Operator::kMaskedEqual && condition.value == 0 && condition.value_two == 0;
  });
  std::ranges::stable_sort(rule.conditions, {}, &Condition::index);
  return rule;
}

OrStop<void> AbiRules::Add(const Addition& addition) {
  FlatRule rule = Normalize(addition);
  if (habits_ == Habits::kLibseccomp && IsMultiplexed(abi_, addition.name.text())) {
    if (auto added = AddCompanion(addition, rule); !added) return added;
  }
  if (const auto number = addition.name.NumberOn(abi_)) return AddTo(calls_[*number], std::move(rule));
  // A call that the ABI lacks makes no instructions, but its rules may clash and then the document is
  // refused.
  if (habits_ != Habits::kLibseccomp || Multiplexes(abi_)) return {};
  return AddTo(lacking_[std::string(addition.name.text())], std::move(rule));
}

OrStop<void> AbiRules::AddCompanion(const Addition& addition, FlatRule rule) {
  const Multiplexed& row = *FindMultiplexed(abi_, addition.name.text());
  const auto through = profile::LibraryName::Find(row.through);
  const auto number = through ? through->NumberOn(abi_) : std::nullopt;
  if (!number) return {};
  std::erase_if(rule.conditions, [](const Condition& condition) { return condition.index == 0; });
  rule.conditions.insert(rule.conditions.begin(), Condition{0, Operator::kEqual, row.selector, 0});
  rule.quirk = Quirk::kCompanion;
  return AddTo(calls_[*number], std::move(rule));
}

OrStop<void> AbiRules::AddTo(std::vector<FlatRule>& rules, FlatRule rule) {
  if (!rules.empty() && rules.front().conditions.empty()) return {};
  if (rule.conditions.empty()) {
    rules = {std::move(rule)};
    return {};
  }
  const bool many = rules.size() >= kManyRules;
  if (many && kept_.contains(KeyOf(&rules, rule))) return {};
  if (rules.size() > kMaxInstructions) {
    const auto first = std::span(rules).first(kManyRules);  // the only ones that may not be in kept_
    const bool known = std::ranges::any_of(first, [&](const FlatRule& old) {
      return SameAction(old, rule) && old.conditions == rule.conditions;
    });
    if (!known && kept_.insert(KeyOf(&rules, rule)).second) ++left_out_[&rules];
    return {};
  }
  const bool shares = std::ranges::any_of(rules, [&](const FlatRule& old) { return MayShare(old, rule); });
  if (shares) {
    const auto has_effect = MakeRoomFor(rules, rule);
    if (!has_effect) return std::unexpected(has_effect.error());
    if (!*has_effect) return {};
  }
  rules.push_back(std::move(rule));
  if (many) kept_.insert(KeyOf(&rules, rules.back()));
  return {};
}

// Takes out what `rule` makes superfluous. False if it has no effect itself.
OrStop<bool> AbiRules::MakeRoomFor(std::vector<FlatRule>& rules, const FlatRule& rule) const {
  // What asks all that an earlier rule with its action asks, and more, adds nothing.
  const auto adds_nothing = [&](const FlatRule& old) {
    return SameAction(old, rule) && (old.conditions == rule.conditions || Contains(rule, old));
  };
  // What begins with all that an earlier rule asks is never reached, whatever its action.
  const auto never_reached = [&](const FlatRule& old) {
    return StartsWith(rule, old) || (habits_ == Habits::kPlain && old.conditions == rule.conditions);
  };
  if (std::ranges::any_of(rules, adds_nothing) || std::ranges::any_of(rules, never_reached)) return false;
  if (habits_ == Habits::kLibseccomp) {
    const auto clash = std::ranges::find_if(rules, [&](const FlatRule& old) {
      return !SameAction(old, rule) && (old.conditions == rule.conditions || StartsWith(old, rule));
    });
    if (clash != rules.end()) return Clash(*clash, rule);
  }
  // A shorter rule makes longer ones with its action superfluous: then they cannot clash with later ones
  // either.
  std::erase_if(rules, [&](const FlatRule& old) { return SameAction(old, rule) && Contains(old, rule); });
  return true;
}

std::string AbiRules::Oversized() const {
  const auto text = [&](size_t count, std::string_view what, uint32_t number) {
    return fmt::format("{} {} for {} on {}", count, what, SyscallText(abi_, number), AbiName(abi_));
  };
  for (const auto& [number, rules] : calls_) {
    const auto left_out = left_out_.find(&rules);
    const size_t count = rules.size() + (left_out == left_out_.end() ? 0 : left_out->second);
    if (count > kMaxInstructions) return text(count, "different rules with conditions", number);
    for (const auto& rule : rules) {
      if (rule.conditions.size() > kMaxInstructions)
        return text(rule.conditions.size(), "conditions in one rule", number);
    }
  }
  return "";
}

void AbiRules::Finish() {
  for (auto& [_, rules] : calls_) {
    if (rules.size() > 1) rules = InOrderAsked(std::move(rules), narrow());
  }
}

}  // namespace whittle::filter

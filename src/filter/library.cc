#include "filter/library.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "syscalls/table.h"

namespace whittle::filter {
namespace {

using profile::Condition;
using profile::Operator;
using profile::Version;

constexpr int64_t kSameAsOurs = -1;

struct NameRow {
  std::string_view name;
  Version since;  // 0.0.0: never
  std::array<int64_t, kAbiCount> numbers;
};

constexpr NameRow kNames[] = {
#include "libseccomp.inc"
};

const NameRow* FindName(std::string_view name) {
  const auto row = std::ranges::lower_bound(kNames, name, {}, &NameRow::name);
  return row != std::end(kNames) && row->name == name ? row : nullptr;
}

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

const Multiplexed* FindMultiplexed(Abi abi, std::string_view name) {
  switch (abi) {
    case Abi::kI386:
    case Abi::kS390x:
    case Abi::kS390:
    case Abi::kPpc64:
    case Abi::kPpc:
    case Abi::kMips:
      break;
    default:
      return nullptr;
  }
  for (const auto& row : kMultiplexed) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

// Equalities are asked first, then upper bounds, then lower ones.
int OperatorRank(Operator op) {
  switch (op) {
    case Operator::kLess:
    case Operator::kLessOrEqual:
      return 2;
    case Operator::kGreater:
    case Operator::kGreaterOrEqual:
      return 1;
    default:
      return 3;
  }
}

// One 32-bit half of a condition, as the library compares it with others of the same argument.
struct Half {
  uint32_t value;
  uint32_t mask;
};
Half HalfOf(const Condition& condition, int shift) {
  if (condition.op != Operator::kMaskedEqual)
    return {static_cast<uint32_t>(condition.value >> shift), UINT32_MAX};
  return {static_cast<uint32_t>(condition.value_two >> shift),
          static_cast<uint32_t>(condition.value >> shift)};
}

enum class Order { kBefore, kAfter, kEqual, kTie };

Order CompareHalves(const Half& a, const Half& b, bool smaller_first) {
  if (a.value != b.value) return (a.value > b.value) != smaller_first ? Order::kBefore : Order::kAfter;
  return a.mask == b.mask ? Order::kEqual : Order::kTie;
}

Order Compare(const Condition& a, const Condition& b) {
  if (a.index != b.index) return a.index > b.index ? Order::kBefore : Order::kAfter;
  if (OperatorRank(a.op) != OperatorRank(b.op)) {
    return OperatorRank(a.op) > OperatorRank(b.op) ? Order::kBefore : Order::kAfter;
  }
  const bool smaller_first = OperatorRank(a.op) == 2;
  for (const int shift : {32, 0}) {
    const Order order = CompareHalves(HalfOf(a, shift), HalfOf(b, shift), smaller_first);
    if (order != Order::kEqual) return order;
  }
  return a.op == b.op ? Order::kEqual : Order::kTie;
}

// kEqual here: one list begins with all of the other.
Order Compare(const FlatRule& a, const FlatRule& b) {
  const size_t common = std::min(a.conditions.size(), b.conditions.size());
  for (size_t i = 0; i < common; ++i) {
    const Order order = Compare(a.conditions[i], b.conditions[i]);
    if (order != Order::kEqual) return order;
  }
  return Order::kEqual;
}

bool SameAction(const FlatRule& a, const FlatRule& b) { return a.action == b.action && a.data == b.data; }

}  // namespace

bool LibraryKnows(std::string_view name, const Version& version) {
  const NameRow* row = FindName(name);
  if (row == nullptr) return IsSyscallName(name);
  return row->since != Version{} && row->since <= version;
}

std::optional<uint32_t> LibraryNumber(Abi abi, std::string_view name) {
  const NameRow* row = FindName(name);
  const int64_t number = row == nullptr ? kSameAsOurs : row->numbers[static_cast<size_t>(abi)];
  if (number == kSameAsOurs) return SyscallNumber(abi, name);
  if (number < 0) return std::nullopt;
  return static_cast<uint32_t>(number);
}

bool IsMultiplexed(Abi abi, std::string_view name) { return FindMultiplexed(abi, name) != nullptr; }

bool AbiRules::narrow() const {
  return Is32Bit(abi_) || (abi_ == Abi::kX32 && habits_ == Habits::kLibseccomp);
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
    } else if (habits_ == Habits::kLibseccomp || narrow()) {
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

OrStop<void> AbiRules::Add(const Addition& addition, std::vector<Note>& notes) {
  FlatRule rule = Normalize(addition);
  if (habits_ == Habits::kLibseccomp && IsMultiplexed(abi_, addition.name)) {
    if (auto added = AddCompanion(addition, rule, notes); !added) return added;
  }
  const auto number = LibraryNumber(abi_, addition.name);
  if (!number) return {};
  return AddNumber(*number, std::move(rule), notes);
}

OrStop<void> AbiRules::AddCompanion(const Addition& addition, FlatRule rule, std::vector<Note>& notes) {
  const Multiplexed& row = *FindMultiplexed(abi_, addition.name);
  const auto number = LibraryNumber(abi_, row.through);
  if (!number) return {};
  std::erase_if(rule.conditions, [](const Condition& condition) { return condition.index == 0; });
  rule.conditions.insert(rule.conditions.begin(), Condition{0, Operator::kEqual, row.selector, 0});
  rule.quirk = Quirk::kCompanion;
  return AddNumber(*number, std::move(rule), notes);
}

OrStop<void> AbiRules::AddNumber(uint32_t number, FlatRule rule, std::vector<Note>& notes) {
  auto& rules = calls_[number];
  const auto ignore = [&]() -> OrStop<void> {
    notes.push_back({Quirk::kShadowedRule, rule.rule, SyscallText(abi_, number)});
    return {};
  };
  if (!rules.empty() && rules.front().conditions.empty()) return ignore();
  if (rule.conditions.empty()) {
    for (const auto& old : rules)
      notes.push_back({Quirk::kShadowedRule, old.rule, SyscallText(abi_, number)});
    rules = {std::move(rule)};
    return {};
  }
  size_t place = rules.size();
  for (size_t i = 0; i < rules.size(); ++i) {
    const Order order = Compare(rule, rules[i]);
    if (order == Order::kBefore && place == rules.size()) place = i;
    if (order != Order::kEqual) continue;
    const bool longer = rule.conditions.size() > rules[i].conditions.size();
    if (longer || SameAction(rule, rules[i])) {
      if (rule.conditions.size() >= rules[i].conditions.size()) return ignore();
      place = std::min(place, i);
      continue;
    }
    if (habits_ == Habits::kPlain) {
      if (rule.conditions.size() == rules[i].conditions.size()) return ignore();
      continue;
    }
    return Refuse(fmt::format("libseccomp: rule {} and rule {} give {} two actions under the same conditions",
                              rules[i].rule, rule.rule, SyscallText(abi_, number)));
  }
  rules.insert(rules.begin() + static_cast<std::ptrdiff_t>(place), std::move(rule));
  return {};
}

}  // namespace whittle::filter

#include "lint/companion.h"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <set>

#include "lint/conditions.h"

namespace whittle::lint {
namespace {

using filter::FlatRule;
using profile::Blocks;
using profile::Condition;
using profile::Operator;

// How many calls are tried to find one that passes.
constexpr size_t kTries = 64;
// With more rules for one call the filter is not asked: each try looks at all of them.
constexpr size_t kManyRules = 64;
// No address is below, as distributions set mmap_min_addr.
constexpr uint64_t kLowestAddress = 0x10000;
constexpr uint64_t kHighestAddress = 0x7fff'ffff'0000, kHighestNarrowAddress = 0xffff'0000;

// Arguments from 1 on that ipc takes in the register of the same number. Source: ipc/syscall.c,
// arch/s390/kernel/syscall.c, whose ipc has no sixth argument.
bool IsInPlace(Abi abi, std::string_view call, uint32_t argument) {
  switch (argument) {
    case 2:
      return call == "semop" || call == "semtimedop" || call == "msgsnd" || call == "msgrcv" ||
             call == "shmat";
    case 3:
      return call == "msgsnd" || (call == "semtimedop" && (abi == Abi::kS390 || abi == Abi::kS390x));
    default:
      return false;
  }
}

// What a register can hold in a call that does something: where the kernel follows it, an address; else
// anything, since it is ignored, or an id, a key, a size or a command that the program chooses.
struct Span {
  uint64_t first, last;
  bool Has(uint64_t value) const { return first <= value && value <= last; }
};

Span SpanOf(const Companion& companion, uint32_t index) {
  const bool wide = IsWide(companion.abi);
  const bool address = index == (companion.through == "ipc" ? 4U : 1U);
  if (address) return {kLowestAddress, wide ? kHighestAddress : kHighestNarrowAddress};
  return {0, wide ? UINT64_MAX : UINT32_MAX};
}

// Values on both sides of the condition, and usual ones.
std::vector<uint64_t> Samples(const Condition& condition, const Span& span) {
  std::vector<uint64_t> samples = {0xdead'0000, 0,           0x1234'5678, 0x7eda'cba9,
                                   0x2b5a'f1c6, 0x61c7'839f, span.first,  span.last};
  if (condition.op == Operator::kMaskedEqual) {
    for (const uint64_t base : std::vector(samples)) {
      const uint64_t met = (base & ~condition.value) | condition.value_two;
      const uint64_t lowest = condition.value & -condition.value, highest = std::bit_floor(condition.value);
      samples.insert(samples.end(), {met, met ^ lowest, met ^ highest});
    }
  } else {
    samples.insert(samples.end(), {condition.value, condition.value - 1, condition.value + 1});
  }
  std::erase_if(samples, [&](uint64_t value) { return !span.Has(value); });
  return samples;
}

// The values to try, by register.
using Choices = std::array<std::vector<uint64_t>, 6>;

// Those for the same call, the companion's own among them.
std::vector<const FlatRule*> RulesBeside(const Place& place, const Companion& companion) {
  const auto rules = filter::Resolve(place.meaning, companion.abi, companion.number).rules;
  if (rules == nullptr || rules->size() > kManyRules) return {companion.flat};
  const auto& selector = companion.flat->conditions.front();
  std::vector<const FlatRule*> beside;
  for (const FlatRule& rule : *rules) {
    if (!rule.conditions.empty() && rule.conditions.front() == selector) beside.push_back(&rule);
  }
  return beside;
}

// The refusals that do not hold, since one of their conditions does not.
size_t Avoids(uint64_t value, uint32_t index, const std::vector<const FlatRule*>& rules) {
  return static_cast<size_t>(std::ranges::count_if(rules, [&](const FlatRule* rule) {
    return Blocks(rule->action) && std::ranges::any_of(rule->conditions, [&](const Condition& condition) {
             return condition.index == index && !condition.Matches(value);
           });
  }));
}

// Those first that avoid the most.
Choices AllChoices(const Place& place, const Companion& companion) {
  const auto beside = RulesBeside(place, companion);
  Choices choices;
  for (uint32_t i = 0; i < choices.size(); ++i) {
    const Span span = SpanOf(companion, i);
    std::set<uint64_t> values;
    const auto add = [&](const Condition& condition) {
      for (const uint64_t value : Samples(condition, span)) values.insert(value);
    };
    add({});
    for (const FlatRule* rule : beside) {
      for (const auto& condition : rule->conditions) {
        if (condition.index == i) add(condition);
      }
    }
    choices[i].assign(values.begin(), values.end());
    std::ranges::stable_sort(choices[i], std::greater(),
                             [&](uint64_t value) { return Avoids(value, i, beside); });
  }
  return choices;
}

void Keep(Choices& choices, const Condition& condition, bool met) {
  std::erase_if(choices[condition.index], [&](uint64_t value) { return condition.Matches(value) != met; });
}

bool SomeCall(const Place& place, const Companion& companion, const Choices& choices, const auto& is_it) {
  if (std::ranges::any_of(choices, [](const auto& values) { return values.empty(); })) return false;
  const auto resolution = filter::Resolve(place.meaning, companion.abi, companion.number);
  if (resolution.rules == nullptr) return false;  // the runtime's stub answers
  if (resolution.rules->size() > kManyRules) return true;
  for (size_t i = 0; i < kTries; ++i) {
    filter::Call call{companion.abi, companion.number, {}, 0};
    // At another pace for each register, so that different pairs meet.
    for (size_t j = 0; j < choices.size(); ++j)
      call.arguments[j] = choices[j][(i * (j + 1) + i / choices[j].size()) % choices[j].size()];
    if (is_it(filter::Decide(place.meaning, call))) return true;
  }
  return false;
}

bool IsMisplaced(const Companion& companion, const Condition& condition) {
  return condition.index != 0 && !IsInPlace(companion.abi, companion.call, condition.index);
}

// The values of calls that avoid one misplaced condition, and that are as the others in place ask.
Choices Avoiding(const Place& place, const Companion& companion, const Condition& avoided) {
  Choices choices = AllChoices(place, companion);
  for (const auto& condition : companion.flat->conditions) {
    if (!IsMisplaced(companion, condition)) Keep(choices, condition, true);
  }
  Keep(choices, avoided, false);
  return choices;
}

bool SomeMisplaced(const Companion& companion, const auto& is_it) {
  return std::ranges::any_of(companion.flat->conditions, [&](const Condition& condition) {
    return IsMisplaced(companion, condition) && is_it(condition);
  });
}

}  // namespace

std::vector<uint32_t> Misplaced(const Companion& companion) {
  std::vector<uint32_t> misplaced;
  for (const auto& condition : companion.flat->conditions) {
    if (IsMisplaced(companion, condition)) misplaced.push_back(condition.index);
  }
  return misplaced;
}

bool CanBeMet(const Place& place, const Companion& companion) {
  Choices choices = AllChoices(place, companion);
  for (const auto& condition : companion.flat->conditions) Keep(choices, condition, true);
  return SomeCall(place, companion, choices, [&](const filter::Decision& decision) {
    return decision.rule == companion.flat->rule && !Blocks(decision.action);
  });
}

bool CanBeAvoided(const Place& place, const Companion& companion) {
  return SomeMisplaced(companion, [&](const Condition& condition) {
    return SomeCall(place, companion, Avoiding(place, companion, condition),
                    [](const filter::Decision& decision) { return !Blocks(decision.action); });
  });
}

bool LeavesSomething(const Companion& companion) {
  return SomeMisplaced(companion, [&](const Condition& condition) {
    return std::ranges::any_of(Samples(condition, SpanOf(companion, condition.index)),
                               [&](uint64_t value) { return !condition.Matches(value); });
  });
}

}  // namespace whittle::lint

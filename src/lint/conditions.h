// Conditions, each with what the kernel takes the argument for in the calls that it asks: of an entry that
// names several, what holds for one need not hold for the others. Pure; not thread safe (what costs is worked
// out when it is asked for).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lint/subject.h"

namespace whittle::lint {

using Calls = std::vector<std::string>;

constexpr uint32_t kArguments = 6;
// Flags that make a namespace, of clone and unshare.
constexpr uint64_t kNamespaces = 0x7e02'0080;

// Only there do registers hold more than an int.
bool IsWide(Abi abi);

enum class Taken : uint8_t {
  kPointer,
  kStack,          // of clone, whose flags are the other one of its first two arguments
  kInt,            // the kernel looks at the low half only
  kOther,          // and not so
  kWideInt,        // and there is another half; also clone's flags
  kWideSignedInt,  // that a negative one may fill, or not
  kWideUnsignedInt,
  kAmount,  // signed, and no list of values that have names
  kFlags,   // several at once: by a name in data/named_arguments.csv, or beside a socket's type
};

// Of the calls of one entry.
class Kinds {
 public:
  Kinds(const Subject& subject, size_t rule);

  // Those that take the argument so, in the entry's order.
  const Calls& Taking(uint32_t argument, Taken as) const;

 private:
  bool Takes(const std::string& call, uint32_t argument, Taken as) const;

  const Subject& subject_;
  const Calls& calls_;
  std::optional<Abi> machine_;
  mutable std::map<std::pair<uint32_t, Taken>, Calls> taking_;
};

// A condition of a rule that names calls.
struct Asked {
  const profile::Rule& rule;
  const Calls& calls;
  const profile::Condition& condition;
  const Kinds& kinds;
  size_t i, j;  // of the rule, and of the condition in it
  const Calls& Taking(Taken as) const { return kinds.Taking(condition.index, as); }
};

void ForEachCondition(const Subject& subject, const auto& check) {
  const auto& rules = subject.document()->rules;
  for (size_t i = 0; i < rules.size(); ++i) {
    const Calls& calls = subject.CallsOf(i);
    if (calls.empty() || rules[i].conditions.empty()) continue;
    const Kinds kinds(subject, i);
    for (size_t j = 0; j < rules[i].conditions.size(); ++j)
      check(Asked{rules[i], calls, rules[i].conditions[j], kinds, i, j});
  }
}

}  // namespace whittle::lint

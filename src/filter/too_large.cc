#include "filter/too_large.h"

#include <fmt/core.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"
#include "filter/compile.h"
#include "filter/library_size.h"
#include "filter/meaning.h"

namespace whittle::filter {
namespace {

// The rules that name one call.
struct OfCall {
  std::string_view name;
  int first = -1;
  size_t rules = 0;
  size_t conditions = 0;
};

std::unordered_set<std::string_view> NamesOf(const profile::Rule& rule) {
  std::unordered_set<std::string_view> names(rule.names.begin(), rule.names.end());
  if (!rule.legacy_name.empty()) names.insert(rule.legacy_name);
  return names;
}

std::string RuleAdvice(size_t conditions, size_t names) {
  if (names == 1) return fmt::format("shrink its {} conditions", conditions);
  return fmt::format("shrink its {} conditions, which count for each of its {} names", conditions, names);
}

}  // namespace

Largest LargestPart(const profile::Document& document) {
  std::unordered_map<std::string_view, OfCall> calls;
  OfCall most;
  size_t heaviest = 0;
  Largest largest{{}, "list fewer calls"};
  for (size_t i = 0; i < document.rules.size(); ++i) {
    const auto& rule = document.rules[i];
    if (rule.conditions.empty()) continue;
    const auto names = NamesOf(rule);
    if (names.size() * rule.conditions.size() > heaviest) {
      heaviest = names.size() * rule.conditions.size();
      largest = {{static_cast<int>(i), "args"}, RuleAdvice(rule.conditions.size(), names.size())};
    }
    for (const auto name : names) {
      OfCall& call = calls.try_emplace(name, OfCall{name, static_cast<int>(i)}).first->second;
      ++call.rules;
      call.conditions += rule.conditions.size();
      if (call.conditions > most.conditions) most = call;
    }
  }
  if (most.conditions <= heaviest) return largest;
  return {{most.first, ""},
          fmt::format("'{}' has {} rules with {} conditions, of which this is the first: shrink them",
                      Printable(most.name), most.rules, most.conditions)};
}

bool TooLargeFor(const profile::Document& document, const profile::Target& target) {
  return TooLargeFor(MeaningOf(document, target), document, target);
}

bool TooLargeFor(const Meaning& meaning, const profile::Document& document, const profile::Target& target) {
  if (meaning.state != Compiled::State::kFiltered) return false;
  if (!meaning.oversized.empty()) return true;
  if (target.runtime != profile::Runtime::kNone)
    return EstimateLibraryInstructions(meaning) > kMaxInstructions;
  return !ProgramOf(meaning, document, PassSet::All());
}

}  // namespace whittle::filter

#include "advise/diff.h"

#include <fmt/core.h>

#include <algorithm>

#include "advise/differing.h"
#include "base/text.h"
#include "filter/call_text.h"
#include "prove/node_map.h"

namespace whittle::advise {
namespace {

using profile::Action;
using prove::Diagrams;
using prove::Node;

// What holds of the sides as a whole is read off every leaf, not off the list of changes, which may be cut.
void Summarize(const prove::SideBySide& sides, Diff& diff) {
  const Diagrams& diagrams = *sides.diagrams;
  if (diff.undecided.empty()) diff.first_allows_nothing_more = diff.second_allows_nothing_more = true;
  bool differ = false;
  prove::NodeSet seen;
  std::vector<Node> open = {sides.differences};
  while (!open.empty()) {
    const Node node = open.back();
    open.pop_back();
    if (node <= Diagrams::kTrue || !seen.Add(node)) continue;  // nothing, or nothing known
    if (!diagrams.IsLeaf(node)) {
      open.push_back(diagrams.No(node));
      open.push_back(diagrams.Yes(node));
      continue;
    }
    const auto first = prove::VerdictOf(diagrams.VerdictOf(diagrams.First(node)));
    const auto second = prove::VerdictOf(diagrams.VerdictOf(diagrams.Second(node)));
    if (Permits(first.action) > Permits(second.action)) diff.first_allows_nothing_more = false;
    if (Permits(second.action) > Permits(first.action)) diff.second_allows_nothing_more = false;
    if (prove::ChangeBetween(first, second) == prove::Change::kLooser) diff.second_looser = true;
    differ = true;
  }
  diff.answer = prove::AnswerOf(differ, diff.undecided.empty());
}

std::string RangesText(const std::vector<NumberRange>& ranges, size_t most) {
  std::vector<std::string> parts;
  for (const auto& range : ranges) {
    if (parts.size() == most) {
      parts.push_back(fmt::format("{} more ranges", ranges.size() - most));
      break;
    }
    constexpr uint32_t kFar = 0x3fffffff;
    if (range.from == range.to) {
      parts.push_back(fmt::format("#{}", range.from));
    } else if (range.to >= kFar) {
      parts.push_back(fmt::format("#{} and above", range.from));
    } else {
      parts.push_back(fmt::format("#{} to #{}", range.from, range.to));
    }
  }
  return Join(parts, ", ");
}

// "(AF_PACKET, *)" stands behind each name, " when ..." behind all of them.
std::string NamesText(const Change& change, size_t most) {
  const bool call_form = change.condition.starts_with('(');
  std::vector<std::string> parts;
  for (const auto& name : change.calls) {
    if (parts.size() == most && change.calls.size() > most + 1) {
      parts.push_back(fmt::format("{} more", change.calls.size() - most));
      break;
    }
    parts.push_back(call_form ? name + change.condition : name);
  }
  return Join(parts, ", ") + (call_form ? "" : change.condition);
}

std::string AbiNames(const std::vector<Abi>& abis) {
  std::vector<std::string> names;
  for (const Abi abi : abis) names.emplace_back(AbiName(abi));
  return Join(names, ", ");
}

std::string WhichText(const Change& change, size_t most) {
  switch (change.which) {
    case Which::kNamed:
      return NamesText(change, most);
    case Which::kUnlisted:
      if (change.only_up_to.empty()) return "every unlisted call";
      if (change.only_up_to == change.abis) return "every unlisted call but the highest numbers";
      return fmt::format("every unlisted call (on {} but the highest numbers)", AbiNames(change.only_up_to));
    case Which::kNumbers:
      return "calls without a name: " + RangesText(change.numbers, most) + change.condition;
    default:
      return "every call";
  }
}

}  // namespace

int Permits(Action action) {
  switch (action) {
    case Action::kAllow:
    case Action::kLog:
      return 2;
    case Action::kNotify:
    case Action::kTrace:
      return 1;
    default:
      return 0;
  }
}

Result<Diff> BehaviourDiff(std::span<const filter::Program> first, std::span<const filter::Program> second,
                           const DiffOptions& options) {
  const prove::Side first_side{{first}};
  const prove::Side second_side{{second}};
  const auto sides = TRY(prove::PutSideBySide(first_side, second_side, options.node_budget));
  Diff diff;
  if (!sides.decided()) {
    diff.undecided = prove::UndecidedOf(sides, SiblingAbis(options.native));
    return diff;
  }
  const auto siblings = SiblingAbis(options.native);
  diff.undecided = prove::UndecidedOf(sides, prove::AbisToTellApart(sides, siblings));
  Summarize(sides, diff);
  Differences differences = DifferencesOf(sides, options.native);
  diff.changes = ChangesOf(differences);
  diff.abis = std::move(differences.abis);
  diff.whole = std::move(differences.whole);
  diff.listed_all = differences.listed_all;
  for (auto& change : diff.changes)
    TRY(prove::Confirm(first_side, second_side, change.example, change.first, change.second));
  return diff;
}

std::string CallsText(const Change& change, size_t most) {
  std::string text = WhichText(change, most);
  if (!change.complete) text += change.condition.empty() ? " in some cases" : ", and in further cases";
  return text;
}

std::optional<filter::Call> ExampleCall(const Change& change) {
  if (change.abis.empty()) return std::nullopt;
  for (const Abi abi : change.abis) {
    const bool x32 = (change.example[prove::kNumberWord] & kX32Bit) != 0;
    if (AuditArch(abi) != change.example[prove::kArchWord] || (abi == Abi::kX32 && !x32)) continue;
    return filter::CallOf(change.example, abi);
  }
  return std::nullopt;
}

std::string ExampleText(const Change& change) {
  if (const auto call = ExampleCall(change)) return filter::CallText(*call);
  return fmt::format("architecture {:#x} #{}", change.example[prove::kArchWord],
                     change.example[prove::kNumberWord]);
}

}  // namespace whittle::advise

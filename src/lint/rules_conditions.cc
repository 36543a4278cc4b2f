// Conditions on arguments: ones that do not ask what they seem to, and ones that the kernel reads otherwise.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lint/conditions.h"
#include "lint/int_values.h"
#include "lint/ranges.h"
#include "lint/rules.h"
#include "profile/library_names.h"
#include "syscalls/arguments.h"
#include "syscalls/constants.h"
#include "syscalls/table.h"

namespace whittle::lint {
namespace {

using profile::Blocks;
using profile::Condition;
using profile::Operator;
using profile::Rule;

constexpr uint64_t kLow = UINT32_MAX;
constexpr uint64_t kSignBit = uint64_t{1} << 31;
constexpr size_t kCrunConditions = 6;
constexpr std::array<Operator, 4> kOrdered = {Operator::kLess, Operator::kLessOrEqual, Operator::kGreater,
                                              Operator::kGreaterOrEqual};

bool IsOrdered(const Condition& condition) {
  return std::ranges::find(kOrdered, condition.op) != kOrdered.end();
}

bool Never(const Condition& condition) {
  switch (condition.op) {
    case Operator::kLess:
      return condition.value == 0;
    case Operator::kGreater:
      return condition.value == UINT64_MAX;
    default:
      return false;
  }
}

bool IsExact(const Condition& condition) {
  return condition.op == Operator::kEqual || condition.op == Operator::kNotEqual;
}

// Whoever refuses what no int can be, or allows what every int is, may mean those who set the bits above. So
// it is read of bounds, and in an entry that allows of masks; NE lets all other bits pass.
bool MayGuardHighBits(const Asked& asked, bool holds) {
  if (Blocks(asked.rule.action) == holds) return false;
  return IsOrdered(asked.condition) || (holds && asked.condition.op == Operator::kMaskedEqual);
}

// The calls that take the argument as an int, of which the condition always holds, or never.
Calls IntsThat(const Asked& asked, bool holds) {
  const Condition& condition = asked.condition;
  if (MayGuardHighBits(asked, holds)) return {};
  const bool of_signed = HoldsOfInts(condition, true) == holds;
  if (IsExact(condition)) return of_signed ? asked.Taking(Taken::kInt) : Calls{};
  Calls ints;
  if (of_signed) ints = asked.Taking(Taken::kWideSignedInt);
  if (HoldsOfInts(condition, false) == holds)
    std::ranges::copy(asked.Taking(Taken::kWideUnsignedInt), std::back_inserter(ints));
  return ints;
}

// What of it no int can be.
std::string TooLargeText(const Condition& condition) {
  const bool masked = condition.op == Operator::kMaskedEqual;
  const uint64_t constant = masked ? condition.value_two : condition.value;
  if (constant > kLow) return fmt::format("{:#x} does not fit into one", constant);
  return masked ? fmt::format("nothing under the mask {:#x} fits into one", condition.value)
                : fmt::format("nothing above {:#x} fits into one", constant);
}

std::string_view AlwaysText(const Condition& condition) {
  switch (condition.op) {
    case Operator::kGreaterOrEqual:
      return "is never below 0, which filters compare without sign";
    case Operator::kLessOrEqual:
      return "is never above the largest value there is";
    default:
      return "& 0 is always 0";
  }
}

std::string Argument(const Calls& calls, const Condition& condition) {
  return fmt::format("argument {} of {}", condition.index, Listed(calls, 2));
}

// A value as a person reads it: by its name, else in hexadecimal where that is shorter.
std::string ValueText(const Calls& calls, const Condition& condition) {
  const auto name = ConstantText(Abi::kX86_64, calls.front(), condition.index, condition.value);
  if (name) return *name;
  return condition.value > 9999 ? fmt::format("{:#x}", condition.value) : fmt::format("{}", condition.value);
}

// Flags of which a profile refuses each, and not only all of them together, as it may writable with
// executable.
struct RefusedSingly {
  std::string_view call;
  uint32_t argument;
  uint64_t flags;
};
constexpr uint64_t kSetIds = 06000;
constexpr RefusedSingly kRefusedSingly[] = {
    {"clone", 0, kNamespaces}, {"clone", 1, kNamespaces}, {"unshare", 0, kNamespaces},
    {"setns", 1, kNamespaces}, {"chmod", 1, kSetIds},     {"fchmod", 1, kSetIds},
    {"fchmodat", 2, kSetIds},  {"fchmodat2", 2, kSetIds},
};

bool AsksForAllAtOnce(std::string_view call, const Condition& condition) {
  const bool all = condition.op == Operator::kMaskedEqual && condition.value == condition.value_two;
  return all && std::popcount(condition.value) > 1 &&
         std::ranges::any_of(kRefusedSingly, [&](const RefusedSingly& row) {
           return row.call == call && row.argument == condition.index && (condition.value & ~row.flags) == 0;
         });
}

// Somewhere a runtime has libseccomp make the filter.
bool UsesLibrary(const Subject& subject) {
  return std::ranges::any_of(
      subject.places(), [](const Place& place) { return place.target.runtime != profile::Runtime::kNone; });
}

bool HasWideAbi(const Subject& subject) { return std::ranges::any_of(subject.abis(), IsWide); }

// The ABIs that have one of the calls, and whose filter compares the low half of its arguments only.
std::vector<std::string> NarrowAbisWith(const Subject& subject, const Calls& calls) {
  std::vector<std::string> abis;
  for (const Abi abi : subject.abis()) {
    const auto is_there = [&](const std::string& name) {
      return profile::LibraryNumber(abi, name).has_value();
    };
    if (!IsWide(abi) && std::ranges::any_of(calls, is_there)) abis.emplace_back(ScmpArchName(abi));
  }
  return abis;
}

// How many arguments the call takes, on the document's ABI where it takes the most; six if it is on none.
uint32_t MostArguments(const Subject& subject, std::string_view name) {
  if (!subject.NameOf(name).here) return kArguments;
  uint32_t most = 0;
  for (const Abi abi : subject.abis()) {
    const auto number = profile::LibraryNumber(abi, name);
    if (number) most = std::max(most, ArgumentCount(abi, *number));
  }
  return most;
}

// What a call gets that has a bit above the lower half set, which the kernel does not look at: such a value
// is large, and not equal to anything that fits an int.
std::string_view HighBitsText(const Condition& condition, bool forbids) {
  const bool holds = condition.op == Operator::kNotEqual || condition.op == Operator::kGreater ||
                     condition.op == Operator::kGreaterOrEqual;
  if (forbids) return holds ? "what was not to be refused is refused" : "what is refused passes";
  return holds ? "every value passes" : "what is allowed is refused";
}

bool AsksTwice(const Rule& rule) {
  std::array<int, 6> count{};
  for (const auto& condition : rule.conditions) ++count[condition.index];
  return std::ranges::any_of(count, [](int times) { return times > 1; });
}

// A list of values of one argument: what alternatives are meant for.
bool IsList(const Rule& rule) {
  return std::ranges::all_of(rule.conditions, [&](const Condition& condition) {
    const bool value = condition.op == Operator::kEqual || condition.op == Operator::kMaskedEqual;
    return value && condition.index == rule.conditions.front().index;
  });
}

bool AsksSeveral(const Rule& rule) { return !AsksTwice(rule) && rule.conditions.size() > 1; }

// --- Negative ints

// As an int: extended to a register, or not.
bool IsExtended(uint64_t value) { return (value >> 31) == UINT64_MAX >> 31; }
bool IsNegative(uint64_t value) { return IsExtended(value) || (value <= kLow && (value & kSignBit) != 0); }

// Which spellings of negative ints entries list that do the same, to the same calls: two conditions of one
// entry, which are alternatives, or two entries that are alike but for the spelling.
class Spellings {
 public:
  explicit Spellings(const Subject& subject) : rules_(subject.document()->rules) {
    std::map<Calls, size_t> lists;
    for (size_t i = 0; i < rules_.size(); ++i) {
      const Rule& rule = rules_[i];
      const bool everywhere = rule.includes.empty() && rule.excludes.empty();  // else they may never meet
      if (!everywhere || std::ranges::none_of(rule.conditions, IsOne)) continue;
      const bool twice = AsksTwice(rule);
      if (twice && !OnlyRuntimes(subject)) continue;
      entries_[i] = {lists.try_emplace(subject.CallsOf(i), lists.size()).first->second, twice};
      for (size_t j = 0; j < rule.conditions.size(); ++j) {
        if (!IsOne(rule.conditions[j])) continue;
        auto& [plain, extended] = listed_[KeyOf(i, j)];
        (IsExtended(rule.conditions[j].value) ? extended : plain) = true;
      }
    }
  }
  bool BothListed(size_t i, size_t j) const {
    if (!entries_.contains(i) || !IsOne(rules_[i].conditions[j])) return false;
    const auto [plain, extended] = listed_.at(KeyOf(i, j));
    return plain && extended;
  }

 private:
  using Text = std::tuple<uint32_t, Operator, uint64_t, uint64_t>;  // of a condition
  using Key = std::tuple<size_t, profile::Action, std::vector<Text>>;
  struct Entry {
    size_t list = 0;            // of names: the same number for the same one
    bool alternatives = false;  // each of its conditions holds alone
  };

  static bool IsOne(const Condition& condition) {
    return condition.op == Operator::kEqual && IsNegative(condition.value);
  }
  // Others take two conditions on one argument together.
  static bool OnlyRuntimes(const Subject& subject) {
    return std::ranges::none_of(
        subject.places(), [](const Place& place) { return place.target.runtime == profile::Runtime::kNone; });
  }
  Key KeyOf(size_t i, size_t j) const {
    const auto& conditions = rules_[i].conditions;
    const auto& [list, alternatives] = entries_.at(i);
    std::vector<Text> texts = {{conditions[j].index, conditions[j].op, conditions[j].value & kLow, 0}};
    for (size_t other = 0; other < conditions.size() && !alternatives; ++other) {
      const Condition& of = conditions[other];
      if (other != j) texts.emplace_back(of.index, of.op, of.value, of.value_two);
    }
    std::ranges::sort(texts);
    return {list, rules_[i].action, std::move(texts)};
  }

  const std::vector<Rule>& rules_;
  std::unordered_map<size_t, Entry> entries_;
  std::map<Key, std::pair<bool, bool>> listed_;
};

// Neither EQ nor MASKED_EQ, and not without effect.
bool IsInexact(const Condition& condition) {
  return (IsOrdered(condition) || condition.op == Operator::kNotEqual) && !Always(condition) &&
         !Never(condition);
}

bool AsksOneArgument(const Rule& rule) {
  return std::ranges::all_of(rule.conditions, [&](const Condition& condition) {
    return condition.index == rule.conditions.front().index;
  });
}

// Entries of one call that ask the same argument alone, leave something out, and do the same: one of them is
// enough.
using Alternatives = std::map<std::tuple<std::string_view, profile::Action, uint32_t>, std::vector<size_t>>;

Alternatives AlternativeEntries(const Subject& subject) {
  Alternatives alternatives;
  std::set<std::string_view> whatever;  // have an entry without conditions: that wins, and is told of
  const auto& rules = subject.document()->rules;
  for (size_t i = 0; i < rules.size(); ++i) {
    const Rule& rule = rules[i];
    // Those that hold in places only may never meet, and what does the default's work changes nothing.
    const bool counts =
        rule.includes.empty() && rule.excludes.empty() && Blocks(rule.action) == subject.deny_list();
    if (!counts || !AsksOneArgument(rule)) continue;
    const Ranges ranges = RangesOf(rule.conditions);
    const bool leaves_out = !ranges.empty() && !CoverEverything(ranges);  // else told of by itself
    for (const auto& name : subject.CallsOf(i)) {
      if (!subject.NameOf(name).known) continue;
      if (rule.conditions.empty()) whatever.insert(name);
      if (!leaves_out) continue;
      auto& entries = alternatives[{name, rule.action, rule.conditions.front().index}];
      if (entries.empty() || entries.back() != i) entries.push_back(i);
    }
  }
  std::erase_if(alternatives, [&](const auto& of) {
    return of.second.size() < 2 || whatever.contains(std::get<0>(of.first));
  });
  return alternatives;
}

// Where all of them together leave nothing out. Calls that share their entries share the answer.
void TellAlternativeEntries(const Subject& subject, Sink& sink) {
  std::set<std::vector<size_t>> asked;
  for (const auto& [of, entries] : AlternativeEntries(subject)) {
    if (!asked.insert(entries).second) continue;
    Ranges all;
    std::vector<std::string> numbers;
    for (const size_t entry : entries) {
      std::ranges::move(RangesOf(subject.document()->rules[entry].conditions), std::back_inserter(all));
      numbers.push_back(std::to_string(entry));
    }
    if (!CoverEverything(std::move(all))) continue;
    const auto& [call, action, argument] = of;
    sink.Add(Severity::kError, At(entries.back(), "args"),
             fmt::format("entries {} are alternatives: whatever argument {} of {} is, one of them holds",
                         Listed(numbers), argument, call),
             "write what is to be kept out as entries with the other action, or list values with EQ");
  }
}

// What else the profile has for a call.
struct OfCall {
  size_t conditional = 0;  // entries with conditions; where they are alternatives, each of them
  bool asks_several = false;
};

std::map<std::string_view, OfCall> ConditionsByCall(const Subject& subject) {
  std::map<std::string_view, OfCall> calls;
  const auto& rules = subject.document()->rules;
  for (size_t i = 0; i < rules.size(); ++i) {
    const Rule& rule = rules[i];
    if (rule.conditions.empty()) continue;
    const size_t alternatives = AsksTwice(rule) ? rule.conditions.size() : 1;
    const bool several = AsksSeveral(rule);
    for (const auto& name : subject.CallsOf(i)) {
      OfCall& of = calls[name];
      of.conditional += alternatives;
      of.asks_several = of.asks_several || several;
    }
  }
  return calls;
}

// Which of the kinds an entry is that libseccomp is known to get wrong (docs/targets.md); empty: none.
std::string_view MiscompiledShape(const Rule& rule, bool others_ask_several) {
  const auto wide = [&](const Condition& condition) {
    return IsOrdered(condition) && IsInexact(condition) && condition.value > kLow;
  };
  if (std::ranges::any_of(rule.conditions, wide))
    return "an ordered comparison with a constant of more than 32 bits";
  const auto unequal = [](const Condition& condition) { return condition.op == Operator::kNotEqual; };
  if (AsksSeveral(rule) && std::ranges::any_of(rule.conditions, IsInexact))
    return "an ordered comparison or NE in an entry that asks several arguments";
  if (others_ask_several && std::ranges::any_of(rule.conditions, unequal))
    return "NE, where another entry for the call asks several arguments";
  return "";
}

}  // namespace

void CheckAlwaysTrue(const Subject& subject, Sink& sink) {
  ForEachCondition(subject, [&](const Asked& asked) {
    const auto& [rule, calls, condition, kinds, i, j] = asked;
    const bool always = Always(condition);
    const Calls ints = always ? Calls{} : IntsThat(asked, true);
    if (!always && ints.empty()) return;
    sink.Add(Severity::kWarning, At(i, "args", j),
             always ? fmt::format("always true: {} {}", Argument(calls, condition), AlwaysText(condition))
                    : fmt::format("always true: {} is an int, and {}", Argument(ints, condition),
                                  TooLargeText(condition)),
             "remove the condition, or say what was meant");
  });
}

void CheckNeverTrue(const Subject& subject, Sink& sink) {
  ForEachCondition(subject, [&](const Asked& asked) {
    const auto& [rule, calls, condition, kinds, i, j] = asked;
    const bool never = Never(condition);
    const Calls ints = never ? Calls{} : IntsThat(asked, false);
    if (!never && ints.empty()) return;
    sink.Add(Severity::kWarning, At(i, "args", j),
             never
                 ? fmt::format("never true: no value of {} is {}", Argument(calls, condition),
                               condition.op == Operator::kLess ? "below 0, which filters compare without sign"
                                                               : "above the largest one")
                 : fmt::format("never true for a program that means it: {} is an int, and {}",
                               Argument(ints, condition), TooLargeText(condition)));
  });
}

void CheckMaskMissesValue(const Subject& subject, Sink& sink) {
  ForEachCondition(subject, [&](const Asked& asked) {
    const auto& [rule, calls, condition, kinds, i, j] = asked;
    if (condition.op != Operator::kMaskedEqual || (condition.value_two & ~condition.value) == 0) return;
    sink.Add(Severity::kWarning, At(i, "args", j),
             fmt::format(
                 "{} & {:#x} can never be {:#x}: libseccomp drops the bits of valueTwo that the mask lacks, "
                 "so the rule says something else than it seems to",
                 Argument(calls, condition), condition.value, condition.value_two),
             "value is the mask, valueTwo what the masked argument must be");
  });
}

void CheckInvertedMask(const Subject& subject, Sink& sink) {
  ForEachCondition(subject, [&](const Asked& asked) {
    const auto& [rule, calls, condition, kinds, i, j] = asked;
    if (condition.op != Operator::kMaskedEqual || condition.value == 0 || condition.value_two != 0) return;
    // Under a mask of all bits it asks for the value 0, as it seems to.
    if (!Blocks(rule.action) || (condition.value & kLow) == kLow) return;
    const auto flags = FlagsText(Abi::kX86_64, calls.front(), condition.index, condition.value);
    sink.Add(Severity::kError, At(i, "args", j),
             fmt::format(
                 "refuses exactly the calls without {}: MASKED_EQ means (argument & value) == valueTwo, and "
                 "valueTwo is 0",
                 flags ? *flags : fmt::format("any bit of {:#x}", condition.value)),
             "say in valueTwo which bits are refused, or turn the rule round: allow where they are 0, refuse "
             "the rest");
  });
}

void CheckAlternatives(const Subject& subject, Sink& sink) {
  const auto& rules = subject.document()->rules;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (subject.CallsOf(i).empty() || !AsksTwice(rules[i]) || IsList(rules[i])) continue;
    const bool all = AsksOneArgument(rules[i]) && CoverEverything(RangesOf(rules[i].conditions));
    sink.Add(all ? Severity::kError : Severity::kWarning, At(i, "args"),
             fmt::format(
                 "two conditions on one argument: runtimes take all of this entry's as alternatives (or, not "
                 "and){}",
                 all ? ", and one of them always holds" : ""),
             "write a range as what lies outside of it, one entry each, with the other action; or list "
             "values with EQ");
  }
  TellAlternativeEntries(subject, sink);
}

void CheckPointerCondition(const Subject& subject, Sink& sink) {
  ForEachCondition(subject, [&](const Asked& asked) {
    const auto& [rule, calls, condition, kinds, i, j] = asked;
    const auto& pointers = asked.Taking(Taken::kPointer);
    if (pointers.empty()) return;
    const bool asks_for_null =
        condition.value == 0 && (condition.op == Operator::kEqual || condition.op == Operator::kNotEqual);
    if (asks_for_null) return;
    sink.Add(Severity::kWarning, At(i, "args", j),
             fmt::format("{} is a pointer: a filter sees the address, never what is behind it",
                         Argument(pointers, condition)),
             !asked.Taking(Taken::kStack).empty()
                 ? fmt::format("clone's flags are argument {} on this machine", 1 - condition.index)
                 : "remove the condition: paths and structures are for Landlock, AppArmor or SELinux");
  });
}

void CheckNoSuchArgument(const Subject& subject, Sink& sink) {
  const auto& rules = subject.document()->rules;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].conditions.empty()) continue;
    std::array<std::vector<std::string>, kArguments> lacking;  // by argument: who does not take it
    for (const auto& name : subject.CallsOf(i)) {
      for (uint32_t argument = MostArguments(subject, name); argument < kArguments; ++argument)
        lacking[argument].push_back(name);
    }
    for (size_t j = 0; j < rules[i].conditions.size(); ++j) {
      const uint32_t argument = rules[i].conditions[j].index;
      if (lacking[argument].empty()) continue;
      sink.Add(Severity::kWarning, At(i, "args", j),
               fmt::format("{} takes no argument {}: what the register holds then is chance",
                           Listed(lacking[argument], 3), argument),
               "arguments are counted from 0");
    }
  }
}

void CheckIntArgumentHighBits(const Subject& subject, Sink& sink) {
  ForEachCondition(subject, [&](const Asked& asked) {
    const auto& [rule, calls, condition, kinds, i, j] = asked;
    const auto& ints = asked.Taking(Taken::kWideInt);
    if (ints.empty() || Always(condition) || Never(condition)) return;
    const bool inequality = condition.op == Operator::kNotEqual || IsOrdered(condition);
    const bool forbids = Blocks(rule.action);
    const bool exact = condition.op == Operator::kEqual ||
                       (condition.op == Operator::kMaskedEqual && condition.value > kLow);
    if (!inequality && !(forbids && exact)) return;
    sink.Add(
        Severity::kWarning, At(i, "args", j),
        fmt::format("{} is an int: the kernel uses 32 bits of it and the filter compares 64, so with a bit "
                    "from 32 to 63 set {}",
                    Argument(ints, condition), HighBitsText(condition, forbids)),
        fmt::format("only SCMP_CMP_MASKED_EQ with value {} (0xffffffff) is exact", kLow));
  });
}

void CheckSignedComparison(const Subject& subject, Sink& sink) {
  ForEachCondition(subject, [&](const Asked& asked) {
    const auto& [rule, calls, condition, kinds, i, j] = asked;
    const auto& amounts = asked.Taking(Taken::kAmount);
    if (amounts.empty() || !IsOrdered(condition) || Always(condition) || Never(condition)) return;
    sink.Add(Severity::kWarning, At(i, "args", j),
             fmt::format("{} is signed and the filter compares without sign: -1 counts as huge",
                         Argument(amounts, condition)),
             "list the values with SCMP_CMP_MASKED_EQ and 0xffffffff");
  });
}

void CheckFlagEquality(const Subject& subject, Sink& sink) {
  ForEachCondition(subject, [&](const Asked& asked) {
    const auto& [rule, calls, condition, kinds, i, j] = asked;
    if (!Blocks(rule.action)) return;
    const auto asks = [&](const std::string& call) { return AsksForAllAtOnce(call, condition); };
    if (const auto call = std::ranges::find_if(calls, asks); call != calls.end()) {
      sink.Add(
          Severity::kWarning, At(i, "args", j),
          fmt::format("refuses {} only if all of them are given at once: the condition does not hold for one "
                      "of them alone",
                      ValueText({*call}, {condition.index, Operator::kEqual, condition.value, 0})),
          "an entry for each of them, with its bit as value and as valueTwo");
      return;
    }
    if (condition.op != Operator::kEqual || condition.value == 0) return;
    const auto& holding = asked.Taking(Taken::kFlags);
    if (holding.empty()) return;
    const uint64_t mask =
        condition.index == 1 && holding.front().starts_with("socket") ? 15 : condition.value;
    sink.Add(Severity::kWarning, At(i, "args", j),
             fmt::format("refuses {} alone: {} holds several flags at once, and with one more beside it the "
                         "condition does not hold",
                         ValueText(holding, condition), Argument(holding, condition)),
             fmt::format("SCMP_CMP_MASKED_EQ with value {} and valueTwo {}", mask, condition.value));
  });
}

void CheckNegativeInt(const Subject& subject, Sink& sink) {
  const Spellings spellings(subject);
  ForEachCondition(subject, [&](const Asked& asked) {
    const auto& [rule, calls, condition, kinds, i, j] = asked;
    const auto& ints = asked.Taking(Taken::kWideSignedInt);
    const bool exact = condition.op == Operator::kEqual || condition.op == Operator::kNotEqual;
    if (!exact || !IsNegative(condition.value) || ints.empty() || spellings.BothListed(i, j)) return;
    const auto number = static_cast<int32_t>(static_cast<uint32_t>(condition.value));
    sink.Add(
        Severity::kWarning, At(i, "args", j),
        fmt::format(
            "{} is {} as an int: programs pass it as {:#x} or as {:#x}, and the condition knows one of them",
            ValueText(ints, condition), number, static_cast<uint32_t>(number),
            static_cast<uint64_t>(int64_t{number})),
        fmt::format("SCMP_CMP_MASKED_EQ with value {} and valueTwo {}", kLow, static_cast<uint32_t>(number)));
  });
}

void CheckMoreThanSixConditions(const Subject& subject, Sink& sink) {
  const auto& rules = subject.document()->rules;
  std::set<int> cut;
  for (const auto& place : subject.places()) {
    for (const auto& note : place.meaning.notes) {
      if (note.quirk == filter::Quirk::kSixConditions) cut.insert(note.rule);
    }
  }
  for (const int rule : cut) {
    const auto i = static_cast<size_t>(rule);
    const size_t count = rules[i].conditions.size();
    const bool forbids = Blocks(rules[i].action);
    sink.Add(forbids ? Severity::kError : Severity::kWarning, At(i, "args"),
             fmt::format("{} conditions: crun before 1.30 reads {} of an entry, so the other {} {}", count,
                         kCrunConditions, count - kCrunConditions,
                         forbids ? "forbid nothing there" : "allow nothing there"),
             "split the entry");
  }
}

void CheckTruncatedValue(const Subject& subject, Sink& sink) {
  if (!UsesLibrary(subject)) return;
  ForEachCondition(subject, [&](const Asked& asked) {
    const auto& [rule, calls, condition, kinds, i, j] = asked;
    const bool masked = condition.op == Operator::kMaskedEqual;
    const uint64_t value = masked ? condition.value & condition.value_two : condition.value;
    const bool negative = (value >> 31) == UINT64_MAX >> 31;
    if (value <= kLow || negative || Always(condition) || Never(condition)) return;
    const auto abis = NarrowAbisWith(subject, asked.Taking(Taken::kOther));
    if (abis.empty()) return;
    sink.Add(Severity::kWarning, At(i, "args", j),
             fmt::format("on {} libseccomp compares the low 32 bits only: {:#x} is {:#x} there",
                         Listed(abis, 4), value, value & kLow),
             "leave that ABI out, or the condition");
  });
}

void CheckMiscompiledShape(const Subject& subject, Sink& sink) {
  if (!UsesLibrary(subject) || !HasWideAbi(subject)) return;
  const auto& rules = subject.document()->rules;
  const auto calls = ConditionsByCall(subject);
  for (size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].conditions.empty()) continue;
    size_t others = 0;
    bool others_ask_several = false;
    for (const auto& name : subject.CallsOf(i)) {
      const OfCall& of = calls.at(name);
      others_ask_several = others_ask_several || of.asks_several;
      others = std::max(others, of.conditional);
    }
    const auto shape = MiscompiledShape(rules[i], others_ask_several && !AsksSeveral(rules[i]));
    if (shape.empty()) continue;
    sink.Add(Severity::kWarning, At(i, "args"),
             others > 1
                 ? fmt::format("libseccomp (2.5.0 to 2.6.1) compiles some such rules wrongly, or without "
                               "end: {}",
                               shape)
                 : fmt::format("{}: right as the only entry for the call, but with a second one libseccomp "
                               "(2.5.0 to 2.6.1) compiles some such rules wrongly, or without end",
                               shape),
             "EQ and MASKED_EQ are compiled right, and so is one comparison with a 32-bit constant");
  }
}

}  // namespace whittle::lint

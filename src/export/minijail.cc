// Policies of minijail, as minijail0 -S reads them (minijail0(5)): "NAME: 1", "NAME: return 1", "NAME: arg0
// == 1
// && arg1 in 0xff || arg0 == 2; return 1", where what passes the tests is allowed. All else is killed; a
// policy is for one ABI.
//
// Its compiler in Python (compile_seccomp_policy) reads a number behind tests the other way round, so
// policies that have such lines are for minijail0, and the policy says so. Sources: syscall_filter.c,
// tools/parser.py.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "base/text.h"
#include "export/calls.h"
#include "export/losses.h"
#include "export/name.h"

namespace whittle::exporting {
namespace {

using filter::Decision;
using filter::FlatRule;
using profile::Action;
using profile::Condition;
using profile::Operator;

std::string Test(const Condition& condition, std::string_view op, uint64_t value) {
  return fmt::format("arg{} {} {:#x}", condition.index, op, value);
}

// "&": some of these bits; "in": no other bits than these.
std::vector<std::string> MaskedTests(const Condition& condition, uint64_t mask, uint64_t wanted,
                                     uint64_t all) {
  if (mask == all) return {Test(condition, "==", wanted)};
  std::vector<std::string> tests;
  const uint64_t unset = mask & ~wanted;
  if (unset != 0 || wanted == 0) tests.push_back(Test(condition, "in", ~unset & all));
  for (uint64_t rest = wanted; rest != 0; rest &= rest - 1)
    tests.push_back(Test(condition, "&", rest & (~rest + 1)));
  return tests;
}

// The same as the condition says, to be joined by "&&". Nothing if no argument is like that.
std::optional<std::vector<std::string>> Tests(const Condition& condition, uint64_t all) {
  const uint64_t value = condition.value & all;
  const auto one = [&](std::string_view op) { return std::vector{Test(condition, op, value)}; };
  switch (condition.op) {
    case Operator::kEqual:
      return one("==");
    case Operator::kNotEqual:
      return one("!=");
    case Operator::kLess:
      return one("<");
    case Operator::kLessOrEqual:
      return one("<=");
    case Operator::kGreaterOrEqual:
      return one(">=");
    case Operator::kGreater:
      return one(">");
    case Operator::kMaskedEqual:
      break;
  }
  const uint64_t wanted = condition.value_two & all;
  if ((wanted & ~value) != 0) return std::nullopt;
  return MaskedTests(condition, value, wanted, all);
}

// Empty if no arguments pass.
std::string Expression(const std::vector<FlatRule>& rules, uint64_t all) {
  std::vector<std::string> clauses;
  for (const auto& rule : rules) {
    std::vector<std::string> clause;
    bool possible = true;
    for (const auto& condition : rule.conditions) {
      auto tests = Tests(condition, all);
      possible = possible && tests;
      if (tests) clause.insert(clause.end(), tests->begin(), tests->end());
    }
    if (possible) clauses.push_back(Join(clause, " && "));
  }
  return Join(clauses, " || ");
}

bool Kills(const Decision& answer) {
  return answer.action == Action::kKillProcess || answer.action == Action::kKillThread;
}

// minijail decides by itself whether a thread or the process is killed.
Decision Killed(const Decision& wanted) { return Kills(wanted) ? wanted : Decision{Action::kKillProcess, 0}; }

class Policy {
 public:
  Policy(const Source& source, const filter::Meaning& meaning)
      : source_(source), meaning_(meaning), deny_list_(!profile::Blocks(meaning.otherwise.action)) {}

  Result<Exported> Write();

 private:
  struct Line {
    std::string filter;  // empty: none, so that the policy's default answers
    bool exact = false;  // it tests the same arguments
    Decision answer;     // of one that is not: whatever the arguments
  };
  static Line Exactly(Line line) {
    line.exact = true;
    return line;
  }
  Line LineOf(const ListedCall& call) const;
  Line Plain(const Decision& wanted) const;
  void SayOtherAbis(Losses& losses) const;

  const Source& source_;
  const filter::Meaning& meaning_;
  const bool deny_list_;
};

// One answer, whatever the arguments.
Policy::Line Policy::Plain(const Decision& wanted) const {
  if (!profile::Blocks(wanted.action)) return {deny_list_ ? "" : "1", false, {Action::kAllow, 0}};
  const bool dies = Kills(wanted) || wanted.action == Action::kTrap;
  if (dies && !deny_list_) return {"", false, Killed(wanted)};
  const Decision refusal = wanted.action == Action::kErrno ? Decision{Action::kErrno, wanted.data}
                                                           : Decision{Action::kErrno, EPERM};
  return {fmt::format("return {}", refusal.data), false, refusal};
}

Policy::Line Policy::LineOf(const ListedCall& call) const {
  if (call.rules.empty()) return Plain(call.answers.front());
  // Tests allow, and there is one answer to what does not pass them.
  const bool rules_allow = std::ranges::all_of(call.rules, [](const FlatRule& rule) {
    return rule.action == Action::kAllow && !rule.conditions.empty();
  });
  const bool rest_can_be_said = call.otherwise.action == Action::kErrno || Kills(call.otherwise);
  if (!deny_list_ && rules_allow && rest_can_be_said) {
    const uint64_t all = Is32Bit(source_.target.arch) ? UINT32_MAX : UINT64_MAX;
    const std::string tests = Expression(call.rules, all);
    if (tests.empty()) return Exactly(Plain(call.otherwise));
    const std::string rest = Kills(call.otherwise) ? "" : fmt::format("; return {}", call.otherwise.data);
    return {tests + rest, true, {}};
  }
  if (SomePass(call) && (AllPass(call) || source_.options.inexact == Inexact::kAllow))
    return Plain({Action::kAllow, 0});
  return Plain(*std::ranges::find_if(call.answers,
                                     [](const Decision& answer) { return profile::Blocks(answer.action); }));
}

void Policy::SayOtherAbis(Losses& losses) const {
  for (const auto& rules : meaning_.abis) {
    if (rules.abi() == source_.target.arch) continue;
    losses.Add(
        fmt::format("architectures: {}: a policy is for one ABI, and minijail kills what calls by another",
                    AbiName(rules.abi())));
  }
}

Result<Exported> Policy::Write() {
  Losses losses;
  std::string lines;
  bool tests = false;
  for (const auto& call : TRY(CallsOf(source_, meaning_, source_.target.arch))) {
    const Line line = LineOf(call);
    if (!line.filter.empty()) lines += fmt::format("{}: {}\n", call.name, line.filter);
    tests = tests || (line.exact && line.filter.find(';') != line.filter.npos);
    if (!line.exact) losses.Compare(source_.target.arch, call.name, call.answers, line.answer, call.rule);
  }
  const Decision unnamed = deny_list_ ? Decision{Action::kAllow, 0} : Killed(meaning_.otherwise);
  losses.Compare(source_.target.arch, "calls without a name", {meaning_.otherwise}, unnamed);
  SayOtherAbis(losses);
  losses.AddMembersForRuntimes(source_.flat);
  Exported exported;
  exported.text =
      fmt::format("# Made by whittle convert of {}\n{}{}{}", Origin(source_),
                  tests ? "# For minijail0 -S: what passes the tests is allowed, else the errno is "
                          "returned.\n"
                        : "",
                  deny_list_ ? "@denylist\n" : "", lines);
  if (tests) {
    exported.notes.emplace_back(
        "the policy is for minijail0 -S: compile_seccomp_policy reads 'TESTS; return N' the other way round");
  }
  exported.lost = losses.Lines();
  return exported;
}

}  // namespace

Result<Exported> WriteMinijail(const Source& source) {
  const auto meaning = WithoutStub(source);
  return Policy(source, meaning).Write();
}

}  // namespace whittle::exporting

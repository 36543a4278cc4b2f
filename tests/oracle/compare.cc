#include "compare.h"

#include <fmt/core.h>

#include "filter/call_text.h"
#include "filter/compile.h"
#include "filter/disassemble.h"
#include "filter/evaluator.h"
#include "near_calls.h"
#include "reach.h"

namespace whittle::oracle {
namespace {

using filter::Call;
using filter::Compiled;
using filter::Program;

std::string StateText(Compiled::State state) {
  return state == Compiled::State::kFiltered  ? "a filter"
         : state == Compiled::State::kRefused ? "REFUSED"
                                              : "UNCONFINED";
}

std::string StateText(State state) {
  return state == State::kFiltered ? "a filter" : state == State::kRefused ? "REFUSED" : "UNCONFINED";
}

std::string Text(const Answer& answer) { return VerdictText(answer.action, answer.data); }
std::string Text(const filter::Verdict& verdict) { return VerdictText(verdict.action, verdict.data); }

bool Same(const filter::Verdict& verdict, const Answer& answer) {
  if (verdict.action != answer.action) return false;
  return !profile::CarriesData(answer.action) || verdict.data == answer.data;
}

// One document with its oracle and its filters.
class Comparison {
 public:
  Comparison(const Case& made, Tally& tally)
      : made_(made), tally_(tally), meaning_(made.document, made.target) {}

  std::string Run(size_t calls, size_t round) {
    ++tally_.documents;
    const auto compiled = filter::Compile(made_.document, made_.target);
    if (!compiled) return compiled.error().message;
    if (StateText(compiled->state) != StateText(meaning_.state())) {
      return fmt::format("compiled: {} ({}), meant: {} ({})", StateText(compiled->state), compiled->why,
                         StateText(meaning_.state()), meaning_.why());
    }
    tally_.refused += meaning_.state() == State::kRefused;
    tally_.unconfined += meaning_.state() == State::kUnconfined;
    std::string difference;
    if (meaning_.state() == State::kFiltered) difference = CompareAll(compiled->program, calls, round);
    for (size_t habit = 0; habit < kHabitCount; ++habit) tally_.habits[habit] += meaning_.habits()[habit];
    return difference;
  }

 private:
  std::string CompareAll(const Program& program, size_t count, size_t round) {
    const auto calls = CallsNear(made_.document, made_.target, program, made_.seed, count);
    tally_.verdicts += calls.size();
    if (auto difference = Compare("all passes", program, calls); !difference.empty()) return difference;
    if (round % 8 == 0) {
      if (auto difference = CompareEvaluator(program, calls); !difference.empty()) return difference;
    }
    static const auto sets = PassSets();
    for (const auto& [name, passes] : {sets[1], sets[2 + round % (sets.size() - 2)]}) {
      const auto compiled = filter::Compile(made_.document, made_.target, passes);
      if (!compiled) continue;  // plain programs may be longer than the kernel takes
      tally_.pass_verdicts += calls.size();
      if (auto difference = Compare(name, compiled->program, calls); !difference.empty()) return difference;
    }
    return ReachEvery(program, calls);
  }

  std::string Compare(const std::string& name, const Program& program, const std::vector<Call>& calls) {
    for (const auto& call : calls) {
      const Answer meant = meaning_.Ask(call);
      const auto got = filter::Evaluate(program, call);
      if (!Same(got, meant))
        return fmt::format("{}: {}: compiled {}, meant {}", name, CallText(call), Text(got), Text(meant));
    }
    return "";
  }

  // The evaluator for many calls does what the one for one call does.
  static std::string CompareEvaluator(const Program& program, const std::vector<Call>& calls) {
    const filter::Evaluator evaluator(std::span(&program, 1));
    for (const auto& call : calls) {
      const auto one = filter::Evaluate(program, call);
      const auto many = evaluator.Of(call);
      if (Text(one) != Text(many) || one.steps != many.steps) {
        return fmt::format("evaluators: {}: {} in {} steps, {} in {}", CallText(call), Text(one), one.steps,
                           Text(many), many.steps);
      }
    }
    return "";
  }

  std::string ReachEvery(const Program& program, const std::vector<Call>& calls) {
    std::vector<bool> reached(program.size());
    for (const auto& call : calls) {
      for (const uint32_t at : filter::PathOf(program, call)) reached[at] = true;
    }
    tally_.instructions += program.size();
    for (size_t at = 0; at < program.size(); ++at) {
      if (reached[at]) continue;
      const auto data = DataReaching(program, at);
      if (!data) {
        NoteUnreachable(at, program);
        continue;
      }
      ++tally_.reached_by_diagram;
      const auto call = CallOf(*data);
      const Answer meant = call ? meaning_.Ask(*call) : Answer{};
      const auto got = filter::Evaluate(program, *data);
      if (!Same(got, meant))
        return fmt::format("instruction {}: compiled {}, meant {}", at, Text(got), Text(meant));
      if (!call) continue;
      for (const uint32_t passed : filter::PathOf(program, *call)) reached[passed] = true;
    }
    return "";
  }

  void NoteUnreachable(size_t at, const Program& program) {
    ++tally_.unreachable;
    if (tally_.unreachable_places.size() >= 3) return;
    tally_.unreachable_places.push_back(
        fmt::format("{} of {}: {}", at, program.size(), LineText(filter::Disassemble(program)[at])));
  }

  const Case& made_;
  Tally& tally_;
  Meaning meaning_;
};

}  // namespace

std::vector<std::pair<std::string, filter::PassSet>> PassSets() {
  using filter::PassSet;
  std::vector<std::pair<std::string, PassSet>> sets = {{"all passes", PassSet::All()},
                                                       {"no pass", PassSet::None()}};
  for (const auto& row : filter::AllPasses()) {
    sets.emplace_back(fmt::format("only {}", row.name), PassSet::Only(row.pass));
    sets.emplace_back(fmt::format("all but {}", row.name), PassSet::All().Without(row.pass));
  }
  return sets;
}

std::string FirstDifference(const Case& made, size_t calls, size_t round, Tally& tally) {
  return Comparison(made, tally).Run(calls, round);
}

std::string Text(const Tally& tally) {
  std::string text = fmt::format(
      "{} documents, of which {} refused and {} unconfined; {} verdicts, and {} of filters with other "
      "passes; {} "
      "instructions, {} of which the prover had to find a call for, {} unreachable\n",
      tally.documents, tally.refused, tally.unconfined, tally.verdicts, tally.pass_verdicts,
      tally.instructions, tally.reached_by_diagram, tally.unreachable);
  for (size_t habit = 0; habit < kHabitCount; ++habit) {
    text += fmt::format("  {:>10}  {}\n", tally.habits[habit], HabitName(static_cast<Habit>(habit)));
  }
  return text;
}

std::vector<std::string> NeverMet(const Tally& tally) {
  std::vector<std::string> names;
  for (size_t habit = 0; habit < kHabitCount; ++habit) {
    if (tally.habits[habit] == 0) names.emplace_back(HabitName(static_cast<Habit>(habit)));
  }
  return names;
}

}  // namespace whittle::oracle

// An observation has no arguments, so the question is what the filter says of a call for *any* arguments. The
// document's meaning knows the rules that may decide; the compiled program is then run on arguments chosen so
// that each of these rules decides once, and both must agree. That costs one run of the program per rule of a
// call.
#include "optimize/verify.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <tuple>

#include "base/text.h"
#include "filter/meaning.h"
#include "optimize/clone.h"
#include "syscalls/table.h"

namespace whittle::optimize {
namespace {

using filter::Compiled;
using filter::Decision;
using profile::Action;
using profile::Condition;
using profile::Operator;

using evidence::CloneFlags;
using ArgumentWords = std::array<uint64_t, 6>;

// What is known of the call that is asked about.
struct Question {
  Abi abi;
  CloneFlags flags;
};

// A value that the test is true for; nothing if there is none.
uint64_t Satisfying(const Condition& condition) {
  switch (condition.op) {
    case Operator::kNotEqual:
      return condition.value + 1;
    case Operator::kLess:
      return condition.value == 0 ? 0 : condition.value - 1;
    case Operator::kGreater:
      return condition.value + 1;
    case Operator::kMaskedEqual:
      return condition.value_two & condition.value;
    default:
      return condition.value;
  }
}

const std::vector<filter::FlatRule> kNoRules;  // of a number that nothing names

// Arguments on which different rules decide: none, all bits, and for each rule those that meet its
// conditions.
std::vector<ArgumentWords> Samples(const filter::Resolution& resolution, Question question) {
  std::vector<ArgumentWords> samples(2);
  samples[1].fill(UINT64_MAX);
  for (const auto& rule : resolution.rules == nullptr ? kNoRules : *resolution.rules) {
    for (const uint64_t other : {uint64_t{0}, UINT64_MAX}) {
      ArgumentWords arguments;
      arguments.fill(other);
      for (const auto& condition : rule.conditions) arguments[condition.index] = Satisfying(condition);
      samples.push_back(arguments);
    }
  }
  for (auto& arguments : samples) Adapt(arguments[OrdinaryClone(question.abi).index], question.flags);
  return samples;
}

Holds AllHold(const filter::FlatRule& rule, Question question) {
  Holds all = Holds::kAlways;
  for (const auto& condition : rule.conditions) {
    const Holds holds = HoldsFor(condition, question.abi, question.flags);
    if (holds == Holds::kNever) return Holds::kNever;
    if (holds == Holds::kPerhaps) all = Holds::kPerhaps;
  }
  return all;
}

// What may decide, in order; ends with what always does.
std::vector<Decision> Possible(const filter::Resolution& resolution, Question question) {
  std::vector<Decision> possible;
  if (resolution.rules != nullptr) {
    for (const auto& rule : *resolution.rules) {
      const Holds holds = AllHold(rule, question);
      if (holds != Holds::kNever) possible.push_back({rule.action, rule.data, rule.rule, rule.quirk});
      if (holds == Holds::kAlways) return possible;
    }
  }
  possible.push_back(resolution.decision);
  return possible;
}

std::string JoinOr(const std::vector<std::string>& parts) { return Join(parts, " or "); }

}  // namespace

struct Judge::State {
  profile::Document document;
  profile::Target target;
  Compiled compiled;
  filter::Meaning meaning;
};

Judge::Judge(std::unique_ptr<State> state) : state_(std::move(state)) {}
Judge::~Judge() = default;
Judge::Judge(Judge&&) noexcept = default;
Judge& Judge::operator=(Judge&&) noexcept = default;

Result<Judge> Judge::Create(const profile::Document& document, const profile::Target& target) {
  auto state = std::make_unique<State>();
  state->document = document;
  state->target = target;
  state->compiled = TRY(filter::Compile(document, target));
  // The copy in `state` is what the meaning points into.
  state->meaning = filter::MeaningOf(state->document, state->target);
  return Judge(std::move(state));
}

const Compiled& Judge::compiled() const { return state_->compiled; }

namespace {

uint32_t CommonError(const std::vector<Decision>& possible) {
  std::set<uint32_t> errors;
  for (const auto& decision : possible) {
    if (profile::Blocks(decision.action)) errors.insert(decision.action == Action::kErrno ? decision.data : 0);
  }
  return errors.size() == 1 ? *errors.begin() : 0;
}

std::string RuleText(const profile::Document& document, int rule) {
  const auto& at = document.rules[static_cast<size_t>(rule)].at;
  if (at.line == 0) return fmt::format("rule {}", rule);
  return fmt::format("rule {} ({}:{})", rule, Printable(document.file), at.line);
}

}  // namespace

Result<Answer> Judge::Ask(Abi abi, uint32_t number, CloneFlags flags) const {
  const auto resolution = filter::Resolve(state_->meaning, abi, number);
  const auto possible = Possible(resolution, {abi, flags});
  std::vector<std::string> verdicts;
  std::vector<std::string> deciders;
  bool passes = false;
  bool refuses = false;
  for (const auto& decision : possible) {
    const std::string verdict = profile::VerdictText(decision.action, decision.data);
    if (std::ranges::find(verdicts, verdict) == verdicts.end()) verdicts.push_back(verdict);
    (profile::Blocks(decision.action) ? refuses : passes) = true;
    if (!profile::Blocks(decision.action)) continue;
    deciders.push_back(decision.rule >= 0 ? RuleText(state_->document, decision.rule)
                                          : std::string(filter::Describe(decision.quirk).text));
  }
  for (const auto& arguments : Samples(resolution, {abi, flags})) {
    const filter::Call call{abi, number, arguments, 0};
    const auto meant = filter::Decide(state_->meaning, call);
    const auto executed = filter::Evaluate(state_->compiled.program, call);
    if (profile::VerdictText(meant.action, meant.data) ==
        profile::VerdictText(executed.action, executed.data))
      continue;
    return Fail(ErrorCode::kInternal,
                fmt::format("the filter does not do what the document means for {} {}: please "
                            "report it with the profile",
                            AbiName(abi), SyscallText(abi, number)));
  }
  const auto kind = !refuses ? Answer::Kind::kAllowed
                    : passes ? Answer::Kind::kDepends
                             : Answer::Kind::kRefused;
  return Answer{kind, JoinOr(verdicts), CommonError(possible), JoinOr(deciders)};
}

namespace {

// When an observation was first and last seen, over all recordings.
void SetTimes(Finding& finding, const evidence::Observation& observation,
              const evidence::Evidence& evidence) {
  finding.first_ms = INT64_MAX;
  for (const auto& [id, epochs] : observation.epochs) {
    const auto recording = evidence.recordings.find(id);
    if (recording == evidence.recordings.end() || epochs.empty()) continue;
    const auto at = [&](uint32_t epoch) {
      return recording->second.started_ms + int64_t{epoch} * recording->second.epoch_ms;
    };
    finding.first_ms = std::min(finding.first_ms, at(epochs.first()));
    finding.last_ms = std::max(finding.last_ms, at(epochs.last()));
  }
}

// clone3 that made nothing but what clone can make, is answered ENOSYS, and clone is let pass for it.
Result<bool> FallsBackToClone(const Judge& judge, const evidence::CallKey& key, const Answer& answer) {
  if (key.clone_flags != CloneFlags::kOrdinary || SyscallName(key.abi, key.number) != "clone3") return false;
  if (answer.verdict != profile::VerdictText(Action::kErrno, ENOSYS)) return false;
  const auto clone = SyscallNumber(key.abi, "clone");
  return clone && TRY(judge.Ask(key.abi, *clone, CloneFlags::kOrdinary)).kind == Answer::Kind::kAllowed;
}

Result<void> VerifyCalls(const Judge& judge, const evidence::Subject& subject, const evidence::Calls& calls,
                         const evidence::Evidence& evidence, Verification& out) {
  for (const auto& [key, observation] : calls) {
    if (evidence::Refused(key.fate)) {
      ++out.already_refused;
      continue;
    }
    ++out.observations;
    Finding finding{subject, key.abi, key.number, TRY(judge.Ask(key.abi, key.number, key.clone_flags)), 0, 0};
    if (finding.answer.kind == Answer::Kind::kAllowed) continue;
    if (TRY(FallsBackToClone(judge, key, finding.answer))) {
      ++out.by_fallback;
      continue;
    }
    SetTimes(finding, observation, evidence);
    auto& list = finding.answer.kind == Answer::Kind::kDepends ? out.depends : out.refused;
    list.push_back(std::move(finding));
  }
  return {};
}

// The calls of a baseline that are not let pass whatever their arguments.
Result<std::vector<RefusedRow>> RefusedOf(const Judge& judge, const Baseline& baseline, Abi native) {
  std::vector<RefusedRow> refused;
  std::set<std::tuple<Abi, std::string, std::string>> asked;
  for (const auto& row : baseline.rows) {
    // What was measured on another machine is asked about by name.
    const auto siblings = SiblingAbis(native);
    const Abi abi = std::ranges::find(siblings, row.abi) == siblings.end() ? native : row.abi;
    const auto number = SyscallNumber(abi, row.call);
    if (!number || !asked.insert({abi, row.phase, row.call}).second) continue;
    auto answer = TRY(judge.Ask(abi, *number));
    if (answer.kind != Answer::Kind::kAllowed) refused.emplace_back(row, std::move(answer));
  }
  return refused;
}

bool ExecWasExercised(const evidence::Evidence& evidence) {
  return std::ranges::any_of(
      evidence.recordings, [](const auto& recording) { return recording.second.exercised.contains("exec"); });
}

bool Names(const std::vector<RefusedRow>& rows, const std::string& call) {
  return std::ranges::any_of(rows, [&](const RefusedRow& row) { return row.first.call == call; });
}

Result<void> VerifyBaseline(const Judge& judge, const profile::Target& target,
                            const evidence::Evidence& evidence, const RuntimeCalls& runtime,
                            Verification& out) {
  out.baseline = runtime.next ? *runtime.next : BaselineFor(target);
  if (runtime.now) {
    out.baseline_now = *runtime.now;
    out.baseline_refused_now = TRY(RefusedOf(judge, *runtime.now, target.arch));
  }
  const bool execs = ExecWasExercised(evidence);
  const auto matters = [&](const BaselineRow& row) {
    return row.phase == "exec" ? execs : row.need != Need::kTolerated;
  };
  // Start and exec share most calls: each is named once, where it weighs most.
  const auto refused = TRY(RefusedOf(judge, out.baseline, target.arch));
  for (const auto& row : refused) {
    const bool known =
        Names(out.baseline_refused_now, row.first.call) || Names(out.baseline_refused, row.first.call);
    if (!known && matters(row.first)) out.baseline_refused.push_back(row);
  }
  for (const auto& row : refused) {
    const bool known = Names(out.baseline_refused_now, row.first.call) ||
                       Names(out.baseline_refused, row.first.call) ||
                       Names(out.baseline_tolerated, row.first.call);
    if (!known) out.baseline_tolerated.push_back(row);
  }
  return {};
}

}  // namespace

Result<Verification> Verify(const profile::Document& document, const profile::Target& target,
                            const evidence::Evidence& evidence, const RuntimeCalls& runtime) {
  const auto judge = TRY(Judge::Create(document, target));
  Verification out;
  out.state = judge.compiled().state;
  out.why = judge.compiled().LocatedWhy();
  if (out.state != Compiled::State::kFiltered) return out;
  out.gaps = evidence.gaps.size();
  for (const auto& [subject, calls] : evidence.subjects) {
    if (subject.arrival == evidence::Arrival::kArrived) {
      out.arrived += calls.size();
      continue;
    }
    TRY(VerifyCalls(judge, subject, calls, evidence, out));
  }
  TRY(VerifyBaseline(judge, target, evidence, runtime, out));
  return out;
}

Result<std::set<uint32_t>> OpenCalls(const Judge& judge, Abi abi) {
  std::set<uint32_t> open;
  for (const auto name : AllSyscallNames()) {
    const auto number = SyscallNumber(abi, name);
    if (!number) continue;
    if (judge.compiled().state == Compiled::State::kFiltered &&
        TRY(judge.Ask(abi, *number)).kind == Answer::Kind::kRefused) {
      continue;
    }
    open.insert(*number);
  }
  return open;
}

}  // namespace whittle::optimize

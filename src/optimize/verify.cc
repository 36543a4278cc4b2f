#include "optimize/verify.h"

#include <algorithm>
#include <cerrno>
#include <tuple>

#include "base/text.h"
#include "optimize/generate.h"
#include "syscalls/table.h"

namespace whittle::optimize {
namespace {

using evidence::CloneFlags;
using filter::Compiled;
using profile::Action;

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
    auto answer = TRY(judge.Ask(key.abi, key.number, key.clone_flags, observation.arguments));
    Finding finding{subject, key.abi, key.number, std::move(answer), 0, 0};
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

std::vector<RefusedRow> Verification::baseline_refused_as(Answer::Kind kind) const {
  std::vector<RefusedRow> rows;
  std::ranges::copy_if(baseline_refused, std::back_inserter(rows),
                       [&](const RefusedRow& row) { return row.second.kind == kind; });
  return rows;
}

Result<Verification> Verify(const profile::Document& document, const profile::Target& target,
                            const evidence::Evidence& evidence, const RuntimeCalls& runtime) {
  return Verify(TRY(Judge::Create(document, target)), target, evidence, runtime);
}

Result<Verification> Verify(const Judge& judge, const profile::Target& target,
                            const evidence::Evidence& evidence, const RuntimeCalls& runtime) {
  Verification out;
  out.state = judge.compiled().state;
  out.why = judge.compiled().LocatedWhy();
  if (out.state != Compiled::State::kFiltered) return out;
  if (judge.compiled().meaning != nullptr) out.other_machine = OtherMachineText(evidence, target.arch);
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

Result<void> NeedWorkload(const evidence::Evidence& evidence) {
  const bool any = std::ranges::any_of(evidence.subjects, [](const auto& entry) {
    return entry.first.arrival == evidence::Arrival::kWorkload && !entry.second.empty();
  });
  if (any) return {};
  return Fail(ErrorCode::kBadInput,
              evidence.subjects.empty()
                  ? "the evidence holds no calls at all: record while the workload runs (whittle record "
                    "--container NAME --wait, then start it)"
                  : "the evidence holds no calls of a workload, only of what came from outside (the runtime, "
                    "docker exec): start the recording before the container (whittle record --container NAME "
                    "--wait)");
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

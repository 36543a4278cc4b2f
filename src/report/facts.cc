#include "report/facts.h"

#include <fmt/core.h>

#include <algorithm>

#include "profile/catalogue.h"
#include "syscalls/facts.h"
#include "syscalls/table.h"

namespace whittle::report {
namespace {

using evidence::Evidence;
using evidence::IsWorkload;
using evidence::Refused;

// The workload's calls with a fate that `wanted` takes.
template <typename Wanted>
CallSet CallsWhere(const Evidence& evidence, Wanted wanted) {
  CallSet calls;
  for (const auto& [subject, seen] : evidence.subjects) {
    if (!IsWorkload(subject)) continue;
    for (const auto& [key, observation] : seen) {
      if (wanted(key)) calls.emplace(key.abi, key.number);
    }
  }
  return calls;
}

CallSet MadeCalls(const Evidence& evidence) {
  return CallsWhere(evidence, [](const auto& key) { return !Refused(key.fate); });
}

void Describe(Facts& facts) {
  std::set<std::string> titles;
  facts.started_ms = INT64_MAX;
  for (const auto& [id, recording] : facts.evidence.recordings) {
    const std::string what = recording.target.empty() ? "a recording" : recording.target;
    titles.insert(recording.image.empty() ? what : fmt::format("{} ({})", what, recording.image));
    facts.started_ms = std::min(facts.started_ms, recording.started_ms);
    facts.ended_ms = std::max(facts.ended_ms, recording.ended_ms);
    facts.epochs += recording.epochs;
  }
  for (const auto& title : titles) facts.title += (facts.title.empty() ? "" : ", ") + title;
}

void CountCalls(Facts& facts) {
  facts.made = MadeCalls(facts.evidence);
  facts.refused = CallsWhere(facts.evidence, [&](const auto& key) {
    return Refused(key.fate) && !facts.made.contains({key.abi, key.number});
  });
  for (const auto& [abi, number] : facts.made) ++facts.made_by_abi[abi];
  for (const auto name : AllSyscallNames()) facts.known += SyscallNumber(facts.target.arch, name) ? 1 : 0;
}

void ListPrograms(Facts& facts) {
  std::map<Call, size_t> makers;
  for (const auto& [subject, calls] : facts.evidence.subjects) {
    if (!IsWorkload(subject)) continue;
    Program program{subject, {}, {}};
    for (const auto& [key, observation] : calls) {
      if (!Refused(key.fate)) program.calls.emplace(key.abi, key.number);
    }
    for (const auto& call : program.calls) ++makers[call];
    facts.programs.push_back(std::move(program));
  }
  for (auto& program : facts.programs) {
    for (const auto& call : program.calls) {
      if (makers[call] == 1) program.only_here.insert(call);
    }
  }
  std::ranges::stable_sort(facts.programs, std::greater{},
                           [](const auto& program) { return program.calls.size(); });
}

void EstimateMissing(Facts& facts) {
  facts.completeness = AssessCompleteness(facts.evidence);
  facts.not_exercised = PhasesNotExercised(facts.evidence);
  for (const auto& [call, epochs] : evidence::IncidenceOf(facts.evidence).seen) {
    if (epochs.empty()) facts.ends_only.insert(call);
    if (epochs.count() == 1) facts.once.insert(call);
  }
}

// Docker's default as docker would resolve it here: another loader reads it differently, and a target without
// a runtime has no container.
profile::Target DefaultTarget(profile::Target target) {
  const profile::Target usual;
  if (target.loader != profile::Loader::kDocker) {
    target.loader = usual.loader;
    target.loader_version = usual.loader_version;
  }
  if (target.runtime == profile::Runtime::kNone) {
    target.runtime = usual.runtime;
    target.runtime_version = usual.runtime_version;
    target.capabilities = profile::DefaultCapabilities();
  }
  if (target.capabilities.empty()) target.capabilities = profile::DefaultCapabilities();
  return target;
}

Result<void> ResolveDefault(Facts& facts) {
  const auto document = TRY(profile::ReadCatalogue("docker-default"));
  const auto target = DefaultTarget(facts.target);
  const auto judge = TRY(optimize::Judge::Create(document, target));
  facts.default_open = TRY(optimize::OpenCalls(judge, target.arch));
  facts.default_target = fmt::format("{}, {} capabilities", target.Text(), target.capabilities.size());
  return {};
}

Result<void> ResolveProfile(Facts& facts, const profile::Document& document,
                            const optimize::RuntimeCalls& whose) {
  ProfileFacts profile;
  profile.verification = TRY(optimize::Verify(document, facts.target, facts.evidence, whose));
  profile.filtered = profile.verification.state == filter::Compiled::State::kFiltered;
  profile.why = profile.verification.why;
  const auto judge = TRY(optimize::Judge::Create(document, facts.target));
  profile.open = TRY(optimize::OpenCalls(judge, facts.target.arch));
  std::set<uint32_t> runtime;
  for (const auto& row : profile.verification.baseline.rows) {
    if (const auto number = SyscallNumber(facts.target.arch, row.call)) runtime.insert(*number);
  }
  for (const uint32_t number : profile.open) {
    const bool made = facts.made.contains({facts.target.arch, number});
    ++(made ? profile.of_workload : runtime.contains(number) ? profile.of_runtime : profile.other);
  }
  facts.profile = std::move(profile);
  return {};
}

void ListClosed(Facts& facts) {
  if (!facts.profile || !facts.profile->filtered) return;
  std::set<std::string> closed;
  for (const uint32_t number : facts.default_open) {
    if (facts.profile->open.contains(number)) continue;
    const std::string name(SyscallText(facts.target.arch, number));
    const auto risk = SyscallRisk(name);
    closed.insert(name);
    facts.closed.push_back({name, risk ? risk->level : 0, risk ? std::string(risk->reason) : ""});
  }
  std::ranges::stable_sort(facts.closed, std::greater{}, &ClosedCall::level);
  std::set<std::string_view> cves;
  for (const auto& pair : CvePairs()) {
    if (!closed.contains(std::string(pair.call))) continue;
    ++(pair.published ? facts.flaws.published_pairs : facts.flaws.derived_pairs);
    cves.insert(pair.cve);
  }
  facts.flaws.cves = cves.size();
}

// The programs that were seen to make an ordinary clone3, which the profile answers ENOSYS so that libcs take
// clone.
std::set<std::string> ReplacedClone3(const Facts& before) {
  std::set<std::string> programs;
  if (!before.profile || before.profile->verification.by_fallback == 0) return programs;
  for (const auto& [subject, calls] : before.evidence.subjects) {
    for (const auto& [key, observation] : calls) {
      const bool ordinary = key.clone_flags == evidence::CloneFlags::kOrdinary;
      if (IsWorkload(subject) && ordinary && SyscallName(key.abi, key.number) == "clone3")
        programs.insert(subject.executable);
    }
  }
  return programs;
}

AfterFacts CompareAfter(const Facts& before, const Evidence& evidence) {
  AfterFacts after;
  after.complete = evidence.complete();
  after.refusals_watched = !evidence.recordings.empty();
  for (const auto& [id, recording] : evidence.recordings) {
    after.refusals_watched &= recording.refusals_watched;
    after.epochs += recording.epochs;
  }
  after.under_filter = !CallsWhere(evidence, [](const auto& key) { return key.under_filter; }).empty();
  after.without_filter = CallsWhere(evidence, [](const auto& key) { return !key.under_filter; });
  const CallSet made = MadeCalls(evidence);
  for (const auto& call : before.made) {
    if (made.contains(call)) {
      ++after.made_again;
    } else {
      after.not_made.insert(call);
    }
  }
  std::ranges::set_difference(made, before.made, std::inserter(after.new_calls, after.new_calls.end()));
  const auto replaced = ReplacedClone3(before);
  for (const auto& [subject, calls] : evidence.subjects) {
    if (!IsWorkload(subject)) continue;
    for (const auto& [key, observation] : calls) {
      if (!Refused(key.fate)) continue;
      if (replaced.contains(subject.executable) && SyscallName(key.abi, key.number) == "clone3") {
        after.clone3_replaced = true;
      } else {
        after.refused[subject.executable].emplace(key.abi, key.number);
      }
    }
  }
  return after;
}

}  // namespace

Result<Facts> CollectFacts(Input input) {
  Facts facts;
  facts.evidence = std::move(input.evidence);
  facts.target = std::move(input.target);
  facts.profile_file = std::move(input.profile_file);
  Describe(facts);
  CountCalls(facts);
  if (facts.made.empty()) {
    return Fail(ErrorCode::kBadInput,
                "the evidence holds no calls of a workload: record while it runs (whittle record)");
  }
  ListPrograms(facts);
  EstimateMissing(facts);
  TRY(ResolveDefault(facts));
  if (input.profile) TRY(ResolveProfile(facts, *input.profile, input.runtime));
  ListClosed(facts);
  if (input.after) facts.after = CompareAfter(facts, *input.after);
  facts.attacks = std::move(input.attacks);
  return facts;
}

}  // namespace whittle::report

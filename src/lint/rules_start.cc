// A container's start: what the runtime calls under the filter, and what programs do before their own first
// step.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <set>

#include "base/text.h"
#include "lint/rules.h"
#include "lint/runtime_calls.h"
#include "optimize/baseline.h"
#include "optimize/drift.h"
#include "syscalls/facts.h"
#include "syscalls/purpose.h"
#include "syscalls/table.h"

namespace whittle::lint {
namespace {

using profile::Document;
using profile::Runtime;

// What nobody left out counts as needed if it was seen at all.
bool IsNeeded(const optimize::BaselineRow& row) {
  return row.need == optimize::Need::kNeeded || (row.need == optimize::Need::kUnknown && row.seen > 0);
}

// What a runtime needs for a start, and a place's filter does not simply let pass.
struct Needs {
  std::vector<std::string> refused, unsure;  // the second: for arguments that may be the runtime's own
  bool Met() const { return refused.empty() && unsure.empty(); }
};

Needs NeedsAt(const Place& place, const optimize::Baseline& baseline) {
  std::set<std::string> refused, unsure;
  const auto siblings = SiblingAbis(place.target.arch);
  for (const auto& row : baseline.rows) {
    if (row.phase != "start" || !IsNeeded(row)) continue;
    // What was measured on another machine is asked about by name.
    const bool here = std::ranges::find(siblings, row.abi) != siblings.end();
    const Abi abi = here ? row.abi : place.target.arch;
    if (!SyscallNumber(abi, row.call)) continue;
    const auto passes = RuntimesCallPasses(place, abi, row.call);
    if (passes == Passes::kNever) refused.insert(row.call);
    if (passes == Passes::kSometimes) unsure.insert(row.call);
  }
  return {{refused.begin(), refused.end()}, {unsure.begin(), unsure.end()}};
}

// With no_new_privs the runtime loads the filter last, and calls less under it.
bool StartsWithNoNewPrivs(const Place& place) {
  profile::Target target = place.target;
  target.no_new_privs = true;
  return !place.target.no_new_privs && NeedsAt(place, optimize::BaselineFor(target)).Met();
}

// Places of one runtime that lack the same are told of together.
struct Lack {
  std::string needing;  // "runc 1.1.5"
  std::vector<std::string> calls;
  bool starts_with_no_new_privs;
  std::vector<const Place*> places;
};

void AddTo(std::vector<Lack>& lacks, Lack lack) {
  const auto known = std::ranges::find_if(lacks, [&](const Lack& old) {
    return old.needing == lack.needing && old.calls == lack.calls &&
           old.starts_with_no_new_privs == lack.starts_with_no_new_privs;
  });
  if (known == lacks.end())
    lacks.push_back(std::move(lack));
  else
    known->places.push_back(lack.places.front());
}

// Who starts a container with the profile, who does not, and of whom that is not known.
struct Starts {
  std::vector<Lack> lacking, unsure;
  std::vector<const Place*> starting;
};

Starts StartsOf(const Subject& subject) {
  Starts starts;
  for (const auto& place : subject.places()) {
    if (!place.filtered() || !place.meaning.oversized.empty()) continue;
    const auto baseline = optimize::BaselineFor(place.target);
    if (baseline.rows.empty()) continue;
    auto [refused, unsure] = NeedsAt(place, baseline);
    if (!refused.empty())
      AddTo(starts.lacking, {baseline.measured, std::move(refused), StartsWithNoNewPrivs(place), {&place}});
    else if (!unsure.empty())
      AddTo(starts.unsure, {baseline.measured, std::move(unsure), StartsWithNoNewPrivs(place), {&place}});
    else
      starts.starting.push_back(&place);
  }
  return starts;
}

constexpr std::string_view kNoNewPrivs = "allowPrivilegeEscalation: false, --security-opt no-new-privileges";

std::string OutcomeText(const Lack& lack, const Starts& starts) {
  const std::string unless =
      lack.starts_with_no_new_privs ? fmt::format(" unless it has no_new_privs ({})", kNoNewPrivs) : "";
  if (!starts.starting.empty())
    return fmt::format("no container starts there ({}){}; one does under {}", PlaceNames(lack.places), unless,
                       PlaceNames(starts.starting));
  const bool elsewhere_may_start =
      !starts.unsure.empty() || std::ranges::any_of(starts.lacking, &Lack::starts_with_no_new_privs);
  if (elsewhere_may_start && !lack.starts_with_no_new_privs)
    return fmt::format("no container starts there ({})", PlaceNames(lack.places));
  return fmt::format("no container starts{}, and nothing in its logs says why", unless);
}

// What runc was reported to call under the filter, by versions that were not measured.
// kubernetes-sigs/security-profiles-operator#3041, opencontainers/runc#4984.
struct ReportedNeed {
  std::string_view call;
  profile::Version since, before;
};
constexpr ReportedNeed kReportedOfRunc[] = {
    {"openat2", {1, 2, 8}, {1, 3, 0}},
    {"openat2", {1, 3, 3}, {999, 0, 0}},
    {"statx", {1, 2, 8}, {1, 3, 0}},
    {"statx", {1, 3, 3}, {999, 0, 0}},
};

// Of the calls, with blanks between, that the place's native ABI has, none is ever let pass.
bool NonePasses(const Place& place, std::string_view calls) {
  bool exists = false;
  for (const auto call : Split(calls, ' ')) {
    if (!SyscallNumber(place.target.arch, call)) continue;
    exists = true;
    if (PassesAt(place, place.target.arch, call) != Passes::kNever) return false;
  }
  return exists;
}

// The calls by which programs end, if they are refused: with an error libcs try the second one, a kill leaves
// them no time to. A supervisor may let them pass.
std::optional<std::string_view> RefusedEnd(const Place& place) {
  const auto action = RefusalAt(place, place.target.arch, "exit_group").action;
  if (!NonePasses(place, "exit_group") || action == profile::Action::kNotify) return std::nullopt;
  if (Kills(action)) return "exit_group";
  return NonePasses(place, "exit") ? std::optional("exit or exit_group") : std::nullopt;
}

// "brk or mmap" of "brk mmap": those that the ABI has.
std::string EitherText(Abi abi, std::string_view calls) {
  std::vector<std::string> there;
  for (const auto call : Split(calls, ' ')) {
    if (SyscallNumber(abi, call)) there.emplace_back(call);
  }
  return Join(there, " or ");
}

}  // namespace

void CheckBaselineNotCovered(const Subject& subject, Sink& sink) {
  const Starts starts = StartsOf(subject);
  const auto allow = [](const Lack& lack, std::string_view what) {
    return fmt::format("allow these{}, or make the profile with 'whittle generate --runtime {}'", what,
                       RuntimeName(lack.places.front()->target.runtime));
  };
  for (const auto& lack : starts.lacking) {
    const bool somebody_starts = !starts.starting.empty() || !starts.unsure.empty();
    sink.Add(somebody_starts ? Severity::kWarning : Severity::kError, "/syscalls",
             fmt::format("{} itself needs {} after it has loaded the filter: {}", lack.needing,
                         Listed(lack.calls, 30), OutcomeText(lack, starts)),
             allow(lack, lack.starts_with_no_new_privs ? ", set no_new_privs (and say --no-new-privs here)" : ""));
  }
  for (const auto& lack : starts.unsure)
    sink.Add(Severity::kWarning, "/syscalls",
             fmt::format("{} itself needs {} after it has loaded the filter, and that is refused for some "
                         "arguments: if these are its own no container starts ({}){}",
                         lack.needing, Listed(lack.calls, 30), PlaceNames(lack.places),
                         lack.starts_with_no_new_privs ? ", unless it has no_new_privs" : ""),
             allow(lack, " for all arguments, or try a start"));
}

void CheckProgramStart(const Subject& subject, Sink& sink) {
  std::set<std::string> every, dynamic, killed, ending;
  for (const auto& place : subject.places()) {
    if (!place.filtered() || !place.meaning.oversized.empty()) continue;
    for (const auto& need : StartNeeds()) {
      auto& lacking = need.programs == "every" ? every : dynamic;
      if (NonePasses(place, need.calls))
        lacking.insert(fmt::format("{} ({})", EitherText(place.target.arch, need.calls), need.step));
    }
    const Abi abi = place.target.arch;
    if (const auto refused = RefusedEnd(place)) ending.emplace(*refused);
    for (const auto& row : Equivalents()) {
      if (row.call.empty() && AbisInclude(row.abis, abi) && NonePasses(place, row.also) &&
          Kills(RefusalAt(place, abi, row.also).action))
        killed.emplace(row.also);
    }
  }
  // What was made of evidence has what its programs need.
  const Document& document = *subject.document();
  const bool made = optimize::MadeForOf(document) || optimize::MadeForWhittle(document);
  const auto tell = [&](Severity severity, const std::set<std::string>& calls, std::string_view what) {
    if (!calls.empty())
      sink.Add(severity, "/syscalls", fmt::format("{}: {}", what, Listed({calls.begin(), calls.end()})),
               "allow these");
  };
  tell(Severity::kWarning, every, "no program starts without what is refused");
  if (made) return;
  tell(Severity::kInfo, dynamic, "no dynamically linked program starts without what is refused");
  tell(Severity::kWarning, killed, "programs of current glibc call at their start what ends them here");
  tell(Severity::kWarning, ending,
       "every program that comes to its end dies by a signal, since how it ends is refused");
}

void CheckNewerRuntimeNeeds(const Subject& subject, Sink& sink) {
  std::map<std::string, std::set<std::string>> refused;  // by the runtime: the calls
  for (const auto& place : subject.places()) {
    if (!place.filtered() || place.target.runtime != Runtime::kRunc) continue;
    for (const auto& need : kReportedOfRunc) {
      const bool makes_it =
          need.since <= place.target.runtime_version && place.target.runtime_version < need.before;
      if (!makes_it || PassesAt(place, place.target.arch, need.call) != Passes::kNever) continue;
      const auto refusal = RefusalAt(place, place.target.arch, need.call);
      if (refusal.action == profile::Action::kErrno && refusal.data == ENOSYS) continue;
      refused["runc " + place.target.runtime_version.Text()].emplace(need.call);
    }
  }
  for (const auto& [runtime, calls] : refused)
    sink.Add(
        Severity::kWarning, "/syscalls",
        fmt::format("{} was reported to need {} at a container's start, and to go on without on ENOSYS only "
                    "(since the security updates 1.2.8 and 1.3.3; not measured)",
                    runtime, Listed({calls.begin(), calls.end()})),
        "allow these, or let the default answer ENOSYS");
}

}  // namespace whittle::lint

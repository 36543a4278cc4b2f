// Places: who refuses the document, reads another one out of it, or does not start with it.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>

#include "base/text.h"
#include "filter/library_size.h"
#include "filter/too_large.h"
#include "lint/rules.h"
#include "optimize/baseline.h"
#include "optimize/drift.h"
#include "profile/library_names.h"
#include "profile/selector_names.h"
#include "syscalls/facts.h"
#include "syscalls/purpose.h"
#include "syscalls/table.h"

namespace whittle::lint {
namespace {

using filter::Compiled;
using filter::Quirk;
using profile::Document;
using profile::Loader;
using profile::Rule;
using profile::Runtime;

bool UsedBy(const Subject& subject, auto&& wanted) {
  bool used = false;
  subject.ForEachPlace([&](const Place& place) { used = used || wanted(place.target.loader); });
  return used;
}
bool ReadsDockerFormat(Loader loader) { return loader != Loader::kOci; }
bool ReadsPlainOci(Loader loader) { return loader == Loader::kOci; }

// Where the places' filters differ in a call of an ABI.
struct Answer {
  std::vector<std::pair<std::vector<profile::Condition>, uint32_t>> rules;
  uint32_t otherwise = 0;
  bool operator==(const Answer&) const = default;
};

Answer AnswerOf(const Place& place, Abi abi, uint32_t number) {
  const auto resolution = filter::Resolve(place.meaning, abi, number);
  Answer answer{{}, filter::ReturnOf(resolution.decision)};
  if (resolution.rules == nullptr) return answer;
  for (const auto& rule : *resolution.rules)
    answer.rules.emplace_back(rule.conditions, profile::ReturnValue(rule.action, rule.data));
  return answer;
}

std::string AnswerText(const Answer& answer) {
  const uint32_t value = answer.rules.empty() ? answer.otherwise : answer.rules.front().second;
  const auto text = profile::VerdictText(profile::ActionOf(value), static_cast<uint16_t>(value));
  const bool depends = !answer.rules.empty() && !answer.rules.front().first.empty();
  return depends ? text + " for some arguments" : text;
}

// The calls of the native ABI to which the two places answer otherwise, and the first one's answers.
std::vector<std::string> DifferentCalls(const Place& a, const Place& b) {
  std::vector<std::string> calls;
  for (const auto name : AllSyscallNames()) {
    const auto number = SyscallNumber(a.target.arch, name);
    if (!number) continue;
    const Answer of_a = AnswerOf(a, a.target.arch, *number), of_b = AnswerOf(b, a.target.arch, *number);
    if (of_a != of_b) calls.push_back(fmt::format("{}: {} and {}", name, AnswerText(of_a), AnswerText(of_b)));
  }
  return calls;
}

bool SameButLoader(const Place& a, const Place& b) {
  return a.target.runtime == b.target.runtime && a.target.runtime_version == b.target.runtime_version &&
         a.target.libseccomp == b.target.libseccomp && a.target.loader != b.target.loader;
}

bool HasLegacyName(const Rule& rule) { return !rule.legacy_name.empty(); }

// What nobody left out counts as needed if it was seen at all.
bool IsNeeded(const optimize::BaselineRow& row) {
  return row.need == optimize::Need::kNeeded || (row.need == optimize::Need::kUnknown && row.seen > 0);
}

// The calls that the runtime needs for a start and the place's filter refuses, at least with some arguments.
std::vector<std::string> RefusedNeeds(const Place& place, const optimize::Baseline& baseline) {
  std::set<std::string> refused;
  const auto siblings = SiblingAbis(place.target.arch);
  for (const auto& row : baseline.rows) {
    if (row.phase != "start" || !IsNeeded(row)) continue;
    // What was measured on another machine is asked about by name.
    const bool here = std::ranges::find(siblings, row.abi) != siblings.end();
    const Abi abi = here ? row.abi : place.target.arch;
    if (SyscallNumber(abi, row.call) && PassesAt(place, abi, row.call) != Passes::kAlways)
      refused.insert(row.call);
  }
  return {refused.begin(), refused.end()};
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

// "brk or mmap" of "brk mmap".
std::string EitherText(std::string_view calls) {
  std::string text(calls);
  for (size_t at = text.find(' '); at != text.npos; at = text.find(' ', at + 4)) text.replace(at, 1, " or ");
  return text;
}

}  // namespace

void CheckExclusiveFields(const Subject& subject, Sink& sink) {
  if (!UsedBy(subject, ReadsDockerFormat)) return;
  const Document& document = *subject.document();
  constexpr std::string_view kWhat =
      "'{}' and '{}' exclude each other: docker and podman refuse the profile, a plain OCI loader reads '{}' "
      "only";
  if (!document.architectures.empty() && !document.arch_map.empty())
    sink.Add(Severity::kError, "/archMap", fmt::format(kWhat, "architectures", "archMap", "architectures"),
             "keep architectures");
  for (size_t i = 0; i < document.rules.size(); ++i) {
    if (HasLegacyName(document.rules[i]) && !document.rules[i].names.empty())
      sink.Add(Severity::kError, At(i, "name"), fmt::format(kWhat, "names", "name", "names"), "keep names");
  }
}

void CheckLegacyNameField(const Subject& subject, Sink& sink) {
  if (!UsedBy(subject, ReadsPlainOci)) return;
  const auto& rules = subject.document()->rules;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (!HasLegacyName(rules[i]) || !rules[i].names.empty()) continue;
    sink.Add(Severity::kError, At(i, "name"),
             "'name' is Docker's old member: as a Localhost profile the entry has no names, so it does "
             "nothing, and crun "
             "refuses the profile",
             fmt::format(R"("names": ["{}"])", json::Quotable(rules[i].legacy_name)));
  }
}

void CheckDockerExtensionsIgnored(const Subject& subject, Sink& sink) {
  if (!UsedBy(subject, ReadsPlainOci) || !subject.has_docker_members()) return;
  std::set<std::string> ignored;
  subject.ForEachPlace([&](const Place& place) {
    for (const auto& note : place.meaning.notes) {
      if (note.quirk == Quirk::kIgnoredMember &&
          (note.what == "archMap" || note.what == "includes" || note.what == "excludes"))
        ignored.insert(note.what);
    }
  });
  if (ignored.empty()) return;
  std::vector<std::string> losses;
  if (ignored.contains("includes") || ignored.contains("excludes"))
    losses.emplace_back("every conditional entry holds for everybody");
  if (ignored.contains("archMap"))
    losses.emplace_back("only the native ABI is filtered, and others are killed");
  sink.Add(Severity::kError, "/",
           fmt::format("{} {} not part of the OCI document: as a Localhost profile {}",
                       Listed({ignored.begin(), ignored.end()}), ignored.size() == 1 ? "is" : "are",
                       Join(losses, ", and ")),
           "'whittle resolve' makes it flat for a machine; if only docker or podman reads it, say so with "
           "--loader");
}

void CheckNotTaken(const Subject& subject, Sink& sink) {
  std::map<std::string, std::map<std::string, std::vector<const Place*>>>
      refusing;  // by pointer, then by why
  size_t taking = 0;
  subject.ForEachPlace([&](const Place& place) {
    if (place.meaning.state != Compiled::State::kRefused) {
      ++taking;
      return;
    }
    const Located located = ParseLocated(place.meaning.where + ": " + place.meaning.why);
    refusing[located.pointer][located.message].push_back(&place);
  });
  for (const auto& [pointer, reasons] : refusing) {
    std::vector<std::string> texts;
    for (const auto& [why, places] : reasons)
      texts.push_back(fmt::format("{} ({})", why, PlaceNames(places)));
    sink.Add(taking == 0 ? Severity::kError : Severity::kWarning, pointer,
             fmt::format("{} refused: {}", taking == 0 ? "everywhere" : "in places", Join(texts, "; ")));
  }
}

void CheckLoadersDiffer(const Subject& subject, Sink& sink) {
  // What loaders ignore is told of already.
  const Document& document = *subject.document();
  if (subject.has_docker_members() || std::ranges::any_of(document.rules, HasLegacyName)) return;
  const auto& places = subject.places();
  for (size_t a = 0; a < places.size(); ++a) {
    for (size_t b = a + 1; b < places.size(); ++b) {
      if (!places[a].filtered() || !places[b].filtered() || !SameButLoader(places[a], places[b])) continue;
      const auto calls = DifferentCalls(places[a], places[b]);
      if (calls.empty()) continue;
      sink.Add(Severity::kWarning, "/",
               fmt::format("means one thing under {} and another under {}: {}", PlaceName(places[a].target),
                           PlaceName(places[b].target), Listed(calls, 3)),
               "'whittle diff' with --loader and --b-loader tells all of it");
      return;
    }
  }
}

void CheckOldDockerIgnores(const Subject& subject, Sink& sink) {
  constexpr std::pair<std::string_view, std::string_view> kMembers[] = {
      {"defaultErrnoRet", "unlisted calls get EPERM there"},
      {"flags", "the filter is loaded without them"},
      {"listenerPath", "nobody is asked"}};
  for (const auto& [member, loss] : kMembers) {
    std::vector<const Place*> places;
    for (const auto& place : subject.places()) {
      if (place.Ignores(member)) places.push_back(&place);
    }
    if (places.empty()) continue;
    sink.Add(Severity::kInfo, fmt::format("/{}", member),
             fmt::format("docker before 23.0 ignores {}: {} ({})", member, loss, PlaceNames(places)));
  }
}

void CheckFilterTooLarge(const Subject& subject, Sink& sink) {
  for (const auto& place : subject.places()) {
    if (!place.filtered()) continue;
    const bool oversized = !place.meaning.oversized.empty();
    if (!filter::TooLargeFor(place.meaning, *subject.document(), place.target)) continue;
    const auto largest = filter::LargestPart(*subject.document());
    std::string pointer = largest.place.rule < 0 ? "/syscalls" : At(static_cast<size_t>(largest.place.rule));
    if (!largest.place.member.empty()) pointer += json::PointerStep(largest.place.member);
    const std::string size =
        oversized ? place.meaning.oversized
                  : fmt::format("about {} instructions", filter::EstimateLibraryInstructions(place.meaning));
    sink.Add(
        Severity::kError, std::move(pointer),
        fmt::format(
            "too large a filter under {}: {}, and the kernel takes {} instructions: the container does not "
            "start, with a bare 'invalid argument'",
            PlaceName(place.target), size, filter::kMaxInstructions),
        largest.advice);
    return;
  }
}

void CheckBaselineNotCovered(const Subject& subject, Sink& sink) {
  // Places of one runtime that lack the same are told of together.
  struct Lack {
    std::string needing;
    std::vector<std::string> calls;
    std::vector<const Place*> places;
  };
  std::vector<Lack> lacks;
  std::vector<const Place*> starting;
  for (const auto& place : subject.places()) {
    if (!place.filtered() || !place.meaning.oversized.empty()) continue;
    const auto baseline = optimize::BaselineFor(place.target);
    if (baseline.rows.empty()) continue;
    auto refused = RefusedNeeds(place, baseline);
    if (refused.empty()) {
      starting.push_back(&place);
      continue;
    }
    const auto same = [&](const Lack& lack) {
      return lack.needing == baseline.measured && lack.calls == refused;
    };
    const auto known = std::ranges::find_if(lacks, same);
    if (known == lacks.end())
      lacks.push_back({baseline.measured, std::move(refused), {&place}});
    else
      known->places.push_back(&place);
  }
  for (const auto& [needing, calls, places] : lacks) {
    const std::string outcome = starting.empty()
                                    ? "no container starts, and nothing in its logs says why"
                                    : fmt::format("no container starts there ({}); one does under {}",
                                                  PlaceNames(places), PlaceNames(starting));
    sink.Add(starting.empty() ? Severity::kError : Severity::kWarning, "/syscalls",
             fmt::format("{} itself needs {} after it has loaded the filter: {}", needing, Listed(calls, 30),
                         outcome),
             fmt::format("allow these, or make the profile with 'whittle generate --runtime {}'",
                         RuntimeName(places.front()->target.runtime)));
  }
}

void CheckProgramStart(const Subject& subject, Sink& sink) {
  std::set<std::string> every, dynamic, killed;
  for (const auto& place : subject.places()) {
    if (!place.filtered() || !place.meaning.oversized.empty()) continue;
    for (const auto& need : StartNeeds()) {
      auto& lacking = need.programs == "every" ? every : dynamic;
      if (NonePasses(place, need.calls))
        lacking.insert(fmt::format("{} ({})", EitherText(need.calls), need.step));
    }
    for (const auto& row : Equivalents()) {
      const Abi abi = place.target.arch;
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

void CheckArtifactLimits(const Subject& subject, Sink& sink) {
  constexpr size_t kMostBytes = size_t{1} << 20;
  constexpr size_t kMostEntries = 128;
  if (!UsedBy(subject, ReadsPlainOci)) return;
  const auto tell = [&](std::string pointer, const std::string& what) {
    sink.Add(Severity::kInfo, std::move(pointer),
             fmt::format("{}: Kubernetes would refuse it as an OCI artifact (KEP-6061)", what));
  };
  if (subject.text().size() > kMostBytes)
    tell("/", fmt::format("{} bytes, the limit is {}", subject.text().size(), kMostBytes));
  for (const auto& [name, facts] : subject.names()) {
    if (facts.mentions.size() > kMostEntries)
      tell(At(facts.mentions[kMostEntries]),
           fmt::format("'{}' in {} entries, the limit is {}", json::Quotable(name), facts.mentions.size(),
                       kMostEntries));
  }
  const auto& rules = subject.document()->rules;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].action == profile::Action::kNotify) tell(At(i, "action"), "SCMP_ACT_NOTIFY");
  }
}

void CheckUnknownSelector(const Subject& subject, Sink& sink) {
  const auto unknown = profile::FindUnknownSelectors(*subject.document(), Sink::kMost);
  for (const auto& [rule, place, message] : unknown.found)
    sink.Add(
        Severity::kWarning, At(rule, place), message,
        "machines are called as libseccomp does (amd64, arm64, ppc64le, s390x, riscv64), capabilities in "
        "full (CAP_SYS_ADMIN)");
  sink.AddUntold(Severity::kWarning, unknown.count - unknown.found.size());
}

}  // namespace whittle::lint

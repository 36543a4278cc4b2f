// Places: who refuses the document, or reads another one out of it.
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "filter/library_size.h"
#include "filter/too_large.h"
#include "lint/rules.h"
#include "profile/library_names.h"
#include "profile/selector_names.h"
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
  const bool never_otherwise = !answer.rules.empty() && answer.rules.front().first.empty();
  if (never_otherwise) answer.otherwise = 0;
  return answer;
}

std::string VerdictOf(uint32_t value) {
  return profile::VerdictText(profile::ActionOf(value), static_cast<uint16_t>(value));
}

std::string AnswerText(const Answer& answer) {
  if (answer.rules.empty()) return VerdictOf(answer.otherwise);
  const auto& [conditions, value] = answer.rules.front();
  return VerdictOf(value) + (conditions.empty() ? "" : " for some arguments");
}

// "ERRNO(38) and ERRNO(1)", of answers that differ.
std::string BothTexts(const Answer& a, const Answer& b) {
  if (a.rules != b.rules) return fmt::format("{} and {}", AnswerText(a), AnswerText(b));
  return fmt::format("{} and {}{}", VerdictOf(a.otherwise), VerdictOf(b.otherwise),
                     a.rules.empty() ? "" : " for other arguments");
}

// The calls of the native ABI to which the two places answer otherwise, and both answers. Those that no rule
// names stand together if they get the same.
std::vector<std::string> DifferentCalls(const Place& a, const Place& b) {
  std::vector<std::string> calls, unnamed;
  std::set<std::string> answers;  // to those that no rule names
  bool all = true;
  for (const auto name : AllSyscallNames()) {
    const auto number = SyscallNumber(a.target.arch, name);
    if (!number) continue;
    const Answer of_a = AnswerOf(a, a.target.arch, *number), of_b = AnswerOf(b, a.target.arch, *number);
    const bool is_unnamed = of_a.rules.empty() && of_b.rules.empty();
    if (of_a == of_b) {
      all = all && !is_unnamed;
      continue;
    }
    const auto text = BothTexts(of_a, of_b);
    if (is_unnamed) answers.insert(text);
    (is_unnamed ? unnamed : calls).push_back(fmt::format("{}: {}", name, text));
  }
  if (answers.size() == 1 && unnamed.size() > 1) {
    unnamed = {all ? fmt::format("every call that no rule names: {}", *answers.begin())
                   : fmt::format("{} calls that no rule names: {}", unnamed.size(), *answers.begin())};
  }
  calls.insert(calls.begin(), unnamed.begin(), unnamed.end());
  return calls;
}

bool SameButLoader(const Place& a, const Place& b) {
  return a.target.runtime == b.target.runtime && a.target.runtime_version == b.target.runtime_version &&
         a.target.libseccomp == b.target.libseccomp && a.target.loader != b.target.loader;
}

bool HasLegacyName(const Rule& rule) { return !rule.legacy_name.empty(); }

// What docker before 23.0 passes over, and what that comes to.
constexpr std::pair<std::string_view, std::string_view> kOldDockerIgnores[] = {
    {"defaultErrnoRet", "unlisted calls get EPERM there"},
    {"flags", "the filter is loaded without them"},
    {"listenerPath", "nobody is asked"}};

bool IgnoresAsOldDocker(const Place& place) {
  return std::ranges::any_of(kOldDockerIgnores, [&](const auto& row) { return place.Ignores(row.first); });
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
             "'name' is Docker's old member: as a Localhost profile under containerd the entry has no names, "
             "so it does nothing, and crun refuses the profile",
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
           fmt::format("{} {} not part of the OCI document: as a Localhost profile under containerd {}",
                       Listed({ignored.begin(), ignored.end()}), ignored.size() == 1 ? "is" : "are",
                       Join(losses, ", and ")),
           "'whittle resolve' makes it flat for a machine; if only docker, podman or CRI-O reads it, say so "
           "with --loader (CRI-O's is podman)");
}

void CheckNotTaken(const Subject& subject, Sink& sink) {
  std::map<std::string, std::map<std::string, std::vector<const Place*>>>
      refusing;  // by pointer, then by why
  std::vector<const Place*> ignoring;
  size_t taking = 0;
  subject.ForEachPlace([&](const Place& place) {
    if (place.meaning.state != Compiled::State::kRefused) {
      if (IgnoresAsOldDocker(place))
        ignoring.push_back(&place);
      else
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
    const bool its_own_machine = pointer == "/architectures" && subject.for_unknown_machine();
    const std::string where =
        its_own_machine ? "for a machine that is not known here, and by others"
        : taking > 0    ? "in places"
        : ignoring.empty()
            ? "everywhere"
            : fmt::format("everywhere but where members are passed over ({})", PlaceNames(ignoring));
    sink.Add(taking == 0 && !its_own_machine ? Severity::kError : Severity::kWarning, pointer,
             fmt::format("{} refused: {}", where, Join(texts, "; ")));
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
  for (const auto& [member, loss] : kOldDockerIgnores) {
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

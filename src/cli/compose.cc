#include "cli/compose.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/document_kind.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/difference_text.h"
#include "cli/filter_source.h"
#include "cli/verb.h"
#include "profile/catalogue.h"

namespace whittle::cli {
namespace {

using algebra::Composed;
using algebra::Operation;

constexpr size_t kShown = 40;                 // deviations; --json has all
constexpr size_t kLargestProfile = 16 << 20;  // what profiles may have: larger files are something else

struct Words {
  std::string_view done;    // what was made
  std::string_view answer;  // what each call gets
};

const Words& WordsOf(Operation operation) {
  static constexpr Words kWords[] = {
      {"union", "the more permissive of their answers"},
      {"intersection", "the stricter of their answers"},
      {"difference", "the first one's answer, but where both let it pass"},
  };
  return kWords[static_cast<size_t>(operation)];
}

void PrintDeviations(const Composed& composed) {
  const size_t shown = std::min(composed.deviations.size(), kShown);
  for (size_t i = 0; i < shown; ++i) {
    const auto& difference = composed.deviations[i].difference;
    const std::string host = composed.targets.size() > 1
                                 ? fmt::format("\ton {}", AbiName(composed.deviations[i].native))
                                 : std::string();
    fmt::print(stderr, "{}\t{}{}\n", difference.change == prove::Change::kLooser ? "wider" : "tighter",
               DifferenceText(difference), host);
  }
  if (shown < composed.deviations.size())
    fmt::print(stderr, "... and {} more (--json has all)\n", composed.deviations.size() - shown);
}

std::string_view OffText(const Composed& composed) {
  const auto is = [](prove::Change change) {
    return [change](const auto& deviation) { return deviation.difference.change == change; };
  };
  const bool wider = std::ranges::any_of(composed.deviations, is(prove::Change::kLooser));
  const bool tighter = std::ranges::any_of(composed.deviations, is(prove::Change::kTighter));
  return wider && tighter ? "wider and tighter" : wider ? "wider" : "tighter";
}

void PrintSummary(Operation operation, size_t profiles, const Composed& composed) {
  const Words& words = WordsOf(operation);
  PrintDeviations(composed);
  for (const auto& note : composed.notes) fmt::print(stderr, "note: {}\n", note);
  if (composed.deviations.empty()) {
    fmt::print(
        stderr,
        "proven: the {} of {} profiles: every call gets {} (but errnos of defaults, see docs/prove.md)\n",
        words.done, profiles, words.answer);
  } else {
    fmt::print(stderr,
               "proven: the {} of {} profiles, {} in what is listed above (no document was found that says "
               "it exactly)\n",
               words.done, profiles, OffText(composed));
  }
}

void PrintReport(const ComposeFlags& flags, Operation operation, const Composed& composed) {
  std::vector<json::Value> deviations, notes(composed.notes.begin(), composed.notes.end()), targets;
  for (const auto& deviation : composed.deviations) {
    auto value = DifferenceJson(deviation.difference);
    value.Set("host", AbiName(deviation.native));
    deviations.push_back(std::move(value));
  }
  for (const auto& target : composed.targets) targets.emplace_back(target.Text());
  json::Value value = json::Object();
  value.Set("operation", WordsOf(operation).done);
  value.Set("profiles", json::Array({flags.profiles.begin(), flags.profiles.end()}));
  value.Set("targets", json::Array(std::move(targets)));
  value.Set("exact", composed.deviations.empty());
  value.Set("deviations", json::Array(std::move(deviations)));
  value.Set("notes", json::Array(std::move(notes)));
  fmt::print("{}", json::Write(value));
}

}  // namespace

void AddComposeFlags(Flags flags, ComposeFlags& compose) {
  flags.Switch("--exact", compose.exact,
               "profiles: write nothing, and exit 1, where no document is found that says it exactly");
  AddTargetFlags(flags, compose.target);
}

bool AreProfiles(const std::vector<std::string>& files) {
  for (const auto& file : files) {
    if (file == "-") continue;
    if (!profile::IsProfileFile(file)) return profile::CatalogueText(file).has_value();
    const auto text = ReadFile(file);
    if (!text || text->size() > kLargestProfile) return false;
    const auto root = json::Parse(*text, file);
    return root && KindOfDocument(*root) == DocumentKind::kProfile;
  }
  return false;
}

Result<int> RunCompose(Operation operation, const ComposeFlags& flags) {
  const bool to_file = !flags.output.empty() && flags.output != "-";
  if (flags.json && !to_file)
    return Fail(ErrorCode::kUsage, "say where the profile goes (-o FILE): standard output has the report");
  if (flags.profiles.size() < 2) return Fail(ErrorCode::kUsage, "at least two profiles are needed");
  std::vector<profile::Document> parts;
  for (const auto& name : flags.profiles)
    parts.push_back(TRY(profile::ReadProfile(name, profile::Reading::kAsRuntimes)));
  const auto chosen = TRY(ChooseTarget(flags.target));
  for (const auto& part : parts) WarnOfOtherVersion(part, chosen.target);
  const auto composed = TRY(algebra::Compose(operation, parts, chosen.target));
  for (const auto& target : composed.targets)
    fmt::print(stderr, "target: {} ({})\n", target.Text(), Printable(chosen.why));
  const bool good = !flags.exact || composed.deviations.empty();
  if (good) TRY(WriteFile(to_file ? flags.output : "-", profile::Write(composed.document)));
  PrintSummary(operation, parts.size(), composed);
  if (flags.json) PrintReport(flags, operation, composed);
  return good ? kYes : kNo;
}

}  // namespace whittle::cli

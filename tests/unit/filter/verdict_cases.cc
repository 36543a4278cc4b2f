#include "verdict_cases.h"

#include <fmt/core.h>

#include "base/file.h"
#include "base/text.h"

namespace whittle::filter::testing {
namespace {

using profile::Target;

std::pair<std::string, profile::Version> Named(std::string_view word, profile::Version otherwise) {
  const auto parts = Split(word, ':');
  return {std::string(parts[0]), parts.size() > 1 ? *profile::ParseVersion(parts[1]) : otherwise};
}

Target ParseTarget(std::string_view text) {
  Target target;
  const auto words = Words(text);
  const auto [loader, loader_version] = Named(words[0], target.loader_version);
  const auto [runtime, runtime_version] = Named(words[1], target.runtime_version);
  target.loader = *profile::ParseLoader(loader);
  target.loader_version = loader_version;
  target.runtime = *profile::ParseRuntime(runtime);
  target.runtime_version = runtime_version;
  for (const auto word : std::span(words).subspan(2)) {
    const auto value = word.substr(word.find('=') + 1);
    if (word.starts_with("arch=")) target.arch = *ParseAbi(value);
    if (word.starts_with("kernel=")) target.kernel = *profile::ParseVersion(value);
    if (word.starts_with("libseccomp=")) target.libseccomp = *profile::ParseVersion(value);
    if (!word.starts_with("caps=")) continue;
    for (const auto capability : Split(value, ',')) target.capabilities.emplace(capability);
  }
  return target;
}

// Reads line by line; what stands above holds for what comes below.
class Reader {
 public:
  Result<void> Take(std::string_view line, const std::string& place) {
    if (line.empty() || line.starts_with('#')) return {};
    if (line.starts_with("target: ")) {
      target_ = ParseTarget(line.substr(8));
    } else if (line.starts_with("case: ")) {
      documents_.clear();
    } else if (line.starts_with("profile: ")) {
      documents_.push_back(TRY(profile::Read(line.substr(9), place, profile::Reading::kAsRuntimes)));
    } else {
      TRY(TakeVerdict(line, place));
    }
    return {};
  }

  std::vector<VerdictCase> cases;

 private:
  Result<void> TakeVerdict(std::string_view line, const std::string& place) {
    const size_t arrow = line.find(" => ");
    if (arrow == line.npos) return Fail(ErrorCode::kBadInput, place + ": no ' => '");
    cases.push_back({fmt::format("{}: {}", place, line), target_, documents_,
                     TRY(ParseQuestion(line.substr(0, arrow), target_.arch)),
                     std::string(line.substr(arrow + 4))});
    return {};
  }

  Target target_;
  std::vector<profile::Document> documents_;
};

}  // namespace

Result<std::vector<VerdictCase>> ReadVerdictCases() {
  Reader reader;
  for (const std::string table : {"verdicts.txt", "kinds.txt"}) {
    const auto text = TRY(ReadFile(WHITTLE_SOURCE_DIR "/tests/cases/" + table));
    int number = 0;
    for (const auto line : Lines(text)) TRY(reader.Take(line, fmt::format("{}:{}", table, ++number)));
  }
  return std::move(reader.cases);
}

}  // namespace whittle::filter::testing

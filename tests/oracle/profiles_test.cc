// The oracle over what people wrote: the table of verdicts, the catalogue, small profiles of every shape.
//   WHITTLE_ORACLE_CORPUS   a folder of profiles to compare, too
//   WHITTLE_ORACLE_TARGETS  how many targets for each profile (40)
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "../unit/filter/verdict_cases.h"
#include "compare.h"
#include "run_checks.h"

namespace whittle::oracle {
namespace {

constexpr size_t kCallsOfAProfile = 1500;

std::string AnswerOf(const filter::testing::VerdictCase& line) {
  Meaning meaning(line.documents.front(), line.target);
  if (meaning.state() == State::kRefused) return "REFUSED";
  if (line.question.asks == filter::NumberedCall::Asks::kLoad) return "OK";
  if (meaning.state() == State::kUnconfined) return "UNCONFINED";
  const Answer answer = meaning.Ask(line.question.call);
  return profile::VerdictText(answer.action, answer.data);
}

TEST(Oracle, AnswersTheTableOfVerdicts) {
  const auto cases = filter::testing::ReadVerdictCases();
  ASSERT_TRUE(cases) << cases.error().message;
  for (const auto& line : *cases) {
    if (line.documents.size() != 1) continue;  // of stacked filters there is nothing to know but the stacking
    EXPECT_EQ(AnswerOf(line), line.answer) << line.place;
  }
}

std::vector<std::string> FilesIn(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::vector<std::string> RealProfiles() {
  auto files = FilesIn(WHITTLE_SOURCE_DIR "/tests/cases/profiles");
  for (const char* name : {"docker-default", "podman-default", "audit", "complain", "allow-all"})
    files.emplace_back(name);
  if (const char* corpus = std::getenv("WHITTLE_ORACLE_CORPUS")) {
    const auto more = FilesIn(corpus);
    files.insert(files.end(), more.begin(), more.end());
  }
  return files;
}

TEST(Oracle, TheCompilerGivesRealProfilesTheirMeaningForEveryTarget) {
  const uint64_t targets = FromEnvironment("WHITTLE_ORACLE_TARGETS", 40);
  Tally tally;
  for (const auto& name : RealProfiles()) {
    const auto document = profile::ReadProfile(name, profile::Reading::kAsRuntimes);
    ASSERT_TRUE(document) << document.error().message;
    size_t round = 0;
    EXPECT_TRUE(CheckMany(targets, 1, [&] {
      const auto made = *CaseOf(*document);
      const std::string difference = FirstDifference(made, kCallsOfAProfile, round++, tally);
      if (!difference.empty()) RC_FAIL(difference);
    })) << name;
  }
  EXPECT_EQ(tally.unreachable, 0u);
  std::cout << "profiles: " << Text(tally);
}

}  // namespace
}  // namespace whittle::oracle

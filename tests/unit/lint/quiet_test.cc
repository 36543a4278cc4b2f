// Where lint must be quiet: what docker and podman use themselves, and what Whittle makes.
#include <gtest/gtest.h>

#include <algorithm>

#include "evidence/evidence.h"
#include "lint/lint.h"
#include "optimize/generate.h"
#include "profile/catalogue.h"
#include "profile/document.h"

namespace whittle::lint {
namespace {

void ExpectNoError(std::string_view text, const std::string& name, const Options& options = {}) {
  for (const auto& finding : Lint(text, options)) {
    EXPECT_NE(finding.severity, Severity::kError)
        << name << ": " << finding.pointer << ": " << finding.message << " [" << finding.rule << "]";
  }
}

TEST(Quiet, OfTheCatalogue) {
  for (const auto& entry : profile::Catalogue()) {
    const auto text = profile::CatalogueText(entry.name);
    ASSERT_TRUE(text) << entry.name;
    ExpectNoError(*text, std::string(entry.name));
  }
}

// Each runtime, with its level and its answer.
std::vector<optimize::Options> Ways() {
  std::vector<optimize::Options> ways(4);
  ways[1].target.runtime = profile::Runtime::kCrun;
  ways[1].target.runtime_version = {1, 8, 1};
  ways[1].level = optimize::Level::kPortable;
  ways[2].target.runtime = profile::Runtime::kNone;
  ways[2].deny = optimize::Deny::kKill;
  ways[3].target.no_new_privs = true;
  ways[3].deny = optimize::Deny::kLog;
  return ways;
}

// As a file with another name and other white space they are the same.
TEST(Quiet, OfDockersDefaultHoweverItIsSpelled) {
  const auto document = profile::Read(*profile::CatalogueText("docker-default"), "seccomp.json");
  ASSERT_TRUE(document);
  ExpectNoError(profile::Write(*document), "a copy");
}

// Somebody else's profile in the same format may be meant as a Localhost profile, where it is dangerous.
TEST(Quiet, NotOfDockersFormatWhereNobodySaysWhoReadsIt) {
  auto document = profile::Read(*profile::CatalogueText("docker-default"), "seccomp.json");
  ASSERT_TRUE(document);
  document->rules.pop_back();
  const auto is_it = [](const Finding& finding) { return finding.rule == "docker-extensions-ignored"; };
  EXPECT_EQ(std::ranges::count_if(Lint(profile::Write(*document)), is_it), 1);
  Options docker;
  std::erase_if(docker.targets, [](const auto& target) { return target.loader != profile::Loader::kDocker; });
  docker.usual = false;
  EXPECT_EQ(std::ranges::count_if(Lint(profile::Write(*document), docker), is_it), 0);
}

TEST(Quiet, OfWhatGenerateMakes) {
  for (const std::string name : {"web", "web-gaps", "mixed", "enforced"}) {
    const auto evidence =
        evidence::ReadEvidenceFile(WHITTLE_SOURCE_DIR "/tests/golden/evidence/" + name + ".evidence.json");
    ASSERT_TRUE(evidence) << name;
    for (const auto& options : Ways()) {
      const auto generated = optimize::Generate(*evidence, options);
      ASSERT_TRUE(generated) << name << ": " << generated.error().message;
      ExpectNoError(profile::Write(generated->document), name + " for " + options.target.Text());
    }
  }
}

}  // namespace
}  // namespace whittle::lint

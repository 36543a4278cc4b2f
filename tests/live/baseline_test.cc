// The shipped baselines against this host: what is measured here is in them, and they are enough to start by.
// WHITTLE_BASELINE_STARTS: how often the proof starts a container (default 10; the release checklist asks for
// 120).
#include "container/baseline.h"

#include <fmt/core.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "container/run.h"
#include "container/target.h"
#include "container/tiny_image.h"
#include "container_harness.h"

namespace whittle::container {
namespace {

class BaselineTest : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    const auto host = TargetOfEngine(engine().info());
    ASSERT_TRUE(host) << host.error().message;
    file_ = fmt::format("{}/data/baselines/{}-{}.csv", WHITTLE_SOURCE_DIR,
                        profile::RuntimeName(host->target.runtime), host->target.runtime_version.Text());
    if (!FileExists(file_))
      GTEST_SKIP() << "SKIPPED: no baseline is shipped for this host's runtime: " << file_;
  }

  // The shipped calls of a phase; or of these only those that a start may need.
  enum class Which { kAll, kNeeded };
  std::set<std::string> Shipped(Phase phase, bool no_new_privs, Which which = Which::kAll) const {
    std::set<std::string> calls;
    const auto read = ReadFile(file_);
    EXPECT_TRUE(read);
    const std::string text = read.value_or("");
    for (const auto line : Lines(text)) {
      const auto fields = Split(line, ',');
      if (fields.size() != 10 || fields[2] != PhaseName(phase)) continue;
      if (which == Which::kNeeded && fields[9] == "0") continue;
      if (fields[3] == (no_new_privs ? "1" : "0")) calls.emplace(fields[5]);
    }
    return calls;
  }

  static std::string Profile(const std::set<std::string>& calls) {
    std::string names;
    for (const auto& call : calls) names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", call);
    return fmt::format(R"({{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"],
        "syscalls": [{{"names": [{}], "action": "SCMP_ACT_ALLOW"}}]}})",
                       names);
  }

  // How many of `starts` containers under the profile exit with 0; and, if that is asked for, were refused
  // nothing.
  enum class Refusals { kNone, kAny };
  int GoodStarts(const std::set<std::string>& calls, bool no_new_privs, int starts,
                 Refusals refusals = Refusals::kNone) {
    const std::string file = Scratch("profile.json");
    EXPECT_TRUE(WriteFile(file, Profile(calls)));
    ImageRun run;
    run.engine = EngineKind::kDocker;
    run.image = kTestImage;
    run.engine_arguments = {"--rm", "--network", "none"};
    if (no_new_privs)
      run.engine_arguments.insert(run.engine_arguments.end(), {"--security-opt", "no-new-privileges"});
    run.command = {std::string(kTinyExit)};
    run.profile_file = file;
    const auto document = profile::ReadProfile(file);
    EXPECT_TRUE(document);
    int good = 0;
    for (int i = 0; i < starts; ++i) {
      const auto outcome = RunImage(*document, run);
      EXPECT_TRUE(outcome) << outcome.error().message;
      good += outcome && outcome->exit_code == 0 && (refusals == Refusals::kAny || outcome->denials.empty())
                  ? 1
                  : 0;
    }
    return good;
  }

  static int ProofStarts() {
    const char* text = std::getenv("WHITTLE_BASELINE_STARTS");
    return text == nullptr ? 10 : std::atoi(text);
  }

 private:
  std::string file_;
};

TEST_F(BaselineTest, WhatIsMeasuredHereIsShipped) {
  BaselinePlan plan;
  plan.engine = EngineKind::kDocker;
  plan.starts = 2;
  plan.tries = 0;
  const auto baseline = MeasureBaseline(plan, [](const std::string&) {});
  ASSERT_TRUE(baseline) << baseline.error().message;
  std::set<std::string> measured;
  for (const auto& row : baseline->rows) {
    EXPECT_TRUE(Shipped(row.phase, row.no_new_privs).contains(row.call))
        << PhaseName(row.phase) << " no_new_privs " << row.no_new_privs << ": " << row.call;
    measured.insert(row.call);
  }
  EXPECT_TRUE(measured.contains("execve"));
}

TEST_F(BaselineTest, TheBaselineAndTheProgramsOwnCallAreEnoughToStart) {
  for (const bool no_new_privs : {false, true}) {
    auto calls = Shipped(Phase::kStart, no_new_privs);
    calls.insert("exit_group");
    EXPECT_EQ(GoodStarts(calls, no_new_privs, ProofStarts()), ProofStarts())
        << "no_new_privs " << no_new_privs;
  }
}

TEST_F(BaselineTest, WhatIsNeededIsEnoughToStart) {
  for (const bool no_new_privs : {false, true}) {
    auto calls = Shipped(Phase::kStart, no_new_privs, Which::kNeeded);
    EXPECT_LT(calls.size(), Shipped(Phase::kStart, no_new_privs).size());
    calls.insert("exit_group");
    EXPECT_EQ(GoodStarts(calls, no_new_privs, ProofStarts(), Refusals::kAny), ProofStarts())
        << "no_new_privs " << no_new_privs;
  }
}

TEST_F(BaselineTest, OneCallLessIsNotEnough) {
  auto calls = Shipped(Phase::kStart, false);
  calls.insert("exit_group");
  ASSERT_EQ(calls.erase("execve"), 1u);
  EXPECT_EQ(GoodStarts(calls, false, 1), 0);
}

}  // namespace
}  // namespace whittle::container

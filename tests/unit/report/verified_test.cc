// Forms of what verify found: what they must keep, whatever stands in them.
#include "report/verified.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "profile/document.h"

namespace whittle::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kProfile = R"({
  "defaultAction": "SCMP_ACT_ERRNO",
  "architectures": ["SCMP_ARCH_X86_64"],
  "syscalls": [
    {"names": ["read", "execve", "exit_group"], "action": "SCMP_ACT_ALLOW"},
    {"names": ["mount"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}
  ]
})";

// read, mount and reboot by one executable, under a profile that has them allowed, in a rule, and nowhere.
optimize::Verification Verified(const std::string& executable = "/bin/web", size_t gaps = 0) {
  profile::Target target;
  target.runtime = profile::Runtime::kNone;
  evidence::Evidence evidence;
  auto& calls = evidence.subjects[{"web", executable, evidence::Arrival::kWorkload}];
  for (const uint32_t number : {0u, 165u, 169u})
    calls[{Abi::kX86_64, number, evidence::Fate::kAllowed, false}];
  for (size_t gap = 0; gap < gaps; ++gap) evidence.gaps.insert({"r", "ring-overrun", std::to_string(gap), 1});
  return *optimize::Verify(*profile::Read(kProfile, "web.json"), target, evidence);
}

const json::Value& RunOf(const json::Value& sarif) { return sarif.Find("runs")->items.at(0); }

TEST(VerificationSarif, PointsAtWhatRefuses) {
  const auto sarif = VerificationSarif(Verified(), "web.json", "1");
  EXPECT_EQ(RunOf(sarif).Find("automationDetails")->Find("id")->text, "whittle/verify/");
  const auto& results = RunOf(sarif).Find("results")->items;
  ASSERT_EQ(results.size(), 2u);
  const auto line = [&](size_t at) {
    const auto* place = results.at(at).Find("locations")->items.at(0).Find("physicalLocation");
    return place->Find("region")->Find("startLine")->number;
  };
  EXPECT_THAT(results[0].Find("message")->Find("text")->text,
              HasSubstr("x86_64 mount of web /bin/web gets ERRNO(38)"));
  EXPECT_EQ(line(0), 6u);
  EXPECT_THAT(results[1].Find("message")->Find("text")->text, HasSubstr("reboot"));
  EXPECT_EQ(line(1), 2u);
}

TEST(VerificationSarif, AllThatFailsIsAnError) {
  for (const auto state : {filter::Compiled::State::kUnconfined, filter::Compiled::State::kRefused}) {
    optimize::Verification none;
    none.state = state;
    ASSERT_FALSE(none.passed());
    const auto sarif = VerificationSarif(none, "web.json", "1");
    EXPECT_EQ(RunOf(sarif).Find("results")->items.at(0).Find("level")->text, "error");
  }
  auto needs = Verified();
  needs.refused.clear();
  needs.baseline_refused.push_back({{}, {}});
  ASSERT_FALSE(needs.passed());
  const auto sarif = VerificationSarif(needs, "web.json", "1");
  EXPECT_EQ(RunOf(sarif).Find("results")->items.at(0).Find("level")->text, "error");
}

TEST(Verification, GapsAreSaidInEachForm) {
  const auto with = Verified("/bin/web", 2);
  EXPECT_THAT(VerificationMarkdown(with, "web.json", nullptr),
              HasSubstr("incomplete&#58; what its 2 gaps hid is not checked"));
  EXPECT_THAT(json::Write(VerificationSarif(with, "web.json", "1")), HasSubstr("what its 2 gaps hid"));
  EXPECT_THAT(VerificationMarkdown(Verified(), "web.json", nullptr), Not(HasSubstr("incomplete")));
  EXPECT_THAT(json::Write(VerificationSarif(Verified(), "web.json", "1")), Not(HasSubstr("gaps hid")));
}

TEST(VerificationMarkdown, CallsThatFareAlikeAreOneRow) {
  auto verification = Verified();
  verification.refused.push_back(verification.refused.back());
  verification.refused.back().number = 175;
  EXPECT_THAT(VerificationMarkdown(verification, "web.json", nullptr),
              HasSubstr("64 reboot, init&#95;module</code>"));
}

TEST(VerificationMarkdown, NamesAreNoMarkup) {
  const std::string text =
      VerificationMarkdown(Verified("/a|b <img src=x>\n# c @team [d](http://e) `f`"), "x|y.json", nullptr);
  for (const char* markup : {"<img", "@team", "](", "`f`", "\n# c", "x|y"})
    EXPECT_THAT(text, Not(HasSubstr(markup)));
}

TEST(VerificationMarkdown, SaysThatThereIsNoFilter) {
  optimize::Verification none;
  none.state = filter::Compiled::State::kRefused;
  none.why = "unknown action";
  EXPECT_THAT(VerificationMarkdown(none, "web.json", nullptr), HasSubstr("**No**: REFUSED"));
}

}  // namespace
}  // namespace whittle::report

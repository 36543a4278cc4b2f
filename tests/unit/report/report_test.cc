#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/attacks.h"
#include "report/html.h"
#include "report/text.h"

namespace whittle::report {
namespace {

using evidence::Arrival;
using evidence::Evidence;
using evidence::Fate;
using testing::HasSubstr;
using testing::Not;

Evidence Seen(Fate fate, bool under_filter, bool watched) {
  Evidence evidence;
  evidence.recordings["r"].epochs = 30;
  evidence.recordings["r"].target = "container <script>";
  evidence.recordings["r"].refusals_watched = watched;
  auto& calls = evidence.subjects[{"<img src=x>", "/bin/\"app'&", Arrival::kWorkload}];
  calls[{Abi::kX86_64, 257, Fate::kAllowed, under_filter}].epochs["r"].Add(0, 29);
  calls[{Abi::kX86_64, 165, fate, under_filter}].epochs["r"].Add(3);
  return evidence;
}

Facts Collect(Evidence after) {
  Input input;
  input.evidence = Seen(Fate::kAllowed, false, false);
  input.after = std::move(after);
  auto facts = CollectFacts(std::move(input));
  EXPECT_TRUE(facts) << facts.error().message;
  return std::move(*facts);
}

TEST(ReportAfter, RefusedNothingIsSaidOnlyIfRefusalsWereWatchedUnderAFilter) {
  const char* claim = "the workload was refused nothing";
  EXPECT_THAT(ReportText(Collect(Seen(Fate::kAllowed, true, true))), HasSubstr(claim));
  EXPECT_THAT(ReportText(Collect(Seen(Fate::kAllowed, true, false))), Not(HasSubstr(claim)));
  EXPECT_THAT(ReportText(Collect(Seen(Fate::kAllowed, false, true))), Not(HasSubstr(claim)));
  EXPECT_THAT(ReportText(Collect(Seen(Fate::kDenied, true, true))), Not(HasSubstr(claim)));
}

TEST(ReportAfter, WhatWasRefusedIsNamed) {
  const auto facts = Collect(Seen(Fate::kDenied, true, true));
  ASSERT_EQ(facts.after->refused.size(), 1u);
  EXPECT_THAT(ReportText(facts), HasSubstr("mount"));
}

TEST(Report, UnknownIsNotZero) {
  const auto facts = Collect(Seen(Fate::kAllowed, true, false));
  EXPECT_THAT(ReportText(facts), HasSubstr("unknown"));
  EXPECT_THAT(ReportText(facts), HasSubstr("no profile was given"));
}

TEST(Report, CountsWhatDockersDefaultLeavesOpenForTheCapabilities) {
  Input few;
  few.evidence = Seen(Fate::kAllowed, false, false);
  Input many = few;
  many.target.capabilities = profile::DefaultCapabilities();
  many.target.capabilities.insert("CAP_SYS_ADMIN");
  const auto with_few = CollectFacts(few);
  const auto with_many = CollectFacts(many);
  EXPECT_LT(with_few->default_open.size(), with_many->default_open.size());
  EXPECT_FALSE(with_few->default_open.contains(165));
  EXPECT_TRUE(with_many->default_open.contains(165)) << "mount";
  EXPECT_TRUE(with_few->default_open.contains(56)) << "clone: with some arguments";
}

TEST(ReportHtml, TextOfWorkloadsCannotBecomeMarkup) {
  const std::string html = ReportHtml(Collect(Seen(Fate::kDenied, true, true)));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("<img")));
  EXPECT_THAT(html, HasSubstr("&lt;img src=x&gt;"));
  EXPECT_EQ(EscapeHtml("<a href='x' b=\"y\">&\x1b"), "&lt;a href=&#39;x&#39; b=&quot;y&quot;&gt;&amp;\\x1b");
}

TEST(ReportHtml, LoadsNothing) {
  const std::string html = ReportHtml(Collect(Seen(Fate::kAllowed, true, true)));
  for (const char* word : {"http://", "https://", "src=\"", "url(", "@import", "<link"}) {
    EXPECT_THAT(html, Not(HasSubstr(word)));
  }
}

TEST(Report, EvidenceWithoutWorkloadIsAnError) {
  const auto facts = CollectFacts(Input{});
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, ErrorCode::kBadInput);
}

TEST(Attacks, AreReadWithExactErrors) {
  const auto attacks = ReadAttacks(
      R"([{"name": "n", "call": "mount", "outcome": "refused", "errno": 1, "error": "EPERM"}])", "a.json");
  ASSERT_TRUE(attacks) << attacks.error().message;
  EXPECT_EQ((*attacks)[0].error, "EPERM");
  EXPECT_EQ(ReadAttacks("{}", "a.json").error().message, "a.json:1:1: expected a list of attempts");
  EXPECT_EQ(ReadAttacks(R"([{"name": "n", "call": "c", "outcome": "won"}])", "a.json").error().message,
            "a.json:1:40: 'outcome': expected 'refused', 'succeeded', 'failed' or 'killed'");
  EXPECT_EQ(ReadAttacks(R"([{"name": 1}])", "a.json").error().message,
            "a.json:1:11: an attempt needs 'name', a string");
}

}  // namespace
}  // namespace whittle::report

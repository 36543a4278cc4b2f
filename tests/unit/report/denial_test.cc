#include "report/denial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace whittle::report {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST(FoldedGaps, ManyOfAKindAreOneLine) {
  evidence::Evidence evidence;
  EXPECT_THAT(FoldedGaps(evidence), IsEmpty());
  for (const char* id :
       {"/docker/096831ea0be5f954", "/docker/0a06fa92e6e9faab", "/docker/0a731f9a97e1a607"}) {
    evidence.gaps.insert({"", "undecided", std::string("the calls of cgroup ") + id + " were left out", 1});
  }
  evidence.gaps.insert({"r1", "reader-stopped", "seconds without the recorder", 2});
  evidence.gaps.insert({"r2", "reader-stopped", "seconds without the recorder", 5});
  evidence.gaps.insert({"r2", "unnamed", "names\n", 0});
  EXPECT_THAT(
      FoldedGaps(evidence),
      UnorderedElementsAre("the calls of cgroup /docker/096831ea0be5f954 were left out (and 2 more such)",
                           "seconds without the recorder (7)", "names\\x0a"));
}

TEST(FoldedGaps, DifferentReasonsStayApart) {
  evidence::Evidence evidence;
  evidence.gaps.insert({"", "undecided", "the calls of cgroup /docker/a were left out: killed", 1});
  evidence.gaps.insert({"", "undecided", "the calls of cgroup /docker/b were left out: late", 1});
  EXPECT_EQ(FoldedGaps(evidence).size(), 2u);
}

record::Denial RefusedToRunc() {
  record::Denial denial;
  denial.subject = {"web", "/usr/sbin/runc", evidence::Arrival::kArrived};
  denial.command = "runc:[2:INIT]";
  denial.call.number = 110;  // getppid
  denial.judgement.action = profile::Action::kErrno;
  denial.judgement.words = 3;
  denial.errno_value = 1;
  denial.count = 1;
  return denial;
}

TEST(DenialText, OfARuntimeItSaysThatNothingStartsWithout) {
  auto denial = RefusedToRunc();
  EXPECT_THAT(DenialText(denial), HasSubstr("matters yes: runc itself cannot start a container without it"));
  denial.subject.executable = "/usr/bin/app";
  denial.command = "app";
  EXPECT_THAT(DenialText(denial), HasSubstr("matters not known"));
  denial.subject.arrival = evidence::Arrival::kWorkload;
  denial.command = "runc:[2:INIT]";  // as any program may call itself
  EXPECT_THAT(DenialText(denial), HasSubstr("matters not known"));
}

TEST(DenialText, TheAdviceIsTriedOnTheProfile) {
  const auto document = profile::Read(R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
      {"names": ["getppid"], "action": "SCMP_ACT_KILL"}]})",
                                      "web.json");
  ASSERT_TRUE(document) << document.error().message;
  const advise::InForce profile{*document, {}};
  EXPECT_THAT(DenialText(RefusedToRunc(), &profile), HasSubstr("take getppid out of rule 0 (web.json:2)"));
  EXPECT_THAT(json::Write(DenialJson(RefusedToRunc(), &profile)), HasSubstr("take getppid out of rule 0"));
}

}  // namespace
}  // namespace whittle::report

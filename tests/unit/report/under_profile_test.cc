#include "report/under_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "base/text.h"

namespace whittle::report {
namespace {

using record::Denial;
using record::Refusal;
using ::testing::HasSubstr;
using ::testing::Not;

Denial Fchmodat(uint64_t count = 1) {
  Denial denial;
  denial.subject = {"web", "/bin/chmod", evidence::Arrival::kWorkload};
  denial.call.abi = Abi::kX86_64;
  denial.call.number = 268;
  denial.call.arguments = {0xffffff9c, 0x7f00, 0x1c0, 0xdead, 0xbeef, 0xbad};
  denial.errno_value = EPERM;
  denial.count = count;
  denial.command = "chmod";
  denial.pid = 42;
  return denial;
}

evidence::Evidence SomeCalls() {
  evidence::Evidence evidence;
  auto& calls = evidence.subjects[{"web", "/bin/chmod", evidence::Arrival::kWorkload}];
  for (const uint32_t number : {0u, 1u, 231u}) {
    calls[{.abi = Abi::kX86_64, .number = number, .fate = evidence::Fate::kAllowed, .under_filter = true}];
  }
  return evidence;
}

std::string TextOf(std::span<const Denial> denials, const evidence::Evidence& evidence) {
  return UnderProfileText({"web.json", "", denials, evidence, {}});
}

TEST(UnderProfile, NamesTheCallItsArgumentsTheErrnoAndTheProcess) {
  const std::vector denials = {Fchmodat(3)};
  const std::string text = TextOf(denials, SomeCalls());
  EXPECT_THAT(text, HasSubstr("fchmodat(-100, 0x7f00, 0x1c0) EPERM (Operation not permitted) chmod "
                              "(/bin/chmod, pid 42)"));
  EXPECT_THAT(text, HasSubstr("refused, 3 times in all"));
  EXPECT_THAT(text, HasSubstr("profile new --from web.json --add fchmodat"));
}

// clone3: glibc takes clone, and who opens clone3 opens namespaces.
TEST(UnderProfile, DoesNotAdviseToOpenWhatProgramsFallBackFrom) {
  std::vector denials = {Fchmodat(), Fchmodat()};
  denials[1].call.number = 435;
  denials[1].errno_value = ENOSYS;
  const std::string text = TextOf(denials, SomeCalls());
  EXPECT_THAT(text, HasSubstr("--add fchmodat -o"));
  EXPECT_THAT(text, HasSubstr("libcs do without: clone3\n"));
  denials[1].errno_value = EPERM;
  EXPECT_THAT(TextOf(denials, SomeCalls()), HasSubstr("--add clone3,fchmodat -o"));
}

TEST(UnderProfile, TellsSignalsAndThreadsApart) {
  Denial denial = Fchmodat();
  denial.refusal = Refusal::kKilledProcess;
  EXPECT_EQ(RefusalText(denial), "killed by SIGSYS");
  denial.refusal = Refusal::kTrapped;
  EXPECT_THAT(RefusalText(denial), HasSubstr("handler"));
  denial.refusal = Refusal::kKilledThread;
  EXPECT_THAT(RefusalText(denial), HasSubstr("thread"));
}

TEST(UnderProfile, SaysWhoListsTheRestOfWhatARefusedRuntimeNeeds) {
  Denial denial = Fchmodat();
  denial.subject.arrival = evidence::Arrival::kArrived;
  const std::vector denials = {denial};
  EXPECT_THAT(TextOf(denials, {}), HasSubstr("whittle verify web.json lists all that the runtime needs"));
  EXPECT_THAT(TextOf(denials, SomeCalls()), Not(HasSubstr("whittle verify")));
}

TEST(UnderProfile, SaysHowItKnowsThatNothingWasRefused) {
  const std::string text = TextOf({}, SomeCalls());
  EXPECT_THAT(text, HasSubstr("nothing was refused: 3 different calls by 1 program watched"));
}

TEST(UnderProfile, DoesNotClaimThatNothingWasRefusedWhenItDidNotWatch) {
  const std::string text = UnderProfileText({"web.json", "not root", {}, {}, {}});
  EXPECT_THAT(text, HasSubstr("not known"));
  EXPECT_THAT(text, HasSubstr("not root"));
  EXPECT_THAT(text, Not(HasSubstr("nothing was refused")));
  EXPECT_THAT(TextOf({}, {}), HasSubstr("no call of a workload was seen"));
}

TEST(UnderProfile, ShowsTheMostFrequentFirstAndIsBounded) {
  std::vector<Denial> denials;
  for (uint32_t i = 0; i < 50; ++i) {
    denials.push_back(Fchmodat(i + 1));
    denials.back().call.number = i;
  }
  const std::string text = TextOf(denials, SomeCalls());
  EXPECT_LT(Lines(text).size(), 26u);
  EXPECT_THAT(text, HasSubstr("and 30 more"));
  EXPECT_LT(text.find("   50 "), text.find("   49 "));
  const auto json = UnderProfileJson({"web.json", "", denials, SomeCalls(), {}});
  ASSERT_EQ(json.Find("refused")->items.size(), 50u) << "all of them, for scripts";
  EXPECT_EQ(json.Find("refused")->items[0].Find("count")->number, 50u);
}

TEST(UnderProfile, ShowsNoBytesThatATerminalWouldObey) {
  Denial denial = Fchmodat();
  denial.command = "\x1b[31mred";
  denial.subject.executable = "/bin/\x1b]0;title\x07";
  const std::string text = TextOf(std::vector{denial}, SomeCalls());
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\x07")));
}

TEST(UnderProfile, NamesTheAbiThatIsNotTheNativeOne) {
  Denial denial = Fchmodat();
  denial.call.abi = Abi::kI386;
  denial.call.number = 15;
  EXPECT_THAT(TextOf(std::vector{denial}, SomeCalls()), HasSubstr("i386 chmod(-100, 0x7f00)"));
}

TEST(UnderProfile, SaysThatTheRuntimeItselfWasRefused) {
  Denial denial = Fchmodat();
  denial.subject.arrival = evidence::Arrival::kArrived;
  EXPECT_THAT(TextOf(std::vector{denial}, {}), HasSubstr("no container starts"));
}

TEST(UnderProfile, ListsWhatWasLogged) {
  const std::string text = UnderProfileText({"audit", "", {}, SomeCalls(), {"read", "write"}});
  EXPECT_THAT(text, HasSubstr("logged by the kernel: 2 different calls"));
  EXPECT_THAT(text, HasSubstr("  read write\n"));
}

}  // namespace
}  // namespace whittle::report

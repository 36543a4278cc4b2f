// What a second profile does otherwise than a first one, in words.
#include "advise/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/seccomp.h>

#include <cerrno>

#include "advise/document_members.h"
#include "filter/compile.h"
#include "profile/document.h"

namespace whittle::advise {
namespace {

std::vector<filter::Program> Stack(const filter::Program& program) {
  return std::vector<filter::Program>(1, program);
}

using profile::Loader;
using profile::Runtime;
using profile::Target;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// containerd with runc: nothing of the document is ignored.
Target Oci(Runtime runtime = Runtime::kCrun) {
  Target target;
  target.loader = Loader::kOci;
  target.loader_version = {2, 1, 0};
  target.runtime = runtime;
  target.runtime_version = runtime == Runtime::kCrun ? profile::Version{1, 29, 1} : profile::Version{1, 5, 1};
  return target;
}

profile::Document Doc(const std::string& text) {
  auto document = profile::Read(text, "test.json", profile::Reading::kAsRuntimes);
  EXPECT_TRUE(document) << document.error().message;
  return std::move(*document);
}

std::string Profile(
    const std::string& rules, const std::string& more = "",
    const std::string& architectures = R"("SCMP_ARCH_X86_64","SCMP_ARCH_X86","SCMP_ARCH_X32")",
    const std::string& default_action = "SCMP_ACT_ERRNO") {
  return R"({"defaultAction":")" + default_action + R"(","architectures":[)" + architectures + "]," + more +
         R"("syscalls":[)" + rules + "]}";
}
std::string Allow(const std::string& names, const std::string& args = "") {
  return R"({"names":[)" + names + R"(],"action":"SCMP_ACT_ALLOW")" +
         (args.empty() ? "" : R"(,"args":[)" + args + "]") + "}";
}

std::vector<filter::Program> Compiled(const std::string& text, const Target& target) {
  auto compiled = filter::Compile(Doc(text), target);
  EXPECT_TRUE(compiled) << compiled.error().message;
  EXPECT_EQ(compiled->state, filter::Compiled::State::kFiltered) << compiled->why;
  return {std::move(compiled->program)};
}

Diff Between(const std::string& a, const std::string& b, const Target& target = Oci()) {
  auto diff = BehaviourDiff(Compiled(a, target), Compiled(b, target));
  EXPECT_TRUE(diff) << diff.error().message;
  return std::move(*diff);
}

// "looser openat when (arg2 & 3) != 0: ERRNO(1) -> ALLOW", with the ABIs where it is not everywhere.
std::vector<std::string> Lines(const Diff& diff) {
  constexpr std::string_view kNames[] = {"looser", "tighter", "other"};
  std::vector<std::string> lines;
  for (const auto& change : diff.changes) {
    std::string line = std::string(kNames[static_cast<size_t>(change.change)]) + " " + CallsText(change, 8) +
                       ": " + profile::VerdictText(change.first.action, change.first.data) + " -> " +
                       profile::VerdictText(change.second.action, change.second.data);
    if (change.abis.empty()) line += " elsewhere";
    if (!change.everywhere) {
      for (const Abi abi : change.abis) line += " " + std::string(AbiName(abi));
    }
    lines.push_back(line);
  }
  return lines;
}

const std::string kBase = Allow(R"("read","write","close","exit_group","futex")");

TEST(Diff, OrderGroupingAndDuplicatesAreNoDifference) {
  const auto diff =
      Between(Profile(kBase),
              Profile(Allow(R"("futex","write")") + "," + Allow(R"("close","exit_group","read","write")"), "",
                      R"("SCMP_ARCH_X32","SCMP_ARCH_X86_64","SCMP_ARCH_X86")"));
  EXPECT_EQ(diff.answer, prove::Answer::kEqual);
  EXPECT_THAT(diff.changes, IsEmpty());
  EXPECT_EQ(diff.first_allows_nothing_more, true);
  EXPECT_EQ(diff.second_allows_nothing_more, true);
}

TEST(Diff, AnotherErrnoIsNoPermission) {
  const auto clone3 = [](int number) {
    return R"({"names":["clone3"],"action":"SCMP_ACT_ERRNO","errnoRet":)" + std::to_string(number) + "}";
  };
  const auto diff = Between(Profile(kBase + "," + clone3(38)), Profile(kBase + "," + clone3(1)));
  EXPECT_THAT(Lines(diff), ElementsAre("other clone3: ERRNO(38) -> ERRNO(1)"));
  EXPECT_FALSE(diff.changes[0].permission);
  EXPECT_EQ(diff.first_allows_nothing_more, true);
  EXPECT_EQ(diff.second_allows_nothing_more, true);
  EXPECT_FALSE(diff.second_looser);
}

TEST(Diff, APartOfACallIsAnAddedPermission) {
  const std::string reading = R"({"index":2,"value":3,"valueTwo":0,"op":"SCMP_CMP_MASKED_EQ"})";
  const auto diff = Between(Profile(kBase + "," + Allow(R"("openat")", reading)),
                            Profile(kBase + "," + Allow(R"("openat","getpid")"), R"("defaultErrnoRet":38,)"));
  EXPECT_THAT(Lines(diff), ElementsAre("looser getpid: ERRNO(1) -> ALLOW",
                                       "looser openat when (arg2 & 3) != 0: ERRNO(1) -> ALLOW",
                                       "other every unlisted call: ERRNO(1) -> ERRNO(38)"));
  EXPECT_EQ(diff.first_allows_nothing_more, true);
  EXPECT_EQ(diff.second_allows_nothing_more, false);
  EXPECT_TRUE(diff.second_looser);
}

// runc answers ENOSYS to what is newer than all that a profile names: that part changes nothing.
TEST(Diff, TheDefaultUnderAStubIsTheUnlistedCalls) {
  const auto diff = Between(Profile(kBase), Profile(kBase, R"("defaultErrnoRet":38,)"), Oci(Runtime::kRunc));
  EXPECT_THAT(Lines(diff),
              ElementsAre("other every unlisted call but the highest numbers: ERRNO(1) -> ERRNO(38)"));
}

// A stub above #450 over a filter that lets pass what it does not list, and answers ENOSYS to what it does.
TEST(Diff, WhatIsLetPassUnderAStubIsTheUnlistedCallsToo) {
  const auto filter = [](uint32_t otherwise) {
    filter::Program program = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0}, {BPF_JMP | BPF_JGT | BPF_K, 3, 0, 450}};
    for (const uint8_t number : {10, 20})
      program.push_back({BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint8_t>(number == 10 ? 2 : 1), 0, number});
    program.push_back({BPF_RET | BPF_K, 0, 0, otherwise});
    program.push_back({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS});
    return Stack(program);
  };
  const auto diff =
      BehaviourDiff(filter(SECCOMP_RET_ALLOW), filter(SECCOMP_RET_LOG), {.native = Abi::kAarch64});
  ASSERT_TRUE(diff) << diff.error().message;
  EXPECT_THAT(Lines(*diff), Contains("tighter every unlisted call but the highest numbers: ALLOW -> LOG"));
  EXPECT_EQ(diff->changes.size(), 2u);  // and on architectures that nobody tells apart
}

TEST(Diff, AnAbiThatIsNoLongerListedIsNamed) {
  const auto diff = Between(Profile(kBase), Profile(kBase, "", R"("SCMP_ARCH_X86_64","SCMP_ARCH_X32")"));
  EXPECT_THAT(Lines(diff),
              ElementsAre("tighter close, exit_group, futex, read, write: ALLOW -> KILL_THREAD i386",
                          "tighter every unlisted call: ERRNO(1) -> KILL_THREAD i386"));
  ASSERT_EQ(diff.whole.size(), 1u);
  EXPECT_EQ(diff.whole[0].abi, Abi::kI386);
  EXPECT_FALSE(diff.whole[0].first);
}

TEST(Diff, TheSameSentenceOnEveryAbiIsOneChange) {
  const std::string packet = R"({"index":0,"value":17,"op":"SCMP_CMP_EQ"})";
  const auto diff = Between(Profile(kBase), Profile(kBase + "," + Allow(R"("socket","socketpair")", packet)));
  EXPECT_THAT(Lines(diff),
              Contains("looser socket(AF_PACKET, *), socketpair(AF_PACKET, *): ERRNO(1) -> ALLOW"));
  EXPECT_THAT(diff.changes[0].low_halves, ElementsAre(Abi::kI386, Abi::kX32));
  // libseccomp opens them through socketcall, too.
  EXPECT_THAT(Lines(diff),
              Contains("looser socketcall when arg0 in {SYS_SOCKET, SYS_SOCKETPAIR}: ERRNO(1) -> ALLOW"));
}

TEST(Diff, ArchitecturesThatNobodyNamesAreOneEntry) {
  const std::vector<filter::Program> none;
  const auto diff = BehaviourDiff(Compiled(Profile(kBase), Oci()), none);
  ASSERT_TRUE(diff);
  EXPECT_THAT(Lines(*diff), Contains("looser every call: KILL_THREAD -> ALLOW elsewhere"));
  EXPECT_THAT(Lines(*diff), Contains("looser every unlisted call: ERRNO(1) -> ALLOW"));
}

TEST(Diff, DefaultChangedToAllowIsSaidOnce) {
  const auto diff =
      Between(Profile(kBase),
              Profile(kBase, "", R"("SCMP_ARCH_X86_64","SCMP_ARCH_X86","SCMP_ARCH_X32")", "SCMP_ACT_LOG"));
  EXPECT_THAT(Lines(diff), ElementsAre("looser every unlisted call: ERRNO(1) -> LOG"));
}

TEST(Diff, BigEndianArgumentsAreReadAsWritten) {
  Target target = Oci();
  target.arch = Abi::kS390x;
  const std::string range = R"({"index":1,"value":4294967301,"op":"SCMP_CMP_GE"})";
  const auto a = Compiled(Profile(kBase, "", R"("SCMP_ARCH_S390X")"), target);
  const auto b =
      Compiled(Profile(kBase + "," + Allow(R"("fcntl")", range), "", R"("SCMP_ARCH_S390X")"), target);
  const auto diff = BehaviourDiff(a, b, {.native = Abi::kS390x});
  ASSERT_TRUE(diff) << diff.error().message;
  EXPECT_THAT(Lines(*diff), ElementsAre("looser fcntl when arg1 >= 0x100000005: ERRNO(1) -> ALLOW s390x"));
  EXPECT_EQ(ExampleText(diff->changes[0]), "s390x fcntl(0x0, 0x100000005)");
}

TEST(Diff, ComparisonsOfWholeWordsAreForExample) {
  // Allows number 1 where the low half of argument 0 is less than that of argument 1.
  const filter::Program words = {
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},       {BPF_JMP | BPF_JEQ | BPF_K, 0, 4, 1},
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, 24},      {BPF_MISC | BPF_TAX, 0, 0, 0},
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, 16},      {BPF_JMP | BPF_JGE | BPF_X, 0, 1, 0},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL}, {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
  const filter::Program kill = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL}};
  const auto diff = BehaviourDiff(Stack(kill), Stack(words), {.node_budget = 100'000});
  ASSERT_TRUE(diff) << diff.error().message;
  ASSERT_EQ(diff->answer, prove::Answer::kDifferent);
  EXPECT_TRUE(diff->second_looser);
  const auto in_part = [](const Change& change) { return !change.complete; };
  EXPECT_TRUE(std::ranges::any_of(diff->changes, in_part));
}

TEST(Diff, WhatIsTooMuchIsUndecided) {
  const filter::Program product = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 16},
                                   {BPF_MISC | BPF_TAX, 0, 0, 0},
                                   {BPF_LD | BPF_W | BPF_ABS, 0, 0, 24},
                                   {BPF_ALU | BPF_MUL | BPF_X, 0, 0, 0},
                                   {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0x12345677},
                                   {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
                                   {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS}};
  const filter::Program kill = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL}};
  const auto diff = BehaviourDiff(Stack(kill), Stack(product), {.node_budget = 200'000});
  ASSERT_TRUE(diff);
  EXPECT_EQ(diff->answer, prove::Answer::kUndecided);
  EXPECT_EQ(diff->first_allows_nothing_more, std::nullopt);
  EXPECT_THAT(diff->changes, IsEmpty());
}

TEST(Members, FlagsDifferOnlyWhereTheyArePassedOn) {
  const auto plain = Doc(Profile(kBase));
  const auto flagged = Doc(Profile(kBase, R"("flags":["SECCOMP_FILTER_FLAG_LOG"],)"));
  const auto different = DifferentMembers(plain, Oci(), flagged, Oci());
  ASSERT_EQ(different.size(), 1u);
  EXPECT_EQ(different[0].member, "flags");
  EXPECT_EQ(different[0].second, "SECCOMP_FILTER_FLAG_LOG");
  EXPECT_THAT(DifferentMembers(plain, Target{}, flagged, Target{}), IsEmpty());  // docker 20.10
}

TEST(Members, TheOrderOfFlagsDoesNotMatter) {
  const auto one =
      Doc(Profile(kBase, R"("flags":["SECCOMP_FILTER_FLAG_LOG","SECCOMP_FILTER_FLAG_SPEC_ALLOW"],)"));
  const auto other =
      Doc(Profile(kBase, R"("flags":["SECCOMP_FILTER_FLAG_SPEC_ALLOW","SECCOMP_FILTER_FLAG_LOG"],)"));
  EXPECT_THAT(DifferentMembers(one, Oci(), other, Oci()), IsEmpty());
}

TEST(Members, TheListenerIsNoPartOfAFilter) {
  const auto one = Doc(Profile(kBase, R"("listenerPath":"/run/a",)"));
  const auto other = Doc(Profile(kBase, R"("listenerPath":"/run/b",)"));
  const auto different = DifferentMembers(one, Oci(), other, Oci());
  ASSERT_EQ(different.size(), 1u);
  EXPECT_EQ(different[0].member, "listenerPath");
}

}  // namespace
}  // namespace whittle::advise

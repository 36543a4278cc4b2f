#include "profile/edit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "profile/catalogue.h"

namespace whittle::profile {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Document Named(const std::string& name) {
  auto document = ReadProfile(name);
  EXPECT_TRUE(document) << document.error().message;
  return document ? *document : Document{};
}

Document Of(std::string_view text) {
  auto document = Read(text, "p.json");
  EXPECT_TRUE(document) << document.error().message;
  return document ? *document : Document{};
}

Edited Must(Document document, const Edit& edit) {
  auto edited = Apply(std::move(document), edit);
  EXPECT_TRUE(edited) << edited.error().message;
  return edited ? *edited : Edited{};
}

TEST(EditProfile, RemovedCallsGetEperm) {
  const auto edited = Must(Named("docker-default"), {{"chmod", "fchmod", "fchmodat"}, {}, {}});
  EXPECT_THAT(edited.removed, ElementsAre("chmod", "fchmod", "fchmodat"));
  for (const auto* call : {"chmod", "fchmod", "fchmodat"}) EXPECT_FALSE(MayPass(edited.document, call));
  EXPECT_TRUE(MayPass(edited.document, "chown"));
  const auto& rule = edited.document.rules.back();
  EXPECT_EQ(rule.action, Action::kErrno);
  EXPECT_EQ(rule.errno_return, 1u);
}

TEST(EditProfile, EverythingElseStaysAsItWas) {
  const auto before = Named("docker-default");
  auto after = Must(before, {{"chmod"}, {}, {}}).document;
  after.rules.pop_back();
  ASSERT_EQ(after.rules.size(), before.rules.size());
  after.rules.front().names = before.rules.front().names;
  EXPECT_EQ(Write(after), Write(before));
}

TEST(EditProfile, ACallThatNothingLetsPassNeedsNoRule) {
  const auto before = Of(R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": []})");
  const auto edited = Must(before, {{"fchmodat2"}, {}, {}});
  EXPECT_THAT(edited.removed, IsEmpty());
  EXPECT_THAT(edited.refused_before, ElementsAre("fchmodat2"));
  EXPECT_EQ(Write(edited.document), Write(before)) << "a name more would move runc's stub";
}

TEST(EditProfile, RemovingFromAProfileThatAllowsByDefaultRefuses) {
  const auto edited = Must(Named("audit"), {{"chmod"}, {}, {}});
  EXPECT_FALSE(MayPass(edited.document, "chmod"));
  EXPECT_TRUE(MayPass(edited.document, "read"));
  EXPECT_EQ(edited.document.default_action, Action::kLog);
}

TEST(EditProfile, DenyChangesTheAnswerToAllThatIsRefused) {
  const auto before = Of(R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "syscalls": [
      {"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"},
      {"names": ["mount"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1},
      {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]})");
  const auto kill = Must(before, {{"write"}, {}, Action::kKillProcess}).document;
  EXPECT_EQ(kill.default_action, Action::kKillProcess);
  EXPECT_FALSE(kill.default_errno_return);
  EXPECT_EQ(kill.rules[1].action, Action::kKillProcess);
  EXPECT_EQ(kill.rules[2].action, Action::kErrno) << "programs fall back on ENOSYS";
  EXPECT_EQ(kill.rules.back().action, Action::kKillProcess);
  const auto log = Must(before, {{"write"}, {}, Action::kLog}).document;
  for (const auto* call : {"read", "write", "mount", "clone3", "reboot"})
    EXPECT_TRUE(MayPass(log, call)) << call;
}

TEST(EditProfile, AddedCallsPassWhateverTheirArguments) {
  const auto before = Of(R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
      {"names": ["read"], "action": "SCMP_ACT_ALLOW"},
      {"names": ["personality", "clone"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "op": "SCMP_CMP_EQ"}]},
      {"names": ["mount"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]})");
  const auto edited = Must(before, {{}, {"personality", "mount", "read"}, {}});
  EXPECT_THAT(edited.added, ElementsAre("mount", "personality"));
  EXPECT_THAT(edited.allowed_before, ElementsAre("read"));
  ASSERT_EQ(edited.document.rules.size(), 3u) << "the rule that named mount alone is gone";
  EXPECT_THAT(edited.document.rules[1].names, ElementsAre("clone"));
  EXPECT_THAT(edited.document.rules[2].names, ElementsAre("mount", "personality"));
  EXPECT_TRUE(edited.document.rules[2].conditions.empty());
}

TEST(EditProfile, ACallThatARuleRefusesBesideOneThatAllowsIsTakenOutOfIt) {
  const auto before = Of(R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
      {"names": ["kill"], "action": "SCMP_ACT_KILL"}, {"names": ["kill"], "action": "SCMP_ACT_ALLOW"}]})");
  const auto edited = Must(before, {{}, {"kill"}, {}});
  EXPECT_THAT(edited.added, ElementsAre("kill"));
  ASSERT_EQ(edited.document.rules.size(), 1u);
  EXPECT_EQ(edited.document.rules.front().action, Action::kAllow);
}

TEST(EditProfile, UnknownNamesAreRefusedWithTheNearestRightOne) {
  const auto wrong = Apply(Named("audit"), {{"chmodd"}, {}, {}});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kBadInput);
  EXPECT_THAT(wrong.error().message, HasSubstr("did you mean 'chmod'"));
  const auto both = Apply(Named("audit"), {{"chmod"}, {"chmod"}, {}});
  ASSERT_FALSE(both);
  EXPECT_EQ(both.error().code, ErrorCode::kUsage);
}

TEST(Catalogue, ComplainRefusesNothingAndLogsWhatDockerWouldRefuse) {
  const auto complain = Named("complain");
  EXPECT_EQ(complain.default_action, Action::kLog);
  for (const auto& rule : complain.rules) EXPECT_GE(rule.action, Action::kLog);
  EXPECT_TRUE(MayPass(complain, "reboot"));
}

TEST(Catalogue, UnconfinedIsNoProfileAndTheErrorSaysWhatIs) {
  const auto unconfined = ReadProfile("unconfined");
  ASSERT_FALSE(unconfined);
  EXPECT_THAT(unconfined.error().message, HasSubstr("allow-all"));
}

TEST(Catalogue, PodmansDefaultIsWhatItsPackageInstalls) {
  const std::string installed = "/usr/share/containers/seccomp.json";
  if (!FileExists(installed)) GTEST_SKIP() << "SKIPPED: containers-common is not installed";
  const auto theirs = ReadProfile(installed);
  ASSERT_TRUE(theirs) << theirs.error().message;
  EXPECT_EQ(Write(Plain(Named("podman-default"))), Write(Plain(*theirs)));
}

}  // namespace
}  // namespace whittle::profile

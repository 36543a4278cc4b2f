// What single exports hold, and what they say; there and back: round_trips_test.cc.
#include "export/export.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"
#include "exports.h"

namespace whittle::exporting::testing {
namespace {

using filter::Program;
using profile::Document;
using profile::Loader;
using profile::Target;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Document Catalogue(const std::string& name) {
  const auto document = profile::ReadProfile(name);
  EXPECT_TRUE(document) << (document ? "" : document.error().message);
  return document.value_or(Document());
}

Target DockerTarget() {
  Target target;
  target.loader_version = {28, 5, 2};
  target.capabilities = profile::DefaultCapabilities();
  return target;
}

// One that takes flags.
Target CrunTarget() {
  Target target = DockerTarget();
  target.runtime = profile::Runtime::kCrun;
  target.runtime_version = {1, 29, 1};
  return target;
}

Target OciTarget(Target target) {
  target.loader = Loader::kOci;
  target.loader_version = {2, 1, 0};
  return target;
}

Program ProgramOf(const Document& document, const Target& target) {
  const auto compiled = filter::Compile(document, target);
  EXPECT_TRUE(compiled) << (compiled ? "" : compiled.error().message);
  return compiled ? compiled->program : Program();
}

// An old member: docker reads it, and a node of Kubernetes would not.
TEST(Json, OfALoaderThatReadsLessIsSaid) {
  const auto document = DocumentOf(
      R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"name": "chmod", "action": "SCMP_ACT_ERRNO"}]})");
  const auto flat = ExportOf("oci", document, DockerTarget());
  EXPECT_THAT(DocumentOf(flat.text).rules.front().names, ElementsAre("chmod"));
  EXPECT_THAT(ExportOf("docker", document, OciTarget(DockerTarget())).lost,
              ElementsAre("tighter: x86_64: chmod: ERRNO(1) instead of ALLOW"));
}

TEST(Operator, HoldsMembersAndSaysWhichItDoesNot) {
  const auto document = DocumentOf(R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
    "architectures": ["SCMP_ARCH_X86_64"], "flags": ["SECCOMP_FILTER_FLAG_LOG"],
    "listenerPath": "/run/a: #b\"", "listenerMetadata": "x\ny",
    "syscalls": [{"names": ["read", "true", "a: b\n- c"], "action": "SCMP_ACT_ALLOW", "comment": "why"},
                 {"names": ["clone"], "action": "SCMP_ACT_ALLOW",
                  "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]}]})");
  const auto exported = ExportOf("spo", document, CrunTarget(), {"my.web"});
  const auto read = ObjectOf(exported.text);
  EXPECT_THAT(read.flags, ElementsAre("SECCOMP_FILTER_FLAG_LOG"));
  EXPECT_EQ(read.listener_path, "/run/a: #b\"");
  EXPECT_EQ(read.listener_metadata, "x\ny");
  ASSERT_EQ(read.rules.size(), 2U);
  EXPECT_EQ(read.rules[0].names, document.rules[0].names);
  EXPECT_EQ(read.rules[1].conditions, document.rules[1].conditions);
  EXPECT_THAT(exported.text, HasSubstr("\n  name: \"my.web\"\n"));
  EXPECT_THAT(exported.lost, Contains(HasSubstr("defaultErrnoRet: 38: the object has no such member")));
  EXPECT_THAT(exported.lost, Contains(HasSubstr("instead of ERRNO(38)")));
  EXPECT_THAT(exported.notes, Contains(HasSubstr("comments of rules")));
}

TEST(Operator, RefusesWhatTheApiServerWould) {
  const auto large = DocumentOf(R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read"],
    "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 18446744073709551615, "op": "SCMP_CMP_EQ"}]}]})");
  const auto exported = TryExport("spo", large, DockerTarget());
  ASSERT_FALSE(exported);
  EXPECT_EQ(exported.error().code, ErrorCode::kNotPossible);
  EXPECT_THAT(exported.error().message, HasSubstr("a rule for read"));
  for (const std::string name : {"Web", "-web", "we b", "web\n", "a..b", ".a", "a.", "a.-b", "a-.b"})
    EXPECT_FALSE(TryExport("spo", Catalogue("audit"), DockerTarget(), {name})) << name;
}

TEST(Arrays, AreInTheTargetsByteOrder) {
  Target target = DockerTarget();
  target.arch = Abi::kS390x;
  const auto document = DocumentOf(R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": []})");
  const Program program = ProgramOf(document, target);
  const auto raw = ExportOf("raw", document, target);
  ASSERT_EQ(raw.text.size(), program.size() * 8);
  EXPECT_EQ(static_cast<uint8_t>(raw.text[1]), program[0].code & 0xff);
  EXPECT_EQ(static_cast<uint8_t>(raw.text[7]), program[0].k & 0xff);
}

TEST(Arrays, SayWhatOnlyALoaderCanDo) {
  const auto document =
      DocumentOf(R"({"defaultAction": "SCMP_ACT_ERRNO", "flags": ["SECCOMP_FILTER_FLAG_LOG"],
    "listenerPath": "/run/agent", "syscalls": [{"names": ["mount"], "action": "SCMP_ACT_NOTIFY"}]})");
  for (const std::string format : {"raw", "c", "go"}) {
    EXPECT_THAT(ExportOf(format, document, CrunTarget()).lost,
                ElementsAre(HasSubstr("flags: SECCOMP_FILTER_FLAG_LOG"), HasSubstr("listenerPath")));
  }
}

TEST(Names, AreMadeOfTheFileAndCannotBreakOut) {
  auto document = Catalogue("audit");
  document.file = "/a*/9 My Web\n\"x.json";
  const auto c = ExportOf("c", document, DockerTarget()).text;
  EXPECT_THAT(c, HasSubstr("struct sock_filter profile_9_my_web_x_filter["));
  EXPECT_EQ(c.find("*/"), c.find(". */") + 2);  // the comment ends where it should
  EXPECT_THAT(ExportOf("go", document, DockerTarget()).text, HasSubstr("var Profile9MyWebXFilter = "));
  EXPECT_THAT(ExportOf("c", document, DockerTarget(), {"mine"}).text, HasSubstr("struct sock_filter mine["));
  for (const std::string name : {"int", "class", "default"})
    EXPECT_FALSE(TryExport("c", document, DockerTarget(), {name})) << name;
  for (const std::string name : {"func", "unix", "init", "_"})
    EXPECT_FALSE(TryExport("go", document, DockerTarget(), {name})) << name;
  EXPECT_TRUE(TryExport("c", document, DockerTarget(), {"func"}));
  EXPECT_TRUE(TryExport("go", document, DockerTarget(), {"class"}));
  for (const std::string name : {"a b", "1a", "a;", "a-b"}) {
    EXPECT_FALSE(TryExport("c", document, DockerTarget(), {name})) << name;
    EXPECT_FALSE(TryExport("systemd", document, DockerTarget(), {name})) << name;
  }
}

TEST(Notes, SayWhatIsDecidedForTheTarget) {
  const auto exported = ExportOf("oci", Catalogue("docker-default"), DockerTarget());
  EXPECT_THAT(exported.notes, Contains(HasSubstr("includes, excludes and archMap are decided")));
  // What keeps them is for every host.
  for (const std::string format : {"docker", "kubernetes"}) {
    EXPECT_THAT(ExportOf(format, Catalogue("docker-default"), DockerTarget()).notes,
                Not(Contains(HasSubstr("are decided"))))
        << format;
  }
  const auto unknown = DocumentOf(
      R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["raed"], "action": "SCMP_ACT_ALLOW"}]})");
  EXPECT_THAT(ExportOf("raw", unknown, DockerTarget()).notes, ElementsAre(HasSubstr("raed")));
}

TEST(Export, OfNoFilterIsAnError) {
  Target target = DockerTarget();
  const auto exported = TryExport("oci", DocumentOf("{}"), target);
  ASSERT_FALSE(exported);
  EXPECT_EQ(exported.error().code, ErrorCode::kBadInput);
}

}  // namespace
}  // namespace whittle::exporting::testing

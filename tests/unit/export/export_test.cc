// Exports of whole profiles are read back and proven equal; what is lost is said, and only that.
#include "export/export.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "../filter/random_document.h"
#include "base/text.h"
#include "base/yaml.h"
#include "exports.h"
#include "filter/raw.h"
#include "prove/prove.h"

namespace whittle::exporting::testing {
namespace {

using filter::Program;
using filter::testing::Generator;
using filter::testing::Language;
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

bool Equal(const Program& a, const Program& b) {
  const auto proof = prove::Compare(std::span(&a, 1), std::span(&b, 1));
  EXPECT_TRUE(proof);
  return proof && proof->answer == prove::Answer::kEqual;
}

Document ReadObject(const std::string& text) {
  const auto objects = yaml::Parse(text, "object.yaml");
  EXPECT_TRUE(objects) << (objects ? "" : objects.error().message);
  if (!objects || objects->size() != 1 || objects->front().Find("spec") == nullptr) {
    ADD_FAILURE() << "no object with a spec: " << text;
    return {};
  }
  const auto document = profile::ReadValue(*objects->front().Find("spec"), "object.yaml");
  EXPECT_TRUE(document) << (document ? "" : document.error().message);
  return document.value_or(Document());
}

std::vector<Document> Corpus() {
  std::vector<Document> corpus;
  for (const std::string name : {"docker-default", "podman-default", "audit", "allow-all"})
    corpus.push_back(Catalogue(name));
  for (const std::string name : {"arguments", "conditional", "old-names", "podman-errno"})
    corpus.push_back(Catalogue(fmt::format("{}/tests/cases/profiles/{}.json", WHITTLE_SOURCE_DIR, name)));
  Generator generator(7);
  for (int i = 0; i < 40; ++i) corpus.push_back(generator.Document(Language::kReliable));
  return corpus;
}

// True if a filter would be installed: else there is nothing to export, and that is an error.
bool IsFiltered(const Document& document, const Target& target) {
  const auto compiled = filter::Compile(document, target);
  if (compiled && compiled->state == filter::Compiled::State::kFiltered) return true;
  const auto exported = TryExport("oci", document, target);
  EXPECT_FALSE(exported);
  return false;
}

TEST(Json, OfTheCorpusIsTheSameFilter) {
  for (const auto& document : Corpus()) {
    for (const Loader loader : {Loader::kDocker, Loader::kPodman, Loader::kOci}) {
      Target target = DockerTarget();
      target.loader = loader;
      target.loader_version =
          loader == Loader::kDocker ? profile::Version{28, 5, 2} : profile::Version{5, 6, 0};
      if (!IsFiltered(document, target)) continue;
      const Program wanted = ProgramOf(document, target);
      const auto oci = ExportOf("oci", document, target);
      EXPECT_THAT(oci.lost, IsEmpty());
      EXPECT_TRUE(Equal(wanted, ProgramOf(DocumentOf(oci.text), OciTarget(target)))) << oci.text;
      const auto docker = ExportOf("docker", document, target);
      EXPECT_EQ(docker.lost.empty(), Equal(wanted, ProgramOf(DocumentOf(docker.text), DockerTarget())))
          << Join(docker.lost, "\n");
    }
  }
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

TEST(Operator, ObjectsOfTheCorpusAreTheSameFilterOrSaySo) {
  size_t exact = 0;
  for (const auto& document : Corpus()) {
    const Target target = DockerTarget();
    if (!IsFiltered(document, target)) continue;
    const auto exported = ExportOf("spo", document, target);
    const bool equal =
        Equal(ProgramOf(document, target), ProgramOf(ReadObject(exported.text), OciTarget(target)));
    EXPECT_EQ(exported.lost.empty(), equal) << Join(exported.lost, "\n") << exported.text;
    exact += equal ? 1 : 0;
  }
  EXPECT_GT(exact, 20U);
}

TEST(Operator, HoldsMembersAndSaysWhichItDoesNot) {
  const auto document = DocumentOf(R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
    "architectures": ["SCMP_ARCH_X86_64"], "flags": ["SECCOMP_FILTER_FLAG_LOG"],
    "listenerPath": "/run/a: #b\"", "listenerMetadata": "x\ny",
    "syscalls": [{"names": ["read", "true", "a: b\n- c"], "action": "SCMP_ACT_ALLOW", "comment": "why"},
                 {"names": ["clone"], "action": "SCMP_ACT_ALLOW",
                  "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]}]})");
  const auto exported = ExportOf("spo", document, CrunTarget(), {"my.web"});
  const auto read = ReadObject(exported.text);
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
  for (const std::string name : {"Web", "-web", "we b", "web\n"})
    EXPECT_FALSE(TryExport("spo", Catalogue("audit"), DockerTarget(), {name})) << name;
}

// The instructions in source text: of lines that begin so, the numbers up to the brace.
Program ProgramIn(const std::string& text, std::string_view begin) {
  Program program;
  for (const auto line : Lines(text)) {
    if (!line.starts_with(begin)) continue;
    std::string inside(line.substr(0, line.find('}')));
    std::ranges::replace_if(inside, [](char c) { return c == ',' || c == '{'; }, ' ');
    std::vector<uint64_t> numbers;
    for (const auto word : Words(inside)) {
      if (const auto number = ParseUnsigned(word)) numbers.push_back(*number);
    }
    EXPECT_EQ(numbers.size(), 4U) << line;
    numbers.resize(4);
    program.push_back({static_cast<uint16_t>(numbers[0]), static_cast<uint8_t>(numbers[1]),
                       static_cast<uint8_t>(numbers[2]), static_cast<uint32_t>(numbers[3])});
  }
  return program;
}

TEST(Arrays, HoldTheFilterItself) {
  for (const auto& document : Corpus()) {
    const Target target = DockerTarget();
    if (!IsFiltered(document, target)) continue;
    const Program wanted = ProgramOf(document, target);
    const auto raw = ExportOf("raw", document, target);
    EXPECT_EQ(raw.lost.empty(), document.flags.empty());
    const auto read = filter::ParseRaw(raw.text, "raw");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_TRUE(Equal(wanted, *read));
    EXPECT_EQ(read->size(), wanted.size());
    for (const auto& [format, begin] : {std::pair("c", "    {0x"), std::pair("go", "\t{Code: ")}) {
      const auto text = ExportOf(format, document, target).text;
      const Program same = ProgramIn(text, begin);
      ASSERT_EQ(same.size(), wanted.size()) << format;
      EXPECT_TRUE(Equal(wanted, same)) << format;
    }
  }
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
  for (const std::string name : {"a b", "1a", "a;", "a-b"}) {
    EXPECT_FALSE(TryExport("c", document, DockerTarget(), {name})) << name;
    EXPECT_FALSE(TryExport("systemd", document, DockerTarget(), {name})) << name;
  }
}

TEST(Notes, SayWhatIsDecidedForTheTarget) {
  const auto exported = ExportOf("oci", Catalogue("docker-default"), DockerTarget());
  EXPECT_THAT(exported.notes, Contains(HasSubstr("includes, excludes and archMap are decided")));
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

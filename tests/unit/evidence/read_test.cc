#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence/random_evidence.h"

namespace whittle::evidence {
namespace {

constexpr std::string_view kDocument = R"({
  "format": "whittle-evidence",
  "version": 3,
  "complete": false,
  "recordings": {
    "r1": {
      "source": "ebpf",
      "kernel": "6.1.0",
      "native": "x86_64",
      "target": "container web",
      "image": "nginx",
      "engine": "docker 20.10.24",
      "runtime": "runc 1.1.5",
      "refusals_watched": true,
      "exercised": [
        "start"
      ],
      "started_ms": 1700000000000,
      "ended_ms": 1700000009000,
      "epoch_ms": 1000,
      "epochs": 9
    }
  },
  "subjects": [
    {
      "container": "web",
      "executable": "/usr/sbin/nginx",
      "arrival": "workload",
      "scripts": [
        "./start.sh",
        {
          "bytes": "ff2e7368"
        }
      ],
      "calls": {
        "x86_64": [
          {
            "call": "openat",
            "fate": "allowed",
            "under_filter": false,
            "epochs": {
              "r1": "0-3,7"
            }
          }
        ]
      }
    }
  ],
  "gaps": [
    {
      "recording": "r1",
      "kind": "table-full",
      "detail": "subjects",
      "count": 2
    }
  ]
}
)";

// The document with the first `from` replaced by `to`.
std::string Changed(std::string_view from, std::string_view to) {
  std::string text(kDocument);
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// What is written has the derived member, which the documents here leave out.
std::string WrittenWithoutCompleteness(const Evidence& evidence) {
  std::string text = Write(evidence);
  const size_t begin = text.find("  \"completeness\": {");
  const size_t end = text.find("\n  },\n", begin);
  EXPECT_NE(end, std::string::npos) << text;
  return text.erase(begin, end + 6 - begin);
}

std::string ErrorOf(const std::string& text) {
  const auto read = Read(text, "web.json");
  if (read) return "no error";
  EXPECT_EQ(read.error().code, ErrorCode::kBadInput);
  return read.error().message;
}

TEST(ReadEvidence, GivesWhatStandsInTheFile) {
  const auto evidence = Read(kDocument, "web.json");
  ASSERT_TRUE(evidence) << evidence.error().message;
  const auto& calls = evidence->subjects.at({"web", "/usr/sbin/nginx", Arrival::kWorkload});
  const auto& seen = calls.at({Abi::kX86_64, 257, Fate::kAllowed, false});
  EXPECT_EQ(seen.epochs.at("r1").Text(), "0-3,7");
  EXPECT_EQ(evidence->recordings.at("r1").runtime, "runc 1.1.5");
  EXPECT_EQ(evidence->gaps.begin()->count, 2u);
  EXPECT_FALSE(evidence->complete());
}

TEST(WriteEvidence, IsCanonical) {
  EXPECT_EQ(WrittenWithoutCompleteness(*Read(kDocument, "web.json")), kDocument);
  EXPECT_TRUE(rc::check([] {
    const Evidence evidence = RandomEvidence();
    const std::string text = Write(evidence);
    const auto again = Read(text, "written");
    if (!again) RC_FAIL(again.error().message);
    RC_ASSERT(*again == evidence);
    RC_ASSERT(Write(*again) == text);
  }));
}

struct BadInput {
  std::string_view from, to;
  std::string_view error;
};

class ReadEvidenceErrors : public testing::TestWithParam<BadInput> {};

TEST_P(ReadEvidenceErrors, NameFileLineColumnFieldAndWhatWasExpected) {
  EXPECT_EQ(ErrorOf(Changed(GetParam().from, GetParam().to)), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ReadEvidenceErrors,
    testing::Values(
        BadInput{"whittle-evidence", "oci",
                 "web.json:2:13: evidence: field 'format': expected 'whittle-evidence', found 'oci'"},
        BadInput{"\"version\": 3", "\"version\": 4",
                 "web.json:3:14: evidence: format version 4 was written by a newer Whittle; this one reads "
                 "versions up "
                 "to 3: upgrade it, or record again"},
        BadInput{"\"version\": 3", "\"version\": 0", "web.json:3:14: evidence: there is no format version 0"},
        BadInput{"\"under_filter\": false", "\"under_filter\": false, \"clone_flags\": \"ordinary\"",
                 "web.json:40:51: subject '/usr/sbin/nginx': call: field 'clone_flags': only clone and "
                 "clone3 have it"},
        BadInput{"openat\",", "clone\", \"clone_flags\": \"NEWUSER\",",
                 "web.json:38:45: subject '/usr/sbin/nginx': call: field 'clone_flags': expected 'ordinary', "
                 "'namespaces' or 'only-clone3'"},
        BadInput{"\"version\": 3", "\"version\": -1",
                 "web.json:3:14: evidence: field 'version': expected a number, found a negative number"},
        BadInput{"\"complete\": false", "\"complete\": true",
                 "web.json:4:15: evidence: field 'complete' must be true exactly if there are no gaps: the "
                 "file was changed"},
        BadInput{"\"kernel\"", "\"kernle\"", "web.json:6:11: recording 'r1': field 'kernel' is missing"},
        BadInput{"\"epochs\": 9", "\"epochs\": 9, \"nativ\": 1",
                 "web.json:21:20: recording 'r1': unknown field 'nativ', did you mean 'native'?"},
        BadInput{"\"x86_64\",", "\"amd64\",",
                 "web.json:9:17: recording 'r1': 'amd64' is no ABI: write 'x86_64'"},
        BadInput{"\"r1\": {", "\"r 1\": {",
                 "web.json:6:5: recording 'r 1': an id is made of 1 to 128 letters, digits and - _ . :"},
        BadInput{"openat", "opnat",
                 "web.json:38:21: subject '/usr/sbin/nginx': call: field 'call': 'opnat' is no call of "
                 "x86_64, did you "
                 "mean 'openat'?"},
        BadInput{
            "\"allowed\"", "\"fine\"",
            "web.json:39:21: subject '/usr/sbin/nginx': call: field 'fate': expected 'allowed', 'logged', "
            "'denied', 'killed' or 'unknown'"},
        BadInput{"0-3,7", "0-3,9",
                 "web.json:42:15: subject '/usr/sbin/nginx': epochs of openat: epoch 9 lies beyond the 9 "
                 "epochs of "
                 "recording 'r1'"},
        BadInput{"0-3,7", "7,3",
                 "web.json:42:15: subject '/usr/sbin/nginx': epochs of openat: '7,3' are no epochs: expected "
                 "rising "
                 "numbers and ranges like 0-3,7"},
        BadInput{"\"r1\": \"0-3,7\"", "\"r2\": \"0\"",
                 "web.json:42:15: subject '/usr/sbin/nginx': epochs of openat: 'r2' is none of the "
                 "recordings of this file"},
        BadInput{"\"/usr/sbin/nginx\"", "{\"bytes\": \"2f62\"}",
                 "web.json:27:21: subject: field 'executable': expected \"bytes\" to be lower-case "
                 "hexadecimal of text that "
                 "is not UTF-8 (other text is written as a string)"},
        BadInput{"\"./start.sh\",", "\"./start.sh\", \"./start.sh\",",
                 "web.json:30:23: subject '/usr/sbin/nginx': field 'scripts' names a script twice"},
        BadInput{
            "\"./start.sh\",", "7,",
            "web.json:30:9: subject '/usr/sbin/nginx': field 'scripts': expected a string, found a number"},
        BadInput{"\"scripts\"", "\"script\"",
                 "web.json:29:7: subject: unknown field 'script', did you mean 'scripts'?"},
        BadInput{"\"count\": 2", "\"count\": 2.5",
                 "web.json:54:16: gap: field 'count': expected a number, found a fraction"}));

TEST(ReadEvidence, TakesSubjectsWithoutScripts) {
  std::string text(kDocument);
  const size_t scripts = text.find("      \"scripts\"");
  text.erase(scripts, text.find("      \"calls\"") - scripts);
  const auto read = Read(text, "web.json");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->scripts.empty());
  EXPECT_EQ(WrittenWithoutCompleteness(*read), text);
}

TEST(ReadEvidence, ReadsOlderVersions) {
  for (const char* older : {"\"version\": 1", "\"version\": 2"}) {
    const auto evidence = Read(Changed("\"version\": 3", older), "web.json");
    ASSERT_TRUE(evidence) << evidence.error().message;
    EXPECT_EQ(WrittenWithoutCompleteness(*evidence), kDocument);
  }
}

std::string WithArguments(const std::string& arguments) {
  return Changed("\"under_filter\": false,",
                 "\"under_filter\": false,\n            \"arguments\": " + arguments + ",");
}

TEST(ReadEvidence, KeepsTheArgumentsThatWereSeen) {
  const std::string text = WithArguments(
      "{\n              \"indices\": \"0,1\",\n              \"values\": [\n                "
      "\"0x2,0x80001\",\n"
      "                \"0xa,0xffffffffffffffff\"\n              ]\n            }");
  const auto evidence = Read(text, "web.json");
  ASSERT_TRUE(evidence) << evidence.error().message;
  const auto& seen = evidence->subjects.begin()->second.begin()->second.arguments;
  EXPECT_THAT(seen.indices(), testing::ElementsAre(0, 1));
  EXPECT_THAT(seen.values(),
              testing::ElementsAre(testing::ElementsAre(2, 0x80001), testing::ElementsAre(10, UINT64_MAX)));
  EXPECT_EQ(WrittenWithoutCompleteness(*evidence), text);
}

TEST(ReadEvidence, TakesArgumentsAsTheKernelDoes) {
  const auto evidence =
      Read(WithArguments(R"({"indices": "0", "values": ["0x100000002", "0x2"]})"), "web.json");
  ASSERT_TRUE(evidence) << evidence.error().message;
  const auto& seen = evidence->subjects.begin()->second.begin()->second.arguments;
  EXPECT_THAT(seen.values(), testing::ElementsAre(testing::ElementsAre(2)));
}

TEST(ReadEvidence, RefusesArgumentsThatAreNone) {
  std::string many = "\"0\"";
  for (int i = 1; i <= 64; ++i) many += ", \"" + std::to_string(i) + "\"";
  const std::pair<std::string, const char*> cases[] = {
      {R"({"indices": "0,0", "values": ["1,1"]})", "'indices': expected numbers from 0 to 5 that rise"},
      {R"({"indices": "6", "values": ["1"]})", "'indices': expected numbers from 0 to 5 that rise"},
      {R"({"indices": "", "values": ["1"]})", "'indices': expected numbers from 0 to 5 that rise"},
      {R"({"indices": "0,1", "values": ["1"]})", "'values': expected a number for each index"},
      {R"({"indices": "0", "values": ["x"]})", "'values': expected a number for each index"},
      {R"({"indices": "0", "values": [1]})", "'values': expected a number for each index"},
      {R"({"indices": "0", "values": ["0x1", "1"]})", "'values' has the same values twice"},
      {R"({"indices": "0", "values": []})", "'values': expected 1 to 64 of them"},
      {"{\"indices\": \"0\", \"values\": [" + many + "]}", "'values': expected 1 to 64 of them"},
      {R"({"indices": "0"})", "'values' is missing"},
      {R"({"indices": "0", "values": ["1"], "more": 1})", "'more'"},
      {R"("0x1")", "'arguments': expected an object"},
  };
  for (const auto& [arguments, message] : cases)
    EXPECT_THAT(ErrorOf(WithArguments(arguments)), testing::HasSubstr(message)) << arguments;
}

TEST(ReadEvidence, KeepsWhatIsKnownOfTheFlagsOfClone) {
  const auto text =
      Changed("openat\",\n            \"fate\": \"allowed\",\n            \"under_filter\": false,",
              "clone\",\n            \"fate\": \"allowed\",\n            \"under_filter\": false,\n"
              "            \"clone_flags\": \"namespaces\",");
  const auto evidence = Read(text, "web.json");
  ASSERT_TRUE(evidence) << evidence.error().message;
  const auto& calls = evidence->subjects.begin()->second;
  EXPECT_EQ(calls.begin()->first.clone_flags, CloneFlags::kNamespaces);
  EXPECT_EQ(WrittenWithoutCompleteness(*evidence), text);
}

// Derived: written from the evidence, read for its shape only.
TEST(ReadEvidence, ChecksTheShapeOfCompletenessAndIgnoresItsValues) {
  const auto evidence = *Read(kDocument, "web.json");
  const std::string written = Write(evidence);
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string text = written;
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  const auto other = Read(changed("\"units\": 4", "\"units\": 400"), "web.json");
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_EQ(Write(*other), written);
  EXPECT_EQ(ErrorOf(changed("\"units\": 4", "\"units\": true")),
            "web.json:9:18: completeness: field 'units': expected a number, found true or false");
  EXPECT_THAT(ErrorOf(changed("\"chao2\": 0.0", "\"chao2\": -1")), testing::HasSubstr("'chao2'"));
  EXPECT_THAT(ErrorOf(changed("\"chao2\"", "\"choa2\"")), testing::HasSubstr("'chao2' is missing"));
  EXPECT_THAT(ErrorOf(changed("\"reload\"", "1")), testing::HasSubstr("'not_exercised'"));
}

TEST(ReadEvidence, RefusesDuplicates) {
  const auto call = R"({"call": "#257", "fate": "allowed", "under_filter": false, "epochs": {"r1": "1"}}, {)";
  std::string text(kDocument);
  text.replace(text.find("{\n            \"call\""), 1, call);
  EXPECT_THAT(ErrorOf(text), testing::HasSubstr("'openat' stands twice with this fate and filter"));
}

TEST(ReadEvidence, SaysWhichFilesContradictEachOther) {
  const auto missing = ReadEvidenceFiles({"/nonexistent/x.json"});
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, testing::HasSubstr("/nonexistent/x.json"));
}

TEST(RecordingId, CanBeMadeOfAnyHostsName) {
  EXPECT_EQ(RecordingIdOf("ebpf-(none)-17-1"), "ebpf--none--17-1");
  for (const std::string& text : {std::string(), std::string("h\u00e4user \n\x01"), std::string(500, 'a')}) {
    EXPECT_TRUE(IsRecordingId(RecordingIdOf(text))) << text;
    EXPECT_TRUE(IsRecordingId(RecordingIdOf(text) + ".12345678")) << text;
  }
}

}  // namespace
}  // namespace whittle::evidence

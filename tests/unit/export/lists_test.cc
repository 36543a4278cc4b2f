// Exports that list calls: systemd and minijail. Random profiles and the catalogue's are exported, and every
// answer is held against what such a file means; where the two differ, a line has to say so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../filter/random_document.h"
#include "base/text.h"
#include "export/export.h"
#include "exports.h"
#include "import/import.h"
#include "policies.h"
#include "profile/catalogue.h"
#include "prove/prove.h"
#include "syscalls/table.h"

namespace whittle::exporting::testing {
namespace {

using filter::Call;
using filter::Decision;
using filter::testing::Generator;
using filter::testing::Language;
using profile::Action;
using profile::Document;
using profile::Target;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Target PlainTarget() {
  Target target;
  target.loader_version = {28, 5, 2};
  target.runtime = profile::Runtime::kNone;
  target.capabilities = profile::DefaultCapabilities();
  return target;
}

using exporting::testing::ExportOf;
Exported ExportOf(std::string_view format, const Document& document) {
  return ExportOf(format, document, PlainTarget());
}

bool Kills(const Decision& answer) {
  return answer.action == Action::kKillProcess || answer.action == Action::kKillThread;
}
bool Same(const Decision& a, const Decision& b) { return filter::ReturnOf(a) == filter::ReturnOf(b); }

// True if some line speaks of the call: by name, as one of "and N more", or of its ABI as a whole.
bool IsSaid(const std::vector<std::string>& lost, const Call& call) {
  const std::string abi(AbiName(call.abi));
  std::string name = NameOf(call.abi, call.number);
  if (name.empty()) name = "calls without a name";
  return std::ranges::any_of(lost, [&](const std::string& line) {
    if (line.starts_with("architectures: " + abi + ":")) return true;
    if (line.find(" " + abi + ": ") == line.npos) return false;
    // Of a call that has lost its name a profile may know one.
    if (name == "uselib" && line.find("calls without a name") != line.npos) return true;
    return line.find(": " + name) != line.npos || line.find(", " + name) != line.npos ||
           line.find(" more: ") != line.npos;
  });
}

template <typename Policy>
void ExpectTrue(std::string_view format, const Document& document, std::vector<Call> calls,
                const Target& target = PlainTarget()) {
  auto meaning = filter::MeaningOf(document, target);
  if (meaning.state != filter::Compiled::State::kFiltered) return;
  meaning.stub_above.clear();  // runc's ENOSYS for calls to come is nobody else's
  const auto exported = ExportOf(format, document, target);
  const Policy policy(exported.text);
  const auto compiled = policy.Compiled(target.arch);
  ASSERT_TRUE(filter::Validate(compiled)) << filter::Validate(compiled).error().message;
  for (const auto name : AllSyscallNames()) {
    for (const Abi abi : SiblingAbis(target.arch)) {
      if (const auto number = SyscallNumber(abi, name)) calls.push_back({abi, *number});
    }
  }
  for (auto call : calls) {
    // The number tells these two apart, whatever the random call says.
    if (call.abi == Abi::kX86_64 || call.abi == Abi::kX32)
      call.abi = call.number >= kX32Bit && call.number != UINT32_MAX ? Abi::kX32 : Abi::kX86_64;
    const bool listed = std::ranges::any_of(
        meaning.abis, [&](const filter::AbiRules& rules) { return rules.abi() == call.abi; });
    if (!listed) continue;  // killed here and there
    const Decision wanted = filter::Decide(meaning, call);
    const Decision got = policy.Answer(call, target.arch);
    const auto verdict = filter::Evaluate(compiled, call);
    ASSERT_TRUE(Same(got, {verdict.action, verdict.data}))
        << "the judges differ: " << SyscallText(call.abi, call.number) << "\n"
        << exported.text;
    if (Same(wanted, got) || (format == "minijail" && Kills(wanted) && Kills(got))) continue;
    ASSERT_TRUE(IsSaid(exported.lost, call))
        << AbiName(call.abi) << " " << SyscallText(call.abi, call.number) << " "
        << profile::VerdictText(wanted.action, wanted.data) << " is "
        << profile::VerdictText(got.action, got.data) << "\n"
        << profile::Write(document) << exported.text << Join(exported.lost, "\n");
  }
}

class Random : public ::testing::TestWithParam<int> {};

TEST_P(Random, ProfilesAreWhatTheFilesMean) {
  Generator generator(static_cast<uint64_t>(GetParam()));
  const auto language = generator.OneOf<Language>({Language::kWhole, Language::kGenerated});
  const auto document = generator.Document(language);
  const auto calls = generator.Calls(document, 300);
  for (const auto runtime : {profile::Runtime::kNone, profile::Runtime::kRunc, profile::Runtime::kCrun}) {
    Target target = PlainTarget();
    target.runtime = runtime;
    ExpectTrue<SystemdUnit>("systemd", document, calls, target);
    ExpectTrue<MinijailPolicy>("minijail", document, calls, target);
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, Random, ::testing::Range(0, 150));

TEST(Lists, TheCatalogueIsWhatTheFilesMean) {
  Generator generator(1);
  for (const std::string name : {"docker-default", "podman-default", "audit", "allow-all"}) {
    SCOPED_TRACE(name);
    const auto document = profile::ReadProfile(name);
    ASSERT_TRUE(document) << document.error().message;
    const auto calls = generator.Calls(*document, 3000);
    ExpectTrue<SystemdUnit>("systemd", *document, calls);
    ExpectTrue<MinijailPolicy>("minijail", *document, calls);
  }
}

// Names of calls of an ABI that import reads out of an export, if it is one that lists what is allowed.
std::set<std::string> Imported(std::string_view format, const std::string& text, Abi abi) {
  const auto found = import::FindFormat(format);
  EXPECT_TRUE(found);
  import::Importer importer(**found, {});
  importer.BeginFile("exported", "exported");
  importer.Feed(text);
  EXPECT_TRUE(importer.EndFile());
  EXPECT_EQ(importer.not_understood(), 0U) << Join(importer.complaints(), "\n");
  std::set<std::string> names;
  for (const auto& row : import::Finish(importer, "", {}).rows) {
    const auto& key = row.first.second;
    if (key.abi == abi && key.fate == evidence::Fate::kAllowed) names.insert(SyscallText(abi, key.number));
  }
  return names;
}

TEST(Lists, AreReadBackByImport) {
  const auto document = profile::ReadProfile("docker-default");
  ASSERT_TRUE(document);
  const auto meaning = filter::MeaningOf(*document, PlainTarget());
  std::set<std::string> wanted;
  for (const auto& rules : meaning.abis) {
    if (rules.abi() != Abi::kX86_64) continue;
    for (const auto& [number, list] : rules.calls()) {
      const bool passes = std::ranges::any_of(
          list, [](const filter::FlatRule& rule) { return rule.action == Action::kAllow; });
      if (passes && SyscallName(Abi::kX86_64, number))
        wanted.insert(std::string(*SyscallName(Abi::kX86_64, number)));
    }
  }
  ASSERT_GT(wanted.size(), 250U);
  EXPECT_EQ(Imported("systemd", ExportOf("systemd", *document).text, Abi::kX86_64), wanted);
  EXPECT_EQ(Imported("minijail", ExportOf("minijail", *document).text, Abi::kX86_64), wanted);
}

constexpr std::string_view kWeb = R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
  "architectures": ["SCMP_ARCH_X86_64"], "flags": ["SECCOMP_FILTER_FLAG_LOG"], "syscalls": [
  {"names": ["read", "execve"], "action": "SCMP_ACT_ALLOW"},
  {"names": ["mkdir"], "action": "SCMP_ACT_LOG"},
  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
  {"names": ["mount"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]})";

TEST(Systemd, SaysWhatAUnitCannotHold) {
  const auto exported = ExportOf("systemd", DocumentOf(kWeb));
  EXPECT_THAT(
      exported.lost,
      ElementsAre("flags: SECCOMP_FILTER_FLAG_LOG: whoever loads the filter has to give them to seccomp(2)",
                  "looser: x86_64: socket (/syscalls/2): ALLOW instead of ALLOW or ERRNO(38), by arguments"));
  EXPECT_THAT(exported.text, HasSubstr("\nSystemCallErrorNumber=ENOSYS\n"));
  EXPECT_THAT(exported.text, HasSubstr("\nSystemCallArchitectures=native\n"));
  EXPECT_THAT(exported.text, HasSubstr("\nSystemCallFilter=execve mkdir read socket\n"));
  EXPECT_THAT(exported.text, HasSubstr(" mount:EPERM "));
  EXPECT_THAT(exported.text, HasSubstr("\nSystemCallLog=mkdir\n"));
}

// glibc starts no thread where clone3 is answered EPERM.
TEST(Systemd, RefusesInSeveralWays) {
  const auto exported = ExportOf("systemd", DocumentOf(R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    {"names": ["read", "execve"], "action": "SCMP_ACT_ALLOW"},
    {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38},
    {"names": ["mount", "getpid"], "action": "SCMP_ACT_KILL_PROCESS"}]})"));
  EXPECT_THAT(exported.lost, IsEmpty());
  for (const auto* word : {" clone3:ENOSYS", " getpid:kill", " mount:kill"})
    EXPECT_THAT(exported.text, HasSubstr(word));
}

TEST(Systemd, RefusesConditionalCallsIfAsked) {
  const auto exported = ExportOf("systemd", DocumentOf(kWeb), PlainTarget(), {"", Inexact::kRefuse});
  EXPECT_THAT(exported.text, HasSubstr("\nSystemCallFilter=execve mkdir read\n"));
  EXPECT_THAT(exported.lost,
              ::testing::Contains("tighter: x86_64: socket (/syscalls/2): ERRNO(38) instead of "
                                  "ALLOW or ERRNO(38), by arguments"));
}

TEST(Systemd, TellsThatNothingCouldBeStarted) {
  const auto exported =
      ExportOf("systemd", DocumentOf(R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": []})"));
  EXPECT_THAT(exported.notes, ElementsAre(HasSubstr("execve is refused")));
  EXPECT_THAT(exported.lost, IsEmpty());
}

TEST(Minijail, SaysWhatAPolicyCannotHold) {
  const auto exported = ExportOf("minijail", DocumentOf(kWeb));
  EXPECT_THAT(
      exported.lost,
      ElementsAre("flags: SECCOMP_FILTER_FLAG_LOG: whoever loads the filter has to give them to seccomp(2)",
                  "looser: x86_64: mkdir (/syscalls/1): ALLOW instead of LOG",
                  "tighter: x86_64: calls without a name: KILL_PROCESS instead of ERRNO(38)"));
  EXPECT_THAT(exported.text, HasSubstr("\nsocket: arg0 == 0x1; return 38\n"));
  EXPECT_THAT(exported.text, HasSubstr("\nmount: return 1\n"));
  EXPECT_THAT(exported.text, HasSubstr("\nvfork: return 38\n"));
}

TEST(Minijail, HoldsDockersConditions) {
  const auto document = profile::ReadProfile("docker-default");
  ASSERT_TRUE(document);
  const auto exported = ExportOf("minijail", *document);
  EXPECT_THAT(exported.lost,
              ElementsAre(HasSubstr("architectures: i386:"), HasSubstr("architectures: x32:"),
                          "tighter: x86_64: calls without a name: KILL_PROCESS instead of ERRNO(1)"));
}

}  // namespace
}  // namespace whittle::exporting::testing

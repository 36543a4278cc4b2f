// Unions, intersections and differences of profiles answer every call as the parts say, point by point.
//
//   WHITTLE_ALGEBRA_ROUNDS=3000 algebra_test     # the full size
#include "algebra/compose.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "../filter/random_document.h"
#include "base/text.h"
#include "filter/call_text.h"
#include "filter/compile.h"
#include "rounds.h"
#include "syscalls/table.h"

namespace whittle::algebra {
namespace {

using filter::Call;
using filter::Program;
using filter::testing::Generator;
using filter::testing::Language;
using profile::Action;
using profile::Document;
using profile::Target;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Operation kOperations[] = {Operation::kMerge, Operation::kIntersect, Operation::kSubtract};

Target Place(profile::Loader loader, profile::Runtime runtime, Abi arch = Abi::kX86_64) {
  Target target;
  target.loader = loader;
  target.runtime = runtime;
  if (runtime == profile::Runtime::kCrun) target.runtime_version = {1, 8, 1};
  target.arch = arch;
  target.capabilities = profile::DefaultCapabilities();
  return target;
}

Document Read(std::string_view json, const std::string& file = "part.json") {
  auto document = profile::Read(json, file, profile::Reading::kAsRuntimes);
  EXPECT_TRUE(document) << document.error().message;
  return *document;
}

Composed Made(Operation operation, const std::vector<Document>& parts, const Target& target) {
  auto composed = Compose(operation, parts, target);
  EXPECT_TRUE(composed) << composed.error().message;
  return composed ? *composed : Composed{};
}

Program ProgramOf(const Document& document, const Target& target) {
  const auto compiled = filter::Compile(document, target);
  EXPECT_TRUE(compiled) << compiled.error().message;
  EXPECT_EQ(compiled->state, filter::Compiled::State::kFiltered) << compiled->why << profile::Write(document);
  return compiled->program;
}

std::string Answer(const Document& document, const Target& target, std::string_view text) {
  const auto call = filter::ParseCall(text, target.arch);
  EXPECT_TRUE(call) << call.error().message;
  const auto verdict = filter::Evaluate(ProgramOf(document, target), *call);
  return profile::VerdictText(verdict.action, verdict.data);
}

// What is wanted, written down a second time.
Action Wanted(Operation operation, Action first, Action second) {
  const auto passes = [](Action action) { return action == Action::kAllow || action == Action::kLog; };
  switch (operation) {
    case Operation::kMerge:
      return std::max(first, second);
    case Operation::kIntersect:
      return std::min(first, second);
    case Operation::kSubtract:
      break;
  }
  return passes(first) && passes(second) ? Action::kErrno : first;
}

// Calls that are off are on the safe side, and a deviation speaks of their number.
bool IsListed(const Composed& composed, const Call& call, Action wanted, Action got) {
  return std::ranges::any_of(composed.deviations, [&](const Deviation& deviation) {
    const auto& difference = deviation.difference;
    const bool here = !difference.abi || difference.number == call.number;
    return here && difference.first.action == wanted && difference.second.action == got;
  });
}

struct Tally {
  int composed = 0;
  int exact = 0;
  int not_possible = 0;
  size_t calls = 0;
};

void CheckCalls(Generator& generator, Operation operation, const std::vector<Document>& parts,
                const Target& target, const Composed& composed, Tally& tally) {
  const Program first = ProgramOf(parts[0], target);
  const Program second = ProgramOf(parts[1], target);
  const Program whole = ProgramOf(composed.document, target);
  for (const auto& part : parts) {
    for (const auto& call : generator.Calls(part, 80)) {
      const Action wanted =
          Wanted(operation, filter::Evaluate(first, call).action, filter::Evaluate(second, call).action);
      const Action got = filter::Evaluate(whole, call).action;
      ++tally.calls;
      if (got == wanted) continue;
      ASSERT_TRUE(IsListed(composed, call, wanted, got))
          << filter::CallText(call) << ": wanted " << profile::VerdictText(wanted, 0) << ", got "
          << profile::VerdictText(got, 0) << " for " << target.Text() << "\n"
          << profile::Write(parts[0]) << profile::Write(parts[1]) << profile::Write(composed.document);
      const bool both_kill = got <= Action::kKillThread && wanted <= Action::kKillThread;
      const bool no_call = !SyscallName(call.abi, call.number) && got < Action::kLog && wanted < Action::kLog;
      ASSERT_TRUE(both_kill || no_call || (got > wanted) == (operation == Operation::kMerge))
          << filter::CallText(call);
    }
  }
}

void CheckRound(Generator& generator, Language language, int round, Tally& tally) {
  const Operation operation = kOperations[round % 3];
  const std::vector<Document> parts = {generator.Document(language), generator.Document(language)};
  const Target target = generator.Target();
  const auto composed = Compose(operation, parts, target);
  if (!composed) {
    if (composed.error().code == ErrorCode::kNotPossible) {
      ++tally.not_possible;
      fmt::print("round {}: {}\n", round, composed.error().message);
    }
    return;  // else the target does not take a part
  }
  ++tally.composed;
  tally.exact += composed->deviations.empty() ? 1 : 0;
  const auto written = profile::Read(profile::Write(composed->document), "written.json");
  ASSERT_TRUE(written) << written.error().message;
  CheckCalls(generator, operation, parts, target, *composed, tally);
}

TEST(Compose, RandomProfilesAnswerPointByPoint) {
  Generator generator(31);
  for (const Language language : {Language::kGenerated, Language::kReliable, Language::kWhole}) {
    Tally tally;
    for (int round = 0; round < Rounds() && !HasFatalFailure(); ++round)
      CheckRound(generator, language, round, tally);
    fmt::print("{} composed, {} of them exactly, {} not possible; {} calls as wanted\n", tally.composed,
               tally.exact, tally.not_possible, tally.calls);
    EXPECT_GT(tally.composed, Rounds() / 4);
    EXPECT_LE(tally.not_possible, tally.composed / 10);
  }
}

const char* const kA = R"({"defaultAction": "SCMP_ACT_ERRNO",
  "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], "syscalls": [
  {"names": ["read", "exit_group"], "action": "SCMP_ACT_ALLOW"},
  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
  {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38},
  {"names": ["kexec_load"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13}]})";
const char* const kB = R"({"defaultAction": "SCMP_ACT_ERRNO",
  "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], "syscalls": [
  {"names": ["write", "exit_group"], "action": "SCMP_ACT_ALLOW"},
  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 2, "op": "SCMP_CMP_EQ"}]}]})";

class EveryTarget : public ::testing::TestWithParam<std::pair<profile::Loader, profile::Runtime>> {};

TEST_P(EveryTarget, AUnionKeepsArgumentsAndErrnos) {
  const Target target = Place(GetParam().first, GetParam().second);
  const auto merged = Made(Operation::kMerge, {Read(kA), Read(kB)}, target);
  // On i386, runc's stub answers socket(2) of the second part, which names no call as new as this one there.
  for (const auto& deviation : merged.deviations) EXPECT_EQ(deviation.difference.abi, Abi::kI386);
  EXPECT_THAT(merged.deviations, SizeIs(target.runtime == profile::Runtime::kRunc ? 1 : 0));
  const auto answer = [&](std::string_view call) { return Answer(merged.document, target, call); };
  EXPECT_EQ(answer("read"), "ALLOW");
  EXPECT_EQ(answer("write"), "ALLOW");
  EXPECT_EQ(answer("socket(1)"), "ALLOW");
  EXPECT_EQ(answer("socket(2)"), "ALLOW");
  EXPECT_EQ(answer("socket(3)"), "ERRNO(1)");
  EXPECT_EQ(answer("socket(16)"), "ERRNO(1)");
  EXPECT_EQ(answer("clone3"), "ERRNO(38)");
  EXPECT_EQ(answer("kexec_load"), "ERRNO(13)");
  EXPECT_EQ(answer("mount"), "ERRNO(1)");
}

TEST_P(EveryTarget, AnIntersectionKeepsWhatBothLetPass) {
  const Target target = Place(GetParam().first, GetParam().second);
  const auto both =
      Made(Operation::kIntersect,
           {Read(kA), Read("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"architectures\": "
                           "[\"SCMP_ARCH_X86_64\"], \"syscalls\": [{\"names\": [\"read\", \"socket\", "
                           "\"clone3\", \"exit_group\"], \"action\": \"SCMP_ACT_ALLOW\"}]}")},
           target);
  const auto answer = [&](std::string_view call) { return Answer(both.document, target, call); };
  EXPECT_EQ(answer("read"), "ALLOW");
  EXPECT_EQ(answer("socket(1)"), "ALLOW");
  EXPECT_EQ(answer("socket(2)"), "ERRNO(1)");
  EXPECT_EQ(answer("clone3"), "ERRNO(38)");
  EXPECT_EQ(answer("i386 exit_group"), "KILL_THREAD");
}

TEST_P(EveryTarget, ADifferenceTakesAwayWhatTheOtherLetsPass) {
  const Target target = Place(GetParam().first, GetParam().second);
  const auto rest = Made(Operation::kSubtract,
                         {profile::ReadProfile("docker-default").value_or(Document{}), Read(kA)}, target);
  const auto answer = [&](std::string_view call) { return Answer(rest.document, target, call); };
  EXPECT_EQ(answer("read"), "ERRNO(1)");
  EXPECT_EQ(answer("write"), "ALLOW");
  EXPECT_EQ(answer("socket(1)"), "ERRNO(1)");
  EXPECT_EQ(answer("socket(2)"), "ALLOW");
}

const char* const kAmd64 = R"({"defaultAction": "SCMP_ACT_ERRNO",
  "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"], "syscalls": [
  {"names": ["read", "open", "mkdir", "exit_group"], "action": "SCMP_ACT_ALLOW"}]})";
const char* const kArm64 = R"({"defaultAction": "SCMP_ACT_ERRNO",
  "architectures": ["SCMP_ARCH_AARCH64"], "syscalls": [
  {"names": ["read", "openat", "mkdirat", "exit_group"], "action": "SCMP_ACT_ALLOW"}]})";

// Where names have no architecture, what one host needs is open on the other, and that is said.
TEST(Compose, ProfilesOfSeveralArchitecturesGiveEachHostItsOwn) {
  const auto target = Place(profile::Loader::kDocker, profile::Runtime::kRunc);
  const auto merged = Made(Operation::kMerge, {Read(kAmd64), Read(kArm64)}, target);
  ASSERT_THAT(merged.targets, SizeIs(2));
  EXPECT_THAT(merged.document.architectures, IsEmpty());
  ASSERT_THAT(merged.document.arch_map, SizeIs(2));
  EXPECT_THAT(merged.document.arch_map[0].sub_architectures, ::testing::ElementsAre("SCMP_ARCH_X86"));
  const auto arm = Place(profile::Loader::kDocker, profile::Runtime::kRunc, Abi::kAarch64);
  EXPECT_EQ(Answer(merged.document, target, "mkdir"), "ALLOW");
  EXPECT_EQ(Answer(merged.document, target, "i386 mkdir"), "ALLOW");
  EXPECT_EQ(Answer(merged.document, target, "mount"), "ERRNO(1)");
  EXPECT_EQ(Answer(merged.document, arm, "aarch64 mkdirat"), "ALLOW");
  EXPECT_EQ(Answer(merged.document, arm, "aarch64 mount"), "ERRNO(1)");
  std::set<std::string> wider;
  for (const auto& deviation : merged.deviations) {
    ASSERT_TRUE(deviation.difference.abi);
    wider.insert(std::string(AbiName(*deviation.difference.abi)) + " " +
                 SyscallText(*deviation.difference.abi, deviation.difference.number));
  }
  EXPECT_THAT(wider, ::testing::UnorderedElementsAre("x86_64 openat", "x86_64 mkdirat", "i386 openat",
                                                     "i386 mkdirat"));
}

TEST(Compose, AnIntersectionForSeveralHostsIsNowhereWider) {
  const auto both = Read(R"({"defaultAction": "SCMP_ACT_ERRNO",
    "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"], "syscalls": [
    {"names": ["read", "openat", "exit_group"], "action": "SCMP_ACT_ALLOW"}]})");
  const auto target = Place(profile::Loader::kDocker, profile::Runtime::kRunc);
  const auto composed = Made(Operation::kIntersect, {both, Read(kAmd64)}, target);
  EXPECT_EQ(Answer(composed.document, target, "read"), "ALLOW");
  EXPECT_EQ(Answer(composed.document, target, "openat"), "ERRNO(1)");
}

TEST(Compose, ALongWayOfWritingARangeIsStillExact) {
  const auto range = [](const char* op, int value) {
    return Read(fmt::format(
        R"({{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [
      {{"names": ["exit_group"], "action": "SCMP_ACT_ALLOW"}},
      {{"names": ["alarm"], "action": "SCMP_ACT_ALLOW", "args": [{{"index": 0, "value": {}, "op": "{}"}}]}}]}})",
        value, op));
  };
  const auto target = Place(profile::Loader::kDocker, profile::Runtime::kRunc);
  const auto composed =
      Made(Operation::kIntersect, {range("SCMP_CMP_GE", 5), range("SCMP_CMP_LT", 12)}, target);
  EXPECT_THAT(composed.deviations, IsEmpty());
  for (int value = 0; value < 20; ++value) {
    EXPECT_EQ(Answer(composed.document, target, fmt::format("alarm({})", value)),
              value >= 5 && value < 12 ? "ALLOW" : "ERRNO(1)");
  }
  EXPECT_EQ(Answer(composed.document, target, "alarm(0x100000007)"), "ERRNO(1)");
}

TEST(Compose, TheKernelsOrderOfActionsDecides) {
  const auto with = [](const char* action, const char* otherwise) {
    return Read(fmt::format(
        R"({{"defaultAction": "{}", "architectures": ["SCMP_ARCH_X86_64"], "listenerPath": "/run/l", "syscalls": [
      {{"names": ["exit_group"], "action": "SCMP_ACT_ALLOW"}}, {{"names": ["sync"], "action": "{}"}}]}})",
        otherwise, action));
  };
  Target target = Place(profile::Loader::kOci, profile::Runtime::kRunc);
  target.runtime_version = {1, 3, 0};
  const char* const order[] = {"KILL_PROCESS", "KILL_THREAD", "TRAP", "ERRNO",
                               "NOTIFY",       "TRACE",       "LOG",  "ALLOW"};
  for (size_t i = 0; i < std::size(order); ++i) {
    for (size_t j = i + 1; j < std::size(order); ++j) {
      const auto stricter = with(fmt::format("SCMP_ACT_{}", order[i]).c_str(), "SCMP_ACT_ERRNO");
      const auto looser = with(fmt::format("SCMP_ACT_{}", order[j]).c_str(), "SCMP_ACT_ERRNO");
      const auto merged = Made(Operation::kMerge, {stricter, looser}, target);
      const auto both = Made(Operation::kIntersect, {looser, stricter}, target);
      EXPECT_THAT(Answer(merged.document, target, "sync"), HasSubstr(order[j]));
      EXPECT_THAT(Answer(both.document, target, "sync"), HasSubstr(order[i]));
    }
  }
}

TEST(Compose, MergingIsIndependentOfTheOrderAndRepetition) {
  Generator generator(33);
  for (int round = 0; round < 20; ++round) {
    const auto a = generator.Document(Language::kGenerated);
    const auto b = generator.Document(Language::kGenerated);
    const auto target = Place(profile::Loader::kDocker, profile::Runtime::kCrun);
    const auto one = Compose(Operation::kMerge, std::vector{a, b}, target);
    const auto other = Compose(Operation::kMerge, std::vector{b, a, a}, target);
    ASSERT_EQ(one.has_value(), other.has_value());
    if (!one) continue;
    const auto proof = prove::Compare(std::vector<Program>{ProgramOf(one->document, target)},
                                      std::vector<Program>{ProgramOf(other->document, target)});
    ASSERT_TRUE(proof);
    EXPECT_EQ(proof->answer, prove::Answer::kEqual);
  }
}

TEST(Compose, APartWithoutAFilterIsAnError) {
  const auto target = Place(profile::Loader::kDocker, profile::Runtime::kRunc);
  const auto composed = Compose(Operation::kMerge, std::vector{Read(kA), Read("{}", "empty.json")}, target);
  ASSERT_FALSE(composed);
  EXPECT_EQ(composed.error().code, ErrorCode::kBadInput);
  EXPECT_THAT(composed.error().message, HasSubstr("empty.json:1:1: /: no filter would be installed"));
}

INSTANTIATE_TEST_SUITE_P(Compose, EveryTarget,
                         ::testing::Values(std::pair{profile::Loader::kDocker, profile::Runtime::kRunc},
                                           std::pair{profile::Loader::kDocker, profile::Runtime::kCrun},
                                           std::pair{profile::Loader::kOci, profile::Runtime::kRunc},
                                           std::pair{profile::Loader::kPodman, profile::Runtime::kCrun},
                                           std::pair{profile::Loader::kDocker, profile::Runtime::kNone}));

}  // namespace
}  // namespace whittle::algebra

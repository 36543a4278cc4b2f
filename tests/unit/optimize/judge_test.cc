// What a filter says where the arguments are known.
#include "optimize/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/core.h>

#include "filter/evaluator.h"
#include "syscalls/table.h"

namespace whittle::optimize {
namespace {

using evidence::Arguments;
using evidence::CloneFlags;
using Kind = Answer::Kind;

uint32_t Number(std::string_view call) { return *SyscallNumber(Abi::kX86_64, call); }

profile::Document Parse(const std::string& rules) {
  const auto document = profile::Read(
      R"({"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [)" + rules +
          "]}",
      "p.json");
  EXPECT_TRUE(document) << document.error().message;
  return *document;
}

Arguments Of(std::vector<uint32_t> indices, std::initializer_list<Arguments::Values> all) {
  Arguments arguments(indices, *all.begin());
  for (const auto& values : all) arguments.Join(Arguments(indices, values));
  return arguments;
}

// The profile and the filter that is made of it.
std::vector<Judge> BothOf(const profile::Document& document) {
  const profile::Target target;
  std::vector<Judge> both;
  both.push_back(*Judge::Create(document, target));
  both.push_back(*Judge::Create({filter::Compile(document, target)->program}));
  return both;
}

TEST(Judge, KnownArgumentsDecideAConditionThatIsOpenWithoutThem) {
  const auto document = *profile::ReadProfile("docker-default");
  for (const auto& judge : BothOf(document)) {
    const auto ask = [&](const Arguments& seen) {
      return *judge.Ask(Abi::kX86_64, Number("personality"), CloneFlags::kUnknown, seen);
    };
    EXPECT_EQ(ask({}).kind, Kind::kDepends);
    EXPECT_EQ(ask(Of({0}, {{0}, {8}})).kind, Kind::kAllowed);
    const auto answer = ask(Of({0}, {{0}, {0x400000}, {8}}));
    EXPECT_EQ(answer.kind, Kind::kRefused) << "one of them is refused for certain";
    EXPECT_EQ(answer.with, "(READ_IMPLIES_EXEC)");
    EXPECT_EQ(answer.verdict, "ERRNO(1)");
  }
}

TEST(Judge, KnownArgumentsLeaveOpenWhatOthersDecide) {
  const auto document = Parse(R"({"names": ["prctl"], "action": "SCMP_ACT_ALLOW", "args": [
      {"index": 0, "value": 15, "op": "SCMP_CMP_EQ"}, {"index": 1, "value": 1, "op": "SCMP_CMP_EQ"}]})");
  for (const auto& judge : BothOf(document)) {
    const auto answer = *judge.Ask(Abi::kX86_64, Number("prctl"), CloneFlags::kUnknown, Of({0}, {{15}}));
    EXPECT_EQ(answer.kind, Kind::kDepends);
    EXPECT_THAT(answer.verdict, testing::AnyOf("ALLOW or ERRNO(1)", "ERRNO(1) or ALLOW"));
    const auto other = *judge.Ask(Abi::kX86_64, Number("prctl"), CloneFlags::kUnknown, Of({0}, {{16}}));
    EXPECT_EQ(other.kind, Kind::kRefused);
  }
}

// A request of ioctl with its highest bit set comes from musl with all upper bits set, from glibc with none.
TEST(Judge, ANegativeIntMayComeWithEitherUpperHalf) {
  const auto exact = Parse(R"({"names": ["ioctl"], "action": "SCMP_ACT_ALLOW",
      "args": [{"index": 1, "value": 2147767344, "op": "SCMP_CMP_EQ"}]})");
  const auto masked = Parse(R"({"names": ["ioctl"], "action": "SCMP_ACT_ALLOW",
      "args": [{"index": 1, "value": 4294967295, "valueTwo": 2147767344, "op": "SCMP_CMP_MASKED_EQ"}]})");
  const auto request = Of({1}, {{2147767344}});
  for (const auto& judge : BothOf(exact)) {
    const auto answer = *judge.Ask(Abi::kX86_64, Number("ioctl"), CloneFlags::kUnknown, request);
    EXPECT_EQ(answer.kind, Kind::kDepends);
    EXPECT_EQ(answer.with, "(*, 0xffffffff80045430)") << "the one that is refused";
    EXPECT_THAT(answer.by, testing::HasSubstr("the upper half of the argument's register"))
        << "the value itself is known";
  }
  for (const auto& judge : BothOf(masked))
    EXPECT_EQ(judge.Ask(Abi::kX86_64, Number("ioctl"), CloneFlags::kUnknown, request)->kind, Kind::kAllowed);
}

// What it says of one call whose arguments are all known is what the filter does with it.
TEST(Judge, SaysOfOneCallWhatTheFilterDoes) {
  const auto document = *profile::ReadProfile("docker-default");
  const auto program = filter::Compile(document, profile::Target{})->program;
  size_t allowed = 0, refused = 0;
  for (const auto& judge : BothOf(document)) {
    for (const char* call : {"personality", "socket", "prctl", "read", "mount", "ioctl"}) {
      for (uint64_t first = 0; first < 64; ++first) {
        for (const uint64_t second : {0ull, 1ull, 0x20008ull, 0xffffffffull}) {
          const auto answer =
              *judge.Ask(Abi::kX86_64, Number(call), CloneFlags::kUnknown, Of({0, 1}, {{first, second}}));
          const auto verdict =
              filter::Evaluate(program, {Abi::kX86_64, Number(call), {first, second, 0, 0, 0, 0}, 0});
          EXPECT_EQ(answer.kind == Kind::kAllowed, verdict.action == profile::Action::kAllow)
              << call << " " << first << " " << second;
          ++(answer.kind == Kind::kAllowed ? allowed : refused);
        }
      }
    }
  }
  EXPECT_GT(allowed, 500u);
  EXPECT_GT(refused, 500u);
}

}  // namespace
}  // namespace whittle::optimize

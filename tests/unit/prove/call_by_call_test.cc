// One call that is too much to decide costs the answer about that call, not about the others.
#include "prove/call_by_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/seccomp.h>

#include <random>

#include "../filter/random_document.h"
#include "filter/compile.h"
#include "prove/dispatch.h"
#include "prove/prove.h"
#include "random_program.h"

namespace whittle::prove {
namespace {

using filter::Program;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr size_t kBudget = 100'000;

profile::Target Plain() {
  profile::Target target;
  target.loader = profile::Loader::kOci;
  target.runtime = profile::Runtime::kNone;
  return target;
}

profile::Rule Allow(std::vector<std::string> names) {
  profile::Rule rule;
  rule.names = std::move(names);
  return rule;
}

// Allows read and what is added: the hard call by `count` pairs of arguments.
profile::Document Hard(size_t count, uint64_t seed) {
  profile::Document document;
  document.rules = {Allow({"read"})};
  std::mt19937_64 random(seed);
  for (size_t i = 0; i < count; ++i) {
    profile::Rule& rule = document.rules.emplace_back(Allow({"bpf"}));
    const auto first = static_cast<uint32_t>(random() % 6);
    const auto second = static_cast<uint32_t>((first + 1 + random() % 5) % 6);
    for (const uint32_t index : {first, second})
      rule.conditions.push_back({index, profile::Operator::kEqual, random(), 0});
  }
  return document;
}

std::vector<Program> Compiled(const profile::Document& document) {
  auto compiled = filter::Compile(document, Plain());
  EXPECT_TRUE(compiled) << compiled.error().message;
  return {std::move(compiled->program)};
}

std::vector<std::string> UndecidedIn(const Proof& proof) {
  std::vector<std::string> texts;
  for (const auto& undecided : proof.undecided) texts.push_back(UndecidedText(undecided));
  return texts;
}

TEST(CallByCall, OneHardCallDoesNotHideTheOthers) {
  auto second = Hard(60, 2);
  second.rules.push_back(Allow({"getpid"}));
  const auto proof = Compare(Compiled(Hard(60, 1)), Compiled(second), {.node_budget = kBudget});
  ASSERT_TRUE(proof) << proof.error().message;
  EXPECT_EQ(proof->answer, Answer::kDifferent);
  ASSERT_EQ(proof->differences.size(), 1u);
  EXPECT_EQ(proof->differences[0].number, 39u);
  EXPECT_EQ(proof->NowhereLooser(), false);
  EXPECT_THAT(UndecidedIn(*proof), ElementsAre("x86_64 bpf"));
}

TEST(CallByCall, WhatNoOtherCallAnswersStaysUndecided) {
  const auto proof = Compare(Compiled(Hard(60, 1)), Compiled(Hard(60, 2)), {.node_budget = kBudget});
  ASSERT_TRUE(proof) << proof.error().message;
  EXPECT_EQ(proof->answer, Answer::kUndecided);
  EXPECT_EQ(proof->NowhereLooser(), std::nullopt);
  EXPECT_THAT(proof->differences, IsEmpty());
  EXPECT_THAT(UndecidedIn(*proof), ElementsAre("x86_64 bpf"));
}

TEST(CallByCall, AHardCallThatDidNotChangeIsEqual) {
  auto second = Hard(60, 1);
  second.rules.push_back(Allow({"getpid"}));
  const auto proof = Compare(Compiled(Hard(60, 1)), Compiled(second), {.node_budget = kBudget});
  ASSERT_TRUE(proof) << proof.error().message;
  EXPECT_THAT(proof->undecided, IsEmpty());
  ASSERT_EQ(proof->differences.size(), 1u);
  EXPECT_EQ(proof->differences[0].number, 39u);
  EXPECT_TRUE(proof->differences[0].every_argument);
}

// Whichever way was taken, the answers are the same.
TEST(CallByCall, SaysWhatTheWholeSays) {
  filter::testing::Generator generator(5);
  int different = 0;
  for (int round = 0; round < 200; ++round) {
    const auto document = generator.Document(filter::testing::Language::kWhole);
    auto other = document;
    if (!other.rules.empty()) other.rules.erase(other.rules.begin());
    const auto first = filter::Compile(document, Plain());
    const auto second = filter::Compile(other, Plain());
    if (!first || !second || first->program.empty() || second->program.empty()) continue;
    const std::vector<Program> a = {first->program};
    const std::vector<Program> b = {second->program};
    const Side one{{a}};
    const Side two{{b}};
    const auto whole = PutInOrder(Order::kByWord, one, two, 1'000'000);
    const auto parts = CompareCallByCall(one, two, 1'000'000);
    ASSERT_TRUE(whole.decided());
    ASSERT_TRUE(parts);
    ASSERT_EQ(parts->undecided, 0u);
    EXPECT_EQ(parts->differences == Diagrams::kFalse, whole.differences == Diagrams::kFalse);
    different += whole.differences == Diagrams::kFalse ? 0 : 1;
    for (const auto& call : generator.Calls(document, 200)) {
      const filter::Data data = filter::DataOf(call);
      const auto leaf_in = [&](const SideBySide& sides, Node node) {
        const Node leaf = sides.diagrams->LeafOf(node, data);
        return sides.diagrams->IsPair(leaf) ? UINT32_MAX : sides.diagrams->VerdictOf(leaf);
      };
      ASSERT_EQ(leaf_in(*parts, parts->first), leaf_in(whole, whole.first));
      ASSERT_EQ(leaf_in(*parts, parts->second), leaf_in(whole, whole.second));
      ASSERT_EQ(leaf_in(*parts, parts->differences), leaf_in(whole, whole.differences));
    }
  }
  EXPECT_GT(different, 50);
}

// The cut filter does what the filter does, in the same instructions but for those of the cut.
TEST(Dispatch, AndBodyAreTheFilter) {
  filter::testing::Generator generator(6);
  size_t bodies = 0;
  for (int round = 0; round < 300; ++round) {
    const auto document = generator.Document(filter::testing::Language::kWhole);
    const auto compiled = filter::Compile(document, generator.Target());
    if (!compiled || compiled->program.empty()) continue;
    const auto dispatch = DispatchOf(compiled->program);
    ASSERT_TRUE(dispatch);
    bodies += dispatch->bodies.size();
    for (const auto& body : dispatch->bodies) ASSERT_TRUE(filter::Validate(body));
    for (const auto& call : generator.Calls(document, 100)) {
      const auto path = filter::PathOf(dispatch->keys, call);
      const auto& body = dispatch->bodies[dispatch->keys[path.back()].k];
      const auto expected = filter::Evaluate(compiled->program, call);
      const auto got = filter::Evaluate(body, call);
      ASSERT_EQ(got.action, expected.action);
      ASSERT_EQ(got.data, expected.data);
      ASSERT_EQ(got.steps + path.size() - 1, expected.steps);
    }
  }
  EXPECT_GT(bodies, 1000u);
}

// Any program that is cut at all is cut right.
TEST(Dispatch, OfAnyProgramIsRightOrNothing) {
  testing::Generator generator(7);
  int cut = 0;
  for (int round = 0; round < 5000; ++round) {
    const auto program = generator.Program({.instructions = 12, .words = 6});
    const auto dispatch = DispatchOf(program);
    if (!dispatch) continue;
    ++cut;
    for (int i = 0; i < 20; ++i) {
      auto data = generator.Data(program);
      data[1] = AuditArch(Abi::kX86_64);
      const auto path = filter::PathOf(dispatch->keys, filter::CallOf(data, Abi::kX86_64));
      const auto got = filter::Evaluate(dispatch->bodies[dispatch->keys[path.back()].k], data);
      const auto expected = filter::Evaluate(program, data);
      ASSERT_EQ(got.action, expected.action);
      ASSERT_EQ(got.data, expected.data);
    }
  }
  EXPECT_GT(cut, 100);
}

TEST(Dispatch, AskingTheNumberBehindAnArgumentIsNotCut) {
  const Program program = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 16}, {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 5},
                           {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}, {BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
                           {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 1},  {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
                           {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL}};
  EXPECT_FALSE(DispatchOf(program));
}

}  // namespace
}  // namespace whittle::prove

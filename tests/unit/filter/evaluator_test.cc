// A prepared filter answers as the machine does, steps included; what the kernel finds constant is.
#include "filter/evaluator.h"

#include <gtest/gtest.h>
#include <linux/seccomp.h>

#include "../prove/random_program.h"
#include "filter/cache.h"
#include "filter/call_text.h"
#include "filter/compile.h"
#include "filter/lower.h"
#include "filter/meaning.h"
#include "profile/catalogue.h"
#include "random_document.h"
#include "syscalls/table.h"

namespace whittle::filter {
namespace {

using testing::Generator;
using testing::Language;

std::string Text(const Verdict& verdict) {
  return profile::VerdictText(verdict.action, verdict.data) + " after " + std::to_string(verdict.steps);
}

// Any number, most of them such as calls have.
Call AnyCall(Generator& generator) {
  Call call;
  call.abi = AllAbis()[generator.Below(kAbiCount)];
  call.number = static_cast<uint32_t>(generator.Below(uint64_t{1} << generator.Below(33)));
  if (generator.Below(3) == 0) call.number = *SyscallNumber(call.abi, "read");
  if (generator.Below(3) == 0) call.number |= kX32Bit;
  for (auto& argument : call.arguments)
    argument = generator.Below(4) == 0 ? generator.Below(UINT64_MAX) : generator.Below(50);
  return call;
}

TEST(Evaluator, AnswersAsTheMachineDoesForStacksOfCompiledProfiles) {
  Generator generator(41);
  for (int round = 0; round < 400 && !HasFailure(); ++round) {
    std::vector<Program> programs;
    const auto document = generator.Document(static_cast<Language>(round % 3));
    for (size_t count = generator.Below(4); programs.size() < count;) {
      const auto other = programs.empty() ? document : generator.Document(Language::kWhole);
      const Meaning meaning = MeaningOf(other, generator.Target());
      if (meaning.state != Compiled::State::kFiltered) break;
      programs.push_back(Lower(meaning, generator.Below(2) == 0 ? PassSet::All() : PassSet::None()));
    }
    const Evaluator evaluator(programs);
    auto calls = generator.Calls(document, 100);
    for (int i = 0; i < 50; ++i) calls.push_back(AnyCall(generator));
    for (const auto& call : calls) {
      ASSERT_EQ(Text(evaluator.Of(call)), Text(EvaluateStacked(programs, call))) << CallText(call);
    }
  }
}

TEST(Evaluator, AnswersAsTheMachineDoesForAnyProgramThatTheKernelTakes) {
  Generator calls(42);
  prove::testing::Generator programs(43);
  for (int round = 0; round < 2000; ++round) {
    Program program = programs.Program({.instructions = 24, .words = 6});
    // So that it has a table, and A holds something else than zero behind it.
    Program whole = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 4},
                     {BPF_JMP | BPF_JEQ | BPF_K, 0, 0, AuditArch(Abi::kX86_64)}};
    whole.insert(whole.end(), program.begin(), program.end());
    ASSERT_TRUE(Validate(whole));
    const Evaluator evaluator(std::span(&whole, 1));
    for (int i = 0; i < 60; ++i) {
      const Call call = AnyCall(calls);
      ASSERT_EQ(Text(evaluator.Of(call)), Text(Evaluate(whole, call))) << CallText(call);
    }
  }
}

// --- the kernel's cache ---

// The calls of an ABI that a meaning allows whatever their arguments.
std::vector<uint32_t> AlwaysAllowed(const Meaning& meaning, Abi abi) {
  std::vector<uint32_t> allowed;
  for (uint32_t index = 0; index < 600; ++index) {
    const uint32_t number = index | AbiBit(abi);
    const Resolution resolution = Resolve(meaning, abi, number);
    auto action = resolution.decision.action;
    if (resolution.rules != nullptr && !resolution.rules->empty()) {
      if (!resolution.rules->front().conditions.empty()) continue;
      action = resolution.rules->front().action;
    }
    if (action == profile::Action::kAllow) allowed.push_back(number);
  }
  return allowed;
}

size_t CountCached(const profile::Document& document, const profile::Target& target) {
  const Meaning meaning = MeaningOf(document, target);
  if (meaning.state != Compiled::State::kFiltered) return 0;
  const auto compiled = Compile(document, target);
  EXPECT_TRUE(compiled);
  size_t cached = 0;
  for (const Abi abi : SiblingAbis(target.arch)) {
    for (const uint32_t number : AlwaysAllowed(meaning, abi)) {
      EXPECT_TRUE(IsConstantAllow(std::span(&compiled->program, 1), abi, number))
          << AbiName(abi) << " " << SyscallText(abi, number) << " in " << document.file << " for "
          << target.Text();
      ++cached;
    }
  }
  return cached;
}

TEST(Cache, EveryCallThatAProfileAllowsWhateverItsArgumentsIsServedByIt) {
  Generator generator(44);
  size_t cached = 0;
  for (int round = 0; round < 500 && !HasFailure(); ++round) {
    cached += CountCached(generator.Document(static_cast<Language>(round % 3)), generator.Target());
  }
  EXPECT_GT(cached, 10'000u);
}

TEST(Cache, EveryCallThatTheCatalogueAllowsWhateverItsArgumentsIsServedByItOnEveryArchitecture) {
  for (const auto& entry : profile::Catalogue()) {
    const auto document = profile::ReadProfile(std::string(entry.name));
    ASSERT_TRUE(document) << entry.name;
    for (const Abi native :
         {Abi::kX86_64, Abi::kAarch64, Abi::kS390x, Abi::kPpc64, Abi::kRiscv64, Abi::kLoongarch64}) {
      profile::Target target;
      target.arch = native;
      target.capabilities = profile::DefaultCapabilities();
      CountCached(*document, target);
    }
  }
}

TEST(Cache, WhatTheKernelFindsConstantIsAllowedForAnyArguments) {
  Generator generator(45);
  prove::testing::Generator programs(46);
  int constant = 0;
  for (int round = 0; round < 10'000; ++round) {
    const Program program =
        programs.Program({.instructions = 12, .words = 3, .arithmetic = false, .registers = false});
    Call call = AnyCall(generator);
    if (!IsConstantAllow(std::span(&program, 1), call.abi, call.number)) continue;
    ++constant;
    for (int i = 0; i < 20; ++i) {
      for (auto& argument : call.arguments) argument = generator.Below(UINT64_MAX);
      ASSERT_EQ(Evaluate(program, call).action, profile::Action::kAllow);
    }
  }
  EXPECT_GT(constant, 50);
}

TEST(Cache, FollowsWhatTheKernelFollowsAndNothingElse) {
  const auto allows = [](Program program) {
    program.push_back({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW});
    return IsConstantAllow(std::span(&program, 1), Abi::kX86_64, 39);
  };
  const sock_filter number{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0};
  EXPECT_TRUE(allows({}));
  EXPECT_TRUE(allows({number}));
  EXPECT_TRUE(allows({number, {BPF_ALU | BPF_AND | BPF_K, 0, 0, 7}, {BPF_JMP | BPF_JSET | BPF_K, 0, 0, 7}}));
  EXPECT_TRUE(allows({{BPF_JMP | BPF_JA, 0, 0, 1}, {BPF_RET | BPF_K, 0, 0, 0}}));
  EXPECT_TRUE(allows({number, {BPF_JMP | BPF_JGT | BPF_K, 1, 0, 38}, {BPF_RET | BPF_K, 0, 0, 0}}));
  EXPECT_FALSE(allows({number, {BPF_JMP | BPF_JGT | BPF_K, 1, 0, 39}, {BPF_RET | BPF_K, 0, 0, 0}}));
  EXPECT_FALSE(allows({{BPF_LD | BPF_W | BPF_ABS, 0, 0, 16}}));
  EXPECT_FALSE(allows({{BPF_LD | BPF_IMM, 0, 0, 1}}));
  EXPECT_FALSE(allows({number, {BPF_ALU | BPF_OR | BPF_K, 0, 0, 1}}));
  EXPECT_FALSE(allows({number, {BPF_MISC | BPF_TAX, 0, 0, 0}}));
  EXPECT_FALSE(allows({number, {BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 0}}));
  Program logs = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_LOG}};
  EXPECT_FALSE(IsConstantAllow(std::span(&logs, 1), Abi::kX86_64, 39));
}

TEST(Cache, IsThereFrom511OnForTheNativeAndOneOtherAbi) {
  const profile::Version old{5, 10, 200};
  const profile::Version first{5, 11, 0};
  EXPECT_FALSE(HasVerdictCache(old, Abi::kX86_64, Abi::kX86_64));
  EXPECT_TRUE(HasVerdictCache(first, Abi::kX86_64, Abi::kX86_64));
  EXPECT_TRUE(HasVerdictCache(first, Abi::kX86_64, Abi::kI386));
  EXPECT_FALSE(HasVerdictCache(first, Abi::kX86_64, Abi::kX32));
  EXPECT_TRUE(HasVerdictCache(first, Abi::kAarch64, Abi::kArm));
  EXPECT_FALSE(HasVerdictCache(first, Abi::kAarch64, Abi::kX86_64));
  EXPECT_FALSE(HasVerdictCache(first, Abi::kMips64, Abi::kMips64));
}

}  // namespace
}  // namespace whittle::filter

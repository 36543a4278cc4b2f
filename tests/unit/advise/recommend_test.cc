#include "advise/recommend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "profile/catalogue.h"
#include "syscalls/table.h"

namespace whittle::advise {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

// Calls of a program of a container, seen often.
void See(evidence::Evidence& evidence, const std::string& container, const std::string& executable,
         const std::vector<const char*>& calls, Abi abi = Abi::kX86_64) {
  auto& recording = evidence.recordings["r"];
  recording.epochs = 10;
  recording.epoch_ms = 1000;
  for (const auto* call : calls) {
    evidence
        .subjects[{container, executable, evidence::Arrival::kWorkload}]
                 [{abi, *SyscallNumber(abi, call), evidence::Fate::kAllowed, false}]
        .epochs["r"]
        .Add(2, 5);
  }
}

Recommendations RecommendedOf(const evidence::Evidence& evidence, const optimize::Options& options = {}) {
  auto made = Recommend(evidence, options);
  EXPECT_TRUE(made) << made.error().message;
  return made ? *made : Recommendations{};
}

Recommendation RecommendedFor(const std::vector<const char*>& calls) {
  evidence::Evidence evidence;
  See(evidence, "web", "/bin/app", calls);
  auto made = RecommendedOf(evidence);
  EXPECT_EQ(made.containers.size(), 1u);
  return made.containers.empty() ? Recommendation{} : made.containers[0];
}

const Candidate& Named(const Recommendation& made, std::string_view name) {
  EXPECT_NE(made.named(name), nullptr) << name;
  return *made.named(name);
}

TEST(Recommend, TheOneThatWorksWithTheFewestPoints) {
  const auto made = RecommendedFor({"read", "write", "openat", "exit_group"});
  ASSERT_NE(made.best(), nullptr);
  EXPECT_EQ(made.candidates.size(), profile::Catalogue().size());
  for (const auto& candidate : made.candidates) {
    EXPECT_EQ(candidate.works, Works::kYes) << candidate.name;
    EXPECT_TRUE(!candidate.protects || candidate.score.points >= made.best()->score.points) << candidate.name;
  }
  EXPECT_TRUE(made.best()->protects);
  EXPECT_TRUE(made.worth_it());
  EXPECT_EQ(made.saved(), made.best()->score.points - made.custom_score.points);
}

TEST(Recommend, WhatItLeavesOpenBeyondTheEvidence) {
  const auto made = RecommendedFor({"read", "write", "exit_group"});
  EXPECT_THAT(made.best()->beyond, Contains("listen"));
  EXPECT_THAT(made.best()->beyond, Not(Contains("read")));
  EXPECT_THAT(made.best()->beyond, Not(Contains("capset")));  // the runtime's own
}

TEST(Recommend, WhatWouldBreakIsNotRecommended) {
  const auto made = RecommendedFor({"read", "bpf"});
  EXPECT_EQ(made.best(), nullptr);
  EXPECT_TRUE(made.worth_it());
  const auto& docker = Named(made, "docker-default");
  EXPECT_EQ(docker.works, Works::kNo);
  ASSERT_EQ(docker.verification.refused.size(), 1u);
  EXPECT_EQ(docker.verification.refused[0].subject.executable, "/bin/app");
  EXPECT_EQ(Named(made, "allow-all").works, Works::kYes);
  EXPECT_FALSE(Named(made, "allow-all").protects);
  EXPECT_EQ(made.saved(), made.custom_score.most - made.custom_score.points);
}

TEST(Recommend, WhatDependsOnArgumentsIsPerhaps) {
  const auto made = RecommendedFor({"read", "personality"});
  EXPECT_EQ(Named(made, "docker-default").works, Works::kPerhaps);
  EXPECT_EQ(made.best(), nullptr);
}

Recommendation RecommendedForNode(const std::vector<const char*>& calls) {
  evidence::Evidence evidence;
  See(evidence, "web", "/usr/bin/node", calls);
  return RecommendedOf(evidence).containers.at(0);
}

// Docker's default answers EPERM to pkey_alloc.
TEST(Recommend, WhatAProgramWasMeasuredToDoWithoutMayBeRefused) {
  const auto made = RecommendedForNode({"read", "mq_open", "pkey_alloc"});
  const auto& docker = Named(made, "docker-default");
  EXPECT_EQ(docker.works, Works::kWithout);
  EXPECT_TRUE(docker.suits());
  ASSERT_EQ(docker.spared.size(), 1u);
  EXPECT_EQ(docker.spared[0].fact->call, "pkey_alloc");
  EXPECT_THAT(docker.missing, ElementsAre("pkey_alloc"));
  EXPECT_FALSE(docker.verification.passed());
  EXPECT_EQ(Named(made, "podman-default").works, Works::kYes);
  EXPECT_EQ(made.best(), &docker);
  ASSERT_EQ(made.programs.size(), 1u);
  EXPECT_EQ(made.programs[0].alone, "docker-default");
  const auto other = RecommendedFor({"read", "mq_open", "pkey_alloc"});
  EXPECT_EQ(Named(other, "docker-default").works, Works::kNo);
  EXPECT_EQ(other.best()->name, "containerd-default");
}

TEST(Recommend, WhatItDoesWithoutIsNoReasonForTheRest) {
  const auto more = RecommendedForNode({"read", "pkey_alloc", "bpf"});
  const auto& docker = Named(more, "docker-default");
  EXPECT_EQ(docker.works, Works::kNo);
  ASSERT_EQ(docker.missed().size(), 1u);
  EXPECT_EQ(SyscallText(Abi::kX86_64, docker.missed()[0].number), "bpf");
  EXPECT_THAT(docker.missing, ElementsAre("bpf", "pkey_alloc"));
  ASSERT_TRUE(docker.amended);
  EXPECT_THAT(docker.amended->added, ElementsAre("bpf"));
  ASSERT_EQ(docker.amended->spared.size(), 1u);
  EXPECT_EQ(docker.amended->spared[0].fact->call, "pkey_alloc");
  EXPECT_EQ(Named(RecommendedForNode({"pkey_alloc", "personality"}), "docker-default").works,
            Works::kPerhaps);
}

// Of two programs of a container one is known to do without.
TEST(Recommend, WhoWasNotMeasuredIsNotSpared) {
  evidence::Evidence evidence;
  See(evidence, "web", "/usr/bin/node", {"read", "mq_open", "pkey_alloc"});
  See(evidence, "web", "/usr/bin/app", {"read", "mq_open", "pkey_alloc"});
  const auto made = RecommendedOf(evidence).containers.at(0);
  EXPECT_EQ(Named(made, "docker-default").works, Works::kNo);
  EXPECT_EQ(made.best()->name, "containerd-default");
  EXPECT_EQ(made.programs[0].executable, "/usr/bin/app");
  EXPECT_EQ(made.programs[0].without, "docker-default");
  EXPECT_EQ(made.programs[1].without, "");
}

TEST(Recommend, OtherAbisAreLeftOpenUnlessTheEvidenceCallsForThem) {
  evidence::Evidence evidence;
  See(evidence, "64", "/bin/app", {"read"});
  See(evidence, "32", "/bin/app", {"read"}, Abi::kI386);
  const auto made = RecommendedOf(evidence);
  ASSERT_EQ(made.containers.size(), 2u);
  EXPECT_THAT(Named(made.containers[0], "docker-default").beyond_abis, Not(Contains(Abi::kI386)));
  EXPECT_THAT(Named(made.containers[1], "docker-default").beyond_abis, Contains(Abi::kI386));
}

// --- Container by container, program by program

TEST(Recommend, EachContainerForItself) {
  evidence::Evidence evidence;
  See(evidence, "calm", "/bin/app", {"read"});
  See(evidence, "wild", "/bin/app", {"read", "bpf"});
  evidence.subjects[{"from-outside", "/usr/bin/runc", evidence::Arrival::kArrived}] = {};
  const auto made = RecommendedOf(evidence);
  ASSERT_EQ(made.containers.size(), 2u);
  EXPECT_EQ(made.containers[0].container, "calm");
  EXPECT_NE(made.containers[0].best(), nullptr);
  EXPECT_EQ(made.containers[1].container, "wild");
  EXPECT_EQ(made.containers[1].best(), nullptr);
  EXPECT_THAT(made.silent, ElementsAre("from-outside"));
}

// The same as if the evidence of each had been given alone.
TEST(Recommend, OthersDoNotChangeWhatIsSaidOfAContainer) {
  evidence::Evidence both, alone;
  See(both, "web", "/bin/app", {"read", "socket", "accept4"});
  See(alone, "web", "/bin/app", {"read", "socket", "accept4"});
  See(both, "z-other", "/bin/app", {"read", "bpf", "mount"});
  const auto of_both = RecommendedOf(both).containers[0], of_one = RecommendedOf(alone).containers[0];
  EXPECT_EQ(of_both.custom_score.points, of_one.custom_score.points);
  ASSERT_EQ(of_both.candidates.size(), of_one.candidates.size());
  for (size_t i = 0; i < of_one.candidates.size(); ++i) {
    EXPECT_EQ(of_both.candidates[i].name, of_one.candidates[i].name);
    EXPECT_EQ(of_both.candidates[i].works, of_one.candidates[i].works);
    EXPECT_EQ(of_both.candidates[i].beyond, of_one.candidates[i].beyond);
  }
}

TEST(Recommend, TheProgramThatForcesAWiderOneIsNamed) {
  evidence::Evidence evidence;
  See(evidence, "web", "/bin/app", {"read", "write"});
  See(evidence, "web", "/bin/sh", {"read", "bpf"});
  evidence.scripts[{"web", "/bin/sh", evidence::Arrival::kWorkload}] = {"/entrypoint.sh"};
  const auto made = RecommendedOf(evidence).containers[0];
  EXPECT_EQ(made.best(), nullptr);
  ASSERT_EQ(made.programs.size(), 2u);
  const auto tightest = RecommendedFor({"read", "write"}).best()->name;
  EXPECT_EQ(made.programs[0].executable, "/bin/app");
  EXPECT_EQ(made.programs[0].alone, tightest);
  EXPECT_EQ(made.programs[0].without, "");
  EXPECT_EQ(made.programs[1].executable, "/bin/sh");
  EXPECT_EQ(made.programs[1].alone, "");
  EXPECT_EQ(made.programs[1].without, tightest);
  EXPECT_THAT(made.programs[1].scripts, ElementsAre("/entrypoint.sh"));
}

TEST(Recommend, WhereTwoProgramsForceItNeitherIsToBlameAlone) {
  evidence::Evidence evidence;
  for (const auto* executable : {"/bin/one", "/bin/two"}) See(evidence, "web", executable, {"read", "bpf"});
  const auto made = RecommendedOf(evidence);
  for (const auto& program : made.containers[0].programs) {
    EXPECT_EQ(program.alone, "") << program.executable;
    EXPECT_EQ(program.without, "") << program.executable;
  }
}

// The tightest for a program is what is recommended if it were the container's only one.
TEST(Recommend, AloneIsWhatWouldBeRecommendedForIt) {
  const std::vector<std::vector<const char*>> kinds = {
      {"read"}, {"read", "personality"}, {"read", "mount"}, {"socket", "accept4"}, {"unshare"}};
  evidence::Evidence evidence;
  for (size_t i = 0; i < kinds.size(); ++i) See(evidence, "web", "/bin/" + std::to_string(i), kinds[i]);
  const auto made = RecommendedOf(evidence).containers[0];
  ASSERT_EQ(made.programs.size(), kinds.size());
  for (size_t i = 0; i < kinds.size(); ++i) {
    const auto alone = RecommendedFor(kinds[i]);
    EXPECT_EQ(made.programs[i].alone, alone.best() == nullptr ? "" : alone.best()->name) << i;
  }
}

// --- Near misses

TEST(Recommend, TheFewCallsThatMissAreTriedBeforeTheyAreAdvised) {
  const auto made = RecommendedFor({"read", "bpf"});
  const auto& docker = Named(made, "docker-default");
  EXPECT_THAT(docker.missing, ElementsAre("bpf"));
  ASSERT_TRUE(docker.amended);
  EXPECT_THAT(docker.amended->added, ElementsAre("bpf"));
  EXPECT_GT(docker.amended->score.points, docker.score.points);
  EXPECT_LT(docker.amended->score.points, docker.score.most);
}

TEST(Recommend, WhatCannotBeAddedIsNotAdvised) {
  evidence::Evidence evidence;
  See(evidence, "web", "/bin/app", {"read"});
  // A number that has no name on x86-64, and so no place in a profile.
  evidence
      .subjects[{"web", "/bin/app", evidence::Arrival::kWorkload}]
               [{Abi::kX86_64, 999, evidence::Fate::kAllowed, false}]
      .epochs["r"]
      .Add(2, 5);
  const auto made = RecommendedOf(evidence).containers[0];
  const auto& docker = Named(made, "docker-default");
  EXPECT_THAT(docker.missing, ElementsAre("#999"));
  EXPECT_FALSE(docker.amended);
}

TEST(Recommend, WhatIsNoBetterThanTheRecommendedIsNotAdvised) {
  for (const auto& kinds : std::vector<std::vector<const char*>>{{"read"}, {"unshare"}, {"read", "bpf"}}) {
    const auto made = RecommendedFor(kinds);
    for (const auto& candidate : made.candidates) {
      if (!candidate.amended || made.best() == nullptr) continue;
      EXPECT_LT(candidate.amended->score.points, made.best()->score.points) << candidate.name;
    }
  }
}

TEST(Recommend, WithoutAWorkloadThereIsNothingToRecommend) {
  const auto made = Recommend(evidence::Evidence{}, {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kBadInput);
}

}  // namespace
}  // namespace whittle::advise

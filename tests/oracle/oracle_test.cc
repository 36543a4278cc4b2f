// The compiler against the oracle over random documents.
//   WHITTLE_ORACLE_VERDICTS  how many verdicts at least (200,000)
//   WHITTLE_ORACLE_SEED      where randomness begins (1)
#include <gtest/gtest.h>

#include <iostream>

#include "compare.h"
#include "run_checks.h"

namespace whittle::oracle {
namespace {

constexpr size_t kCallsOfADocument = 250;
constexpr int kDocumentsAtOnce = 200;

bool CheckSome(uint64_t seed, Tally& tally) {
  size_t round = seed;
  return CheckMany(kDocumentsAtOnce, seed, [&] {
    const auto made = *AnyCase();
    const std::string difference = FirstDifference(made, kCallsOfADocument, round++, tally);
    if (!difference.empty()) RC_FAIL(difference);
  });
}

TEST(Oracle, TheCompiledFilterAnswersAsTheDocumentMeansForTheTarget) {
  const uint64_t wanted = FromEnvironment("WHITTLE_ORACLE_VERDICTS", 200'000);
  uint64_t seed = FromEnvironment("WHITTLE_ORACLE_SEED", 1);
  Tally tally;
  while (tally.verdicts < wanted) ASSERT_TRUE(CheckSome(seed++, tally)) << "batch " << seed - 1;
  std::cout << "oracle: " << Text(tally);
  for (const auto& name : NeverMet(tally)) ADD_FAILURE() << "no document met: " << name;
  // The compiler draws conclusions from one test at a time: what only two tests of one word together decide
  // is asked again, and one of the two answers is never given. That is rare, and costs nothing but the
  // instruction.
  EXPECT_LE(tally.unreachable * 1000, tally.instructions);
  for (const auto& place : tally.unreachable_places) std::cout << "reached by no call: " << place << '\n';
}

}  // namespace
}  // namespace whittle::oracle

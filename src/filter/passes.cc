#include "filter/passes.h"

namespace whittle::filter {
namespace {

constexpr PassRow kPasses[] = {
    {Pass::kMergeRanges,
     "merge-ranges",
     "numbers beside each other that get the same answer are told apart from the rest only",
     {}},
    {Pass::kBalanceNumbers,
     "balance-numbers",
     "a call is found by halving the numbers instead of asking for one after the other",
     {}},
    {Pass::kShareRests,
     "share-rests",
     "rules of a call are asked together: what is left of them after each answer is built once",
     {}},
    {Pass::kImplyTests, "imply-tests",
     "a test of a word that earlier answers about the word decide is not made", Pass::kShareRests},
    {Pass::kHalveValues, "halve-values",
     "many values of one argument are halved by order instead of compared one by one", Pass::kShareRests},
    {Pass::kShareParts, "share-parts", "equal parts of the program, returns above all, exist once", {}},
    {Pass::kReuseLoads,
     "reuse-loads",
     "a word that the accumulator already holds, or what a mask leaves of it, is not made again",
     {}},
    {Pass::kTestBits,
     "test-bits",
     "a mask compared with zero, or of one bit, is one jump instead of AND and a comparison",
     {}},
};

}  // namespace

std::span<const PassRow> AllPasses() { return kPasses; }

PassSet PassSet::All() {
  PassSet all;
  for (const auto& row : kPasses) all.bits_ |= 1u << static_cast<unsigned>(row.pass);
  return all;
}

PassSet PassSet::Only(Pass pass) {
  PassSet set;
  for (const auto& row : kPasses) {
    if (row.pass != pass) continue;
    if (row.needs) set = Only(*row.needs);
    set.bits_ |= 1u << static_cast<unsigned>(pass);
  }
  return set;
}

PassSet PassSet::Without(Pass pass) const {
  PassSet rest = *this;
  rest.bits_ &= ~(1u << static_cast<unsigned>(pass));
  for (const auto& row : kPasses) {
    if (row.needs == pass) rest = rest.Without(row.pass);
  }
  return rest;
}

}  // namespace whittle::filter

// What the compiler does beyond a plain lowering, each as a pass of its own that can be switched off: so that
// a test can hold each against the plain program, and a person can see what it is worth. Pure; thread safe.
//
// The plain lowering (no pass) asks one thing after the other: each architecture, then each number that has
// rules, then each rule with each of its conditions in the order in which they are asked; every test loads
// the word that it looks at, and every answer has a return of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace whittle::filter {

enum class Pass : uint8_t {
  kMergeRanges,
  kBalanceNumbers,
  kShareRests,
  kImplyTests,
  kHalveValues,
  kShareParts,
  kReuseLoads,
  kTestBits,
};

struct PassRow {
  Pass pass;
  std::string_view name;      // "merge-ranges"
  std::string_view text;      // one sentence: what it does
  std::optional<Pass> needs;  // the pass without which it has nothing to work on
};

std::span<const PassRow> AllPasses();

// Which passes are made. A set never holds a pass without the one that it needs.
class PassSet {
 public:
  static PassSet All();
  static PassSet None() { return PassSet(); }
  static PassSet Only(Pass pass);  // and what it needs

  PassSet Without(Pass pass) const;  // nor what needs it
  bool Has(Pass pass) const { return (bits_ >> static_cast<unsigned>(pass) & 1) != 0; }
  bool operator==(const PassSet&) const = default;

 private:
  uint32_t bits_ = 0;
};

}  // namespace whittle::filter

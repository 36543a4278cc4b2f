// First half of the behaviour diff: the single differences, each with its place, its calls and its condition.
// Pure; not thread safe: works in the store of the two sides.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "advise/condition.h"
#include "advise/diff.h"
#include "prove/side_by_side.h"

namespace whittle::advise {

// Calls of one numbering: an ABI's, or those of architectures that nobody here knows by name.
struct Place {
  std::optional<Abi> abi;
  uint32_t arch = 0;
};

// Calls of a place that all differ in the same way: under the same condition from one verdict to another.
struct Difference {
  Place place;
  filter::Verdict first, second;
  Condition condition;
  std::vector<prove::Region> regions;  // numbers, as in seccomp_data.nr
  bool every = false;                  // all numbers of the place
  bool usual = false;                  // always, and both verdicts are what each side usually answers there
  filter::Data example{};
};

struct Differences {
  std::vector<Abi> abis;
  std::vector<Difference> all;  // by place
  std::vector<WholeAbi> whole;
  bool listed_all = true;
};

// Of sides that are decided.
Differences DifferencesOf(const prove::SideBySide& sides, Abi native);

// Second half: what is the same of several calls and ABIs is one change.
std::vector<Change> ChangesOf(const Differences& differences);

}  // namespace whittle::advise

// Do two filters give the same verdict to every call: every architecture, number and argument value? Decided
// by comparing decision diagrams, or said to be undecided; never guessed. Every difference comes with a call
// that shows it, confirmed by executing both filters. Pure; thread safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "filter/program.h"
#include "prove/side.h"
#include "prove/undecided.h"
#include "syscalls/abi.h"

namespace whittle::prove {

// Words of struct seccomp_data: what a filter sees of a call, also where it is of no ABI that we know.
using Data = filter::Data;

enum class Change : uint8_t {
  kLooser,   // the second filter is more permissive than the first, as the kernel orders actions
  kTighter,  // it is stricter
  kOther,    // the same action with another errno, trap or trace value
};
Change ChangeBetween(const filter::Verdict& first, const filter::Verdict& second);

// Calls of one number that get one verdict from the first filter and another from the second.
struct Difference {
  std::optional<Abi> abi;  // nothing: any architecture or number that is not among those asked one by one
  uint32_t number = 0;     // x32: with bit 30
  filter::Verdict first;   // steps are those of the call below
  filter::Verdict second;
  Change change = Change::kOther;
  bool every_argument = false;  // no argument matters: all calls of this number differ like this
  // The smallest: by architecture, number, then arguments in order, high halves (little-endian) first, the
  // instruction pointer last.
  Data call{};
  bool smallest = true;  // false: the budget was not enough to find the smallest, and it is any call
};

// kDifferent: a difference was found, whatever else is undecided.
enum class Answer : uint8_t { kEqual, kDifferent, kUndecided };
Answer AnswerOf(bool differ, bool decided);

struct Proof {
  Answer answer = Answer::kUndecided;
  std::vector<Difference> differences;  // by ABI and number, the unknown ones last
  std::vector<Undecided> undecided;     // where the budget was not enough: there may be further differences
  size_t nodes = 0;                     // of the diagrams: what it cost

  // True if the second filter is proven to be nowhere more permissive, false if it is somewhere. Nothing if
  // that is undecided.
  std::optional<bool> NowhereLooser() const;
};

struct Options {
  // ABIs whose calls are asked one by one, 1024 numbers each from the ABI's first on; and so are those in
  // which the filters differ otherwise than in an unknown architecture. All others are one group.
  std::vector<Abi> abis = {Abi::kX86_64, Abi::kI386, Abi::kX32};
  // Of each of the two orders in which questions are asked: some 50 bytes a node, a million nodes are about
  // two seconds. Filters of runtimes need some ten thousand.
  size_t node_budget = 1'000'000;
};

// `first` and `second` are stacks of filters, first installed first; none allows everything. Errors:
// kBadInput for a program that the kernel would not take.
Result<Proof> Compare(std::span<const filter::Program> first, std::span<const filter::Program> second,
                      const Options& options = {});

// Compare() with a pointwise combination of stacks as the first side. `stacks` must not be empty.
Result<Proof> CompareWith(Pointwise how, std::span<const std::vector<filter::Program>> stacks,
                          std::span<const filter::Program> second, const Options& options = {});

}  // namespace whittle::prove

// Everything that filters can answer to a call whose arguments are not known: read off the decision diagram
// of the filters (diagram.h). Exact for every instruction that the kernel takes; of a call that is too much
// (too many conditions on several arguments, arithmetic on whole words) the answers are only those that some
// such calls were seen to get, and `decided` is false. Pure; an Oracle is not thread safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "filter/program.h"
#include "prove/diagram.h"
#include "prove/side_by_side.h"

namespace whittle::prove {

// Bit w: word w of struct seccomp_data.
using WordSet = uint16_t;

// One answer, with a call that was executed and got it: the smallest, by arguments in order (where words are
// compared with each other: a small one).
struct Outcome {
  profile::Action action = profile::Action::kAllow;
  uint16_t data = 0;  // errno, trace message; 0 where the action carries none
  filter::Call example;
  size_t decider = 0;  // the filter that the example's answer comes from, first installed first
  uint32_t steps = 0;  // instructions that the example costs
};

struct Outcomes {
  std::vector<Outcome> possible;  // strictest first; at least one
  bool more = false;  // there are other answers of these actions, not listed: the filter computes them
  // The words on which the answer depends; none if there is one answer only.
  WordSet words = 0;
  bool decided = true;

  bool always() const { return decided && possible.size() == 1; }
};

// How much of a call is let through, whatever its arguments are.
enum class Passage { kAllowed, kLogged, kDepends, kBlocked };
// What is not decided counts as kDepends.
Passage PassageOf(const Outcomes& outcomes);

// What is known of an argument: all of it, or whether it has bits of a mask.
struct Known {
  enum class How : uint8_t { kIs, kHasNoneOf, kHasSomeOf };
  uint32_t argument = 0;
  uint64_t bits = 0;
  How how = How::kIs;
};

class Oracle {
 public:
  static constexpr size_t kUsualBudget = 1'000'000;  // nodes of a diagram, about 100 bytes each

  // Stacked filters, first installed first; none allows everything. Errors: kBadInput for a program that the
  // kernel would not take.
  static Result<Oracle> Create(std::span<const filter::Program> programs, size_t node_budget = kUsualBudget);

  // The high halves of arguments count as open on 32-bit ABIs too: a 64-bit program that calls by int 0x80
  // shows the filter all 64 bits of its registers (measured on 6.18; a native i386 program has zeros there).
  // `known`: only of such calls.
  Outcomes Of(Abi abi, uint32_t number, std::span<const Known> known = {}) const;

 private:
  explicit Oracle(std::span<const filter::Program> programs) : programs_(programs.begin(), programs.end()) {}
  Node Restricted(Node of_number, Abi abi, const Known& known) const;
  Outcomes Sampled(Abi abi, uint32_t number, std::span<const Known> known) const;
  Outcome Executed(const filter::Call& call) const;

  std::vector<filter::Program> programs_;
  SideBySide sides_;  // beside nothing; not decided: it was too much as a whole, and cannot be cut
};

// The arguments that words belong to: "args[0]", "args[0] and args[3]"; "ip" for the instruction pointer.
std::string WordsText(WordSet words);

}  // namespace whittle::prove

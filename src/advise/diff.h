// The behaviour diff: what a second stack of filters does otherwise than a first one, in words of calls and
// arguments. Read off the prover's decision diagrams, so it holds for every architecture, number and argument
// value; every change comes with a call that was executed and shows it. Pure; thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "filter/program.h"
#include "prove/prove.h"
#include "syscalls/abi.h"

namespace whittle::advise {

// Which calls a change is about.
enum class Which : uint8_t {
  kNamed,     // `calls`
  kUnlisted,  // what gets each filter's usual answer: the calls that neither treats apart
  kNumbers,   // `numbers` that have no name
  kEvery,     // every call of the ABIs
};

// Numbers as they stand in seccomp_data.nr, on x32 without bit 30; `to` is included.
struct NumberRange {
  uint32_t from = 0;
  uint32_t to = 0;
  auto operator<=>(const NumberRange&) const = default;
};

struct Change {
  prove::Change change = prove::Change::kOther;
  // A call that is let through on one side is not on the other: else both refuse, in different ways.
  bool permission = false;
  filter::Verdict first, second;  // steps are those of the example
  Which which = Which::kNamed;
  std::vector<std::string> calls;  // by name; of kUnlisted and kEvery all that have one
  std::vector<NumberRange> numbers;
  // Where it is so. Empty: on architectures that neither side tells apart from an unknown one; then calls are
  // numbers.
  std::vector<Abi> abis;
  bool everywhere = false;      // on every ABI that was compared and has the calls
  std::vector<Abi> only_up_to;  // kUnlisted: ABIs where the highest numbers do not change
  std::string condition;        // behind the name: "", "(AF_PACKET, *)", " when (arg2 & 3) != 0"
  bool complete = true;         // false: it is so in further cases, which are too many to say
  std::vector<Abi> low_halves;  // ABIs where only the low 32 bits of the arguments in the condition count
  filter::Data example{};       // the smallest such call
};

// An ABI that one side answers as a whole.
struct WholeAbi {
  Abi abi = Abi::kX86_64;
  std::optional<filter::Verdict> first, second;
};

struct Diff {
  prove::Answer answer = prove::Answer::kUndecided;
  std::vector<Abi> abis;  // compared by the names of their calls
  // Looser first, then tighter, then other; in these, permissions first.
  std::vector<Change> changes;
  bool listed_all = true;       // false: there are further changes (filters that treat single numbers apart)
  std::vector<prove::Undecided> undecided;  // calls that may be further changes
  std::vector<WholeAbi> whole;  // where the sides differ in that
  // True if the one lets through nothing that the other does not. Nothing if that is undecided.
  std::optional<bool> first_allows_nothing_more;
  std::optional<bool> second_allows_nothing_more;
  bool second_looser = false;  // somewhere, as the kernel orders actions: then it is so of some change
};

struct DiffOptions {
  Abi native = Abi::kX86_64;       // whose siblings are compared by name in any case
  size_t node_budget = 1'000'000;  // as prove::Options
};

// First installed first; no filter allows everything. Errors: kBadInput for a program that the kernel would
// not take; kInternal if an example does not do what the proof says.
Result<Diff> BehaviourDiff(std::span<const filter::Program> first, std::span<const filter::Program> second,
                           const DiffOptions& options = {});

// What an answer lets happen: 0 refused, 1 left to a tracer or a supervisor, 2 made (and maybe logged).
int Permits(profile::Action action);

// "openat when (arg2 & 3) != 0", "every unlisted call": without the ABIs. At most `most` names, then how many
// more.
std::string CallsText(const Change& change, size_t most);

// The example as `simulate` reads it; "architecture 0x28 #1" where it is of no ABI that was compared.
std::string ExampleText(const Change& change);
std::optional<filter::Call> ExampleCall(const Change& change);

}  // namespace whittle::advise

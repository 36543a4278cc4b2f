// The two sides of a comparison in one store of diagrams, and where they differ: what comparing, and saying
// what differs, are built on. Not thread safe: one thread owns a store.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "filter/program.h"
#include "prove/diagram.h"
#include "prove/side.h"
#include "syscalls/abi.h"

namespace whittle::prove {

struct SideBySide {
  std::unique_ptr<Diagrams> diagrams;  // never null
  Order order = Order::kByWord;
  Node first = Diagrams::kFalse;  // what each answers
  Node second = Diagrams::kFalse;
  // False where anyone would see the same, true where it is not known (then so are both sides), else a pair.
  Node differences = Diagrams::kFalse;
  size_t undecided = 0;  // cases that are not known: kinds of calls, however many numbers they have

  // False if neither order of the questions was small enough: then the nodes mean nothing.
  bool decided() const { return !diagrams->exhausted(); }
  // The diagram of an ABI's calls; what remains to be asked first is the number.
  Node OfAbi(Node node, Abi abi) const { return diagrams->Assume(node, kArchWord, AuditArch(abi)); }
  // The same for an architecture that no filter names.
  Node OfUnknownArch(Node node) const { return diagrams->Assume(node, kArchWord, UINT32_MAX); }
};

// As a whole if that is not too much, else call by call (call_by_call.h). The store of decided sides has the
// budget again for questions about them. Errors: kBadInput for a program that the kernel would not take.
Result<SideBySide> PutSideBySide(const Side& first, const Side& second, size_t node_budget);

// As a whole, in one order, within the budget or not at all. Both must be valid.
SideBySide PutInOrder(Order order, const Side& first, const Side& second, size_t node_budget);

// What anyone sees of a leaf.
filter::Verdict VerdictOf(uint32_t value);

// `always`, and the ABIs in which the filters differ otherwise than in an architecture that nobody knows. In
// the order of AllAbis().
std::vector<Abi> AbisToTellApart(const SideBySide& sides, std::span<const Abi> always);

// Runs both sides on a call and sets the verdicts' steps. Errors: kInternal if it is not as the verdicts
// say: a proof that its own example contradicts is a fault of ours.
Result<void> Confirm(const Side& first, const Side& second, const filter::Data& call,
                     filter::Verdict& first_verdict, filter::Verdict& second_verdict);

// Calls that are numbered one after the other and get the same.
struct Region {
  uint32_t from = 0;
  uint32_t to = 0;  // included
  Node node = Diagrams::kFalse;
};

// The values of `word`, which must be the first that `node` asks, as the longest runs that go on in the same
// way, in order; they cover all values. No more than `most`: then what was found so far, without the rest.
std::vector<Region> RegionsOf(const Diagrams& diagrams, Node node, int word, size_t most);

// Of regions of numbers those that are of the ABI's calls; all, if none is named.
std::vector<Region> Clip(const std::vector<Region>& regions, std::optional<Abi> abi);

// Whether some call ends in `leaf`.
bool Reaches(const Diagrams& diagrams, Node node, Node leaf);

}  // namespace whittle::prove

#include "prove/prove.h"

#include <algorithm>

#include "prove/dispatch.h"
#include "prove/node_map.h"
#include "prove/number.h"
#include "prove/side_by_side.h"
#include "prove/smallest.h"
#include "syscalls/table.h"

namespace whittle::prove {
namespace {

constexpr uint32_t kNumbers = 1024;
constexpr size_t kRestBegins = 2;
constexpr size_t kStepsForSmallest = 500'000'000;  // about a second

// Walks a diagram of differences and notes the first call, in order, of each pair of verdicts.
class Walk {
 public:
  Walk(const Diagrams& diagrams, std::vector<Difference>& differences)
      : diagrams_(diagrams), differences_(differences) {}

  // Below `node`, where the words of `call` that were asked already are set.
  void All(Node node, const Data& call, std::optional<Abi> abi) {
    if (node == Diagrams::kFalse) return;
    seen_ = NodeSet();
    abi_ = abi;
    root_ = node;
    whole_ = diagrams_.IsPair(node);
    call_ = call;
    Visit(node);
  }

  // Where each difference was found: below which node, in which leaf.
  struct Place {
    Node root;
    Node pair;
  };
  const std::vector<Place>& places() const { return places_; }

 private:
  void Visit(Node node) {
    if (node <= Diagrams::kTrue || !seen_.Add(node)) return;  // nothing, or nothing known
    if (diagrams_.IsPair(node)) return Note(node);
    Visit(diagrams_.No(node));
    uint32_t& word = call_[static_cast<size_t>(diagrams_.WordOf(node))];
    const uint32_t bit = 1u << diagrams_.BitOf(node);
    word |= bit;
    Visit(diagrams_.Yes(node));
    word &= ~bit;
  }

  void Note(Node pair) {
    Difference difference;
    difference.abi = abi_;
    difference.number = call_[kNumberWord];
    difference.first = VerdictOf(diagrams_.VerdictOf(diagrams_.First(pair)));
    difference.second = VerdictOf(diagrams_.VerdictOf(diagrams_.Second(pair)));
    difference.change = ChangeBetween(difference.first, difference.second);
    difference.every_argument = whole_;
    difference.call = call_;
    differences_.push_back(difference);
    places_.push_back({root_, pair});
  }

  const Diagrams& diagrams_;
  std::vector<Difference>& differences_;
  std::vector<Place> places_;
  NodeSet seen_;
  Node root_ = Diagrams::kFalse;
  std::optional<Abi> abi_;
  bool whole_ = false;
  Data call_{};
};

// The calls of one ABI, one by one.
void WalkAbi(const SideBySide& sides, Abi abi, Walk& walk) {
  const Node of_arch = sides.OfAbi(sides.differences, abi);
  for (uint32_t index = 0; index < kNumbers; ++index) {
    const uint32_t number = FirstNumber(abi) + index;
    walk.All(sides.diagrams->Assume(of_arch, kNumberWord, number), {number, AuditArch(abi)}, abi);
  }
}

// What is left when the calls that were walked one by one are taken out.
Node Without(Diagrams& diagrams, Node differences, std::span<const Abi> abis) {
  Arithmetic arithmetic(diagrams);
  const auto number = arithmetic.Word(kNumberWord);
  for (const Abi abi : abis) {
    const Node from = arithmetic.GreaterOrEqual(number, Arithmetic::Constant(FirstNumber(abi)));
    const Node above = arithmetic.GreaterOrEqual(number, Arithmetic::Constant(FirstNumber(abi) + kNumbers));
    const Node arch = arithmetic.Equal(arithmetic.Word(kArchWord), Arithmetic::Constant(AuditArch(abi)));
    const Node walked = diagrams.And(arch, diagrams.And(from, diagrams.Not(above)));
    differences = diagrams.Choose(walked, Diagrams::kFalse, differences);
  }
  return differences;
}

// A walk finds the first call in the order of the questions. Where that is not the order of calls, the
// smallest one is looked for; numbers and architectures are asked first in any order.
void MakeSmallest(const Diagrams& diagrams, std::span<const Walk::Place> places,
                  std::span<Difference> differences) {
  size_t steps_left = kStepsForSmallest;
  for (size_t i = 0; i < places.size(); ++i) {
    if (differences[i].every_argument) continue;
    const auto call = SmallestCall(diagrams, places[i].root, places[i].pair, steps_left);
    differences[i].smallest = call.has_value();
    if (!call) continue;
    for (size_t word = kRestBegins; word < call->size(); ++word) differences[i].call[word] = (*call)[word];
  }
}

}  // namespace

Change ChangeBetween(const filter::Verdict& first, const filter::Verdict& second) {
  if (first.action == second.action) return Change::kOther;
  return first.action < second.action ? Change::kLooser : Change::kTighter;
}

Answer AnswerOf(bool differ, bool decided) {
  if (differ) return Answer::kDifferent;
  return decided ? Answer::kEqual : Answer::kUndecided;
}

std::optional<bool> Proof::NowhereLooser() const {
  if (std::ranges::any_of(differences, [](const auto& one) { return one.change == Change::kLooser; }))
    return false;
  return undecided.empty() ? std::optional(true) : std::nullopt;
}

namespace {

Result<Proof> CompareSides(const Side& first, const Side& second, const Options& options) {
  const SideBySide sides = TRY(PutSideBySide(first, second, options.node_budget));
  Proof proof;
  proof.nodes = sides.diagrams->size();
  const auto give_up = [&] {
    proof.undecided = UndecidedOf(sides, options.abis);
    return std::move(proof);
  };
  if (!sides.decided()) return give_up();
  const auto abis = AbisToTellApart(sides, options.abis);
  const Node rest = Without(*sides.diagrams, sides.differences, abis);
  if (!sides.decided()) return give_up();
  proof.undecided = UndecidedOf(sides, abis);
  Walk walk(*sides.diagrams, proof.differences);
  for (const Abi abi : abis) WalkAbi(sides, abi, walk);
  walk.All(rest, {}, std::nullopt);
  proof.answer = AnswerOf(!proof.differences.empty(), proof.undecided.empty());
  if (sides.order != Order::kByWord) MakeSmallest(*sides.diagrams, walk.places(), proof.differences);
  for (auto& difference : proof.differences)
    TRY(Confirm(first, second, difference.call, difference.first, difference.second));
  return proof;
}

}  // namespace

Result<Proof> Compare(std::span<const filter::Program> first, std::span<const filter::Program> second,
                      const Options& options) {
  const Side one{{first}};
  const Side other{{second}};
  if (!std::ranges::equal(first, second, SameInstructions)) return CompareSides(one, other, options);
  // Too much to decide, perhaps, but not whether it is equal to itself.
  TRY(one.Validate());
  return Proof{Answer::kEqual, {}, {}, 0};
}

Result<Proof> CompareWith(Pointwise how, std::span<const std::vector<filter::Program>> stacks,
                          std::span<const filter::Program> second, const Options& options) {
  return CompareSides({{stacks.begin(), stacks.end()}, how}, {{second}}, options);
}

}  // namespace whittle::prove

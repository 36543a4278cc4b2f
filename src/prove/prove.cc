#include "prove/prove.h"

#include <fmt/core.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "prove/meaning.h"
#include "prove/smallest.h"

namespace whittle::prove {
namespace {

constexpr uint32_t kNumbers = 1024;
constexpr int kNumberWord = 0;
constexpr int kArchWord = 1;
constexpr size_t kRestBegins = 2;
constexpr size_t kStepsForSmallest = 500'000'000;  // about a second

filter::Verdict VerdictOf(uint32_t value) {
  return {profile::ActionOf(value), static_cast<uint16_t>(value & SECCOMP_RET_DATA), 0};
}

Change ChangeBetween(const filter::Verdict& first, const filter::Verdict& second) {
  if (first.action == second.action) return Change::kOther;
  return first.action < second.action ? Change::kLooser : Change::kTighter;
}

// Walks a diagram of differences and notes the first call, in order, of each pair of verdicts.
class Walk {
 public:
  Walk(const Diagrams& diagrams, std::vector<Difference>& differences)
      : diagrams_(diagrams), differences_(differences) {}

  // Below `node`, where the words of `call` that were asked already are set.
  void All(Node node, const Data& call, std::optional<Abi> abi) {
    seen_.clear();
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
    if (node == Diagrams::kFalse || !seen_.insert(node).second) return;
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
  std::set<Node> seen_;
  Node root_ = Diagrams::kFalse;
  std::optional<Abi> abi_;
  bool whole_ = false;
  Data call_{};
};

bool IsX32(Abi abi) { return abi == Abi::kX32; }

// The calls of one ABI, one by one.
void WalkAbi(const Diagrams& diagrams, Node differences, Abi abi, Walk& walk) {
  const uint32_t arch = AuditArch(abi);
  const Node of_arch = diagrams.Assume(differences, kArchWord, arch);
  for (uint32_t index = 0; index < kNumbers; ++index) {
    const uint32_t number = index | (IsX32(abi) ? kX32Bit : 0);
    walk.All(diagrams.Assume(of_arch, kNumberWord, number), {number, arch}, abi);
  }
}

// What is left when the calls that were walked one by one are taken out.
Node Without(Diagrams& diagrams, Node differences, std::span<const Abi> abis) {
  const auto bits = [&](int word, uint32_t value, int from) {
    Node all = Diagrams::kTrue;
    for (int bit = from; bit < kWordBits; ++bit) {
      const Node is_set = diagrams.Bit(word, bit);
      all = diagrams.And((value >> bit & 1) != 0 ? is_set : diagrams.Not(is_set), all);
    }
    return all;
  };
  for (const Abi abi : abis) {
    const Node numbers = bits(kNumberWord, IsX32(abi) ? kX32Bit : 0, 10);
    const Node walked = diagrams.And(bits(kArchWord, AuditArch(abi), 0), numbers);
    differences = diagrams.Choose(walked, Diagrams::kFalse, differences);
  }
  return differences;
}

constexpr uint32_t kRefusal = SECCOMP_RET_ERRNO | EPERM;

bool Passes(uint32_t value) { return profile::ActionOf(value) >= profile::Action::kLog; }

uint32_t Joined(Pointwise how, uint32_t first, uint32_t next) {
  switch (how) {
    case Pointwise::kLoosest:
      return profile::ActionOf(next) > profile::ActionOf(first) ? next : first;
    case Pointwise::kStrictest:
      return profile::ActionOf(next) <= profile::ActionOf(first) ? next : first;
    case Pointwise::kWithout:
      break;
  }
  return Passes(next) && Passes(first) ? kRefusal : first;
}

// One side of a comparison.
struct Side {
  Pointwise how = Pointwise::kStrictest;
  std::vector<std::span<const filter::Program>> stacks;

  filter::Verdict Evaluate(const Data& call) const {
    filter::Verdict verdict = filter::EvaluateStacked(stacks.front(), call);
    for (size_t i = 1; i < stacks.size(); ++i) {
      const auto next = filter::EvaluateStacked(stacks[i], call);
      const uint32_t value = Joined(how, profile::ReturnValue(verdict.action, verdict.data),
                                    profile::ReturnValue(next.action, next.data));
      verdict = {profile::ActionOf(value), static_cast<uint16_t>(value & SECCOMP_RET_DATA),
                 verdict.steps + next.steps};
    }
    return verdict;
  }

  Node Meaning(Diagrams& diagrams) const {
    Node all = MeaningOf(diagrams, stacks.front());
    for (size_t i = 1; i < stacks.size(); ++i) {
      const Node next = MeaningOf(diagrams, stacks[i]);
      if (diagrams.exhausted()) return Diagrams::kFalse;
      all = diagrams.Together(all, next, [&](Node a, Node b) {
        return diagrams.Verdict(
            Joined(how, Canonical(diagrams.VerdictOf(a)), Canonical(diagrams.VerdictOf(b))));
      });
    }
    return all;
  }
};

// Both sides are run on the call: a proof that its own example contradicts is a fault of ours.
Result<void> Confirm(const Side& first, const Side& second, std::span<Difference> differences) {
  for (auto& difference : differences) {
    const auto check = [&](const Side& side, filter::Verdict& claimed) -> Result<void> {
      const auto got = side.Evaluate(difference.call);
      claimed.steps = got.steps;
      const uint32_t seen = Canonical(profile::ReturnValue(got.action, got.data));
      if (seen == profile::ReturnValue(claimed.action, claimed.data)) return {};
      return Fail(ErrorCode::kInternal,
                  fmt::format("the proof says {} of number {}, the filter says {}: please report this",
                              profile::VerdictText(claimed.action, claimed.data),
                              difference.call[kNumberWord], profile::VerdictText(got.action, got.data)));
    };
    TRY(check(first, difference.first));
    TRY(check(second, difference.second));
  }
  return {};
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

// With one order of the questions; kUndecided if that order needs too many nodes.
Proof CompareInOrder(Order order, const Side& first, const Side& second, std::span<const Abi> abis,
                     size_t budget) {
  Diagrams diagrams(order, budget);
  const Node a = first.Meaning(diagrams);
  const Node b = second.Meaning(diagrams);
  const Node differences = diagrams.Combine(Diagrams::Join::kDifferences, a, b);
  const Node rest = Without(diagrams, differences, abis);
  Proof proof;
  proof.nodes = diagrams.size();
  if (diagrams.exhausted()) return proof;
  proof.answer = differences == Diagrams::kFalse ? Answer::kEqual : Answer::kDifferent;
  Walk walk(diagrams, proof.differences);
  for (const Abi abi : abis) WalkAbi(diagrams, differences, abi, walk);
  walk.All(rest, {}, std::nullopt);
  if (order != Order::kByWord) MakeSmallest(diagrams, walk.places(), proof.differences);
  return proof;
}

// A small budget first: what one order cannot do, the other one often does at once.
Proof CompareInAnyOrder(const Side& first, const Side& second, const Options& options) {
  Proof proof;
  for (const size_t budget : {options.node_budget / 16, options.node_budget}) {
    for (const Order order : {Order::kByWord, Order::kByBit}) {
      proof = CompareInOrder(order, first, second, options.abis, budget);
      if (proof.answer != Answer::kUndecided) return proof;
    }
  }
  return proof;
}

Result<Proof> CompareSides(const Side& first, const Side& second, const Options& options) {
  for (const auto* side : {&first, &second}) {
    for (const auto stack : side->stacks) {
      for (const auto& program : stack) TRY(filter::Validate(program));
    }
  }
  Proof proof = CompareInAnyOrder(first, second, options);
  TRY(Confirm(first, second, proof.differences));
  return proof;
}

}  // namespace

std::optional<bool> Proof::NowhereLooser() const {
  if (answer == Answer::kUndecided) return std::nullopt;
  return std::none_of(differences.begin(), differences.end(),
                      [](const Difference& difference) { return difference.change == Change::kLooser; });
}

Result<Proof> Compare(std::span<const filter::Program> first, std::span<const filter::Program> second,
                      const Options& options) {
  return CompareSides({Pointwise::kStrictest, {first}}, {Pointwise::kStrictest, {second}}, options);
}

Result<Proof> CompareWith(Pointwise how, std::span<const std::vector<filter::Program>> stacks,
                          std::span<const filter::Program> second, const Options& options) {
  return CompareSides({how, {stacks.begin(), stacks.end()}}, {Pointwise::kStrictest, {second}}, options);
}

}  // namespace whittle::prove

#include "prove/outcomes.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <random>
#include <unordered_set>

#include "base/text.h"
#include "filter/formula.h"

namespace whittle::prove {
namespace {

using filter::Call;
using filter::Data;
using profile::Action;

constexpr size_t kMaxOutcomes = 128;  // listed one by one; a computed return can have 65,536
constexpr int kSamples = 2000;

// Finds the verdicts below a node, each with the first call that leads there, and the words that are asked.
class Leaves {
 public:
  Leaves(const Diagrams& diagrams, Node start, Abi abi, uint32_t number)
      : diagrams_(diagrams), abi_(abi), data_{number} {
    Visit(start);
  }

  const std::vector<Call>& calls() const { return calls_; }
  WordSet words() const { return words_; }
  bool more() const { return more_; }

 private:
  void Visit(Node node) {
    if (node == Diagrams::kFalse || !seen_.insert(node).second) return;
    if (diagrams_.IsLeaf(node)) return Note(diagrams_.VerdictOf(node));
    const auto word = static_cast<size_t>(diagrams_.WordOf(node));
    words_ |= static_cast<WordSet>(1u << word);
    Visit(diagrams_.No(node));
    const uint32_t bit = 1u << diagrams_.BitOf(node);
    data_[word] |= bit;
    Visit(diagrams_.Yes(node));
    data_[word] &= ~bit;
  }

  // Return values that nobody could tell apart are one answer.
  void Note(uint32_t value) {
    if (!answers_.insert(Canonical(value)).second) return;
    if (calls_.size() < kMaxOutcomes) {
      calls_.push_back(filter::CallOf(data_, abi_));
    } else {
      more_ = true;
    }
  }

  const Diagrams& diagrams_;
  Abi abi_;
  Data data_;
  std::unordered_set<Node> seen_;
  std::unordered_set<uint32_t> answers_;
  std::vector<Call> calls_;
  WordSet words_ = 0;
  bool more_ = false;
};

bool SameAnswer(const Outcome& a, const Outcome& b) { return a.action == b.action && a.data == b.data; }

// The nearest call of which that is true.
Call With(Call call, std::span<const Known> all) {
  for (const auto& known : all) {
    uint64_t& argument = call.arguments[known.argument];
    if (known.how == Known::How::kIs) argument = known.bits;
    if (known.how == Known::How::kHasNoneOf) argument &= ~known.bits;
    const bool lacks = known.how == Known::How::kHasSomeOf && (argument & known.bits) == 0;
    if (lacks) argument |= known.bits & -known.bits;
  }
  return call;
}

void Sort(Outcomes& outcomes) {
  std::ranges::sort(outcomes.possible, {},
                    [](const Outcome& outcome) { return std::pair(outcome.action, outcome.data); });
}

}  // namespace

Passage PassageOf(const Outcomes& outcomes) {
  const auto blocks = [](const Outcome& outcome) { return profile::Blocks(outcome.action); };
  if (!outcomes.decided) return Passage::kDepends;
  if (std::ranges::all_of(outcomes.possible, blocks)) return Passage::kBlocked;
  if (std::ranges::any_of(outcomes.possible, blocks)) return Passage::kDepends;
  return outcomes.possible.front().action == Action::kLog ? Passage::kLogged : Passage::kAllowed;
}

Result<Oracle> Oracle::Create(std::span<const filter::Program> programs, size_t node_budget) {
  Oracle oracle(programs);
  oracle.sides_ =
      TRY(PutSideBySide(Side{{Side::Stack(oracle.programs_)}}, Side{{Side::Stack()}}, node_budget));
  return oracle;
}

Outcomes Oracle::Of(Abi abi, uint32_t number, std::span<const Known> known) const {
  if (!sides_.decided()) return Sampled(abi, number, known);
  Diagrams& diagrams = *sides_.diagrams;
  Node of_call = diagrams.Assume(sides_.OfAbi(sides_.first, abi), kNumberWord, number);
  if (of_call == Diagrams::kTrue) return Sampled(abi, number, known);
  for (const auto& one : known) of_call = Restricted(of_call, abi, one);
  if (diagrams.exhausted()) return Sampled(abi, number, known);
  const Leaves leaves(diagrams, of_call, abi, number);
  Outcomes outcomes;
  // Several values that mean the same to everyone are one answer, and then nothing decides.
  outcomes.words = leaves.calls().size() > 1 ? leaves.words() : WordSet{0};
  outcomes.more = leaves.more();
  for (const auto& call : leaves.calls()) outcomes.possible.push_back(Executed(With(call, known)));
  Sort(outcomes);
  return outcomes;
}

// False where it is another call than what is known of it allows.
Node Oracle::Restricted(Node of_number, Abi abi, const Known& known) const {
  Diagrams& diagrams = *sides_.diagrams;
  const auto words = filter::WordsOfArgument(known.argument, abi);
  if (known.how == Known::How::kIs) {
    const Node of_low = diagrams.AssumeAnywhere(of_number, words.low, static_cast<uint32_t>(known.bits));
    return diagrams.AssumeAnywhere(of_low, words.high, static_cast<uint32_t>(known.bits >> 32));
  }
  Node some = Diagrams::kFalse;
  for (int bit = 0; bit < 2 * kWordBits; ++bit) {
    if ((known.bits >> bit & 1) == 0) continue;
    some = diagrams.Or(diagrams.Bit(bit < kWordBits ? words.low : words.high, bit % kWordBits), some);
  }
  const bool none = known.how == Known::How::kHasNoneOf;
  return diagrams.Choose(some, none ? Diagrams::kFalse : of_number, none ? of_number : Diagrams::kFalse);
}

// What some calls get, where what all get is too much to say.
Outcomes Oracle::Sampled(Abi abi, uint32_t number, std::span<const Known> known) const {
  Outcomes outcomes;
  outcomes.decided = false;
  outcomes.words = static_cast<WordSet>(0xfffc);
  std::mt19937_64 random(number);
  for (int i = 0; i < kSamples && outcomes.possible.size() < kMaxOutcomes; ++i) {
    Call call{abi, number, {}, random()};
    for (auto& argument : call.arguments) argument = random() % 2 == 0 ? random() : random() % 4;
    const Outcome outcome = Executed(With(call, known));
    const auto same = [&](const Outcome& listed) { return SameAnswer(listed, outcome); };
    if (!std::ranges::any_of(outcomes.possible, same)) outcomes.possible.push_back(outcome);
  }
  Sort(outcomes);
  return outcomes;
}

Outcome Oracle::Executed(const Call& call) const {
  const auto verdict = filter::EvaluateStacked(programs_, call);
  const uint32_t value = Canonical(profile::ReturnValue(verdict.action, verdict.data));
  Outcome outcome{profile::ActionOf(value), static_cast<uint16_t>(value & 0xffff), call, 0, verdict.steps};
  if (!profile::CarriesData(outcome.action)) outcome.data = 0;
  // Among filters that are equally strict, the newest speaks.
  for (size_t i = programs_.size(); i-- > 0;) {
    if (filter::Evaluate(programs_[i], call).action != verdict.action) continue;
    outcome.decider = i;
    break;
  }
  return outcome;
}

std::string WordsText(WordSet words) {
  std::vector<std::string> names;
  if ((words & 0xc) != 0) names.emplace_back("ip");
  for (unsigned i = 0; i < 6; ++i) {
    if ((words >> (4 + 2 * i) & 3) != 0) names.push_back(fmt::format("args[{}]", i));
  }
  return JoinWithAnd(names);
}

}  // namespace whittle::prove

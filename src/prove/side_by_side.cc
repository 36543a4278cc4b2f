#include "prove/side_by_side.h"

#include <fmt/core.h>
#include <linux/seccomp.h>

#include <algorithm>

namespace whittle::prove {
namespace {

SideBySide InOrder(Order order, const Side& first, const Side& second, size_t node_budget) {
  SideBySide sides;
  sides.order = order;
  sides.diagrams = std::make_unique<Diagrams>(order, node_budget);
  sides.first = first.Meaning(*sides.diagrams);
  sides.second = second.Meaning(*sides.diagrams);
  sides.differences = sides.diagrams->Combine(Diagrams::Join::kDifferences, sides.first, sides.second);
  return sides;
}

class Regions {
 public:
  Regions(const Diagrams& diagrams, int word, size_t most) : diagrams_(diagrams), word_(word), most_(most) {}

  // Values whose bits from `bit` on are those of `value`.
  void Visit(Node node, uint32_t value, int bit) {
    if (regions_.size() > most_) return;
    if (diagrams_.IsLeaf(node) || diagrams_.WordOf(node) != word_) {
      const uint32_t last = bit == 0 ? value : value | UINT32_MAX >> (kWordBits - bit);
      return Note({value, last, node});
    }
    const bool asks = diagrams_.BitOf(node) == bit - 1;
    Visit(asks ? diagrams_.No(node) : node, value, bit - 1);
    Visit(asks ? diagrams_.Yes(node) : node, value | 1u << (bit - 1), bit - 1);
  }

  std::vector<Region> Take() {
    if (regions_.size() > most_) regions_.pop_back();
    return std::move(regions_);
  }

 private:
  void Note(const Region& region) {
    if (!regions_.empty() && regions_.back().node == region.node) {
      regions_.back().to = region.to;
    } else {
      regions_.push_back(region);
    }
  }

  const Diagrams& diagrams_;
  int word_;
  size_t most_;
  std::vector<Region> regions_;
};

}  // namespace

Result<SideBySide> PutSideBySide(const Side& first, const Side& second, size_t node_budget) {
  TRY(first.Validate());
  TRY(second.Validate());
  SideBySide sides;
  // A small budget first: what one order cannot do, the other one often does at once.
  for (const size_t budget : {node_budget / 16, node_budget}) {
    for (const Order order : {Order::kByWord, Order::kByBit}) {
      sides = InOrder(order, first, second, budget);
      if (!sides.decided()) continue;
      sides.diagrams->Extend(node_budget);
      return sides;
    }
  }
  return sides;
}

std::vector<Abi> AbisToTellApart(const SideBySide& sides, std::span<const Abi> always) {
  std::vector<Abi> abis;
  const Node unknown = sides.OfUnknownArch(sides.differences);
  for (const Abi abi : AllAbis()) {
    const bool wanted = std::ranges::find(always, abi) != always.end();
    if (wanted || sides.OfAbi(sides.differences, abi) != unknown) abis.push_back(abi);
  }
  return abis;
}

filter::Verdict VerdictOf(uint32_t value) {
  return {profile::ActionOf(value), static_cast<uint16_t>(value & SECCOMP_RET_DATA), 0};
}

Result<void> Confirm(const Side& first, const Side& second, const filter::Data& call,
                     filter::Verdict& first_verdict, filter::Verdict& second_verdict) {
  const auto check = [&](const Side& side, filter::Verdict& claimed) -> Result<void> {
    const auto got = side.Evaluate(call);
    claimed.steps = got.steps;
    const uint32_t seen = Canonical(profile::ReturnValue(got.action, got.data));
    if (seen == profile::ReturnValue(claimed.action, claimed.data)) return {};
    return Fail(ErrorCode::kInternal,
                fmt::format("the proof says {} of number {}, the filter says {}: please report this",
                            profile::VerdictText(claimed.action, claimed.data), call[kNumberWord],
                            profile::VerdictText(got.action, got.data)));
  };
  TRY(check(first, first_verdict));
  return check(second, second_verdict);
}

std::vector<Region> RegionsOf(const Diagrams& diagrams, Node node, int word, size_t most) {
  Regions regions(diagrams, word, most);
  regions.Visit(node, 0, kWordBits);
  return regions.Take();
}

}  // namespace whittle::prove

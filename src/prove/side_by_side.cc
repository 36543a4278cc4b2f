#include "prove/side_by_side.h"

#include <fmt/core.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <unordered_set>

#include "prove/call_by_call.h"

namespace whittle::prove {
namespace {

constexpr size_t kFirstShare = 16;  // of the budget, to try at first

struct Range {
  uint32_t from;
  uint32_t to;
};

// x86-64 and x32 share an architecture: bit 30 tells them apart, but -1, by which a tracer skips a call, is
// nobody's, and counted for x86-64.
std::vector<Range> NumbersOf(std::optional<Abi> abi) {
  if (abi == Abi::kX86_64) return {{0, kX32Bit - 1}, {0x80000000, 0xbfffffff}, {UINT32_MAX, UINT32_MAX}};
  if (abi == Abi::kX32) return {{kX32Bit, 0x7fffffff}, {0xc0000000, UINT32_MAX - 1}};
  return {{0, UINT32_MAX}};
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

SideBySide PutInOrder(Order order, const Side& first, const Side& second, size_t node_budget) {
  SideBySide sides;
  sides.order = order;
  sides.diagrams = std::make_unique<Diagrams>(order, node_budget);
  sides.first = first.Meaning(*sides.diagrams);
  sides.second = second.Meaning(*sides.diagrams);
  sides.differences = sides.diagrams->Combine(Diagrams::Join::kDifferences, sides.first, sides.second);
  return sides;
}

Result<SideBySide> PutSideBySide(const Side& first, const Side& second, size_t node_budget) {
  TRY(first.Validate());
  TRY(second.Validate());
  SideBySide sides;
  // What one order cannot do, the other one often does at once.
  const auto as_a_whole = [&](size_t budget) {
    for (const Order order : {Order::kByWord, Order::kByBit}) {
      sides = PutInOrder(order, first, second, budget);
      if (!sides.decided()) continue;
      sides.diagrams->Extend(node_budget);
      return true;
    }
    return false;
  };
  if (as_a_whole(node_budget / kFirstShare)) return sides;
  if (auto by_call = CompareCallByCall(first, second, node_budget)) return std::move(*by_call);
  (void)as_a_whole(node_budget);
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

std::vector<Region> Clip(const std::vector<Region>& regions, std::optional<Abi> abi) {
  std::vector<Region> clipped;
  for (const auto& range : NumbersOf(abi)) {
    for (const auto& region : regions) {
      const Region part{std::max(region.from, range.from), std::min(region.to, range.to), region.node};
      if (part.from <= part.to) clipped.push_back(part);
    }
  }
  return clipped;
}

bool Reaches(const Diagrams& diagrams, Node node, Node leaf) {
  std::unordered_set<Node> seen;
  std::vector<Node> open = {node};
  while (!open.empty()) {
    const Node at = open.back();
    open.pop_back();
    if (at == leaf) return true;
    if (diagrams.IsLeaf(at) || !seen.insert(at).second) continue;
    open.push_back(diagrams.No(at));
    open.push_back(diagrams.Yes(at));
  }
  return false;
}

}  // namespace whittle::prove

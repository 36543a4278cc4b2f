#include "filter/lower.h"

#include <algorithm>
#include <ranges>
#include <set>
#include <span>
#include <vector>

#include "filter/assemble.h"

namespace whittle::filter {
namespace {

constexpr uint8_t kNumberWord = 0;
constexpr uint8_t kArchWord = 1;
// A filter of 4,000 values takes 100,000; documents made to keep a compiler busy would take minutes.
constexpr size_t kSteps = 500'000;

// The numbers from `first` up to the next range's first have one answer.
struct Range {
  uint32_t first;
  Graph::Id answer;
};

class Lowering {
 public:
  Lowering(const Meaning& meaning, PassSet passes, Halving halving)
      : meaning_(meaning),
        passes_(passes),
        halving_(halving),
        graph_(passes.Has(Pass::kShareParts) ? Graph::Sharing::kEqualParts : Graph::Sharing::kNone) {}

  Program Run() {
    Graph::Id root = graph_.Return(ReturnOf(meaning_.foreign_abi));
    std::set<uint32_t> done;
    // Backwards, so that the native ABI is asked first.
    std::vector<Abi> abis;
    for (const auto& rules : meaning_.abis) {
      if (done.insert(AuditArch(rules.abi())).second) abis.push_back(rules.abi());
    }
    for (auto abi = abis.rbegin(); abi != abis.rend(); ++abi) {
      const WordTest is_arch{kArchWord, WordTest::Op::kEqual, UINT32_MAX, AuditArch(*abi)};
      root = graph_.Test(is_arch, Dispatch(RangesOf(*abi)), root);
    }
    return Assemble(graph_, root, passes_);
  }

 private:
  // Every number at which the answer may change.
  std::vector<uint32_t> Borders(Abi abi) const {
    std::vector<uint32_t> borders = {0, 1, kX32Bit, 2 * kX32Bit, 3 * kX32Bit, UINT32_MAX};
    for (const auto& rules : meaning_.abis) {
      if (AuditArch(rules.abi()) != AuditArch(abi)) continue;
      for (const auto& [number, _] : rules.calls()) {
        borders.push_back(number);
        if (number != UINT32_MAX) borders.push_back(number + 1);
      }
    }
    for (const auto& [stubbed, above] : meaning_.stub_above) {
      if (AuditArch(stubbed) == AuditArch(abi)) borders.push_back(above + 1);
    }
    std::ranges::sort(borders);
    const auto repeated = std::ranges::unique(borders);
    borders.erase(repeated.begin(), repeated.end());
    return borders;
  }

  std::vector<Range> RangesOf(Abi abi) {
    std::vector<Range> ranges;
    for (const uint32_t first : Borders(abi)) {
      const Graph::Id answer = Answer(abi, first);
      const bool goes_on = !ranges.empty() && graph_.SameAnswer(ranges.back().answer, answer);
      if (!goes_on || !passes_.Has(Pass::kMergeRanges)) ranges.push_back({first, answer});
    }
    return ranges;
  }

  Graph::Id Answer(Abi abi, uint32_t number) {
    const Resolution resolution = Resolve(meaning_, abi, number);
    if (resolution.rules == nullptr) return graph_.Return(ReturnOf(resolution.decision));
    return LowerArguments(graph_, abi, resolution, passes_, halving_, steps_left_);
  }

  Graph::Id Dispatch(std::span<const Range> ranges) {
    return passes_.Has(Pass::kBalanceNumbers) ? Halve(ranges) : AskOneByOne(ranges);
  }

  Graph::Id Halve(std::span<const Range> ranges) {
    if (ranges.size() == 1) return ranges.front().answer;
    const bool one_number = ranges.size() == 3 && graph_.SameAnswer(ranges[0].answer, ranges[2].answer) &&
                            ranges[2].first == ranges[1].first + 1;
    if (one_number) return graph_.Test(IsNumber(ranges[1].first), ranges[1].answer, ranges[0].answer);
    const size_t middle = ranges.size() / 2;
    return graph_.Test(IsFrom(ranges[middle].first), Halve(ranges.subspan(middle)),
                       Halve(ranges.first(middle)));
  }

  // Numbers that are a range of their own first, upwards; then the wider ranges, which may then be taken to
  // go on over those, downwards.
  Graph::Id AskOneByOne(std::span<const Range> ranges) {
    std::vector<Range> single;
    std::vector<Range> wide;
    for (size_t i = 0; i < ranges.size(); ++i) {
      const uint32_t last = i + 1 < ranges.size() ? ranges[i + 1].first - 1 : UINT32_MAX;
      (ranges[i].first == last ? single : wide).push_back(ranges[i]);
    }
    Graph::Id rest = wide.front().answer;
    for (const auto& range : std::span(wide).subspan(1)) {
      rest = graph_.Test(IsFrom(range.first), range.answer, rest);
    }
    for (const auto& range : std::views::reverse(single)) {
      rest = graph_.Test(IsNumber(range.first), range.answer, rest);
    }
    return rest;
  }

  static WordTest IsNumber(uint32_t number) {
    return {kNumberWord, WordTest::Op::kEqual, UINT32_MAX, number};
  }
  static WordTest IsFrom(uint32_t number) {
    return {kNumberWord, WordTest::Op::kAtLeast, UINT32_MAX, number};
  }

  const Meaning& meaning_;
  PassSet passes_;
  Halving halving_;
  Graph graph_;
  size_t steps_left_ = kSteps;
};

}  // namespace

Program Lower(const Meaning& meaning, PassSet passes, Halving halving) {
  return Lowering(meaning, passes, halving).Run();
}

}  // namespace whittle::filter

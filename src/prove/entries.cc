#include "prove/entries.h"

#include <algorithm>

#include "prove/diagram.h"
#include "prove/flow.h"

namespace whittle::prove {
namespace {

constexpr size_t kMostSteps = 1 << 18;

bool IsHead(int word) { return word == kNumberWord || word == kArchWord; }

// Before which instructions it is still possible that the architecture or the number is loaded.
std::vector<bool> ReadsHead(std::span<const sock_filter> program) {
  std::vector<bool> reads(program.size());
  for (size_t at = program.size(); at-- > 0;) {
    const sock_filter& in = program[at];
    if (IsReturn(in)) continue;
    const Next next = NextOf(at, in);
    const bool here = LoadsWord(in) && IsHead(static_cast<int>(in.k / 4));
    reads[at] = here || reads[next.yes] || reads[next.no];
  }
  return reads;
}

struct Run {
  uint32_t from = 0;
  uint32_t to = UINT32_MAX;
  bool operator==(const Run&) const = default;
};

class Walk {
 public:
  explicit Walk(std::span<const sock_filter> program)
      : program_(program), live_(LiveCells(program)), reads_head_(ReadsHead(program)) {}

  std::optional<std::vector<ArchRun>> Table() {
    Follow({});
    if (!possible_) return std::nullopt;
    return std::move(table_);
  }

 private:
  // Some calls on their way: where they are, what A holds, and which they are.
  struct State {
    size_t at = 0;
    std::optional<int> word;
    Run arch, number;
  };

  // Smaller values first: what is noted comes in order.
  void Follow(State state) {
    while (possible_ && ++steps_ < kMostSteps) {
      if (IsEntry(state)) return Note(state);
      const sock_filter& in = program_[state.at];
      if (IsBranch(in)) return Part(state, in);
      if (LoadsWord(in)) state.word = static_cast<int>(in.k / 4);
      possible_ = LoadsWord(in) || BPF_CLASS(in.code) == BPF_JMP;
      state.at = NextOf(state.at, in).yes;
    }
    possible_ = false;
  }

  bool IsEntry(const State& state) const {
    const bool matters = (live_[state.at] >> kA & 1) != 0;
    return !reads_head_[state.at] && !(matters && state.word);
  }

  // The ways of a question that compares a word with a constant.
  void Part(const State& state, const sock_filter& in) {
    const bool head = state.word && IsHead(*state.word) && BPF_SRC(in.code) == BPF_K;
    const Next next = NextOf(state.at, in);
    const uint64_t k = in.k;
    switch (head ? BPF_OP(in.code) : BPF_JSET) {
      case BPF_JEQ:
        if (k > 0) FollowPart(state, 0, k - 1, next.no);
        FollowPart(state, k, k, next.yes);
        return FollowPart(state, k + 1, UINT32_MAX, next.no);
      case BPF_JGT:
        FollowPart(state, 0, k, next.no);
        return FollowPart(state, k + 1, UINT32_MAX, next.yes);
      case BPF_JGE:
        if (k > 0) FollowPart(state, 0, k - 1, next.no);
        return FollowPart(state, k, UINT32_MAX, next.yes);
      default:
        possible_ = false;
    }
  }

  // Those whose word in A is of this run, if there are any, from another instruction on.
  void FollowPart(State state, uint64_t from, uint64_t to, size_t at) {
    Run& run = state.word == kArchWord ? state.arch : state.number;
    const Run whole = run;
    run.from = static_cast<uint32_t>(std::max<uint64_t>(run.from, std::min<uint64_t>(from, UINT32_MAX)));
    run.to = static_cast<uint32_t>(std::min<uint64_t>(run.to, to));
    if (from > UINT32_MAX || run.from > run.to) return;
    // Architectures are told apart before numbers, or there is no table.
    const bool late = state.word == kArchWord && run != whole && state.number != Run{};
    if (late) possible_ = false;
    state.at = at;
    Follow(state);
  }

  void Note(const State& state) {
    if (state.number.from == 0) table_.push_back({state.arch.to, {}});
    table_.back().numbers.push_back({state.number.to, state.at});
  }

  std::span<const sock_filter> program_;
  std::vector<CellSet> live_;
  std::vector<bool> reads_head_;
  std::vector<ArchRun> table_;
  size_t steps_ = 0;
  bool possible_ = true;
};

}  // namespace

std::optional<std::vector<ArchRun>> EntriesOf(std::span<const sock_filter> program) {
  return Walk(program).Table();
}

}  // namespace whittle::prove

#include "prove/flow.h"

namespace whittle::prove {
namespace {

bool ReadsOperandX(const sock_filter& in) {
  const uint16_t kind = BPF_CLASS(in.code);
  return (kind == BPF_ALU && BPF_OP(in.code) != BPF_NEG && BPF_SRC(in.code) == BPF_X) ||
         (kind == BPF_JMP && BPF_OP(in.code) != BPF_JA && BPF_SRC(in.code) == BPF_X);
}

CellSet ReadBy(const sock_filter& in) {
  CellSet cells = ReadsOperandX(in) ? 1u << kX : 0;
  switch (BPF_CLASS(in.code)) {
    case BPF_LD:
    case BPF_LDX:
      return BPF_MODE(in.code) == BPF_MEM ? 1u << in.k : 0;
    case BPF_ST:
      return 1u << kA;
    case BPF_STX:
      return 1u << kX;
    case BPF_ALU:
      return cells | 1u << kA;
    case BPF_JMP:
      return BPF_OP(in.code) == BPF_JA ? 0 : cells | 1u << kA;
    case BPF_RET:
      return BPF_RVAL(in.code) == BPF_A ? 1u << kA : 0;
    default:
      return BPF_MISCOP(in.code) == BPF_TAX ? 1u << kA : 1u << kX;
  }
}

}  // namespace

std::optional<size_t> WrittenBy(const sock_filter& in) {
  switch (BPF_CLASS(in.code)) {
    case BPF_LD:
    case BPF_ALU:
      return kA;
    case BPF_LDX:
      return kX;
    case BPF_ST:
    case BPF_STX:
      return in.k;
    case BPF_MISC:
      return BPF_MISCOP(in.code) == BPF_TAX ? kX : kA;
    default:
      return std::nullopt;
  }
}

bool LoadsWord(const sock_filter& in) { return BPF_CLASS(in.code) == BPF_LD && BPF_MODE(in.code) == BPF_ABS; }

bool IsReturn(const sock_filter& in) { return BPF_CLASS(in.code) == BPF_RET; }

bool IsBranch(const sock_filter& in) { return BPF_CLASS(in.code) == BPF_JMP && BPF_OP(in.code) != BPF_JA; }

Next NextOf(size_t at, const sock_filter& in) {
  if (IsBranch(in)) return {at + 1 + in.jt, at + 1 + in.jf};
  const size_t jump = BPF_CLASS(in.code) == BPF_JMP ? in.k : 0;
  return {at + 1 + jump, at + 1 + jump};
}

std::vector<CellSet> LiveCells(std::span<const sock_filter> program) {
  std::vector<CellSet> live(program.size());
  for (size_t at = program.size(); at-- > 0;) {
    const sock_filter& in = program[at];
    CellSet after = 0;
    if (!IsReturn(in)) {
      const Next next = NextOf(at, in);
      after = live[next.yes] | live[next.no];
    }
    if (const auto written = WrittenBy(in)) after &= ~(1u << *written);
    live[at] = after | ReadBy(in);
  }
  return live;
}

}  // namespace whittle::prove

// The classic BPF machine over seccomp_data. The kernel rewrites programs to eBPF before it runs them; what
// is visible of that: A and X start at zero, LEN is the size of seccomp_data, shifts by X use its low five
// bits, and a division by a zero X ends the program with 0, which is KILL_THREAD.
#include "filter/machine.h"

#include <linux/seccomp.h>

namespace whittle::filter {
namespace {

constexpr uint32_t kDataBytes = sizeof(seccomp_data);

void PutWide(Data& words, size_t first, uint64_t value, bool big_endian) {
  words[first + (big_endian ? 1 : 0)] = static_cast<uint32_t>(value);
  words[first + (big_endian ? 0 : 1)] = static_cast<uint32_t>(value >> 32);
}

uint64_t Wide(const Data& words, size_t first, bool big_endian) {
  const uint64_t low = words[first + (big_endian ? 1 : 0)];
  const uint64_t high = words[first + (big_endian ? 0 : 1)];
  return high << 32 | low;
}

bool Holds(uint16_t code, uint32_t a, uint32_t operand) {
  switch (BPF_OP(code)) {
    case BPF_JEQ:
      return a == operand;
    case BPF_JGT:
      return a > operand;
    case BPF_JGE:
      return a >= operand;
    default:
      return (a & operand) != 0;  // BPF_JSET
  }
}

uint32_t Compute(uint16_t code, uint32_t a, uint32_t operand) {
  switch (BPF_OP(code)) {
    case BPF_ADD:
      return a + operand;
    case BPF_SUB:
      return a - operand;
    case BPF_MUL:
      return a * operand;
    case BPF_DIV:
      return a / operand;
    case BPF_AND:
      return a & operand;
    case BPF_OR:
      return a | operand;
    case BPF_XOR:
      return a ^ operand;
    case BPF_LSH:
      return a << (operand & 31);
    case BPF_RSH:
      return a >> (operand & 31);
    default:
      return 0u - a;  // BPF_NEG
  }
}

// `watch` is told of each instruction that is executed.
template <typename Watch>
Returned Run(std::span<const sock_filter> program, const Data& data, const Begin& begin, Watch watch) {
  std::array<uint32_t, BPF_MEMWORDS> memory{};
  uint32_t a = begin.accumulator;
  uint32_t x = 0;
  uint32_t steps = begin.steps;
  for (size_t at = begin.at; at < program.size(); ++at) {
    const sock_filter& in = program[at];
    ++steps;
    watch(at);
    switch (BPF_CLASS(in.code)) {
      case BPF_LD:
      case BPF_LDX: {
        const uint16_t mode = BPF_MODE(in.code);
        uint32_t& target = BPF_CLASS(in.code) == BPF_LD ? a : x;
        target = mode == BPF_ABS   ? data[in.k / 4]
                 : mode == BPF_LEN ? kDataBytes
                 : mode == BPF_MEM ? memory[in.k]
                                   : in.k;
        break;
      }
      case BPF_ST:
        memory[in.k] = a;
        break;
      case BPF_STX:
        memory[in.k] = x;
        break;
      case BPF_ALU: {
        const uint32_t operand = BPF_SRC(in.code) == BPF_X ? x : in.k;
        if (BPF_OP(in.code) == BPF_DIV && operand == 0) return {SECCOMP_RET_KILL_THREAD, steps};
        a = Compute(in.code, a, operand);
        break;
      }
      case BPF_JMP:
        if (BPF_OP(in.code) == BPF_JA) {
          at += in.k;
        } else {
          at += Holds(in.code, a, BPF_SRC(in.code) == BPF_X ? x : in.k) ? in.jt : in.jf;
        }
        break;
      case BPF_RET:
        return {BPF_RVAL(in.code) == BPF_A ? a : in.k, steps};
      default:  // BPF_MISC
        if (BPF_MISCOP(in.code) == BPF_TAX) {
          x = a;
        } else {
          a = x;
        }
    }
  }
  return {SECCOMP_RET_KILL_PROCESS, steps};  // not reached by a program that Validate() accepted
}

}  // namespace

Returned RunFrom(std::span<const sock_filter> program, const Data& data, const Begin& begin) {
  return Run(program, data, begin, [](size_t) {});
}

Verdict VerdictOf(const Returned& returned) {
  return {profile::ActionOf(returned.value), static_cast<uint16_t>(returned.value & SECCOMP_RET_DATA),
          returned.steps};
}

void Strictest::Add(const Returned& returned) {
  steps_ += returned.steps;
  if (!any_ || Rank(returned.value) < Rank(value_)) value_ = returned.value;
  any_ = true;
}

int32_t Rank(uint32_t return_value) { return static_cast<int32_t>(return_value & SECCOMP_RET_ACTION_FULL); }

Data DataOf(const Call& call) {
  Data words{call.number, AuditArch(call.abi)};
  const bool big_endian = IsBigEndian(call.abi);
  PutWide(words, 2, call.instruction_pointer, big_endian);
  for (size_t i = 0; i < call.arguments.size(); ++i) PutWide(words, 4 + 2 * i, call.arguments[i], big_endian);
  return words;
}

Call CallOf(const Data& data, Abi abi) {
  const bool big_endian = IsBigEndian(abi);
  Call call{abi, data[0], {}, Wide(data, 2, big_endian)};
  for (size_t i = 0; i < call.arguments.size(); ++i) call.arguments[i] = Wide(data, 4 + 2 * i, big_endian);
  return call;
}

Verdict Evaluate(std::span<const sock_filter> program, const Data& data) {
  return VerdictOf(RunFrom(program, data, {}));
}

Verdict Evaluate(std::span<const sock_filter> program, const Call& call) {
  return Evaluate(program, DataOf(call));
}

std::vector<uint32_t> PathOf(std::span<const sock_filter> program, const Call& call) {
  std::vector<uint32_t> path;
  Run(program, DataOf(call), {}, [&](size_t at) { path.push_back(static_cast<uint32_t>(at)); });
  return path;
}

Verdict EvaluateStacked(std::span<const Program> programs, const Data& data) {
  Strictest strictest;
  for (auto program = programs.rbegin(); program != programs.rend(); ++program) {
    strictest.Add(RunFrom(*program, data, {}));
  }
  return VerdictOf(strictest.returned());
}

Verdict EvaluateStacked(std::span<const Program> programs, const Call& call) {
  return EvaluateStacked(programs, DataOf(call));
}

}  // namespace whittle::filter

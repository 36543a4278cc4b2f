#include <fmt/core.h>
#include <linux/seccomp.h>

#include "filter/program.h"

namespace whittle::filter {
namespace {

enum class Shape : uint8_t {
  kUnknown,
  kPlain,
  kData,
  kMemory,
  kStore,
  kShift,
  kDivide,
  kJump,
  kBranch,
  kReturn
};

// The instructions that seccomp takes (seccomp_check_filter), by what has to be checked of them.
Shape ShapeOf(uint16_t code) {
  switch (code) {
    case BPF_LD | BPF_W | BPF_ABS:
      return Shape::kData;
    case BPF_LD | BPF_MEM:
    case BPF_LDX | BPF_MEM:
      return Shape::kMemory;
    case BPF_ST:
    case BPF_STX:
      return Shape::kStore;
    case BPF_ALU | BPF_LSH | BPF_K:
    case BPF_ALU | BPF_RSH | BPF_K:
      return Shape::kShift;
    case BPF_ALU | BPF_DIV | BPF_K:
      return Shape::kDivide;
    case BPF_JMP | BPF_JA:
      return Shape::kJump;
    case BPF_JMP | BPF_JEQ | BPF_K:
    case BPF_JMP | BPF_JEQ | BPF_X:
    case BPF_JMP | BPF_JGT | BPF_K:
    case BPF_JMP | BPF_JGT | BPF_X:
    case BPF_JMP | BPF_JGE | BPF_K:
    case BPF_JMP | BPF_JGE | BPF_X:
    case BPF_JMP | BPF_JSET | BPF_K:
    case BPF_JMP | BPF_JSET | BPF_X:
      return Shape::kBranch;
    case BPF_RET | BPF_K:
    case BPF_RET | BPF_A:
      return Shape::kReturn;
    case BPF_LD | BPF_W | BPF_LEN:
    case BPF_LDX | BPF_W | BPF_LEN:
    case BPF_LD | BPF_IMM:
    case BPF_LDX | BPF_IMM:
    case BPF_MISC | BPF_TAX:
    case BPF_MISC | BPF_TXA:
    case BPF_ALU | BPF_NEG:
    case BPF_ALU | BPF_ADD | BPF_K:
    case BPF_ALU | BPF_ADD | BPF_X:
    case BPF_ALU | BPF_SUB | BPF_K:
    case BPF_ALU | BPF_SUB | BPF_X:
    case BPF_ALU | BPF_MUL | BPF_K:
    case BPF_ALU | BPF_MUL | BPF_X:
    case BPF_ALU | BPF_DIV | BPF_X:
    case BPF_ALU | BPF_AND | BPF_K:
    case BPF_ALU | BPF_AND | BPF_X:
    case BPF_ALU | BPF_OR | BPF_K:
    case BPF_ALU | BPF_OR | BPF_X:
    case BPF_ALU | BPF_XOR | BPF_K:
    case BPF_ALU | BPF_XOR | BPF_X:
    case BPF_ALU | BPF_LSH | BPF_X:
    case BPF_ALU | BPF_RSH | BPF_X:
      return Shape::kPlain;
    default:
      return Shape::kUnknown;
  }
}

// What is wrong with one instruction alone; empty if nothing is. `after` is the number of instructions behind
// it.
const char* FaultOf(const sock_filter& in, size_t after) {
  switch (ShapeOf(in.code)) {
    case Shape::kUnknown:
      return "seccomp has no such instruction";
    case Shape::kData:
      return in.k < sizeof(seccomp_data) && in.k % 4 == 0 ? "" : "loads from outside seccomp_data";
    case Shape::kMemory:
    case Shape::kStore:
      return in.k < BPF_MEMWORDS ? "" : "there is no such memory word";
    case Shape::kShift:
      return in.k < 32 ? "" : "shifts by 32 bits or more";
    case Shape::kDivide:
      return in.k != 0 ? "" : "divides by zero";
    case Shape::kJump:
      return in.k < after ? "" : "jumps out of the program";
    case Shape::kBranch:
      return in.jt < after && in.jf < after ? "" : "jumps out of the program";
    default:
      return "";
  }
}

// Which memory words are surely written before each instruction: reading another one is refused by the
// kernel.
class MemoryCheck {
 public:
  explicit MemoryCheck(size_t size) : known_(size, 0xffff) {}
  // False if the instruction reads a word that may be unwritten.
  bool Step(size_t at, const sock_filter& in) {
    valid_ &= known_[at];
    switch (ShapeOf(in.code)) {
      case Shape::kStore:
        valid_ |= static_cast<uint16_t>(1u << in.k);
        break;
      case Shape::kMemory:
        return (valid_ >> in.k & 1) != 0;
      case Shape::kJump:
        Leave(at + 1 + in.k);
        break;
      case Shape::kBranch:
        known_[at + 1 + in.jf] &= valid_;
        Leave(at + 1 + in.jt);
        break;
      default:
        break;
    }
    return true;
  }

 private:
  void Leave(size_t target) {
    known_[target] &= valid_;
    valid_ = 0xffff;  // the next instruction is reached by jumps only
  }
  std::vector<uint16_t> known_;
  uint16_t valid_ = 0;
};

}  // namespace

Result<void> Validate(std::span<const sock_filter> program) {
  if (program.empty()) return Fail(ErrorCode::kBadInput, "the filter is empty");
  if (program.size() > kMaxInstructions) {
    return Fail(ErrorCode::kBadInput,
                fmt::format("the filter has {} instructions, the kernel takes at most {}", program.size(),
                            kMaxInstructions));
  }
  MemoryCheck memory(program.size());
  for (size_t at = 0; at < program.size(); ++at) {
    const sock_filter& in = program[at];
    const std::string_view fault = FaultOf(in, program.size() - at - 1);
    if (!fault.empty()) {
      return Fail(ErrorCode::kBadInput, fmt::format("instruction {} (code {:#x}): {}", at, in.code, fault));
    }
    if (!memory.Step(at, in)) {
      return Fail(ErrorCode::kBadInput,
                  fmt::format("instruction {} reads memory word {} before it is written", at, in.k));
    }
  }
  if (ShapeOf(program.back().code) != Shape::kReturn) {
    return Fail(ErrorCode::kBadInput,
                fmt::format("instruction {}: a filter must end with a return", program.size() - 1));
  }
  return {};
}

}  // namespace whittle::filter

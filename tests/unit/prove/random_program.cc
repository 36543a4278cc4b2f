#include "random_program.h"

#include <linux/seccomp.h>

#include <array>
#include <cstring>
#include <vector>

#include "syscalls/abi.h"

namespace whittle::prove::testing {
namespace {

constexpr uint16_t kPlain[] = {
    BPF_JMP | BPF_JEQ | BPF_K,  BPF_JMP | BPF_JGT | BPF_K, BPF_JMP | BPF_JGE | BPF_K,
    BPF_JMP | BPF_JSET | BPF_K, BPF_JMP | BPF_JA,          BPF_ALU | BPF_AND | BPF_K,
    BPF_ALU | BPF_OR | BPF_K,   BPF_ALU | BPF_XOR | BPF_K, BPF_RET | BPF_K,
    BPF_LD | BPF_W | BPF_ABS,   BPF_LD | BPF_W | BPF_ABS};
constexpr uint16_t kArithmetic[] = {BPF_ALU | BPF_ADD | BPF_K, BPF_ALU | BPF_SUB | BPF_K,
                                    BPF_ALU | BPF_MUL | BPF_K, BPF_ALU | BPF_DIV | BPF_K,
                                    BPF_ALU | BPF_LSH | BPF_K, BPF_ALU | BPF_RSH | BPF_K,
                                    BPF_ALU | BPF_NEG,         BPF_RET | BPF_A};
constexpr uint16_t kRegisters[] = {BPF_LD | BPF_W | BPF_LEN,
                                   BPF_LDX | BPF_W | BPF_LEN,
                                   BPF_LD | BPF_IMM,
                                   BPF_LDX | BPF_IMM,
                                   BPF_LD | BPF_MEM,
                                   BPF_LDX | BPF_MEM,
                                   BPF_ST,
                                   BPF_STX,
                                   BPF_MISC | BPF_TAX,
                                   BPF_MISC | BPF_TXA,
                                   BPF_ALU | BPF_AND | BPF_X,
                                   BPF_ALU | BPF_OR | BPF_X,
                                   BPF_ALU | BPF_XOR | BPF_X,
                                   BPF_JMP | BPF_JEQ | BPF_X,
                                   BPF_JMP | BPF_JGT | BPF_X,
                                   BPF_JMP | BPF_JGE | BPF_X,
                                   BPF_JMP | BPF_JSET | BPF_X};
constexpr uint16_t kBoth[] = {BPF_ALU | BPF_ADD | BPF_X, BPF_ALU | BPF_SUB | BPF_X,
                              BPF_ALU | BPF_MUL | BPF_X, BPF_ALU | BPF_DIV | BPF_X,
                              BPF_ALU | BPF_LSH | BPF_X, BPF_ALU | BPF_RSH | BPF_X};
constexpr uint32_t kReturns[] = {SECCOMP_RET_ALLOW,        SECCOMP_RET_ERRNO | 1,
                                 SECCOMP_RET_ERRNO | 38,   SECCOMP_RET_KILL_PROCESS,
                                 SECCOMP_RET_KILL_THREAD,  SECCOMP_RET_TRAP | 7,
                                 SECCOMP_RET_LOG | 3,      SECCOMP_RET_USER_NOTIF | 5,
                                 SECCOMP_RET_ERRNO | 5000, 0x12345678};

bool IsLoad(const sock_filter& in) { return in.code == (BPF_LD | BPF_W | BPF_ABS); }

}  // namespace

// Few constants, so that programs ask the same things again; and their neighbours.
uint32_t Generator::Constant() {
  constexpr uint32_t kBases[] = {0, 1, 2, 0xff, 0x7e020000, 0x80000000, 59, kX32Bit};
  const uint32_t base = kBases[Below(std::size(kBases))];
  return Below(4) == 0 ? base - 1 + static_cast<uint32_t>(Below(3)) : base;
}

uint32_t Generator::Value() {
  switch (Below(4)) {
    case 0:
      return 0;
    case 1:
      return static_cast<uint32_t>(random_());
    default:
      return Constant();
  }
}

sock_filter Generator::Instruction(const Shape& shape, size_t after) {
  std::vector<uint16_t> codes(std::begin(kPlain), std::end(kPlain));
  if (shape.arithmetic) codes.insert(codes.end(), std::begin(kArithmetic), std::end(kArithmetic));
  if (shape.registers) codes.insert(codes.end(), std::begin(kRegisters), std::end(kRegisters));
  if (shape.arithmetic && shape.registers) codes.insert(codes.end(), std::begin(kBoth), std::end(kBoth));
  sock_filter in{codes[Below(codes.size())], 0, 0, Constant()};
  const size_t reach = std::min<size_t>(after, 6);
  if (BPF_CLASS(in.code) == BPF_JMP) {
    in.jt = static_cast<uint8_t>(Below(reach));
    in.jf = static_cast<uint8_t>(Below(reach));
    if (BPF_OP(in.code) == BPF_JA) in.k = static_cast<uint32_t>(Below(reach));
  }
  if (IsLoad(in)) in.k = static_cast<uint32_t>(4 * Below(shape.words));
  if (in.code == (BPF_RET | BPF_K)) in.k = kReturns[Below(std::size(kReturns))];
  const bool memory = in.code == BPF_ST || in.code == BPF_STX || in.code == (BPF_LD | BPF_MEM) ||
                      in.code == (BPF_LDX | BPF_MEM);
  if (memory) in.k = static_cast<uint32_t>(Below(3));
  if (BPF_CLASS(in.code) == BPF_ALU && (BPF_OP(in.code) == BPF_LSH || BPF_OP(in.code) == BPF_RSH))
    in.k = static_cast<uint32_t>(Below(32));
  if (in.code == (BPF_ALU | BPF_DIV | BPF_K) && in.k == 0) in.k = 3;
  return in;
}

filter::Program Generator::Program(const Shape& shape) {
  while (true) {
    filter::Program program{{BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<uint32_t>(4 * Below(shape.words))}};
    while (program.size() < shape.instructions) {
      program.push_back(Instruction(shape, shape.instructions - program.size()));
    }
    program.push_back({BPF_RET | BPF_K, 0, 0, kReturns[Below(std::size(kReturns))]});
    // A jump over the mask would leave the word whole: so programs are masked in place of jumping.
    if (shape.mask != UINT32_MAX) {
      filter::Program masked;
      for (const auto& in : program) {
        masked.push_back(in);
        if (IsLoad(in)) masked.push_back({BPF_ALU | BPF_AND | BPF_K, 0, 0, shape.mask});
      }
      program = masked;
    }
    if (filter::Validate(program)) return program;
  }
}

filter::Program Generator::Mutate(const filter::Program& program) {
  while (true) {
    filter::Program other = program;
    sock_filter& in = other[Below(other.size())];
    if (in.code == (BPF_RET | BPF_K)) {
      in.k = kReturns[Below(std::size(kReturns))];
    } else if (BPF_CLASS(in.code) == BPF_JMP && Below(2) == 0) {
      std::swap(in.jt, in.jf);
    } else if (!IsLoad(in)) {
      in.k ^= 1u << Below(3);
    }
    if (filter::Validate(other)) return other;
  }
}

void Generator::MutateConstant(sock_filter& in) {
  if (in.code == (BPF_RET | BPF_K)) {
    in.k = kReturns[Below(std::size(kReturns))];
  } else if (IsLoad(in)) {
    in.k = static_cast<uint32_t>(4 * Below(16));
  } else {
    in.k = Below(2) == 0 ? in.k + 1 : in.k ^ 1u << Below(32);
  }
}

void Generator::MutateJump(sock_filter& in) {
  switch (Below(3)) {
    case 0:
      return std::swap(in.jt, in.jf);
    case 1:
      in.jt = static_cast<uint8_t>(in.jt ^ 1u << Below(3));
      return;
    default:
      in.jf = static_cast<uint8_t>(in.jf ^ 1u << Below(3));
  }
}

void Generator::MutateOpcode(sock_filter& in) {
  const auto kind = BPF_CLASS(in.code);
  constexpr uint16_t kOperations[] = {BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR,
                                      BPF_AND, BPF_LSH, BPF_RSH, BPF_XOR};
  constexpr uint16_t kTests[] = {BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET};
  if (kind == BPF_ALU) in.code = static_cast<uint16_t>(kind | kOperations[Below(9)] | BPF_SRC(in.code));
  if (kind == BPF_JMP && BPF_OP(in.code) != BPF_JA)
    in.code = static_cast<uint16_t>(kind | kTests[Below(4)] | BPF_SRC(in.code));
}

filter::Program Generator::MutateAnything(const filter::Program& program) {
  while (true) {
    filter::Program other = program;
    sock_filter& in = other[Below(other.size())];
    switch (Below(3)) {
      case 0:
        MutateConstant(in);
        break;
      case 1:
        MutateJump(in);
        break;
      default:
        MutateOpcode(in);
    }
    const bool changed = std::memcmp(other.data(), program.data(), program.size() * sizeof(in)) != 0;
    if (changed && filter::Validate(other)) return other;
  }
}

filter::Data Generator::Data(const filter::Program& program) {
  filter::Data data;
  for (auto& word : data) word = Value();
  for (int times = 0; times < 4; ++times) {
    const uint32_t near = program[Below(program.size())].k;
    data[Below(data.size())] = near - 1 + static_cast<uint32_t>(Below(3));
  }
  if (Below(2) == 0) data[1] = AuditArch(Below(2) == 0 ? Abi::kX86_64 : Abi::kI386);
  return data;
}

}  // namespace whittle::prove::testing

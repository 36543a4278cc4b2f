// Programs that the kernel takes and that are hard to reason about: products and quotients of words, shifts
// by words, sums over branches. Each compares what it computed with a constant.
#pragma once

#include <linux/seccomp.h>

#include <string>
#include <vector>

#include "filter/program.h"

namespace whittle::prove::testing {

struct HardProgram {
  std::string name;
  filter::Program program;
};

class HardPrograms {
 public:
  static std::vector<HardProgram> All() {
    std::vector<HardProgram> all;
    for (const uint16_t operation : {BPF_MUL, BPF_DIV, BPF_LSH, BPF_RSH, BPF_ADD, BPF_SUB, BPF_XOR}) {
      all.push_back({"chain of operation " + std::to_string(operation >> 4), Chain({operation})});
    }
    all.push_back({"products and quotients in turn", Chain({BPF_MUL, BPF_DIV})});
    all.push_back({"sums and shifts in turn", Chain({BPF_ADD, BPF_LSH})});
    all.push_back({"products and sums in turn", Chain({BPF_MUL, BPF_ADD, BPF_XOR})});
    all.push_back({"a square, again and again", Squares()});
    all.push_back({"a hash, returned", Returned()});
    all.push_back({"a sum over branches", Branches()});
    all.push_back({"a product over branches, long", LongBranches()});
    all.push_back({"as long as the kernel takes", Longest()});
    return all;
  }

 private:
  static sock_filter Load(uint32_t word) { return {BPF_LD | BPF_W | BPF_ABS, 0, 0, 4 * word}; }
  static sock_filter Return(uint32_t value) { return {BPF_RET | BPF_K, 0, 0, value}; }
  static sock_filter ToX() { return {BPF_MISC | BPF_TAX, 0, 0, 0}; }
  static sock_filter WithX(uint16_t operation) {
    return {static_cast<uint16_t>(BPF_ALU | operation | BPF_X), 0, 0, 0};
  }
  static void End(filter::Program& program, uint16_t test = BPF_JEQ) {
    program.push_back({static_cast<uint16_t>(BPF_JMP | test | BPF_K), 0, 1, 0x12345677});
    program.push_back(Return(SECCOMP_RET_ALLOW));
    program.push_back(Return(SECCOMP_RET_ERRNO | 1));
  }

  // M[0] = M[0] OPERATION word, for each word.
  static filter::Program Chain(const std::vector<uint16_t>& operations) {
    filter::Program program{Load(4), {BPF_ST, 0, 0, 0}};
    for (uint32_t step = 0; step < 36; ++step) {
      program.push_back(Load(4 + (step + 1) % 12));
      program.push_back(ToX());
      program.push_back({BPF_LD | BPF_MEM, 0, 0, 0});
      program.push_back(WithX(operations[step % operations.size()]));
      program.push_back({BPF_ST, 0, 0, 0});
    }
    End(program, BPF_JGT);
    return program;
  }

  static filter::Program Squares() {
    filter::Program program{Load(4)};
    for (int step = 0; step < 30; ++step) {
      program.push_back(ToX());
      program.push_back(WithX(BPF_MUL));
      program.push_back({BPF_ALU | BPF_ADD | BPF_K, 0, 0, 1});
    }
    End(program);
    return program;
  }

  static filter::Program Returned() {
    auto program = Chain({BPF_MUL, BPF_XOR});
    program.resize(program.size() - 3);
    program.push_back({BPF_RET | BPF_A, 0, 0, 0});
    return program;
  }

  // Twice as many contents of A after each branch.
  static filter::Program Branches() {
    filter::Program program{{BPF_LD | BPF_IMM, 0, 0, 0}, {BPF_ST, 0, 0, 0}};
    for (uint32_t bit = 0; bit < 32; ++bit) {
      program.push_back(Load(4));
      program.push_back({BPF_JMP | BPF_JSET | BPF_K, 0, 3, 1u << bit});
      program.push_back({BPF_LD | BPF_MEM, 0, 0, 0});
      program.push_back({BPF_ALU | BPF_ADD | BPF_K, 0, 0, 3 * (1u << bit) + bit});
      program.push_back({BPF_ST, 0, 0, 0});
    }
    program.push_back({BPF_LD | BPF_MEM, 0, 0, 0});
    End(program);
    return program;
  }

  static filter::Program LongBranches() {
    filter::Program program{Load(4), {BPF_ST, 0, 0, 0}};
    for (uint32_t step = 0; step < 600; ++step) {
      program.push_back(Load(4 + step % 12));
      program.push_back({BPF_JMP | BPF_JSET | BPF_K, 0, 4, 1u << step % 32});
      program.push_back(ToX());
      program.push_back({BPF_LD | BPF_MEM, 0, 0, 0});
      program.push_back(WithX(step % 3 == 0 ? BPF_MUL : BPF_XOR));
      program.push_back({BPF_ST, 0, 0, 0});
    }
    program.push_back({BPF_LD | BPF_MEM, 0, 0, 0});
    End(program);
    return program;
  }

  static filter::Program Longest() {
    filter::Program program{Load(4), {BPF_ST, 0, 0, 0}};
    while (program.size() + 8 < filter::kMaxInstructions) {
      program.push_back(Load(static_cast<uint32_t>(4 + program.size() % 12)));
      program.push_back(ToX());
      program.push_back({BPF_LD | BPF_MEM, 0, 0, 0});
      program.push_back({BPF_JMP | BPF_JGT | BPF_X, 1, 0, 0});
      program.push_back(WithX(BPF_ADD));
      program.push_back({BPF_ST, 0, 0, 0});
    }
    program.push_back({BPF_LD | BPF_MEM, 0, 0, 0});
    End(program);
    return program;
  }
};

}  // namespace whittle::prove::testing

// Random programs that the kernel would take, of every instruction that it knows, and calls that meet them.
#pragma once

#include <random>

#include "filter/program.h"

namespace whittle::prove::testing {

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  struct Shape {
    size_t instructions = 20;
    uint32_t words = 16;         // loads are from the first so many words
    uint32_t mask = UINT32_MAX;  // every load is followed by AND with this, unless it is all ones
    bool arithmetic = true;      // ADD, SUB, MUL, DIV, shifts; else only what filters of compilers have
    bool registers = true;       // X and memory
  };
  filter::Program Program(const Shape& shape);
  // Another program that differs in one instruction, maybe in nothing that shows.
  filter::Program Mutate(const filter::Program& program);
  // The same over the whole language: another constant, jump or operation in one instruction, anywhere.
  filter::Program MutateAnything(const filter::Program& program);
  // Words near the constants of the program, zeros, ones, and anything.
  filter::Data Data(const filter::Program& program);

  uint64_t Below(uint64_t bound) { return random_() % bound; }

 private:
  sock_filter Instruction(const Shape& shape, size_t after);
  void MutateConstant(sock_filter& in);
  void MutateJump(sock_filter& in);
  void MutateOpcode(sock_filter& in);
  uint32_t Constant();
  uint32_t Value();

  std::mt19937_64 random_;
};

}  // namespace whittle::prove::testing

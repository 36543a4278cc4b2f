// What a person reads of a filter.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../prove/random_program.h"
#include "filter/compile.h"
#include "filter/disassemble.h"

namespace whittle::filter {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> TextOf(const Program& program) {
  EXPECT_TRUE(Validate(program)) << Validate(program).error().message;
  std::vector<std::string> lines;
  for (const auto& line : Disassemble(program)) lines.push_back(LineText(line));
  return lines;
}

TEST(Disassemble, NamesAreThoseOfTheArchitectureOnTheWay) {
  const Program program = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 4},
                           {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0xc000003e},
                           {BPF_JMP | BPF_JEQ | BPF_K, 4, 7, 0x40000003},
                           {BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
                           {BPF_JMP | BPF_JGE | BPF_K, 0, 1, 0x40000000},
                           {BPF_JMP | BPF_JEQ | BPF_K, 3, 4, 0x4000003b},
                           {BPF_JMP | BPF_JEQ | BPF_K, 2, 3, 11},
                           {BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
                           {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 11},
                           {BPF_RET | BPF_K, 0, 0, 0x7fff0000},
                           {BPF_RET | BPF_K, 0, 0, 0x50001}};
  EXPECT_THAT(TextOf(program),
              ::testing::ElementsAre("    0  ld [4]                         arch",
                                     "    1  jeq 0xc000003e  ? 3 : 2        arch == x86_64",
                                     "    2  jeq 0x40000003  ? 7 : 10       arch == i386",
                                     ">   3  ld [0]                         nr",
                                     "    4  jge 0x40000000  ? 5 : 6        nr >= the x32 bit",
                                     "    5  jeq 0x4000003b  ? 9 : 10       nr == #1073741883 (x32)",
                                     ">   6  jeq 0xb         ? 9 : 10       nr == munmap (x86_64)",
                                     ">   7  ld [0]                         nr",
                                     "    8  jeq 0xb         ? 9 : 10       nr == execve (i386)",
                                     ">   9  ret 0x7fff0000                 ALLOW",
                                     ">  10  ret 0x50001                    ERRNO(1) EPERM"));
}

TEST(Disassemble, WithoutAnArchitectureNoCallIsNamed) {
  const Program program = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
                           {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 59},
                           {BPF_RET | BPF_K, 0, 0, 0},
                           {BPF_RET | BPF_K, 0, 0, 0x7fff0000}};
  EXPECT_THAT(TextOf(program)[1], HasSubstr("nr == 59 (any ABI)"));
}

TEST(Disassemble, ArgumentsAreNamedWithWhatWasDoneToThem) {
  const Program program = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 28},
                           {BPF_ALU | BPF_AND | BPF_K, 0, 0, 0xff},
                           {BPF_ST, 0, 0, 3},
                           {BPF_LD | BPF_W | BPF_ABS, 0, 0, 16},
                           {BPF_MISC | BPF_TAX, 0, 0, 0},
                           {BPF_LD | BPF_MEM, 0, 0, 3},
                           {BPF_JMP | BPF_JGT | BPF_X, 0, 1, 0},
                           {BPF_RET | BPF_A, 0, 0, 0},
                           {BPF_RET | BPF_K, 0, 0, 0x30007}};
  const auto lines = TextOf(program);
  EXPECT_THAT(lines[1], HasSubstr("args[1].high & 0xff"));
  EXPECT_THAT(lines[6], HasSubstr("args[1].high & 0xff > args[0].low"));
  EXPECT_THAT(lines[7], HasSubstr("ret a"));
  EXPECT_THAT(lines[8], HasSubstr("TRAP(7)"));
}

TEST(Disassemble, EveryTargetIsAnInstructionAndTextsStayShort) {
  prove::testing::Generator generator(5);
  for (int round = 0; round < 3000; ++round) {
    const Program program = generator.Program({.instructions = 24});
    const auto lines = Disassemble(program);
    ASSERT_EQ(lines.size(), program.size());
    for (const auto& line : lines) {
      ASSERT_LT(line.yes.value_or(0), program.size());
      ASSERT_LT(line.no.value_or(0), program.size());
      ASSERT_LT(LineText(line).size(), 160u);
      ASSERT_FALSE(line.code.empty());
    }
  }
}

}  // namespace
}  // namespace whittle::filter

// Filters as text. Comparisons are given names on the way that leads to them: the architecture that was found
// by then, the call of that architecture, the half of the argument that the accumulator holds. Where ways
// meet that disagree, nothing is named. Pure; thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "filter/program.h"

namespace whittle::filter {

struct Line {
  uint32_t index = 0;
  std::string code;             // "jeq 0x3b", "ld [0]", "ret 0x7fff0000"
  std::optional<uint32_t> yes;  // of a jump: where it goes if the test holds (or always)
  std::optional<uint32_t> no;   // of a test: where it goes otherwise
  std::string meaning;          // "nr == execve (x86_64)", "args[1].low", "ERRNO(1) EPERM"
  bool target = false;          // a jump leads here from elsewhere than the instruction before
};

// One line an instruction of a program that Validate() accepted.
std::vector<Line> Disassemble(std::span<const sock_filter> program);

// "  12  jeq 0x3b           ? 40 : 13    nr == execve (x86_64)"; targets are marked with '>'. No end of line.
std::string LineText(const Line& line);

// "ERRNO(1) EPERM", "ALLOW", "TRACE(7)": what a return value means to the kernel.
std::string AnswerText(profile::Action action, uint16_t data);

}  // namespace whittle::filter

// Calls as text: "x86_64 openat(-100, 0x7f00, 0)", the spelling of `simulate --calls`, of tables and of
// explanations. Pure; thread safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "filter/program.h"

namespace whittle::filter {

// One call: `[ABI] NAME[(ARGUMENT, ...)]`. NAME may be #NUMBER; ARGUMENTs are decimal, hexadecimal or
// negative, missing ones are 0. Without an ABI it is `otherwise`. What the kernel does to values is done here
// too: on 32-bit ABIs arguments keep their low 32 bits, on x32 a number gets bit 30. Errors: kBadInput.
Result<Call> ParseCall(std::string_view text, Abi otherwise);

// One question a line: a call, or `[ABI] load`, which asks whether the filter would be loaded at all. Blank
// lines and what follows a # at the start of a line or behind a blank are skipped (but #451 is a number).
// Errors: kBadInput with "FILE:LINE:".
struct NumberedCall {
  Call call;
  uint32_t line = 0;
  std::string text;  // the line as it was written
  enum class Asks { kVerdict, kLoad } asks = Asks::kVerdict;
};
// One of them. Errors: as ParseCall().
Result<NumberedCall> ParseQuestion(std::string_view text, Abi otherwise);
Result<std::vector<NumberedCall>> ParseCalls(std::string_view text, const std::string& file, Abi otherwise);

// "x86_64 openat(0xffffff9c, 0x0)": arguments up to the last one that is not zero.
std::string CallText(const Call& call);

// "-100, 0x7f00, 0x1ed": the arguments of a call that a program made, as many as it takes; what the other
// registers hold is chance. Small negative numbers are shown as such.
std::string ArgumentsText(const Call& call);

}  // namespace whittle::filter

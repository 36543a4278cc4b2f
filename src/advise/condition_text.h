// Conditions in words of a call and its arguments, values by their names. Pure; thread safe.
#pragma once

#include <string>
#include <string_view>

#include "advise/condition.h"
#include "syscalls/abi.h"

namespace whittle::advise {

struct ConditionWords {
  // What stands behind the name of the call: "" (always), "(AF_PACKET, *)", " when (arg2 & 3) != 0",
  // " unless arg0 == 1", "" also for an incomplete condition of which nothing can be listed.
  std::string text;
  // On 32-bit ABIs and x32, where programs see 32-bit arguments: the text leaves out that only the low 32
  // bits of a register are compared.
  bool low_halves = false;
};

ConditionWords WordsOf(const Condition& condition, Abi abi, std::string_view call);

}  // namespace whittle::advise

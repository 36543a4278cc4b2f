// What filters answer to every call of an ABI, whatever its arguments: outcomes.h over the table of calls.
// Pure; thread safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "prove/outcomes.h"

namespace whittle::prove {

struct CallAnswer {
  std::string_view name;
  uint32_t number = 0;  // as it stands in seccomp_data.nr
  Outcomes outcomes;
  // ENOSYS, as everything gets it that is newer than the calls that the filter tells apart: runc's stub, or a
  // profile that answers so by default. Programs take it for a kernel that lacks the call.
  bool as_if_missing = false;
};

struct AbiAnswers {
  Abi abi = Abi::kX86_64;
  std::vector<CallAnswer> calls;  // every call of the table, by name
  Outcomes unknown;               // what a number far above all calls gets
};
AbiAnswers AnswersOf(const Oracle& oracle, Abi abi);

// "ERRNO(1) EPERM", or all that are possible: "ERRNO(1) EPERM or ALLOW".
std::string OutcomesText(const Outcomes& outcomes);

}  // namespace whittle::prove

// Raw filters: any instructions are refused or run to an end, in as many steps as the program is long at
// most. The first bytes are the call, the rest the program.
#include <cstdlib>
#include <cstring>

#include "filter/program.h"

using namespace whittle::filter;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Call call;
  constexpr size_t kHead = sizeof call.number + sizeof call.arguments;
  if (size < kHead) return 0;
  std::memcpy(&call.number, data, sizeof call.number);
  std::memcpy(call.arguments.data(), data + sizeof call.number, sizeof call.arguments);
  Program program((size - kHead) / sizeof(sock_filter));
  if (!program.empty()) std::memcpy(program.data(), data + kHead, program.size() * sizeof(sock_filter));
  if (!Validate(program)) return 0;
  for (const whittle::Abi abi : {whittle::Abi::kX86_64, whittle::Abi::kI386, whittle::Abi::kS390x}) {
    call.abi = abi;
    const Verdict verdict = Evaluate(program, call);
    if (verdict.steps == 0 || verdict.steps > program.size()) std::abort();
    const Program both[] = {program, program};
    const Verdict twice = EvaluateStacked(both, call);
    if (twice.action != verdict.action || twice.data != verdict.data) std::abort();
  }
  return 0;
}

// The reader of calls: any text gives calls or an error, and a call that was written is read back the same.
#include <cstdlib>
#include <string>

#include "filter/call_text.h"

using namespace whittle::filter;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto calls = ParseCalls(text, "input", whittle::Abi::kX86_64);
  if (!calls) return 0;
  for (const auto& numbered : *calls) {
    if (ArgumentsText(numbered.call).find('\n') != std::string::npos) std::abort();
    const auto again = ParseCall(CallText(numbered.call), whittle::Abi::kX86_64);
    if (!again || again->abi != numbered.call.abi || again->number != numbered.call.number ||
        again->arguments != numbered.call.arguments) {
      std::abort();
    }
  }
  return 0;
}

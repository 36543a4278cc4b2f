// The JSON reader: any bytes give a value or an error, and what was written is read back the same.
#include "base/json.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = whittle::json::Parse(text, "input");
  if (!value) return 0;
  const std::string written = whittle::json::Write(*value);
  const auto again = whittle::json::Parse(written, "written");
  if (!again || whittle::json::Write(*again) != written) std::abort();
  return 0;
}

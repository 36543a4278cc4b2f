// The evidence reader: any bytes give a value or an error, and what was written is read back equal, to the byte.
#include <cstdlib>

#include "evidence/evidence.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace whittle::evidence;
  const auto evidence = Read(std::string_view(reinterpret_cast<const char*>(data), size), "input");
  if (!evidence) return 0;
  const std::string written = Write(*evidence);
  const auto again = Read(written, "written");
  if (!again || *again != *evidence || Write(*again) != written) std::abort();
  const auto merged = Merge(*evidence, *again);
  if (!merged || *merged != *evidence) std::abort();
  return 0;
}

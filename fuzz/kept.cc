// Files of kept refusals. Any bytes give a life or an error; a life that was read is written, and read again
// as it was written.
#include <cstdlib>

#include "kept/life.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace whittle::kept;
  const auto life = Read({reinterpret_cast<const char*>(data), size}, "input");
  if (!life) return 0;
  const std::string text = Write(*life);
  const auto again = Read(text, "written");
  if (text.size() > kMaxBytes || !again || Write(*again) != text) abort();
  return 0;
}

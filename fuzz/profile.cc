// The profile reader: any bytes give a document or an error, what was written is read back the same, and no
// document that was read makes the compiler fail otherwise than by saying so.
#include <cstdlib>

#include "filter/compile.h"
#include "profile/document.h"

using whittle::profile::Reading;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const Reading reading : {Reading::kStrict, Reading::kAsRuntimes}) {
    const auto document = whittle::profile::Read(text, "input", reading);
    if (!document) continue;
    const std::string written = whittle::profile::Write(*document);
    const auto again = whittle::profile::Read(written, "written", reading);
    if (!again || whittle::profile::Write(*again) != written) std::abort();
    const whittle::profile::Target target;
    const auto compiled = whittle::filter::Compile(*document, target);
    if (!compiled && compiled.error().code == whittle::ErrorCode::kInternal) std::abort();
  }
  return 0;
}

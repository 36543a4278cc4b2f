// Every importer, chosen by the first byte, and the search for the format: any bytes give evidence that can
// be written and read back, however they are cut into pieces. WHITTLE_FUZZ_FORMAT=strace: that importer only.
#include <cstdlib>

#include "import/import.h"

using namespace whittle;
using namespace whittle::import;

namespace {

std::string Take(const Format& format, std::string_view text, size_t piece) {
  const Options options;
  Importer importer(format, options.settings);
  importer.BeginFile("input", "input", ComesInEnvelopes(text, format));
  while (!text.empty()) {
    importer.Feed(text.substr(0, piece));
    text.remove_prefix(std::min(piece, text.size()));
  }
  if (!importer.EndFile()) return "";
  return evidence::Write(Finish(importer, "", options).evidence);
}

const Format& Chosen(uint8_t byte, std::string_view text) {
  if (const char* name = std::getenv("WHITTLE_FUZZ_FORMAT")) {
    const auto named = FindFormat(name);
    if (!named) std::abort();
    return **named;
  }
  const auto detected = DetectFormat(text, "input");
  const auto formats = Formats();
  return detected && byte == '?' ? **detected : formats[byte % formats.size()];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Format& format = Chosen(data[0], text);
  const std::string whole = Take(format, text, size);
  if (whole.empty()) return 0;  // a document that is refused
  const auto read = evidence::Read(whole, "written");
  if (!read || evidence::Write(*read) != whole) std::abort();
  if (Take(format, text, 7) != whole) std::abort();
  return 0;
}

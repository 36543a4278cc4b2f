// Raw filters: any bytes are refused, or shown line by line, with targets inside of the program, and the way
// of a call goes along these lines.
#include <cstdlib>

#include "filter/disassemble.h"
#include "filter/raw.h"

using namespace whittle::filter;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)LooksRaw(bytes);
  const auto program = ParseRaw(bytes, "input");
  if (!program) return 0;
  const auto lines = Disassemble(*program);
  if (lines.size() != program->size()) std::abort();
  for (const auto& line : lines) {
    if (line.yes.value_or(0) >= lines.size() || line.no.value_or(0) >= lines.size()) std::abort();
    if (LineText(line).size() > 200) std::abort();
  }
  const auto path = PathOf(*program, Call{});
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    const Line& line = lines[path[i]];
    const uint32_t next = path[i + 1];
    const bool follows =
        line.yes ? next == *line.yes || (line.no && next == *line.no) : next == line.index + 1;
    if (!follows) std::abort();
  }
  return 0;
}

// Compiled filters: bytes, and arrays in source text. The format has no place for what is not in the filter:
// flags and listener.
#include <fmt/core.h>

#include "export/array.h"
#include "export/losses.h"

namespace whittle::exporting {
namespace {

void Put(std::string& bytes, uint32_t value, size_t size, bool big_endian) {
  for (size_t i = 0; i < size; ++i) {
    const size_t byte = big_endian ? size - 1 - i : i;
    bytes += static_cast<char>((value >> (8 * byte)) & 0xff);
  }
}

}  // namespace

Result<Exported> WriteRaw(const Source& source) {
  Exported exported;
  const bool big_endian = IsBigEndian(source.target.arch);
  for (const auto& in : source.compiled.program) {
    Put(exported.text, in.code, 2, big_endian);
    Put(exported.text, in.jt, 1, big_endian);
    Put(exported.text, in.jf, 1, big_endian);
    Put(exported.text, in.k, 4, big_endian);
  }
  exported.lost = LostOfArrays(source);
  return exported;
}

std::vector<std::string> LostOfArrays(const Source& source) {
  Losses losses;
  losses.AddMembersForRuntimes(source.flat);
  return losses.Lines();
}

}  // namespace whittle::exporting

#include "filter/raw.h"

#include <fmt/core.h>

#include <bit>
#include <cstring>

namespace whittle::filter {

bool LooksRaw(std::string_view bytes) {
  constexpr size_t kHighByte = std::endian::native == std::endian::little ? 1 : 0;
  return bytes.size() > kHighByte && bytes[kHighByte] == '\0';
}

Result<Program> ParseRaw(std::string_view bytes, const std::string& name) {
  const auto fail = [&](const std::string& why) {
    return Fail(ErrorCode::kBadInput, fmt::format("{}: no raw filter: {}", name, why));
  };
  if (bytes.size() % sizeof(sock_filter) != 0)
    return fail(fmt::format("{} bytes are no whole number of instructions of 8 bytes", bytes.size()));
  if (bytes.size() / sizeof(sock_filter) > kMaxInstructions)
    return fail(fmt::format("{} instructions, the kernel takes at most {}",
                            bytes.size() / sizeof(sock_filter), kMaxInstructions));
  Program program(bytes.size() / sizeof(sock_filter));
  if (!program.empty()) std::memcpy(program.data(), bytes.data(), bytes.size());
  if (const auto valid = Validate(program); !valid) return fail(valid.error().message);
  return program;
}

}  // namespace whittle::filter

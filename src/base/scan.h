// What importers of long logs ask of every character, asked of several at once. Pure; thread safe.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <experimental/simd>
#include <string_view>

namespace whittle {

// Where the first character stands that is wanted, from `from` on; at or behind the end of `text` if there is
// none. `is_wanted` is asked of a character and of a block of them: operators on its argument alone.
size_t FirstThat(std::string_view text, size_t from, const auto& is_wanted) {
  using Block = std::experimental::native_simd<char>;
  const size_t size = text.size();
  const auto find_in_block = [&](size_t at) {
    const auto hits = is_wanted(Block(text.data() + at, std::experimental::element_aligned));
    return any_of(hits) ? at + static_cast<size_t>(find_first_set(hits)) : size;
  };
  size_t at = from;
  for (; size >= Block::size() && at <= size - Block::size(); at += Block::size()) {
    if (const size_t found = find_in_block(at); found != size) return found;
  }
  // The rest with some of what was asked already, where there is as much.
  if (at < size && size - from >= Block::size()) return find_in_block(size - Block::size());
  while (at < size && !is_wanted(text[at])) ++at;
  return at;
}

template <char... kWanted>
size_t FirstOf(std::string_view text, size_t from = 0) {
  return FirstThat(text, from, [](const auto& what) { return ((what == kWanted) || ...); });
}

// The digits that a text begins with, up to so many, and their value.
inline constexpr size_t kDigitsAtOnce = 8;
struct LeadingDigits {
  size_t count = 0;
  uint64_t value = 0;
};
inline LeadingDigits ReadDigits(std::string_view text) {
  constexpr size_t kMost = kDigitsAtOnce;
  LeadingDigits digits;
  if (std::endian::native != std::endian::little || text.size() < kMost) {
    for (; digits.count < kMost && digits.count < text.size(); ++digits.count) {
      const char c = text[digits.count];
      if (c < '0' || c > '9') break;
      digits.value = digits.value * 10 + static_cast<uint64_t>(c - '0');
    }
    return digits;
  }
  constexpr uint64_t kEach = 0x0101010101010101;
  uint64_t bytes = 0;
  std::memcpy(&bytes, text.data(), kMost);
  bytes ^= '0' * kEach;  // of digits their values, of others more than 9
  const uint64_t others = (bytes | ((bytes & 0x7f * kEach) + 0x76 * kEach)) & 0x80 * kEach;
  digits.count = others == 0 ? kMost : static_cast<size_t>(std::countr_zero(others)) / 8;
  if (digits.count == 0) return digits;
  // The last digit into the highest byte, zeros before the first; then pairs, fours and eights of them at
  // once.
  bytes <<= 8 * (kMost - digits.count);
  bytes = (bytes * 10 + (bytes >> 8)) & 0x00ff00ff00ff00ff;
  bytes = (bytes * 100 + (bytes >> 16)) & 0x0000ffff0000ffff;
  digits.value = (bytes * 10'000 + (bytes >> 32)) & 0xffffffff;
  return digits;
}

inline constexpr std::array<uint64_t, kDigitsAtOnce + 1> kPowersOfTen = {
    1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};

}  // namespace whittle

// Small, strict helpers on text. Pure; thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace whittle {

// Of ASCII, whatever the locale.
constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The pieces between `separator`s; "a,,b" has three, "" has one.
std::vector<std::string_view> Split(std::string_view text, char separator);
// The lines, without their ends; a last line without '\n' counts, an empty rest does not.
std::vector<std::string_view> Lines(std::string_view text);
// Words between blanks (space, tab).
std::vector<std::string_view> Words(std::string_view text);
std::string_view Trim(std::string_view text);
// In small letters, those of ASCII; all other bytes stay.
std::string LowerCase(std::string_view text);
std::string Join(std::span<const std::string> parts, std::string_view separator);
// "a, b and c"; "" of nothing.
std::string JoinWithAnd(std::span<const std::string> words);

// The value of a hexadecimal digit in small letters; -1 if it is none.
int HexDigit(char c);
// A whole number in decimal or, after 0x, in hexadecimal; nothing around it. Empty if it is none or does not
// fit.
std::optional<uint64_t> ParseUnsigned(std::string_view text);
// The same with an optional minus.
std::optional<int64_t> ParseSigned(std::string_view text);
// "90", "90s", "5m", "2h", "500ms" as milliseconds; a bare number is seconds. Errors: kUsage.
Result<int64_t> ParseDurationMs(std::string_view text);

// `text` made safe for a terminal or a log line: control characters and invalid UTF-8 as \xNN, one line.
std::string Printable(std::string_view text);

// The candidate with the smallest edit distance to `word`, if it is close enough to be a likely typing error.
std::optional<std::string> Nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace whittle

#include "base/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <numeric>

namespace whittle {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, changed}));
    }
  }
  return row[b.size()];
}

// Bytes of the UTF-8 character that starts at `text`, or 0 if there is no valid one.
size_t Utf8Length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
  const bool surrogate = lead == 0xed && byte(1) > 0x9f;
  const bool beyond = lead == 0xf4 && byte(1) > 0x8f;
  const bool control = lead == 0xc2 && byte(1) < 0xa0;  // C1 controls can drive a terminal
  return overlong || surrogate || beyond || control ? 0 : length;
}

}  // namespace

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> Lines(std::string_view text) {
  auto lines = Split(text, '\n');
  if (lines.back().empty()) lines.pop_back();
  for (auto& line : lines) {
    if (line.ends_with('\r')) line.remove_suffix(1);
  }
  return lines;
}

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  size_t at = 0;
  while (at < text.size()) {
    if (IsBlank(text[at])) {
      ++at;
      continue;
    }
    size_t end = at;
    while (end < text.size() && !IsBlank(text[end])) ++end;
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::string Join(std::span<const std::string> parts, std::string_view separator) {
  std::string joined;
  for (const auto& part : parts) {
    if (&part != parts.data()) joined += separator;
    joined += part;
  }
  return joined;
}

std::string JoinWithAnd(std::span<const std::string> words) {
  if (words.size() < 2) return Join(words, "");
  return Join(words.first(words.size() - 1), ", ") + " and " + words.back();
}

std::optional<uint64_t> ParseUnsigned(std::string_view text) {
  constexpr size_t kAlwaysFits = 19;                  // decimal digits
  if (!text.empty() && text.size() <= kAlwaysFits) {  // nearly all there are: logs have several a line
    uint64_t value = 0;
    size_t length = 0;
    while (length < text.size() && text[length] >= '0' && text[length] <= '9') {
      value = value * 10 + static_cast<uint64_t>(text[length++] - '0');
    }
    if (length == text.size()) return value;
  }
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  if (hexadecimal) text.remove_prefix(2);
  uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, hexadecimal ? 16 : 10);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<int64_t> ParseSigned(std::string_view text) {
  const bool negative = text.starts_with('-');
  const auto magnitude = ParseUnsigned(negative ? text.substr(1) : text);
  const uint64_t limit = uint64_t{1} << 63;
  if (!magnitude || *magnitude > (negative ? limit : limit - 1)) return std::nullopt;
  return static_cast<int64_t>(negative ? 0 - *magnitude : *magnitude);
}

Result<int64_t> ParseDurationMs(std::string_view text) {
  static constexpr std::pair<std::string_view, int64_t> kUnits[] = {
      {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}};
  int64_t factor = 1000;
  std::string_view digits = text;
  for (const auto& [unit, milliseconds] : kUnits) {
    if (!text.ends_with(unit)) continue;
    factor = milliseconds;
    digits.remove_suffix(unit.size());
    break;
  }
  const auto count = ParseUnsigned(digits);
  if (!count || *count > static_cast<uint64_t>(std::numeric_limits<int64_t>::max() / factor)) {
    return Fail(ErrorCode::kUsage,
                fmt::format("'{}' is not a duration: write 500ms, 90s, 5m or 2h", Printable(text)));
  }
  return static_cast<int64_t>(*count) * factor;
}

std::string Printable(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const unsigned char first = static_cast<unsigned char>(text[0]);
    const size_t length = Utf8Length(text);
    if (length == 0 || first < 0x20 || first == 0x7f) {
      safe += fmt::format("\\x{:02x}", first);
      text.remove_prefix(1);
    } else {
      safe += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return safe;
}

std::optional<std::string> Nearest(std::string_view word, std::span<const std::string_view> candidates) {
  size_t best = word.size() < 4 ? 1 : word.size() / 3 + 1;  // of three letters, one may be wrong
  std::optional<std::string> nearest;
  for (const auto candidate : candidates) {
    const size_t longer = std::max(word.size(), candidate.size());
    if (longer - std::min(word.size(), candidate.size()) > best || longer > 64) continue;
    const size_t distance = EditDistance(word, candidate);
    if (distance < best || (distance == best && !nearest)) {
      best = distance;
      nearest = std::string(candidate);
    }
  }
  return nearest;
}

}  // namespace whittle

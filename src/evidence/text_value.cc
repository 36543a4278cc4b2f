#include "evidence/text_value.h"

#include <fmt/core.h>

#include "base/text.h"

namespace whittle::evidence {
namespace {

// How many continuation bytes follow, and the range of the first of them; the table of Unicode 15,
// section 3.9.
struct Lead {
  int follow;
  uint8_t low;
  uint8_t high;
};

Lead LeadOf(uint8_t byte) {
  if (byte < 0x80) return {0, 0, 0};
  if (byte >= 0xc2 && byte <= 0xdf) return {1, 0x80, 0xbf};
  if (byte == 0xe0) return {2, 0xa0, 0xbf};
  if (byte == 0xed) return {2, 0x80, 0x9f};
  if (byte >= 0xe1 && byte <= 0xef) return {2, 0x80, 0xbf};
  if (byte == 0xf0) return {3, 0x90, 0xbf};
  if (byte >= 0xf1 && byte <= 0xf3) return {3, 0x80, 0xbf};
  if (byte == 0xf4) return {3, 0x80, 0x8f};
  return {-1, 0, 0};
}

bool IsUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const Lead lead = LeadOf(static_cast<uint8_t>(text[i]));
    if (lead.follow < 0 || i + static_cast<size_t>(lead.follow) >= text.size()) return false;
    for (int k = 1; k <= lead.follow; ++k) {
      const auto byte = static_cast<uint8_t>(text[i + static_cast<size_t>(k)]);
      if (byte < (k == 1 ? lead.low : 0x80) || byte > (k == 1 ? lead.high : 0xbf)) return false;
    }
    i += static_cast<size_t>(lead.follow) + 1;
  }
  return true;
}

// The bytes, or nothing useful: empty text is valid UTF-8 and never written as bytes.
std::string FromHex(std::string_view text) {
  std::string bytes;
  if (text.size() % 2 != 0) return bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) return {};
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

}  // namespace

json::Value TextValue(std::string_view text) {
  if (IsUtf8(text)) return text;
  std::string hex;
  for (const char c : text) hex += fmt::format("{:02x}", static_cast<uint8_t>(c));
  return json::Object({{"bytes", hex}});
}

Result<std::string> ReadText(const json::Value& value, const std::string& file, const std::string& what) {
  std::string text = value.text;
  if (value.is(json::Kind::kObject) && value.members.size() == 1 && value.members[0].name == "bytes" &&
      value.members[0].value.is(json::Kind::kString)) {
    text = FromHex(value.members[0].value.text);
    if (IsUtf8(text)) {
      return json::FailAt(
          file, value.at,
          fmt::format("{}: expected \"bytes\" to be lower-case hexadecimal of text that is not "
                      "UTF-8 (other text is written as a string)",
                      what));
    }
  } else if (!value.is(json::Kind::kString)) {
    return json::FailAt(file, value.at,
                        fmt::format("{}: expected a string, found {}", what, json::KindText(value.kind)));
  }
  if (text.size() > kMaxTextBytes) {
    return json::FailAt(file, value.at, fmt::format("{}: longer than {} bytes", what, kMaxTextBytes));
  }
  return text;
}

}  // namespace whittle::evidence

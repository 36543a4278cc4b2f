#include "export/name.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"

namespace whittle::exporting {
namespace {

constexpr size_t kMadeName = 63;
constexpr std::string_view kSmall = "abcdefghijklmnopqrstuvwxyz0123456789";

bool IsSmall(char c) { return kSmall.find(c) != kSmall.npos; }

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// The words of a file's name: "/etc/My web.json" -> "my", "web".
std::vector<std::string> WordsOf(const std::string& file) {
  std::string name = file.substr(file.rfind('/') == file.npos ? 0 : file.rfind('/') + 1);
  if (name.ends_with(".json")) name.resize(name.size() - 5);
  std::vector<std::string> words;
  bool inside = false;
  for (const char raw : name) {
    const char c = Lower(raw);
    if (!IsSmall(c)) {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    words.back() += c;
    inside = true;
  }
  if (words.empty() || words.front().front() <= '9') words.insert(words.begin(), "profile");
  return words;
}

// RFC 1123: small letters, digits, '-' and '.', the first and the last no sign.
bool IsObjectName(const std::string& name) {
  return name.size() <= 253 && IsSmall(name.front()) && IsSmall(name.back()) &&
         std::ranges::all_of(name, [](char c) { return IsSmall(c) || c == '-' || c == '.'; });
}

bool IsIdentifier(const std::string& name) {
  return (name.front() < '0' || name.front() > '9') &&
         std::ranges::all_of(name, [](char c) { return IsSmall(Lower(c)) || c == '_'; });
}

Result<std::string> Identifier(const Source& source, std::string made) {
  const auto& given = source.options.name;
  if (given.empty()) return made;
  if (IsIdentifier(given)) return given;
  return Fail(ErrorCode::kUsage,
              fmt::format("'{}' is no name of a variable: expected letters, digits and _", Printable(given)));
}

}  // namespace

Result<std::string> ObjectName(const Source& source) {
  const auto& given = source.options.name;
  if (given.empty()) {
    auto made = Join(WordsOf(source.document.file), "-").substr(0, kMadeName);
    while (made.ends_with('-')) made.pop_back();
    return made;
  }
  if (IsObjectName(given)) return given;
  return Fail(
      ErrorCode::kUsage,
      fmt::format("'{}' is no name of an object: expected small letters, digits, - and .", Printable(given)));
}

Result<std::string> CName(const Source& source) {
  return Identifier(source, Join(WordsOf(source.document.file), "_") + "_filter");
}

Result<std::string> GoName(const Source& source) {
  std::string name;
  for (auto word : WordsOf(source.document.file)) {
    if (word.front() >= 'a') word.front() = static_cast<char>(word.front() - 'a' + 'A');
    name += word;
  }
  return Identifier(source, name + "Filter");
}

std::string Origin(const Source& source) {
  std::string text =
      fmt::format("{}, for {}", Printable(source.document.file), Printable(source.target.Text()));
  // Nothing that would end a comment of C, or go on in the next line.
  std::ranges::replace(text, '*', '_');
  std::ranges::replace(text, '\\', '/');
  return text;
}

}  // namespace whittle::exporting

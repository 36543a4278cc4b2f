#include "export/name.h"

#include <fmt/core.h>

#include <algorithm>
#include <span>

#include "base/text.h"

namespace whittle::exporting {
namespace {

constexpr size_t kMadeName = 63;
constexpr std::string_view kSmall = "abcdefghijklmnopqrstuvwxyz0123456789";

bool IsSmall(char c) { return kSmall.find(c) != kSmall.npos; }

// The words of a file's name: "/etc/My web.json" -> "my", "web".
std::vector<std::string> WordsOf(const std::string& file) {
  std::string name = file.substr(file.rfind('/') == file.npos ? 0 : file.rfind('/') + 1);
  for (const std::string_view end : {".json", ".yaml", ".yml"}) {
    if (name.size() > end.size() && name.ends_with(end)) name.resize(name.size() - end.size());
  }
  std::vector<std::string> words;
  bool inside = false;
  for (const char c : LowerCase(name)) {
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

// A subdomain of RFC 1123: labels of small letters, digits and '-' between dots, '-' neither first nor last
// in one.
bool IsObjectName(const std::string& name) {
  const auto is_label = [](std::string_view label) {
    return !label.empty() && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label, [](char c) { return IsSmall(c) || c == '-'; });
  };
  return name.size() <= 253 && std::ranges::all_of(Split(name, '.'), is_label);
}

bool IsIdentifier(const std::string& name) {
  return (name.front() < '0' || name.front() > '9') &&
         std::ranges::all_of(LowerCase(name), [](char c) { return IsSmall(c) || c == '_'; });
}

// Words of the languages; C's with those of C++, since headers of C are included there, too.
constexpr std::string_view kWordsOfC[] = {
    "alignas",   "alignof",  "and",      "and_eq",   "asm",      "auto",     "bitand",        "bitor",
    "bool",      "break",    "case",     "catch",    "char",     "class",    "compl",         "const",
    "constexpr", "continue", "decltype", "default",  "delete",   "do",       "double",        "else",
    "enum",      "explicit", "export",   "extern",   "false",    "float",    "for",           "friend",
    "goto",      "if",       "inline",   "int",      "long",     "mutable",  "namespace",     "new",
    "noexcept",  "not",      "not_eq",   "nullptr",  "operator", "or",       "or_eq",         "private",
    "protected", "public",   "register", "restrict", "return",   "short",    "signed",        "sizeof",
    "static",    "struct",   "switch",   "template", "this",     "throw",    "true",          "try",
    "typedef",   "typeid",   "typename", "typeof",   "union",    "unsigned", "using",         "virtual",
    "void",      "volatile", "wchar_t",  "while",    "xor",      "xor_eq",   "static_assert", "thread_local"};
// And what the made file cannot have at its top: the name of its import, the function of packages, the blank
// name.
constexpr std::string_view kWordsOfGo[] = {
    "break",  "case",        "chan", "const",   "continue", "default", "defer",
    "else",   "fallthrough", "for",  "func",    "go",       "goto",    "if",
    "import", "interface",   "map",  "package", "range",    "return",  "select",
    "struct", "switch",      "type", "var",     "unix",     "init",    "_"};

Result<std::string> Identifier(const Source& source, std::string made,
                               std::span<const std::string_view> words) {
  const auto& given = source.options.name;
  if (given.empty()) return made;
  if (std::ranges::find(words, given) != words.end())
    return Fail(ErrorCode::kUsage,
                fmt::format("'{}' is a word of the language, and no name of a variable", given));
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
  return Identifier(source, Join(WordsOf(source.document.file), "_") + "_filter", kWordsOfC);
}

Result<std::string> GoName(const Source& source) {
  std::string name;
  for (auto word : WordsOf(source.document.file)) {
    if (word.front() >= 'a') word.front() = static_cast<char>(word.front() - 'a' + 'A');
    name += word;
  }
  return Identifier(source, name + "Filter", kWordsOfGo);
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

#include "report/markdown.h"

#include <fmt/core.h>

#include "base/text.h"

namespace whittle::report {

std::string MarkdownText(std::string_view text) {
  std::string out;
  for (const char c : Printable(text)) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    const bool harmless = word || static_cast<unsigned char>(c) >= 0x80 ||
                          std::string_view(" ,./-=();").find(c) != std::string_view::npos;
    out += harmless ? std::string(1, c) : fmt::format("&#{};", static_cast<int>(c));
  }
  return out;
}

std::string MarkdownCode(std::string_view text) { return "<code>" + MarkdownText(text) + "</code>"; }

std::string MarkdownFolded(std::string_view summary, std::string_view body) {
  return fmt::format("\n<details><summary>{}</summary>\n\n{}\n</details>\n", summary, body);
}

}  // namespace whittle::report

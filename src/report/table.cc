#include "report/table.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"

namespace whittle::report {
namespace {

constexpr size_t kWidth = 100;

}  // namespace

std::string TableText(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line = " ";
    for (size_t i = 0; i < row.size(); ++i) {
      const size_t width = i + 1 < row.size() ? widths[i] : 0;
      line += fmt::format(" {:<{}}", row[i], width);
    }
    text += line + "\n";
  }
  return text;
}

std::string WrapText(const std::string& text, const std::string& indent, const std::string& first) {
  std::string out;
  std::string line = first;
  bool empty = true;
  for (const auto word : Words(text)) {
    if (!empty && line.size() + 1 + word.size() > kWidth) {
      out += line + "\n";
      line = indent;
      empty = true;
    }
    if (!empty) line += ' ';
    line += word;
    empty = false;
  }
  return out + line + "\n";
}

}  // namespace whittle::report

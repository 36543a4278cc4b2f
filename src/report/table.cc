#include "report/table.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"

namespace whittle::report {
namespace {

constexpr size_t kWidth = 100;
constexpr size_t kNarrowest = 40;
constexpr size_t kRoom = 20;  // for the last column of a table

size_t terminal = 0;  // its columns; 0: none

size_t Width() { return terminal == 0 ? kWidth : std::clamp(terminal, kNarrowest, kWidth); }

}  // namespace

void FitTerminal(size_t columns) { terminal = columns; }

std::string TableText(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line = "  ";
    for (size_t i = 0; i + 1 < row.size(); ++i) line += fmt::format("{:<{}} ", row[i], widths[i]);
    const std::string last = row.empty() ? "" : row.back();
    text += terminal != 0 && line.size() + kRoom <= Width()
                ? WrapText(last, std::string(line.size(), ' '), line)
                : line + last + "\n";
  }
  return text;
}

std::string WrapText(const std::string& text, const std::string& indent, const std::string& first) {
  std::string out;
  std::string line = first;
  const size_t width = Width();
  bool empty = true;
  for (const auto word : Words(text)) {
    if (!empty && line.size() + 1 + word.size() > width) {
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

#include "report/text.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "report/story.h"
#include "report/table.h"

namespace whittle::report {
namespace {

constexpr size_t kBar = 40;

// Marks that need no colour.
std::string_view Mark(Tone tone) {
  if (tone == Tone::kGood) return "ok   ";
  if (tone == Tone::kBad) return "NOTE ";
  return "";
}

std::string BlockTable(const Block& block) {
  std::vector<size_t> widths;
  for (const auto& title : block.header) widths.push_back(title.size());
  for (const auto& row : block.rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Printable(row[i].text).size());
  }
  // The last column wraps, behind the others.
  const auto line = [&](const auto& text_of) {
    std::string out = " ";
    for (size_t i = 0; i + 1 < widths.size(); ++i) {
      out += fmt::format("  {:<{}}", text_of(i), std::min<size_t>(widths[i], 60));
    }
    const size_t column = std::min<size_t>(out.size() + 2, 50);
    return WrapText(text_of(widths.size() - 1), std::string(column, ' '), out + "  ");
  };
  std::string text = line([&](size_t i) { return block.header[i]; });
  for (const auto& row : block.rows) text += line([&](size_t i) { return Printable(row[i].text); });
  return text;
}

std::string BlockText(const Block& block) {
  switch (block.kind) {
    case Block::Kind::kParagraph:
      return WrapText(Printable(block.text), "  ", "  " + std::string(Mark(block.tone)));
    case Block::Kind::kTable:
      return BlockTable(block);
    case Block::Kind::kCode: {
      std::string text = WrapText(Printable(block.text) + ":", "  ", "  ");
      for (const auto& line : block.lines) text += "    " + Printable(line) + "\n";
      return text;
    }
    case Block::Kind::kList:
      break;
  }
  std::string text = block.text.empty() ? "" : WrapText(Printable(block.text), "  ", "  ");
  if (block.folded) return text + WrapText(Printable(Join(block.lines, " ")), "    ", "    ");
  for (const auto& line : block.lines) text += WrapText(Printable(line), "      ", "    - ");
  return text;
}

std::string BarLine(const Figure& figure) {
  const auto filled = static_cast<size_t>(figure.share * kBar + 0.5);
  return fmt::format("  {:<18} {:>8}  {}{}  {}\n", figure.label, figure.value, std::string(filled, '#'),
                     std::string(kBar - std::min(filled, kBar), '.'), Printable(figure.note));
}

}  // namespace

std::string ReportText(const Facts& facts) {
  const Figure made = MadeFigure(facts);
  std::string text =
      fmt::format("{}\n\n  {} made {} {}\n\n", Printable(facts.title), "the workload", made.value, made.note);
  for (const auto& figure : OpenFigures(facts)) text += BarLine(figure);
  for (const auto& section : TellStory(facts)) {
    text += "\n" + section.heading + "\n";
    for (const auto& block : section.blocks) text += BlockText(block);
  }
  return text;
}

}  // namespace whittle::report

// A report as sections of sentences and tables, told once from the facts and shown as text and as HTML. Every
// sentence is derived; what is not known is said to be unknown. Pure; thread safe. Text is as it came: the
// renderers make it safe.
#pragma once

#include <string>
#include <vector>

#include "report/facts.h"

namespace whittle::report {

enum class Tone { kPlain, kGood, kBad, kMuted, kCode };

struct Cell {
  std::string text;
  Tone tone = Tone::kPlain;
};

struct Block {
  enum class Kind { kParagraph, kTable, kCode, kList };
  Kind kind = Kind::kParagraph;
  Tone tone = Tone::kPlain;         // of a paragraph
  std::string text;                 // of a paragraph; a table's, a list's or a code block's title
  std::vector<std::string> header;  // of a table
  std::vector<std::vector<Cell>> rows;
  std::vector<std::string> lines;  // of a code block or a list
  bool folded = false;             // long, and of interest to few: HTML shows it on demand
};

struct Section {
  std::string heading;
  std::vector<Block> blocks;
};

std::vector<Section> TellStory(const Facts& facts);

// The figures at the head of a report.
struct Figure {
  std::string label;  // "this profile"
  std::string value;  // "77", "unknown"
  double share = 0;   // of all calls, 0 to 1
  std::string note;   // one sentence
};
// What the workload made; then unconfined, Docker's default, this profile: the bars.
Figure MadeFigure(const Facts& facts);
std::vector<Figure> OpenFigures(const Facts& facts);

// "openat", or "i386 openat" for an ABI that is not the native one.
std::string CallName(const Facts& facts, const Call& call);

}  // namespace whittle::report

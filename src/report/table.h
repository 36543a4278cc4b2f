// Plain text for a terminal: columns and paragraphs. Thread safe but for FitTerminal(). Text is taken as it
// is: make it printable first.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace whittle::report {

// Text will be read on a terminal of so many columns; before anything is made, and only where it will be.
// What goes to a file or a pipe is the same everywhere.
void FitTerminal(size_t columns);

// Rows indented by two blanks, columns as wide as what stands in them; the last one runs free (on a terminal:
// is wrapped, where there is room for it).
std::string TableText(const std::vector<std::vector<std::string>>& rows);

// Words of `text` in lines of at most 100 columns, fewer on a narrower terminal; `first` stands before the
// first line, `indent` before the others.
std::string WrapText(const std::string& text, const std::string& indent, const std::string& first);

}  // namespace whittle::report

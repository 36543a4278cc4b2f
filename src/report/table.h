// Plain text for a terminal: columns and paragraphs. Pure; thread safe. Text is taken as it is: make it
// printable first.
#pragma once

#include <string>
#include <vector>

namespace whittle::report {

// Rows indented by two blanks, columns as wide as what stands in them; the last one runs free.
std::string TableText(const std::vector<std::vector<std::string>>& rows);

// Words of `text` in lines of at most 100 columns; `first` stands before the first line, `indent` before the
// others.
std::string WrapText(const std::string& text, const std::string& indent, const std::string& first);

}  // namespace whittle::report

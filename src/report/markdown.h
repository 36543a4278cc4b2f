// Pieces of Markdown as code hosts show it. Names and messages may be anyone's: what is escaped here is text
// and nothing else, in a paragraph, in HTML, and in a cell of a table. Pure; thread safe.
#pragma once

#include <string>
#include <string_view>

namespace whittle::report {

// All that could mean something is a character reference; one line.
std::string MarkdownText(std::string_view text);

// The same in the type of code, where code hosts see no mentions either.
std::string MarkdownCode(std::string_view text);

// What is long, behind a line that unfolds it. `body`: Markdown.
std::string MarkdownFolded(std::string_view summary, std::string_view body);

}  // namespace whittle::report

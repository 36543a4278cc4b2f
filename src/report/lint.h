// What lint found, for people, scripts and code hosts. Pure; thread safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "lint/finding.h"

namespace whittle::report {

// A file as named on the command line, and what was found in it.
struct Linted {
  std::string file;
  std::vector<lint::Finding> findings;
};

// How findings are shown to a person.
struct LintLook {
  bool all = false;     // else of one rule, severity and file ten (notes: five), and how many more there are
  bool colour = false;  // of severities, by escape sequences
};

// "FILE:LINE:COLUMN: SEVERITY: POINTER: MESSAGE [ID]" a finding, and below it, indented, what to do.
std::string LintText(std::span<const Linted> files, const LintLook& look = {});
// "2 errors, 1 warning, 3 infos in 2 files".
std::string LintSummary(std::span<const Linted> files);

// [{rule, severity, file, pointer, line, column, message, fix}]; line and column are 0 where there is none.
json::Value LintJson(std::span<const Linted> files);

// A heading, the summary, a table of errors and one of warnings; infos are folded away.
std::string LintMarkdown(std::span<const Linted> files);

// SARIF 2.1.0, with all rules of the table.
json::Value LintSarif(std::span<const Linted> files, std::string_view tool_version);

}  // namespace whittle::report

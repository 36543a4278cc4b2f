// What `whittle import` read, for people. Pure; thread safe. Names come from logs: made printable here.
#pragma once

#include <string>

#include "import/import.h"

namespace whittle::report {

// One line: how much was read, and what of it was not understood.
std::string ImportedText(const import::Imported& imported);

// The table of `import --summary`: a row for each subject, ABI, call and fate, refusals first, then by count:
// fate, count, ABI, call, executable, first and last time ("-": undated), tab-separated; the last line is the
// sum.
std::string ImportedSummary(const import::Imported& imported);

}  // namespace whittle::report

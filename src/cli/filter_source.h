// What stands where a profile is asked for on the command line: a file, "-", a name of the catalogue, the
// filters of a living process ("pid:N", "container:NAME"), or "unconfined": none.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "filter/program.h"
#include "profile/document.h"

namespace whittle::cli {

struct FilterSource {
  std::optional<profile::Document> document;  // a file or a name of the catalogue
  std::vector<filter::Program> live;          // else: a process' filters, first installed first; may be none
  std::string name;                           // for messages
};

// Errors: kBadInput (no such file, process or container), kNotPossible (no rights to read filters, no
// engine).
Result<FilterSource> OpenFilterSource(const std::string& text, profile::Reading reading);

}  // namespace whittle::cli

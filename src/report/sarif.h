// Findings as SARIF 2.1.0 (OASIS), which code hosts show beside the lines of a file. One run; what comes of
// several verbs or calls can stand in one file, since each run says what analysis it is of. Pure; thread
// safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace whittle::report {

struct SarifRule {
  std::string id;    // "behaviour/looser"
  std::string text;  // one sentence
  std::string help;  // Markdown: why, and what to do; empty: the sentence is all
};

enum class SarifLevel { kError, kWarning, kNote };

struct SarifResult {
  std::string rule;  // the id of a SarifRule
  SarifLevel level = SarifLevel::kWarning;
  std::string message;
  std::string
      file;  // as given on the command line: relative to the root of the repository, if hosts shall find it
  json::Position at;     // {0, 0}: the file as a whole
  std::string identity;  // the same finding in another version of the file has the same
};

// `verb`: "lint". The run's automationDetails.id is "whittle/lint/": code hosts keep the findings of one such
// category until the next run of it, and take no two runs of the same in one upload.
json::Value Sarif(std::string_view verb, std::string_view tool_version, std::span<const SarifRule> rules,
                  std::span<const SarifResult> results);

}  // namespace whittle::report

// Findings as SARIF 2.1.0 (OASIS), which code hosts show beside the lines of a file. Pure; thread safe.
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
};

enum class SarifLevel { kError, kWarning, kNote };

struct SarifResult {
  std::string rule;  // the id of a SarifRule
  SarifLevel level = SarifLevel::kWarning;
  std::string message;
  std::string file;      // as given on the command line
  json::Position at;     // {0, 0}: the file as a whole
  std::string identity;  // the same finding in another version of the file has the same
};

json::Value Sarif(std::string_view tool_version, std::span<const SarifRule> rules,
                  std::span<const SarifResult> results);

}  // namespace whittle::report

// Any bytes through every rule of lint: findings, each with a rule of the table, one line, and a place in the
// text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lint/lint.h"
#include "lint/rule.h"

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& finding : whittle::lint::Lint(text)) {
    const auto* rule = whittle::lint::FindRule(finding.rule);
    Require(rule != nullptr && finding.severity <= rule->severity);
    Require(finding.pointer.starts_with('/'));
    Require(!finding.message.empty() && finding.message.find('\n') == std::string::npos);
    Require(finding.at.line >= 1 && finding.at.column >= 1);
  }
  return 0;
}

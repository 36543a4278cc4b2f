// What lint has to say of a document: one sentence, at a place, with what to do. Pure; thread safe (values).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.h"

namespace whittle::lint {

enum class Severity : uint8_t { kInfo, kWarning, kError };
std::string_view SeverityName(Severity severity);  // "info", "warning", "error"

struct Finding {
  std::string_view rule;  // the id of a row of the table (rule.h)
  Severity severity = Severity::kWarning;
  std::string pointer;  // RFC 6901; "/" for the document itself
  json::Position at;    // of the pointer, or of the nearest that is there; {0, 0} if the text is none
  std::string message;  // one line, printable
  std::string fix;      // what to do; may be empty
  size_t count = 1;     // of how many it tells: "and 7 more findings of this kind"
};

}  // namespace whittle::lint

// Text of processes and files inside JSON, without loss: paths are bytes, JSON strings are Unicode. Text that
// is valid UTF-8 is a string; any other is {"bytes": "hexadecimal"}. Pure; thread safe.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace whittle::evidence {

inline constexpr size_t kMaxTextBytes = 4096;  // longer text in a document is refused

json::Value TextValue(std::string_view text);
// The inverse; takes only what TextValue() makes. Errors: kBadInput; `what` names the field.
Result<std::string> ReadText(const json::Value& value, const std::string& file, const std::string& what);

}  // namespace whittle::evidence

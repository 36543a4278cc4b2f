// The forms of one answer: --format says which goes to standard output, --also which go to files besides, so
// that who wants several of them need not ask for the answer again.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "cli/flags.h"

namespace whittle::cli {

enum class Form : uint8_t { kText, kJson, kMarkdown, kSarif };

// As given.
struct FormFlags {
  std::string format = "text";
  bool json = false, sarif = false;  // the same as a switch; the second has a verb of its own
  std::vector<std::string> also;     // "sarif=web.sarif"
};

// Those of which only one can be given.
struct FormatFlags {
  Flag format, json;
};
// `forms` must outlive the parsing.
FormatFlags AddFormFlags(Flags flags, FormFlags& forms);

struct Forms {
  Form printed = Form::kText;
  std::vector<std::pair<Form, std::string>> files;
};
// Errors: kUsage for an --also that is none.
Result<Forms> FormsOf(const FormFlags& flags);

// How the answer is written in each.
struct FormWriters {
  std::function<std::string(bool colour)> text;
  std::function<json::Value()> json;
  std::function<std::string()> markdown;
  std::function<json::Value()> sarif;
};
// What is printed comes first: it is there even if a file cannot be written. Errors: those of WriteFile().
Result<void> WriteForms(const Forms& forms, const FormWriters& writers);

}  // namespace whittle::cli

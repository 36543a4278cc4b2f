#include "cli/forms.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "base/file.h"
#include "base/progress.h"
#include "base/text.h"

namespace whittle::cli {
namespace {

struct Named {
  std::string_view name;
  Form form;
};
constexpr Named kForms[] = {
    {"text", Form::kText}, {"json", Form::kJson}, {"markdown", Form::kMarkdown}, {"sarif", Form::kSarif}};

std::optional<Form> FormNamed(std::string_view name) {
  const auto found = std::ranges::find(kForms, name, &Named::name);
  return found == std::end(kForms) ? std::nullopt : std::optional(found->form);
}

Result<std::pair<Form, std::string>> FileOf(const std::string& also) {
  const size_t sign = also.find('=');
  const auto form = FormNamed(std::string_view(also).substr(0, sign));
  std::string file = sign == also.npos ? "" : also.substr(sign + 1);
  if (form && !file.empty() && file != "-") return std::pair(*form, std::move(file));
  return Fail(ErrorCode::kUsage,
              fmt::format("--also '{}': expected text, json, markdown or sarif, and a file: sarif=FILE{}",
                          Printable(also), file == "-" ? "; what is printed says --format" : ""));
}

std::string TextOf(Form form, const FormWriters& writers, bool colour) {
  switch (form) {
    case Form::kJson:
      return json::Write(writers.json());
    case Form::kMarkdown:
      return writers.markdown();
    case Form::kSarif:
      return json::Write(writers.sarif());
    case Form::kText:
      break;
  }
  return writers.text(colour);
}

}  // namespace

FormatFlags AddFormFlags(Flags flags, FormFlags& forms) {
  std::vector<std::string> names;
  for (const auto& named : kForms) names.emplace_back(named.name);
  const Flag format = flags.Option("--format", forms.format, "text, json, markdown or sarif").OneOf(names);
  const Flag json =
      flags.Switch("--json", forms.json, "one JSON document, as --format json").Excludes(format);
  flags
      .Option("--also", forms.also,
              "FORMAT=FILE: write it in that format, too, as sarif=FILE; may be repeated")
      .OneWordEach();
  return {format, json};
}

Result<Forms> FormsOf(const FormFlags& flags) {
  Forms forms;
  forms.printed = flags.json    ? Form::kJson
                  : flags.sarif ? Form::kSarif
                                : FormNamed(flags.format).value_or(Form::kText);
  for (const auto& also : flags.also) {
    auto file = TRY(FileOf(also));
    const auto same = [&](const auto& other) { return other.second == file.second; };
    if (std::ranges::any_of(forms.files, same)) {
      return Fail(ErrorCode::kUsage,
                  fmt::format("--also: two forms for one file, '{}'", Printable(file.second)));
    }
    forms.files.push_back(std::move(file));
  }
  return forms;
}

Result<void> WriteForms(const Forms& forms, const FormWriters& writers) {
  fmt::print("{}", TextOf(forms.printed, writers, ColourAllowed(STDOUT_FILENO)));
  for (const auto& [form, file] : forms.files) TRY(WriteFile(file, TextOf(form, writers, false)));
  return {};
}

}  // namespace whittle::cli

#include "import/strace_table.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace whittle::import {

std::optional<Abi> AbiOfMode(std::string_view mode, Abi native) {
  if (mode == "64 bit") return native;
  for (const Abi abi : SiblingAbis(native)) {
    if (mode == "32 bit" ? Is32Bit(abi) : mode == AbiName(abi)) return abi;
  }
  return std::nullopt;
}

std::optional<StraceTable::Columns> StraceTable::ParseHeader(std::string_view line) {
  static constexpr std::array<std::string_view, 5> kOthers = {"time", "seconds", "shortest", "longest",
                                                              "usecs/call"};
  const bool ends_in_word =
      !line.empty() && line.back() >= 'a' && line.back() <= 'z';  // few lines of a trace do
  if (!ends_in_word || line.find("syscall") == std::string_view::npos) return std::nullopt;
  Columns columns;
  for (const auto word : Words(line)) {
    if (word == "%") continue;
    auto* column = word == "syscall"  ? &columns.name
                   : word == "calls"  ? &columns.calls
                   : word == "errors" ? &columns.errors
                                      : nullptr;
    if (column == nullptr && std::ranges::find(kOthers, word) == kOthers.end()) return std::nullopt;
    if (column != nullptr && column->has_value()) return std::nullopt;
    if (column != nullptr) *column = columns.count;
    ++columns.count;
  }
  return columns.name ? std::optional(columns) : std::nullopt;
}

bool StraceTable::IsHeader(std::string_view line) { return ParseHeader(line).has_value(); }

// "  8.66    0.000019           2         9         1 mmap": errors stand there or do not.
bool StraceTable::TakeRow(std::string_view line) {
  const auto words = Words(line);
  if (words.empty() || words.size() > columns_.count) return false;
  // It lacks columns of its own: strace before 5.2 has no usecs/call there.
  if (std::ranges::find(words, "total") != words.end()) {
    inside_ = false;
    return true;
  }
  const bool lacks_errors = words.size() + 1 == columns_.count && columns_.errors;
  if (words.size() != columns_.count && !lacks_errors) return false;
  const auto at = [&](size_t column) {
    return words[column - (lacks_errors && column > *columns_.errors ? 1 : 0)];
  };
  const auto name = at(*columns_.name);
  const Resolved call = Resolve(name, std::nullopt, abi_, settings_.native);
  const auto calls = columns_.calls ? ParseUnsigned(at(*columns_.calls)) : 1;
  if (!call.known || !calls || *calls == 0) return false;
  Row& row = rows_[{abi_, std::string(name)}];
  row.call = call;
  row.count += *calls;
  return true;
}

bool StraceTable::Take(std::string_view line) {
  constexpr std::string_view kMode = "System call usage summary for ";
  if (line.starts_with(kMode)) {
    const auto mode = line.substr(kMode.size(), line.find(" mode") - kMode.size());
    const auto abi = AbiOfMode(mode, settings_.native);
    abi_ = abi.value_or(settings_.native);
    abi_named_ = true;
    return abi.has_value();
  }
  if (const auto columns = ParseHeader(line)) {
    columns_ = *columns;
    if (!abi_named_) abi_ = settings_.native;
    abi_named_ = false;
    inside_ = true;
    seen_ = true;
    return true;
  }
  const bool rule = line.starts_with("------") && line.find_first_not_of("- ") == std::string_view::npos;
  return seen_ && (rule || (inside_ && TakeRow(line)));
}

}  // namespace whittle::import

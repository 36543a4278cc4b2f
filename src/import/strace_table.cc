#include "import/strace_table.h"

#include "base/text.h"
#include "syscalls/table.h"

namespace whittle::import {

std::optional<Abi> AbiOfMode(std::string_view mode, Abi native) {
  if (mode == "64 bit") return native;
  for (const Abi abi : SiblingAbis(native)) {
    if (mode == "32 bit" ? Is32Bit(abi) : mode == AbiName(abi)) return abi;
  }
  return std::nullopt;
}

// "  8.66    0.000019           2         9         1 mmap": the name is the last word, the calls are the
// fourth number, errors stand between them or do not.
bool StraceTable::TakeRow(std::string_view line) {
  const auto words = Words(line);
  if (words.size() < 4 || words[0].find_first_not_of("0123456789.-") != std::string_view::npos) return false;
  if (words[0].starts_with("---")) return true;
  const auto name = words.back();
  if (name == "total") {
    inside_ = false;
    return true;
  }
  const auto number = ParseSyscall(abi_, name);
  const auto calls = words.size() < 5 ? std::nullopt : ParseUnsigned(words[3]);
  if (!number || !calls || *calls == 0 || words.size() > 6) return false;
  const evidence::CallKey key{abi_, *number, evidence::Fate::kAllowed, settings_.enforced != nullptr};
  tally_.See(tally_.Of({"-", "?", evidence::Arrival::kWorkload}), key, kUndated, *calls);
  return true;
}

bool StraceTable::Line(std::string_view line) {
  constexpr std::string_view kMode = "System call usage summary for ";
  if (line.starts_with(kMode)) {
    const auto mode = line.substr(kMode.size(), line.find(" mode") - kMode.size());
    const auto abi = AbiOfMode(mode, settings_.native);
    abi_ = abi.value_or(settings_.native);
    abi_named_ = true;
    return abi.has_value();
  }
  if (line.starts_with("% time ")) {
    if (!abi_named_) abi_ = settings_.native;
    abi_named_ = false;
    inside_ = true;
    seen_ = true;
    return true;
  }
  const bool rule = line.starts_with("------ ");
  return seen_ && (rule || (inside_ && TakeRow(line)));
}

}  // namespace whittle::import

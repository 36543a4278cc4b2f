#include "cli/call_words.h"

#include <fmt/core.h>

#include "base/text.h"

namespace whittle::cli {

Result<void> CheckCallWords(const std::vector<std::string>& words, const std::string& verb) {
  for (const auto& word : words) {
    const bool number = word.size() > 1 && word[0] == '-' && word[1] >= '0' && word[1] <= '9';
    if (!word.starts_with('-') || number) continue;
    return Fail(ErrorCode::kUsage,
                fmt::format("unknown option '{}' (see 'whittle {} --help')", Printable(word), verb));
  }
  return {};
}

std::string CallText(const std::vector<std::string>& words) {
  std::string text = words.front();
  if (words.size() > 1) text += "(" + Join(std::span(words).subspan(1), ",") + ")";
  return text;
}

Result<Abi> AbiOrNative(const std::string& given, Abi native) {
  if (given.empty()) return native;
  const auto named = ParseAbi(given);
  if (!named) return UnknownAbi("ABI", given);
  return *named;
}

std::unexpected<Error> UnknownAbi(std::string_view what, std::string_view given) {
  std::vector<std::string> names;
  for (const Abi abi : AllAbis()) names.emplace_back(AbiName(abi));
  return Fail(ErrorCode::kUsage,
              fmt::format("unknown {} '{}': expected one of {}", what, Printable(given), Join(names, ", ")));
}

}  // namespace whittle::cli

#include "filter/call_text.h"

#include <fmt/core.h>

#include "base/text.h"
#include "syscalls/arguments.h"
#include "syscalls/table.h"

namespace whittle::filter {
namespace {

std::unexpected<Error> Bad(const std::string& message) { return Fail(ErrorCode::kBadInput, message); }

Result<uint64_t> ParseArgument(std::string_view text) {
  const bool negative = text.starts_with('-');
  const auto value = ParseUnsigned(negative ? text.substr(1) : text);
  if (!value)
    return Bad(fmt::format("'{}' is no argument: expected a number like 3, 0x10 or -1", Printable(text)));
  return negative ? 0 - *value : *value;
}

// Where the call would be found instead.
std::string OtherAbis(std::string_view name) {
  std::vector<std::string> abis;
  for (const Abi abi : AllAbis()) {
    if (SyscallNumber(abi, name)) abis.emplace_back(AbiName(abi));
  }
  return abis.empty() ? DidYouMean(name) : fmt::format(" (it exists on {})", Join(abis, ", "));
}

// -1 and 4294967295 are the same number: what a tracer writes to skip a call.
std::optional<uint32_t> ParseNumber(Abi abi, std::string_view text) {
  if (text == "#-1") return UINT32_MAX;
  const auto number = ParseSyscall(abi, text);
  if (number && abi == Abi::kX32) return *number | kX32Bit;
  return number;
}

Result<uint32_t> ParseName(Abi abi, std::string_view text) {
  if (const auto number = ParseNumber(abi, text)) return *number;
  if (text.starts_with('#'))
    return Bad(fmt::format("'{}' is no call number: expected one like #451", Printable(text)));
  if (ParseUnsigned(text))
    return Bad(fmt::format("'{0}' is no name: the call of that number is '#{0}'", text));
  return Bad(fmt::format("{} has no system call '{}'{}", AbiName(abi), Printable(text), OtherAbis(text)));
}

Result<std::array<uint64_t, 6>> ParseArguments(std::string_view text, Abi abi) {
  std::array<uint64_t, 6> arguments{};
  if (Trim(text).empty()) return arguments;
  const auto parts = Split(text, ',');
  if (parts.size() > arguments.size()) {
    return Bad(fmt::format("{} arguments: a system call has at most 6", parts.size()));
  }
  for (size_t i = 0; i < parts.size(); ++i) {
    const uint64_t value = TRY(ParseArgument(Trim(parts[i])));
    arguments[i] = Is32Bit(abi) ? value & UINT32_MAX : value;
  }
  return arguments;
}

// A # opens a comment, but not where a digit follows: that is a number.
std::string_view WithoutComment(std::string_view line) {
  for (size_t at = 0; at < line.size(); ++at) {
    const bool opens = line[at] == '#' && (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t');
    const bool number =
        at + 1 < line.size() && (line[at + 1] == '-' || (line[at + 1] >= '0' && line[at + 1] <= '9'));
    if (opens && !number) return line.substr(0, at);
  }
  return line;
}

// -1 to -4095, as an int or a long: AT_FDCWD, a missing descriptor, an error passed on.
std::string ArgumentText(uint64_t value) {
  constexpr uint64_t kSmallest = 4095;
  if (-value <= kSmallest && value != 0) return fmt::format("-{}", -value);
  if (value <= UINT32_MAX && value > UINT32_MAX - kSmallest)
    return fmt::format("-{}", UINT32_MAX - value + 1);
  return fmt::format("{:#x}", value);
}

}  // namespace

Result<Call> ParseCall(std::string_view text, Abi otherwise) {
  std::string_view rest = Trim(text);
  Call call;
  call.abi = otherwise;
  const size_t open = rest.find('(');
  const std::string_view head = Trim(rest.substr(0, open));
  const auto words = Words(head);
  if (words.empty() || words.size() > 2) {
    return Bad(fmt::format("'{}' is no call: expected one like x86_64 openat(-100, 0)", Printable(text)));
  }
  if (words.size() == 2) {
    const auto abi = ParseAbi(words[0]);
    if (!abi)
      return Bad(
          fmt::format("unknown ABI '{}': expected x86_64, i386, x32, aarch64, ...", Printable(words[0])));
    call.abi = *abi;
  }
  call.number = TRY(ParseName(call.abi, words.back()));
  if (open == std::string_view::npos) return call;
  if (!rest.ends_with(')')) return Bad(fmt::format("'{}': the ')' is missing", Printable(text)));
  call.arguments = TRY(ParseArguments(rest.substr(open + 1, rest.size() - open - 2), call.abi));
  return call;
}

Result<NumberedCall> ParseQuestion(std::string_view text, Abi otherwise) {
  NumberedCall question{{}, 0, std::string(text)};
  const auto words = Words(text);
  const bool named = words.size() == 2 && ParseAbi(words[0]);
  if (!words.empty() && words.back() == "load" && (words.size() == 1 || named)) {
    question.asks = NumberedCall::Asks::kLoad;
    question.call.abi = named ? *ParseAbi(words[0]) : otherwise;
  } else {
    question.call = TRY(ParseCall(text, otherwise));
  }
  return question;
}

Result<std::vector<NumberedCall>> ParseCalls(std::string_view text, const std::string& file, Abi otherwise) {
  std::vector<NumberedCall> calls;
  uint32_t line_number = 0;
  for (const auto line : Lines(text)) {
    ++line_number;
    const std::string_view written = Trim(WithoutComment(line));
    if (written.empty()) continue;
    auto question = ParseQuestion(written, otherwise);
    if (!question)
      return std::unexpected(WithContext(question.error(), fmt::format("{}:{}", file, line_number)));
    question->line = line_number;
    calls.push_back(std::move(*question));
  }
  return calls;
}

std::string CallText(const Call& call) {
  size_t count = call.arguments.size();
  while (count > 0 && call.arguments[count - 1] == 0) --count;
  std::vector<std::string> arguments;
  for (size_t i = 0; i < count; ++i) arguments.push_back(fmt::format("{:#x}", call.arguments[i]));
  return fmt::format("{} {}({})", AbiName(call.abi), SyscallText(call.abi, call.number),
                     Join(arguments, ", "));
}

std::string ArgumentsText(const Call& call) {
  std::vector<std::string> arguments;
  for (uint32_t i = 0; i < ArgumentCount(call.abi, call.number); ++i)
    arguments.push_back(ArgumentText(call.arguments[i]));
  return Join(arguments, ", ");
}

}  // namespace whittle::filter

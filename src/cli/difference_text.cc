#include "cli/difference_text.h"

#include <fmt/core.h>

#include "filter/call_text.h"
#include "syscalls/table.h"

namespace whittle::cli {
namespace {

std::string Text(const filter::Verdict& verdict) {
  return profile::VerdictText(verdict.action, verdict.data);
}

// The example, as `simulate` reads it; where no ABI of ours has it, in the words of seccomp_data.
std::string ExampleText(const prove::Difference& difference) {
  const auto& words = difference.call;
  if (difference.abi) return filter::CallText(filter::CallOf(words, *difference.abi));
  return fmt::format("architecture {:#x} #{}", words[1], words[0]);
}

std::string CallName(const prove::Difference& difference) {
  if (!difference.abi) return "anything else";
  return fmt::format("{} {}", AbiName(*difference.abi), SyscallText(*difference.abi, difference.number));
}

}  // namespace

std::string_view ChangeName(prove::Change change) {
  constexpr std::string_view kNames[] = {"looser", "tighter", "other"};
  return kNames[static_cast<size_t>(change)];
}

std::string DifferenceText(const prove::Difference& difference) {
  return fmt::format(
      "{}\t{} -> {}\t{}", CallName(difference), Text(difference.first), Text(difference.second),
      difference.every_argument ? "whatever the arguments" : "as in " + ExampleText(difference));
}

json::Value DifferenceJson(const prove::Difference& difference) {
  json::Value value = json::Object();
  if (difference.abi) {
    value.Set("abi", AbiName(*difference.abi));
    value.Set("call", SyscallText(*difference.abi, difference.number));
  }
  value.Set("number", difference.number);
  value.Set("change", ChangeName(difference.change));
  value.Set("first", Text(difference.first));
  value.Set("second", Text(difference.second));
  value.Set("every_argument", difference.every_argument);
  value.Set("example", ExampleText(difference));
  return value;
}

}  // namespace whittle::cli

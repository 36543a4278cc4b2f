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

std::string CallName(const SameDifference& same) {
  const auto& difference = *same.first;
  if (!difference.abi) return "anything else";
  const std::string first = SyscallText(*difference.abi, difference.number);
  const bool one = same.to == difference.number;
  const std::string range = one ? "" : " to " + SyscallText(*difference.abi, same.to);
  return fmt::format("{} {}{}", AbiName(*difference.abi), first, range);
}

bool GoesOn(const SameDifference& same, const prove::Difference& next) {
  const auto& difference = *same.first;
  const auto nameless = [](const prove::Difference& one) {
    return one.abi && one.every_argument && !SyscallName(*one.abi, one.number);
  };
  const auto alike = [](const filter::Verdict& a, const filter::Verdict& b) {
    return a.action == b.action && a.data == b.data;
  };
  return nameless(difference) && nameless(next) && difference.abi == next.abi && next.number == same.to + 1 &&
         alike(difference.first, next.first) && alike(difference.second, next.second);
}

}  // namespace

std::string_view ChangeName(prove::Change change) {
  constexpr std::string_view kNames[] = {"looser", "tighter", "other"};
  return kNames[static_cast<size_t>(change)];
}

std::vector<SameDifference> InRanges(const std::vector<const prove::Difference*>& differences) {
  std::vector<SameDifference> ranges;
  for (const auto* difference : differences) {
    if (!ranges.empty() && GoesOn(ranges.back(), *difference)) {
      ranges.back().to = difference->number;
    } else {
      ranges.push_back({difference, difference->number});
    }
  }
  return ranges;
}

std::string DifferenceText(const SameDifference& same) {
  const auto& difference = *same.first;
  return fmt::format(
      "{}\t{} -> {}\t{}", CallName(same), Text(difference.first), Text(difference.second),
      difference.every_argument ? "whatever the arguments" : "as in " + ExampleText(difference));
}

std::string DifferenceText(const prove::Difference& difference) {
  return DifferenceText(SameDifference{&difference, difference.number});
}

json::Value DifferenceJson(const SameDifference& same) {
  const auto& difference = *same.first;
  json::Value value = json::Object();
  if (difference.abi) {
    value.Set("abi", AbiName(*difference.abi));
    value.Set("call", SyscallText(*difference.abi, difference.number));
  }
  value.Set("number", difference.number);
  if (same.to != difference.number) value.Set("to", same.to);
  value.Set("change", ChangeName(difference.change));
  value.Set("first", Text(difference.first));
  value.Set("second", Text(difference.second));
  value.Set("every_argument", difference.every_argument);
  value.Set("example", ExampleText(difference));
  return value;
}

json::Value DifferenceJson(const prove::Difference& difference) {
  return DifferenceJson(SameDifference{&difference, difference.number});
}

}  // namespace whittle::cli

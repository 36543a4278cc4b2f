#include "prove/answers.h"

#include <algorithm>
#include <cerrno>

#include "base/text.h"
#include "filter/disassemble.h"
#include "syscalls/table.h"

namespace whittle::prove {
namespace {

using profile::Action;

constexpr uint32_t kFarNumber = 0x3ffffff0;  // no kernel will have so many, and no filter names it

bool IsEnosys(const Outcomes& outcomes) {
  const auto& first = outcomes.possible.front();
  return outcomes.always() && first.action == Action::kErrno && first.data == ENOSYS;
}

// Calls above the highest one that the filter treats in another way than a number that is no call.
void MarkMissing(AbiAnswers& answers) {
  if (!IsEnosys(answers.unknown)) return;
  uint32_t highest = 0;
  for (const auto& call : answers.calls)
    if (!IsEnosys(call.outcomes)) highest = std::max(highest, call.number);
  for (auto& call : answers.calls) call.as_if_missing = call.number > highest;
}

}  // namespace

AbiAnswers AnswersOf(const Oracle& oracle, Abi abi) {
  AbiAnswers answers;
  answers.abi = abi;
  for (const auto name : AllSyscallNames()) {
    const auto number = SyscallNumber(abi, name);
    if (number) answers.calls.push_back({name, *number, oracle.Of(abi, *number), false});
  }
  answers.unknown = oracle.Of(abi, kFarNumber | AbiBit(abi));
  MarkMissing(answers);
  return answers;
}

std::string OutcomesText(const Outcomes& outcomes) {
  constexpr size_t kShown = 4;
  std::vector<std::string> parts;
  for (const auto& outcome : outcomes.possible) {
    if (parts.size() == kShown && outcomes.possible.size() > kShown + 1) {
      parts.push_back("others");
      break;
    }
    parts.push_back(filter::AnswerText(outcome.action, outcome.data));
  }
  if (outcomes.more) parts.emplace_back("more");
  if (!outcomes.decided) parts.emplace_back("others (too much to decide)");
  return Join(parts, " or ");
}

}  // namespace whittle::prove

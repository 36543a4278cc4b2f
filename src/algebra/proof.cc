#include "algebra/proof.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "filter/compile.h"
#include "prove/outcomes.h"
#include "syscalls/table.h"

namespace whittle::algebra {
namespace {

using profile::Action;
using prove::Difference;

prove::Pointwise HowOf(Operation operation) {
  constexpr prove::Pointwise kHow[] = {prove::Pointwise::kLoosest, prove::Pointwise::kStrictest,
                                       prove::Pointwise::kWithout};
  return kHow[static_cast<size_t>(operation)];
}

// On the wrong side, but both kill, or it is of no call that has a name and neither lets it pass:
// libseccomp's answer to ABIs that are not listed, and runc's stub, are beyond what a document can say.
bool IsHarmless(const Difference& difference) {
  if (std::max(difference.first.action, difference.second.action) <= Action::kKillThread) return true;
  const bool is_call = difference.abi && SyscallName(*difference.abi, difference.number);
  return !is_call && profile::Blocks(difference.first.action) && profile::Blocks(difference.second.action);
}

bool IsOf(const Difference& difference, std::span<const Abi> abis) {
  return std::ranges::any_of(abis, [&](Abi abi) { return AuditArch(abi) == difference.call[1]; });
}

Error Unwritable(const profile::Target& target, const Difference& difference) {
  const auto name =
      difference.abi ? SyscallText(*difference.abi, difference.number)
                     : fmt::format("number {} of architecture {:#x}", difference.call[0], difference.call[1]);
  return {ErrorCode::kNotPossible,
          fmt::format("no document says this for {}: {} should get {}, and would get {}", target.Text(), name,
                      profile::VerdictText(difference.first.action, difference.first.data),
                      profile::VerdictText(difference.second.action, difference.second.data))};
}

}  // namespace

Error NotTaken(const profile::Target& target, const std::string& why) {
  return {ErrorCode::kNotPossible,
          fmt::format("what they come to would not be taken by {}: {}", target.Text(), Printable(why))};
}

Result<std::vector<Deviation>> ProveOn(const Ideal& ideal, Operation operation,
                                       const profile::Document& document, Scope scope) {
  const auto& target = ideal.target();
  const auto compiled = TRY(filter::Compile(document, target));
  if (compiled.state != filter::Compiled::State::kFiltered)
    return std::unexpected(NotTaken(target, compiled.why));
  const auto siblings = SiblingAbis(target.arch);
  const auto proof =
      TRY(prove::CompareWith(HowOf(operation), ideal.stacks(), std::vector<filter::Program>{compiled.program},
                             {.abis = {siblings.begin(), siblings.end()}}));
  if (!proof.undecided.empty()) {
    return Fail(ErrorCode::kNotPossible,
                fmt::format("what they come to cannot be proven: to compare {} exceeds the budget",
                            prove::UndecidedText(proof.undecided.front())));
  }
  std::vector<Deviation> deviations;
  for (const auto& difference : proof.differences) {
    if (difference.change == prove::Change::kOther) continue;
    if (scope == Scope::kOwnAbis && !IsOf(difference, siblings)) continue;
    const bool wider = difference.change == prove::Change::kLooser;
    if (wider != (operation == Operation::kMerge) && !IsHarmless(difference))
      return std::unexpected(Unwritable(target, difference));
    deviations.push_back({target.arch, difference});
  }
  return deviations;
}

}  // namespace whittle::algebra

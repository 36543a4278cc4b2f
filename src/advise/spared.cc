#include "advise/spared.h"

#include <algorithm>

#include "syscalls/table.h"

namespace whittle::advise {
namespace {

using optimize::Answer;
using optimize::Finding;
using optimize::Judge;

Result<bool> LetsPassInstead(const Judge& judge, const Dispensable& fact) {
  for (const auto& name : fact.instead) {
    const auto number = SyscallNumber(fact.abi, name);
    if (!number || TRY(judge.Ask(fact.abi, *number)).kind != Answer::Kind::kAllowed) return false;
  }
  return true;
}

// The same call of the same program may stand among the findings more than once.
bool Stands(const std::vector<Spared>& spared, const Finding& finding) {
  return std::ranges::any_of(spared, [&](const Spared& one) {
    return one.executable == finding.subject.executable && one.fact->abi == finding.abi &&
           one.number == finding.number;
  });
}

void AddMoot(std::vector<Spared>& spared, const Finding& finding) {
  const auto call = SyscallText(finding.abi, finding.number);
  for (const auto& [executable, name, number, fact] : spared) {
    if (executable != finding.subject.executable || fact->abi != finding.abi) continue;
    const auto moot = std::ranges::find(fact->moot, call);
    if (moot == fact->moot.end()) continue;
    spared.push_back({executable, *moot, finding.number, fact});
    return;
  }
}

}  // namespace

Result<std::vector<Spared>> SparedOf(const optimize::Verification& verification, const Judge& judge) {
  std::vector<Spared> spared;
  for (const auto& finding : verification.refused) {
    const auto& executable = finding.subject.executable;
    const auto call = SyscallText(finding.abi, finding.number);
    const auto* fact = DispensableFor(call, executable, finding.abi, finding.answer.error);
    // Of a call that is refused with some arguments, and not with others, nothing was measured.
    const bool known = fact != nullptr && finding.answer.with.empty();
    if (!known || Stands(spared, finding) || !TRY(LetsPassInstead(judge, *fact))) continue;
    spared.push_back({executable, fact->call, finding.number, fact});
  }
  for (const auto& finding : verification.refused) {
    if (!Stands(spared, finding)) AddMoot(spared, finding);
  }
  return spared;
}

bool Spares(const std::vector<Spared>& spared, const Finding& finding) {
  return std::ranges::any_of(spared, [&](const Spared& one) {
    return one.executable == finding.subject.executable && one.fact->abi == finding.abi &&
           one.number == finding.number && (one.is_moot() || one.fact->error == finding.answer.error);
  });
}

}  // namespace whittle::advise

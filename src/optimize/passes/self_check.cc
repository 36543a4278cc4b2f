// The profile is read back from its own text, compiled for the target, and must let every observation pass.
#include <fmt/core.h>

#include <algorithm>

#include "optimize/passes/pass.h"
#include "optimize/verify.h"
#include "syscalls/table.h"

namespace whittle::optimize {
namespace {

std::unexpected<Error> Bug(const std::string& what) {
  return Fail(ErrorCode::kInternal, "the generated profile failed its self-check: " + what +
                                        ": please report it with the evidence");
}

bool IsOfSeveralMachines(const Plan& plan) {
  return std::ranges::any_of(plan.abis,
                             [&](Abi abi) { return MachineOf(abi) != MachineOf(plan.options.target.arch); });
}

}  // namespace

Result<void> CheckItself(Plan& plan) {
  const auto document = TRY(profile::Read(profile::Write(plan.result.document), "generated profile"));
  const auto verification =
      TRY(Verify(document, plan.options.target, plan.evidence, {plan.options.baseline, {}}));
  if (verification.state != filter::Compiled::State::kFiltered) {
    return Fail(ErrorCode::kNotPossible,
                fmt::format("the target ({}) would not install the generated profile: {}{}",
                            plan.options.target.Text(), verification.why,
                            IsOfSeveralMachines(plan) ? " (--one-arch makes one of what was seen on its kind "
                                                        "of machine)"
                                                      : ""));
  }
  for (const auto* findings : {&verification.refused, &verification.depends}) {
    for (const auto& finding : *findings) {
      const bool known = std::ranges::any_of(plan.result.unnameable, [&](const auto& call) {
        return call.abi == finding.abi && call.number == finding.number;
      });
      if (known) continue;
      return Bug(fmt::format("{} {} is answered {}", AbiName(finding.abi),
                             SyscallText(finding.abi, finding.number), finding.answer.verdict));
    }
  }
  if (!verification.baseline_refused.empty()) {
    return Bug(
        fmt::format("the runtime's own {} is refused", verification.baseline_refused.front().first.call));
  }
  plan.result.verified = verification.observations;
  return {};
}

}  // namespace whittle::optimize

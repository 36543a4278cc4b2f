#include "optimize/generate.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "optimize/passes/pass.h"
#include "syscalls/facts.h"
#include "syscalls/table.h"

namespace whittle::optimize {
namespace {

// Merging the evidence (the union) is done before: by evidence::ReadEvidenceFiles.
constexpr Pass kPasses[] = {
    {"keep the workload", KeepWorkload},
    {"list what is open on other machines", ListOpenedElsewhere},
    {"warn of doubts", WarnOfDoubts},
    {"add what no program can run without", AddEssentials},
    {"add the runtime's baseline", AddBaseline},
    {"add equivalents", AddEquivalents},
    {"list what stays refused", ListRefused},
    {"close namespaces in clone", NarrowClone},
    {"close what arguments were not seen", NarrowArguments},
    {"choose answers", ChooseAnswers},
    {"group and comment", WriteDocument},
    {"check itself", CheckItself},
};

}  // namespace

Result<Level> ParseLevel(std::string_view text) {
  if (text == "strict") return Level::kStrict;
  if (text == "portable") return Level::kPortable;
  return Fail(ErrorCode::kUsage, fmt::format("unknown level '{}': strict or portable", Printable(text)));
}

Result<Deny> ParseDeny(std::string_view text) {
  if (text == "errno") return Deny::kErrno;
  if (text == "log") return Deny::kLog;
  if (text == "kill") return Deny::kKill;
  return Fail(ErrorCode::kUsage, fmt::format("unknown answer '{}': errno, log or kill", Printable(text)));
}

Result<Arguments> ParseArguments(std::string_view text) {
  if (text == "off") return Arguments::kOff;
  if (text == "safe") return Arguments::kSafe;
  if (text == "all") return Arguments::kAll;
  return Fail(ErrorCode::kUsage,
              fmt::format("unknown value '{}' for --args: off, safe or all", Printable(text)));
}

uint64_t Generated::Count(Origin origin) const {
  return static_cast<uint64_t>(
      std::ranges::count_if(grants, [&](const auto& grant) { return grant.second.origin == origin; }));
}

void GrantCall(Plan& plan, std::string_view call, Grant grant) {
  if (grant.origin != Origin::kWorkload) plan.with_any_arguments.insert(std::string(call));
  plan.result.grants.try_emplace(std::string(call), std::move(grant));
}

bool IsWanted(const Plan& plan, const evidence::CallKey& key) {
  return !evidence::Refused(key.fate) || plan.options.refusals == Refusals::kAllow;
}

bool AnyAbiHas(const Plan& plan, std::string_view call) {
  return std::ranges::any_of(plan.abis, [&](Abi abi) { return SyscallNumber(abi, call).has_value(); });
}

bool ConcernsAnAbi(const Plan& plan, std::string_view call, std::string_view abis) {
  return std::ranges::any_of(
      plan.abis, [&](Abi abi) { return AbisInclude(abis, abi) && SyscallNumber(abi, call).has_value(); });
}

Result<Generated> Generate(const evidence::Evidence& evidence, const Options& options) {
  Plan plan{evidence, options, {}, {}, {}, {}};
  for (const auto& pass : kPasses) {
    auto done = pass.run(plan);
    if (!done) return std::unexpected(std::move(done.error()));
  }
  return std::move(plan.result);
}

}  // namespace whittle::optimize

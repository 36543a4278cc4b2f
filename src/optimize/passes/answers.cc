// New calls that are not allowed are answered ENOSYS where libcs and programs have a fallback for kernels
// without them: on EPERM they give up. The rules are explicit because docker 20.10 ignores defaultErrnoRet.
// runc adds a stub of its own that answers ENOSYS to everything newer than the newest call that the profile
// names; naming all calls of the table here puts that threshold where it takes no answer away from the calls
// below it.
#include "optimize/passes/pass.h"
#include "profile/library_names.h"
#include "syscalls/table.h"

namespace whittle::optimize {
namespace {

struct Row {
  std::string_view call, abis, kernel, fallback, reason;
};
constexpr Row kRows[] = {
#include "fallbacks.inc"
};

}  // namespace

Result<void> ChooseAnswers(Plan& plan) {
  if (plan.options.deny == Deny::kLog) return {};  // nothing is refused then
  for (const auto& row : kRows) {
    const bool useful =
        AnyAbiHas(plan, row.call) && profile::LibraryKnows(row.call, plan.options.target.libseccomp);
    if (useful && !plan.result.grants.contains(std::string(row.call))) {
      plan.result.answered_enosys.emplace(row.call);
    }
  }
  return {};
}

}  // namespace whittle::optimize

// Calls that a recording can miss by chance though every program may need them at any moment.
#include "optimize/passes/pass.h"

namespace whittle::optimize {
namespace {

struct Essential {
  std::string_view call, because;
};

constexpr Essential kEssentials[] = {
    {"exit", "a thread ends with it"},
    {"exit_group", "a program ends with it"},
    {"rt_sigreturn", "every signal handler returns through it, and a signal may come at any time"},
    {"sigreturn", "32-bit signal handlers return through it"},
    {"restart_syscall", "the kernel makes a program continue a wait with it after it was stopped"},
};

}  // namespace

Result<void> AddEssentials(Plan& plan) {
  for (const auto& essential : kEssentials) {
    if (!AnyAbiHas(plan, essential.call)) continue;
    GrantCall(plan, essential.call, {Origin::kEssential, {}, std::string(essential.because), {}});
  }
  return {};
}

}  // namespace whittle::optimize

#include "library.h"

#include <fmt/core.h>

#include <cerrno>
#include <memory>
#include <string>

#include "libseccomp/words.h"

namespace whittle::bench {
namespace {

struct Release {
  void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, Release>;

std::unexpected<Error> Refused(std::string_view what) {
  return Fail(ErrorCode::kInternal, fmt::format("libseccomp refuses {}", what));
}

Result<void> AddRule(void* context, const filter::Addition& addition, int number) {
  std::array<scmp_arg_cmp, 6> comparisons;
  size_t count = 0;
  for (const auto& condition : addition.conditions) comparisons[count++] = libseccomp::Comparison(condition);
  const uint32_t action = profile::ReturnValue(addition.action, addition.data);
  if (seccomp_rule_add_array(context, action, number, static_cast<unsigned>(count), comparisons.data()) != 0)
    return Refused(addition.name.text());
  return {};
}

}  // namespace

Result<filter::Program> BuildWithLibrary(const filter::RuntimeRules& rules, Layout layout, Names names) {
  const Context context(seccomp_init(profile::ReturnValue(rules.default_action, rules.default_data)));
  if (seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, static_cast<uint32_t>(layout)) != 0)
    return Refused("the layout");
  for (const Abi abi : rules.abis) {
    const int added = seccomp_arch_add(context.get(), libseccomp::ArchOf(abi));
    if (added != 0 && added != -EEXIST) return Refused(AbiName(abi));
  }
  for (const auto& addition : rules.additions) {
    // Numbers of x86-64; pseudo numbers of calls that it lacks have to be asked for by name in any case.
    const auto native = addition.name.NumberOn(Abi::kX86_64);
    const int number = names == Names::kResolved && native
                           ? static_cast<int>(*native)
                           : seccomp_syscall_resolve_name(std::string(addition.name.text()).c_str());
    TRY(AddRule(context.get(), addition, number));
  }
  auto program = libseccomp::Export(context.get());
  if (!program) return Refused("to export");
  return std::move(*program);
}

}  // namespace whittle::bench

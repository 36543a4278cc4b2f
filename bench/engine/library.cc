#include "library.h"

#include <fmt/core.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>

#include "base/fd.h"

namespace whittle::bench {
namespace {

struct Release {
  void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, Release>;

std::unexpected<Error> Refused(std::string_view what) {
  return Fail(ErrorCode::kInternal, fmt::format("libseccomp refuses {}", what));
}

uint32_t ArchOf(Abi abi) {
  return abi == Abi::kX86_64 ? SCMP_ARCH_X86_64 : abi == Abi::kI386 ? SCMP_ARCH_X86 : SCMP_ARCH_X32;
}

scmp_arg_cmp Comparison(const profile::Condition& condition) {
  constexpr scmp_compare kOperators[] = {SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE,       SCMP_CMP_EQ,
                                         SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ};
  return {condition.index, kOperators[static_cast<size_t>(condition.op)], condition.value,
          condition.value_two};
}

Result<void> AddRule(void* context, const filter::Addition& addition, int number) {
  std::array<scmp_arg_cmp, 6> comparisons;
  size_t count = 0;
  for (const auto& condition : addition.conditions) comparisons[count++] = Comparison(condition);
  const uint32_t action = profile::ReturnValue(addition.action, addition.data);
  if (seccomp_rule_add_array(context, action, number, static_cast<unsigned>(count), comparisons.data()) != 0)
    return Refused(addition.name.text());
  return {};
}

Result<filter::Program> Export(void* context) {
  const Fd file(memfd_create("filter", 0));
  if (seccomp_export_bpf(context, file.get()) != 0) return Refused("to export");
  filter::Program program(static_cast<size_t>(lseek(file.get(), 0, SEEK_END)) / sizeof(sock_filter));
  const size_t bytes = program.size() * sizeof(sock_filter);
  if (pread(file.get(), program.data(), bytes, 0) != static_cast<ssize_t>(bytes)) return Refused("to export");
  return program;
}

}  // namespace

Result<filter::Program> BuildWithLibrary(const filter::RuntimeRules& rules, Layout layout, Names names) {
  const Context context(seccomp_init(profile::ReturnValue(rules.default_action, rules.default_data)));
  if (seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, static_cast<uint32_t>(layout)) != 0)
    return Refused("the layout");
  for (const Abi abi : rules.abis) {
    const int added = seccomp_arch_add(context.get(), ArchOf(abi));
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
  return Export(context.get());
}

}  // namespace whittle::bench

#include "kernel_call.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace whittle::filter::testing {
namespace {

// The sixth argument is in ebp, which belongs to the compiler: it waits in r12, which the kernel leaves
// alone.
long Call32(const Call& call) {
  long result = static_cast<long>(call.number);
  const auto& a = call.arguments;
  register uint64_t sixth asm("r13") = a[5];
  asm volatile(
      "mov %%rbp, %%r12\n\t"
      "mov %[sixth], %%rbp\n\t"
      "int $0x80\n\t"
      "mov %%r12, %%rbp"
      : "+a"(result)
      : "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4]), [sixth] "r"(sixth)
      : "memory", "cc", "r8", "r9", "r10", "r11", "r12");
  return static_cast<int32_t>(result);
}

long Call64(const Call& call) {
  long result = static_cast<long>(call.number);
  const auto& a = call.arguments;
  register long r10 asm("r10") = static_cast<long>(a[3]);
  register long r8 asm("r8") = static_cast<long>(a[4]);
  register long r9 asm("r9") = static_cast<long>(a[5]);
  asm volatile("syscall"
               : "+a"(result)
               : "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

}  // namespace

long MakeCall(const Call& call) { return call.abi == Abi::kI386 ? Call32(call) : Call64(call); }

int StatusOf(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    work();
    syscall(SYS_exit_group, 0);
    __builtin_trap();
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

}  // namespace whittle::filter::testing

// What the words of a trace mean: names of calls, of errors and of flags, and quoted paths. Pure; thread
// safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/evidence.h"
#include "syscalls/abi.h"

namespace whittle::import {

// "EPERM" -> 1, and so does "1"; 0 for a name that this host does not know.
uint32_t ErrnoNumber(std::string_view name);

// The first string among the arguments, its C escapes undone; "?" if there is none.
std::string FirstString(std::string_view arguments);

bool IsExec(std::string_view name);
bool IsFork(std::string_view name);

// What it "returns" is what the code that the signal interrupted had there.
bool IsReturnFromHandler(std::string_view name);

// As the recorder tells them, from the flags by name or number. Older kernels' fork and vfork have none.
// `is_whole`: the arguments are; of those that are cut the flags may be.
evidence::CloneFlags FlagsOf(std::string_view name, std::string_view arguments, bool is_whole);
// Whether a call that can make or enter a pid namespace may do so with these arguments.
bool MayRenumber(std::string_view name, std::string_view arguments);
// Whether a clone's flags ask for a thread.
bool MakesThread(std::string_view arguments);

// What a trace says of a SIGSYS: "{si_signo=SIGSYS, si_code=SYS_SECCOMP, ..., si_syscall=__NR_write,
// si_arch=AUDIT_ARCH_X86_64}", or the same in numbers (-X raw).
struct Sigsys {
  enum class Sender {
    kFilter,
    kProcess,
    kNotTold
  } sender = Sender::kNotTold;     // strace of long ago does not tell
  std::string_view name;           // of the call
  std::optional<uint32_t> number;  // or this
  std::string_view arch_name;      // "X86_64"
  std::optional<uint32_t> arch;    // or this
};
Sigsys ReadSigsys(std::string_view details);

// What an argument of a call is: a number ("0x2", "-1"), names ("AF_INET", "SOCK_STREAM|SOCK_CLOEXEC",
// "TCGETS or TCGETS2"), or both ("0x2 /* AF_INET */", "PROT_READ|0x10"). Nothing for any other, and for names
// that data/constants.csv lacks.
std::optional<uint64_t> ArgumentValue(Abi abi, std::string_view call, uint32_t argument,
                                      std::string_view text);

// Which call a name means in a process' mode.
struct Resolved {
  bool known = false;
  bool foreign = false;  // that mode lacks it: it is another ABI's of the machine
  Abi abi = Abi::kX86_64;
  uint32_t number = 0;
  std::optional<uint32_t> perhaps;  // or socketcall or ipc, behind which the trace shows this name, too
  std::string_view name;            // as given
  bool is_exec = false;
  bool is_fork = false;        // makes a process or a thread
  bool is_exit = false;        // ends one
  bool names_pids = false;     // may make or enter a pid namespace
  std::vector<uint32_t> kept;  // the arguments that evidence keeps
};

// "openat", "syscall_0x1b3". `number` is what `-n` prints beside the name: it tells the mode, and socketcall
// and ipc from the calls behind whose names strace hides them.
Resolved Resolve(std::string_view name, std::optional<uint32_t> number, Abi abi, Abi native);

}  // namespace whittle::import

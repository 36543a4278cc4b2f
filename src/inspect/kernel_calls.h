// Which system calls the running kernel has, told from its own table of symbols: no call is made. Thread
// safe (values).
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "syscalls/abi.h"

namespace whittle::inspect {

class KernelCalls {
 public:
  // What /proc/kallsyms lists. Knows nothing where that is empty or hidden.
  static KernelCalls OfThisKernel();
  static KernelCalls Parse(std::string_view symbols);

  // Nothing if it cannot be told: another machine than x86-64, a name whose entry has another name.
  std::optional<bool> Has(Abi abi, std::string_view name) const;
  // False if the kernel was built without the whole ABI: then its calls get ENOSYS once filters let them
  // pass.
  std::optional<bool> Serves(Abi abi) const;

 private:
  bool known_ = false;
  bool i386_ = false;
  bool x32_ = false;
  std::set<std::string, std::less<>> real_;   // "x64:read", "ia32:read": entries with code behind them
  std::set<std::string, std::less<>> stubs_;  // entries that only return ENOSYS
};

}  // namespace whittle::inspect

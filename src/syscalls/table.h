// Names and numbers of system calls, per ABI. Pure; thread safe. Source: data/syscalls.csv.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "syscalls/abi.h"

namespace whittle {

// The number from which an ABI counts its calls: bit 30 on x32, 4000 to 6000 on mips, 0 elsewhere.
uint32_t FirstNumber(Abi abi);

// The call's number on that ABI as it stands in seccomp_data.nr (x32: with bit 30), or nothing if the ABI
// lacks it.
std::optional<uint32_t> SyscallNumber(Abi abi, std::string_view name);

// The number of the call that the kernel's function, and so its tracepoint, of that name serves: "newfstat"
// is behind fstat, "openat" behind the call of its own name.
std::optional<uint32_t> SyscallNumberOfFunction(Abi abi, std::string_view name);

// The call's name, or nothing if no call of that ABI has the number.
std::optional<std::string_view> SyscallName(Abi abi, uint32_t number);

// The name, or "#451" for a number without one: the spelling of evidence and of tables.
std::string SyscallText(Abi abi, uint32_t number);

// The inverse: a name of that ABI or "#451", "#0x1c3". Nothing if it is neither.
std::optional<uint32_t> ParseSyscall(Abi abi, std::string_view text);

// True if any ABI has a call of that name.
bool IsSyscallName(std::string_view name);

// Every name, sorted.
std::span<const std::string_view> AllSyscallNames();

// ", did you mean 'openat'?" or empty: the end of an error about an unknown name.
std::string DidYouMean(std::string_view unknown_name);

}  // namespace whittle

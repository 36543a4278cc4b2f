// Names of system calls as libseccomp resolves them, which is what runtimes go by. Pure; thread safe.
// Source: data/libseccomp.csv, and data/syscalls.csv for what is not in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "profile/target.h"
#include "syscalls/abi.h"

namespace whittle::profile {

// True if that version of libseccomp knows the name on some ABI.
bool LibraryKnows(std::string_view name, const Version& version);
// True if some version does; obsolete calls like uselib are such names too.
bool SomeLibraryKnows(std::string_view name);
// The call's number there (x32: with bit 30), or nothing if the ABI lacks it.
std::optional<uint32_t> LibraryNumber(Abi abi, std::string_view name);

}  // namespace whittle::profile

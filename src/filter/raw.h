// Filters as files of bytes: struct sock_filter one after the other, in this machine's byte order, as
// seccomp_export_bpf(3), systemd and `bpf_dbg` write them. Pure; thread safe.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "filter/program.h"

namespace whittle::filter {

// True if it cannot be a text: the high byte of an instruction's code is zero, and no JSON has such a byte.
bool LooksRaw(std::string_view bytes);

// Errors: kBadInput with `name` if the kernel would not take it.
Result<Program> ParseRaw(std::string_view bytes, const std::string& name);

}  // namespace whittle::filter

// What podman makes of `errno` and `defaultErrno`, which are texts there. Pure; thread safe. Source:
// containers/common pkg/seccomp/errno_list.go and seccomp_linux.go, 0.50.1 to 0.64.0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace whittle::filter {

// A decimal number, or one of the names that podman knows: not every name of errno.h is one (EINTR is not).
// Nothing: podman refuses the document. Numbers are those of all architectures but mips.
std::optional<uint32_t> PodmanErrno(std::string_view text);
// The name that was likely meant.
std::optional<std::string> NearestPodmanErrno(std::string_view text);

}  // namespace whittle::filter

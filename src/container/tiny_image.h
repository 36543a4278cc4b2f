// The smallest container image: two static programs that make almost no calls, so that what is seen in a
// container made of it is the runtime's own. Pure; thread safe.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "syscalls/abi.h"

namespace whittle::container {

inline constexpr std::string_view kTinyExit = "/exit";    // exit_group(0)
inline constexpr std::string_view kTinyPause = "/pause";  // pause() for ever

// A tar archive of the two, for `docker import` and `podman import`.
// Errors: kNotPossible for machines other than x86_64, whose programs nobody has written yet.
Result<std::string> TinyImage(Abi native);

}  // namespace whittle::container

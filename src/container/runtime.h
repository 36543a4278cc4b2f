// The programs that load filters into containers, and their versions. Runs `PROGRAM --version`; thread safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "profile/target.h"

namespace whittle::container {

struct RuntimeProgram {
  profile::Runtime runtime = profile::Runtime::kRunc;
  profile::Version version;
  std::string version_text;  // "1.1.5+ds1"
  // What the filter is compiled with; nothing if neither the program nor this host's library tells.
  std::optional<profile::Version> libseccomp;
  std::string path;
};

// The output of `runc --version` or `crun --version`. `libseccomp` is set if it is in there (runc).
// Errors: kBadInput if it is neither's.
Result<RuntimeProgram> ParseRuntimeVersion(std::string_view text, const std::string& program);

// Finds a program (a path, or a name looked up in PATH and the system's folders) and asks for its version.
// Errors: kNotPossible if there is none, it does not run, or it is no runtime that Whittle knows.
Result<RuntimeProgram> AskRuntime(const std::string& program);

// The version of the libseccomp that programs of this host load; nothing if there is none.
std::optional<profile::Version> HostLibseccomp();

}  // namespace whittle::container

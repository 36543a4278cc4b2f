// Whole files in, whole files out. "-" is standard input or standard output.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace whittle {

// No document that Whittle reads is larger; more is refused, so that a hostile file cannot take the memory.
inline constexpr size_t kMaxFileBytes = size_t{256} << 20;

// The bytes of `path`. Errors: kBadInput with the path and the reason (missing, a directory, too large, ...).
Result<std::string> ReadFile(const std::string& path);

// The bytes of a file of the kernel's (/proc, /sys). A process can make some of its own long and name them as it likes, so
// they are bounded more narrowly, and "-" is a name like any other. Same errors.
inline constexpr size_t kMaxKernelFileBytes = size_t{16} << 20;
Result<std::string> ReadKernelFile(const std::string& path);

// Replaces `path` by `text` in one step: a reader, or a crash in the middle, sees the old or the new file, never
// a part. Symbolic links are followed; a device or a pipe is written to directly. Errors: kBadInput.
Result<void> WriteFile(const std::string& path, std::string_view text);

bool FileExists(const std::string& path);

}  // namespace whittle

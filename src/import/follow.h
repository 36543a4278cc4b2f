// Following a growing log through rotation: by rename (what was written to the old file until then is read
// first) and by copy and truncate. Asks the file system four times a second. Not thread safe.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace whittle::import {

class Follower {
 public:
  // Called with bytes that were appended; and before bytes of another file than before.
  struct Take {
    std::function<void(std::string_view bytes)> bytes;
    std::function<void(const std::string& path)> file;
  };

  // The file need not exist yet.
  Follower(std::string path, Take take);

  // Reads what has come since. Errors: kBadInput if the file cannot be read.
  Result<void> Poll();

 private:
  Result<void> ReadRest();
  Result<bool> WasReplaced();
  bool WasRewritten();
  Result<void> ReadRotated();

  std::string path_;
  Take take_;
  Fd fd_;
  ino_t inode_ = 0;
  dev_t device_ = 0;
  off_t offset_ = 0;
  std::string head_;  // the first bytes, to see that a file was truncated and has grown again
};

}  // namespace whittle::import

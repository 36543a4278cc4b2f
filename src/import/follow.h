// Following a growing log through rotation: by rename (the old file is read on until the next rotation, since
// its writer may not have noticed yet), and by copy and truncate. Not thread safe.
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
  struct Take {
    // Called with whole lines that were appended, ends included; a line without an end is held back until it
    // has one, or until its file is given up.
    std::function<void(std::string_view lines)> lines;
    // Called before lines of another file than before.
    std::function<void(const std::string& path)> file;
  };

  // The file need not exist yet.
  Follower(std::string path, Take take);

  // Reads what has come since. Errors: kBadInput if the file cannot be read.
  Result<void> Poll();
  // The same, and what is held back: nothing more will come.
  Result<void> End();

 private:
  struct Source {
    Fd fd;
    ino_t inode = 0;
    dev_t device = 0;
    off_t offset = 0;
    std::string head;  // the first bytes, to see that a file was truncated and has grown again
    std::string rest;  // of a line that has not ended
  };

  Result<void> Read(Source& source);
  void GiveUp(Source& source);
  Result<bool> WasReplaced();
  bool WasRewritten() const;
  Result<void> ReadCopy();

  std::string path_;
  Take take_;
  Source now_;
  Source before_;  // the file that had the name before
};

}  // namespace whittle::import

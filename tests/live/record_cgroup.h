// Control groups of version 2 made by hand, and programs started inside of them. For live tests.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/fd.h"
#include "record/cgroup.h"

namespace whittle::record {

// A cgroup of version 2 under a name of its own, removed in the end.
class TestCgroup {
 public:
  TestCgroup();
  // Below another's directory.
  explicit TestCgroup(const std::string& above);
  ~TestCgroup();
  TestCgroup(const TestCgroup&) = delete;
  TestCgroup& operator=(const TestCgroup&) = delete;

  // False where the host has no version 2, or does not let us.
  bool made() const { return made_; }
  CgroupKey key() const { return CgroupKeyOfDirectory(directory_).value_or(CgroupKey{}); }
  const std::string& directory() const { return directory_; }
  std::string name() const { return directory_.substr(directory_.rfind('/') + 1); }
  void Move(pid_t pid) const;

  // Starts a program inside, from its first moment on (CLONE_INTO_CGROUP). Thread safe.
  pid_t Start(const std::vector<std::string>& argv) const;
  // The same, and waits. The exit code must be 0.
  void Run(const std::vector<std::string>& argv) const;

 private:
  std::string directory_;
  Fd folder_;
  bool made_ = false;
};

}  // namespace whittle::record

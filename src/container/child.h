// A child process that waits before it becomes another program, so that it can be watched from its first
// instruction on; and may load a filter on itself as the last thing before that. Not thread safe.
//
// Between the loading of the filter and the program's first instruction it makes one system call: execve.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "filter/live/load.h"
#include "filter/program.h"

namespace whittle::container {

// Where a child's standard output goes: ours may be needed for a document.
enum class Output { kOurs, kStandardError };

struct ChildPlan {
  std::string program;             // a path: PATH is not searched
  std::vector<std::string> words;  // argv, argv[0] included
  filter::Program filter;          // empty: none is loaded
  uint32_t filter_flags = 0;       // SECCOMP_FILTER_FLAG_*
  filter::NoNewPrivs no_new_privs = filter::NoNewPrivs::kLeave;
  Output output = Output::kOurs;
};

class HeldChild {
 public:
  // Errors: kNotPossible if no process can be made.
  static Result<HeldChild> Start(ChildPlan plan);
  HeldChild(HeldChild&& other) noexcept;
  HeldChild& operator=(HeldChild&&) = delete;
  HeldChild(const HeldChild&) = delete;
  HeldChild& operator=(const HeldChild&) = delete;
  // A child that still waits is ended; one that runs is left alone.
  ~HeldChild();

  pid_t pid() const { return pid_; }
  void Release();

  // The exit code as a shell gives it (128 + signal), once the program has ended; it is reaped then.
  std::optional<int> TryWait();

  // After the end: why the program did not begin, or nothing if it did. kNotPossible.
  std::optional<Error> Failure() const;

 private:
  struct Shared;  // memory that child and parent share, so that a filtered child can still tell
  HeldChild(pid_t pid, Fd gate, Shared* shared, std::string program);

  pid_t pid_ = -1;
  Fd gate_;  // the child waits for a byte from it
  Shared* shared_ = nullptr;
  std::string program_;
};

}  // namespace whittle::container

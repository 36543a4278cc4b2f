// A command of the recorder's own: held before its first exec until it is watched, and followed with all that
// it leaves behind. Not thread safe; one at a time in a process, since orphans of its tree become children of
// ours.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace whittle::record {

class Command {
 public:
  // Forks. The child waits. Errors: kNotPossible.
  static Result<Command> Hold(std::vector<std::string> argv);
  Command(Command&&) noexcept = default;
  Command& operator=(Command&&) noexcept = default;
  // Kills what is left.
  ~Command();

  pid_t pid() const { return pid_; }
  // Lets it execute. Errors: kBadInput if the program cannot be executed.
  Result<void> Go();
  // Collects who ended. True once neither the command nor anything that it left behind is there any more.
  bool AllEnded();
  // Of the command itself, once it has ended: its exit code, or 128 + signal.
  std::optional<int> exit_code() const { return exit_code_; }
  // How many processes of the tree are left.
  size_t Left() const;
  void Signal(int signal) const;

 private:
  Command(pid_t pid, Fd gate, Fd failure) : pid_(pid), gate_(std::move(gate)), failure_(std::move(failure)) {}

  pid_t pid_ = -1;
  Fd gate_;     // closing it without a byte ends the child before its exec
  Fd failure_;  // the errno of a failed exec; nothing if it worked
  std::optional<int> exit_code_;
  bool all_ended_ = false;
  std::string program_;
};

}  // namespace whittle::record

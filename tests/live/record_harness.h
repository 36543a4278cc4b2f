// Runs record_calls under a recorder of its own or a given one, and reads evidence back as sets. For live
// tests.
#pragma once

#include <string>
#include <vector>

#include "evidence/evidence.h"
#include "record/recorder.h"
#include "record_plan.h"

namespace whittle::record {

// The built program, and a copy of it under another name (another file) for tests of execve.
std::string ProgramPath();
std::string CopyPath();

// Why no live test can run here; empty if they can.
std::string WhyNotLive();

// A child that waits, before it executes anything, until Go().
class HeldChild {
 public:
  explicit HeldChild(std::vector<std::string> argv);
  ~HeldChild();
  HeldChild(const HeldChild&) = delete;
  pid_t pid() const { return pid_; }
  void Go();
  // True once it has ended; its status is then in exit_code().
  bool Ended();
  int exit_code() const { return exit_code_; }

 private:
  pid_t pid_ = -1;
  int gate_ = -1;
  bool ended_ = false;
  int exit_code_ = -1;
};

// Records the run of a command as a process tree from its first exec on, and everything that it leaves behind
// until that has ended or a second has passed.
Result<evidence::Evidence> RecordCommand(Options options, const std::vector<std::string>& argv);

// What a subject was seen to do, whatever the fate and the filter. Containers: "" means any.
CallSet Seen(const evidence::Evidence& evidence, const std::string& container, const std::string& executable,
             evidence::Arrival arrival = evidence::Arrival::kWorkload);
// "x86_64 getpid, i386 #1000": for messages of failed tests.
std::string Text(const CallSet& calls);
CallSet Minus(const CallSet& a, const CallSet& b);
std::string Gaps(const evidence::Evidence& evidence);

}  // namespace whittle::record

#include "record_cgroup.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>

namespace whittle::record {

TestCgroup::TestCgroup() : TestCgroup(FindCgroupMounts().v2) {}

TestCgroup::TestCgroup(const std::string& above) {
  static std::atomic<int> count = 0;
  directory_ = fmt::format("{}/whittle-test-{}-{}", above, getpid(), count++);
  std::error_code error;
  made_ = std::filesystem::create_directory(directory_, error);
  folder_ = Fd(open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

TestCgroup::~TestCgroup() {
  // A process that has just ended may still be counted.
  for (int i = 0; made_ && rmdir(directory_.c_str()) != 0 && i < 1000; i++) usleep(1000);
}

void TestCgroup::Move(pid_t pid) const { std::ofstream(directory_ + "/cgroup.procs") << pid << std::endl; }

pid_t TestCgroup::Start(const std::vector<std::string>& argv) const {
  std::vector<char*> pointers;
  for (const auto& argument : argv) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  clone_args arguments{};
  arguments.flags = CLONE_INTO_CGROUP;
  arguments.exit_signal = SIGCHLD;
  arguments.cgroup = static_cast<uint64_t>(folder_.get());
  const auto pid = static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof(arguments)));
  if (pid == 0) {
    execv(pointers[0], pointers.data());
    _exit(127);
  }
  EXPECT_GT(pid, 0) << directory_;
  return pid;
}

void TestCgroup::Run(const std::vector<std::string>& argv) const {
  int status = -1;
  const pid_t pid = Start(argv);
  if (pid > 0) waitpid(pid, &status, 0);
  EXPECT_EQ(status, 0) << argv[0];
}

}  // namespace whittle::record

// What `whittle inspect` says of real processes, held against what the kernel does to them; and that they do
// not notice.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <functional>
#include <thread>

#include "base/file.h"
#include "filter/call_text.h"
#include "filter/compile.h"
#include "filter/live/load.h"
#include "filter/live/read_ptrace.h"
#include "filter_container.h"
#include "inspect/inspection.h"
#include "inspect/text.h"

namespace whittle::inspect {
namespace {

using filter::NoNewPrivs;
using filter::Program;
using filter::SeccompMode;
using filter::testing::Container;
using filter::testing::Folder;
using prove::Passage;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// In full 100 times; fewer where time is short.
const int kInspections = getenv("WHITTLE_FULL") != nullptr ? 100 : 20;
constexpr int kLongSeconds = 1200;  // longer than the test

// A child in some state, until the end of the test. `prepare` runs in it; a byte says that it is ready.
class Child {
 public:
  explicit Child(const std::function<void(int ready)>& run) {
    int ready[2];
    EXPECT_EQ(pipe(ready), 0);
    pid_ = fork();
    if (pid_ == 0) {
      run(ready[1]);
      for (;;) pause();
    }
    char byte = 0;
    EXPECT_EQ(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
  }
  ~Child() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
};

void Ready(int fd) { (void)!write(fd, "x", 1); }

// A number that a child writes and we read.
class SharedNumber {
 public:
  SharedNumber()
      : value_(static_cast<volatile int*>(
            mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  ~SharedNumber() { munmap(const_cast<int*>(value_), sizeof(int)); }
  volatile int& value() { return *value_; }

 private:
  volatile int* value_;
};

Program Compiled(const std::string& name, const std::string& json = "") {
  profile::Target target;
  target.capabilities = profile::DefaultCapabilities();
  const auto document =
      json.empty() ? profile::ReadProfile(name) : profile::Read(json, name, profile::Reading::kAsRuntimes);
  EXPECT_TRUE(document) << document.error().message;
  return filter::Compile(*document, target)->program;
}

constexpr const char* kNoTime = R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
    {"names": ["getpgid", "mount_setattr"], "action": "SCMP_ACT_ERRNO", "errnoRet": 9},
    {"names": ["sysinfo"], "action": "SCMP_ACT_LOG"}]})";

Inspection Inspected(pid_t pid, Ptrace ptrace = Ptrace::kNever) {
  static const auto engines = container::Engines::Find(container::EngineKind::kDocker);
  auto inspection = Inspect(pid, ptrace, engines);
  EXPECT_TRUE(inspection) << inspection.error().message;
  return inspection ? std::move(*inspection) : Inspection{};
}

const CallState& CallNamed(const Inspection& inspection, std::string_view name) {
  static const CallState none;
  for (const auto& call : inspection.calls.at(0).calls)
    if (call.answer.name == name) return call;
  ADD_FAILURE() << "no call " << name;
  return none;
}

// A child under the same filters makes every call that is said to fail with an errno: the kernel must agree.
void ExpectKernelAgrees(const Inspection& inspection) {
  const auto& filters = inspection.seccomp.main().filters;
  std::vector<const prove::Outcome*> claims;
  for (const auto passage : {Passage::kBlocked, Passage::kDepends})
    for (const auto* call : inspection.calls.at(0).With(passage))
      for (const auto& outcome : call->answer.outcomes.possible)
        if (outcome.action == profile::Action::kErrno) claims.push_back(&outcome);
  ASSERT_GT(claims.size(), 1u);
  const size_t bytes = claims.size() * sizeof(long);
  auto* results =
      static_cast<long*>(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  const pid_t child = fork();
  if (child == 0) {
    for (const auto& program : filters)
      if (!filter::Load(program, NoNewPrivs::kSet)) _exit(9);
    for (size_t i = 0; i < claims.size(); ++i) {
      const auto& call = claims[i]->example;
      const auto& a = call.arguments;
      const long result = syscall(call.number, a[0], a[1], a[2], a[3], a[4], a[5]);
      results[i] = result < 0 ? errno : 0;
    }
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  for (size_t i = 0; i < claims.size(); ++i)
    EXPECT_EQ(results[i], claims[i]->data) << filter::CallText(claims[i]->example);
  munmap(results, bytes);
}

class InspectLive : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "reading filters needs root";
  }
};

class InspectDocker : public ::testing::Test {
 protected:
  void SetUp() override {
    static const std::string why_not = filter::testing::WhyNoDocker();
    if (!why_not.empty()) GTEST_SKIP() << why_not;
  }
};

TEST_F(InspectDocker, AnUnconfinedContainerBlocksNothing) {
  const auto container = Container::StartDocker({"--security-opt", "seccomp=unconfined"});
  ASSERT_TRUE(container) << container.error().message;
  const auto inspection = Inspected(container->pid());
  EXPECT_EQ(inspection.seccomp.main().mode, SeccompMode::kDisabled);
  EXPECT_TRUE(inspection.calls.empty());
  ASSERT_TRUE(inspection.container);
  EXPECT_EQ(inspection.container->name, container->name());
  EXPECT_THAT(InspectionText(inspection, Colour::kNo), HasSubstr("every call is let through"));
}

TEST_F(InspectDocker, DockersDefaultIsToldAsTheKernelAnswers) {
  const auto container = Container::StartDocker({});
  ASSERT_TRUE(container) << container.error().message;
  const auto inspection = Inspected(container->pid());
  ASSERT_EQ(inspection.seccomp.main().filters.size(), 1u);
  EXPECT_EQ(CallNamed(inspection, "mount").passage, Passage::kBlocked);
  EXPECT_EQ(CallNamed(inspection, "read").passage, Passage::kAllowed);
  const auto& clone = CallNamed(inspection, "clone");
  EXPECT_EQ(clone.passage, Passage::kDepends);
  EXPECT_EQ(prove::WordsText(clone.answer.outcomes.words), "args[0]");
  EXPECT_EQ(CallNamed(inspection, "personality").passage, Passage::kDepends);
  EXPECT_TRUE(CallNamed(inspection, "listns").answer.as_if_missing) << "runc's stub";
  ExpectKernelAgrees(inspection);
  const auto& namespaces = inspection.process.namespaces;
  const auto own = std::ranges::count(namespaces, Namespace::Whose::kOther, &Namespace::whose);
  EXPECT_GE(own, 4) << "mnt, pid, net, ipc, uts";
  EXPECT_TRUE(inspection.sockets.empty());
}

TEST_F(InspectDocker, AProfileOfOursIsToldAsTheKernelAnswers) {
  const Folder folder;
  const std::string path = folder.path() / "p.json";
  ASSERT_TRUE(WriteFile(path, kNoTime));
  const auto container = Container::StartDocker({"--security-opt", "seccomp=" + path});
  ASSERT_TRUE(container) << container.error().message;
  const auto inspection = Inspected(container->pid());
  EXPECT_EQ(CallNamed(inspection, "getpgid").passage, Passage::kBlocked);
  EXPECT_EQ(CallNamed(inspection, "getpgid").answer.outcomes.possible[0].data, 9);
  EXPECT_EQ(CallNamed(inspection, "sysinfo").passage, Passage::kLogged);
  ExpectKernelAgrees(inspection);
}

TEST_F(InspectDocker, TheEnginesSocketIsFoundUnderAnotherName) {
  const char* host = getenv("DOCKER_HOST");
  if (host == nullptr || !std::string_view(host).starts_with("unix://")) GTEST_SKIP() << "no DOCKER_HOST";
  const std::string socket = host + 7;
  const auto container = Container::StartDocker({"-v", socket + ":/tmp/any.sock"});
  ASSERT_TRUE(container) << container.error().message;
  const auto inspection = Inspected(container->pid());
  ASSERT_EQ(inspection.sockets.size(), 1u);
  EXPECT_EQ(inspection.sockets[0].inside, "/tmp/any.sock");
}

TEST_F(InspectLive, OfStackedFiltersTheDecidingOneIsNamed) {
  const Program first = Compiled("docker-default");
  const Program second = Compiled("second", kNoTime);
  const Child child([&](int ready) {
    (void)filter::Load(first, NoNewPrivs::kSet);
    (void)filter::Load(second, NoNewPrivs::kSet);
    Ready(ready);
  });
  const auto inspection = Inspected(child.pid());
  ASSERT_EQ(inspection.seccomp.main().filters.size(), 2u);
  const auto decider = [&](std::string_view name) {
    return CallNamed(inspection, name).answer.outcomes.possible.front().decider;
  };
  EXPECT_EQ(decider("getpgid"), 1u);
  EXPECT_EQ(decider("mount_setattr"), 1u) << "both refuse it: the newer one gives the errno";
  EXPECT_EQ(CallNamed(inspection, "mount_setattr").answer.outcomes.possible.front().data, 9);
  EXPECT_EQ(decider("reboot"), 0u);
  EXPECT_EQ(CallNamed(inspection, "sysinfo").passage, Passage::kLogged);
  ExpectKernelAgrees(inspection);
  EXPECT_THAT(InspectionText(inspection, Colour::kNo), HasSubstr("by filter 2 of 2"));
}

TEST_F(InspectLive, TheKernelAsksNoFilterAboutUprobes) {
  const Program program = Compiled("docker-default");
  const Child child([&](int ready) {
    (void)filter::Load(program, NoNewPrivs::kSet);
    Ready(ready);
  });
  const auto inspection = Inspected(child.pid());
  const auto& uretprobe = CallNamed(inspection, "uretprobe");
  if (uretprobe.in_kernel != std::optional(true)) GTEST_SKIP() << "this kernel has no uretprobe call";
  EXPECT_TRUE(uretprobe.exempt);
  const pid_t caller = fork();
  if (caller == 0) {
    if (!filter::Load(program, NoNewPrivs::kSet)) _exit(9);
    _exit(syscall(uretprobe.answer.number) == -1 ? 1 : 0);
  }
  int status = 0;
  waitpid(caller, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGILL) << "the filter was asked: " << status;
}

TEST_F(InspectLive, ThreadsThatDifferAreSaidToDiffer) {
  const Program program = Compiled("second", kNoTime);
  const Child child([&](int ready) {
    std::thread([&, ready] {
      (void)filter::Load(program, NoNewPrivs::kSet);
      Ready(ready);
      for (;;) pause();
    }).detach();
    for (;;) pause();
  });
  const auto inspection = Inspected(child.pid());
  ASSERT_EQ(inspection.seccomp.sets.size(), 2u);
  EXPECT_EQ(inspection.seccomp.sets[0].mode, SeccompMode::kDisabled);
  EXPECT_EQ(inspection.seccomp.sets[1].filters.size(), 1u);
  EXPECT_THAT(InspectionText(inspection, Colour::kNo), HasSubstr("threads differ"));
}

TEST_F(InspectLive, AStrictThreadDiffersFromOneWithoutFilter) {
  const Child child([](int ready) {
    std::thread([ready] {
      int never[2];
      (void)!pipe(never);
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
      Ready(ready);
      char byte;
      (void)!read(never[0], &byte, 1);
    }).detach();
    for (;;) pause();
  });
  const auto inspection = Inspected(child.pid());
  ASSERT_EQ(inspection.seccomp.sets.size(), 2u);
  EXPECT_EQ(inspection.seccomp.sets[0].mode, SeccompMode::kDisabled);
  EXPECT_EQ(inspection.seccomp.sets[1].mode, SeccompMode::kStrict);
}

TEST_F(InspectLive, AThreadIsInspectedByItsId) {
  const Program program = Compiled("second", kNoTime);
  SharedNumber tid;
  const Child child([&](int ready) {
    std::thread([&, ready] {
      (void)filter::Load(program, NoNewPrivs::kSet);
      tid.value() = gettid();
      Ready(ready);
      for (;;) pause();
    }).detach();
    for (;;) pause();
  });
  const auto inspection = Inspected(tid.value());
  EXPECT_EQ(inspection.process.pid, child.pid());
  EXPECT_EQ(inspection.process.speaker, tid.value());
  ASSERT_EQ(inspection.seccomp.sets.size(), 2u);
  EXPECT_THAT(inspection.seccomp.main().threads, ElementsAre(tid.value()));
  EXPECT_EQ(CallNamed(inspection, "getpgid").passage, Passage::kBlocked);
  EXPECT_THAT(InspectionText(inspection, Colour::kNo),
              HasSubstr(fmt::format("thread {} of process {}", tid.value(), child.pid())));
}

// There are processes that /proc shows and the task list does not. A reader in a pid namespace of its own
// that kept the /proc of the host is such a case anywhere.
TEST_F(InspectLive, WhatTheTaskListDoesNotShowIsToldFromProc) {
  const Program program = Compiled("second", kNoTime);
  const Child plain([](int ready) { Ready(ready); });
  const Child filtered([&](int ready) {
    (void)filter::Load(program, NoNewPrivs::kSet);
    Ready(ready);
  });
  SharedNumber faults;
  faults.value() = -1;
  const pid_t outer = fork();
  if (outer == 0) {
    unshare(CLONE_NEWPID);
    const pid_t inner = fork();
    if (inner == 0) {
      const auto engines = container::Engines();
      const auto seen = Inspect(plain.pid(), Ptrace::kNever, engines);
      const auto unread = Inspect(filtered.pid(), Ptrace::kNever, engines);
      int count = 0;
      count += seen && seen->seccomp.main().mode == SeccompMode::kDisabled && !seen->seccomp.unread ? 0 : 1;
      count += unread && unread->seccomp.main().mode == SeccompMode::kFilter ? 0 : 2;
      count += unread && unread->seccomp.unread && unread->calls.empty() &&
                       unread->seccomp.unread->message.find("was not found") != std::string::npos
                   ? 0
                   : 4;
      faults.value() = count;
      _exit(0);
    }
    waitpid(inner, nullptr, 0);
    _exit(0);
  }
  waitpid(outer, nullptr, 0);
  EXPECT_EQ(faults.value(), 0);
}

TEST_F(InspectLive, StrictModeLetsFourCallsThrough) {
  const Child child([](int ready) {
    int never[2];
    (void)!pipe(never);
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
    Ready(ready);
    char byte;
    (void)!read(never[0], &byte, 1);
  });
  const auto inspection = Inspected(child.pid());
  EXPECT_EQ(inspection.seccomp.main().mode, SeccompMode::kStrict);
  const auto allowed = inspection.calls.at(0).With(Passage::kAllowed);
  EXPECT_EQ(std::ranges::count(allowed, false, &CallState::exempt), 4);
}

TEST_F(InspectLive, AZombieLeaderIsSpokenForByALiveThread) {
  const Program program = Compiled("second", kNoTime);
  const Child child([&](int ready) {
    (void)filter::Load(program, NoNewPrivs::kSet);
    std::thread([ready] {
      usleep(50'000);
      Ready(ready);
      for (;;) pause();
    }).detach();
    syscall(SYS_exit, 0);
  });
  const auto inspection = Inspected(child.pid());
  EXPECT_NE(inspection.process.speaker, child.pid());
  EXPECT_EQ(inspection.seccomp.main().filters.size(), 1u);
}

TEST_F(InspectLive, AProcessThatIsGoneIsBadInput) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  const auto inspection =
      Inspect(child, Ptrace::kNever, container::Engines::Find(container::EngineKind::kDocker));
  ASSERT_FALSE(inspection);
  EXPECT_EQ(inspection.error().code, ErrorCode::kBadInput);
}

// What a waiting call of a child returned: 0 while it waits.
struct Waiting {
  const char* name;
  std::function<long()> wait;
};

std::vector<Waiting> WaitsThatDoNotRestart() {
  return {{"epoll_wait",
           [] {
             epoll_event event;
             return static_cast<long>(epoll_wait(epoll_create1(0), &event, 1, 1000 * kLongSeconds));
           }},
          {"recv with a timeout",
           [] {
             int ends[2];
             socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
             const timeval timeout{kLongSeconds, 0};
             setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
             char byte;
             return static_cast<long>(recv(ends[0], &byte, 1, 0));
           }},
          {"semtimedop",
           [] {
             unshare(CLONE_NEWIPC);  // which takes the set with it when the child ends
             const int set = semget(IPC_PRIVATE, 1, 0600);
             sembuf down{0, -1, 0};
             const timespec timeout{kLongSeconds, 0};
             const long result = semtimedop(set, &down, 1, &timeout);
             return result;
           }},
          {"clock_nanosleep", [] {
             const timespec time{kLongSeconds, 0};
             return static_cast<long>(clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr));
           }}};
}

TEST_F(InspectLive, WhoWaitsIsNotWoken) {
  const Program program = Compiled("second", kNoTime);
  for (const auto& waiting : WaitsThatDoNotRestart()) {
    SharedNumber returned;
    const Child child([&](int ready) {
      (void)filter::Load(program, NoNewPrivs::kSet);
      Ready(ready);
      (void)waiting.wait();
      returned.value() = errno == 0 ? -1 : errno;
    });
    usleep(100'000);
    for (int i = 0; i < kInspections && !HasFailure(); ++i)
      ASSERT_EQ(Inspected(child.pid()).seccomp.main().filters.size(), 1u);
    EXPECT_EQ(returned.value(), 0) << waiting.name << " returned with errno " << returned.value();
  }
}

TEST_F(InspectLive, PtraceReadsTheSameAndDisturbs) {
  const Program program = Compiled("second", kNoTime);
  SharedNumber returned;
  const Child child([&](int ready) {
    (void)filter::Load(program, NoNewPrivs::kSet);
    Ready(ready);
    epoll_event event;
    (void)epoll_wait(epoll_create1(0), &event, 1, 1000 * kLongSeconds);
    returned.value() = errno;
  });
  usleep(100'000);
  const auto read = filter::ReadLiveFiltersByPtrace(child.pid(), 2000);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->programs.size(), 1u);
  EXPECT_EQ(memcmp(read->programs[0].data(), program.data(), program.size() * sizeof(sock_filter)), 0);
  for (int i = 0; i < 100 && returned.value() == 0; ++i) usleep(10'000);
  EXPECT_EQ(returned.value(), EINTR) << "the warning about --ptrace would be wrong, and the test above blind";
}

}  // namespace
}  // namespace whittle::inspect

// The filter that a runtime really installed, read back from the container, answers as our compiled one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "../oracle/near_calls.h"
#include "../unit/filter/random_document.h"
#include "base/file.h"
#include "container/engines.h"
#include "container/target.h"
#include "filter/call_text.h"
#include "filter/compile.h"
#include "filter/live/read.h"
#include "filter_container.h"

namespace whittle::filter {
namespace {

using testing::Container;
using testing::Folder;
using testing::Generator;
using testing::Language;

// Every number that these kernels and libraries know, on each ABI, and the number of no call at all.
std::vector<Call> EveryNumber() {
  std::vector<Call> calls;
  for (const Abi abi : {Abi::kX86_64, Abi::kI386, Abi::kX32}) {
    for (uint32_t number = 0; number <= 600; ++number) calls.push_back({abi, number | AbiBit(abi)});
    calls.push_back({abi, UINT32_MAX});
    calls.push_back({abi, 0x80000000});
  }
  return calls;
}

// Those numbers with a few arguments each, and calls that meet the document's conditions.
std::vector<Call> CallsFor(const profile::Document& document, const profile::Target& target,
                           Generator& generator) {
  auto calls = oracle::CallsNear(document, target, {}, generator.Below(UINT64_MAX), 3000);
  for (const auto& call : EveryNumber()) {
    for (const auto& arguments :
         {std::array<uint64_t, 6>{}, std::array<uint64_t, 6>{1, 2, 3, 4, 5, 6},
          std::array<uint64_t, 6>{40, 0x7e020000, 8, UINT64_MAX, 0x100000001, 0x5401}}) {
      Call with = call;
      with.arguments = arguments;
      for (auto& argument : with.arguments) {
        if (with.abi == Abi::kI386) argument &= UINT32_MAX;
      }
      calls.push_back(with);
    }
  }
  return calls;
}

// What was compared in all, for whoever reads the output.
struct Totals : ::testing::Environment {
  size_t containers = 0;
  size_t verdicts = 0;
  size_t refused = 0;
  void TearDown() override {
    std::cout << "installed: " << containers << " containers, " << verdicts << " verdicts; " << refused
              << " documents refused by us and by the runtime" << std::endl;
  }
};
Totals& totals = *static_cast<Totals*>(::testing::AddGlobalTestEnvironment(new Totals));

void ExpectSameVerdicts(const profile::Document& document, const profile::Target& target, pid_t pid,
                        Generator& generator) {
  const auto ours = Compile(document, target);
  ASSERT_TRUE(ours) << ours.error().message;
  ASSERT_EQ(ours->state, Compiled::State::kFiltered) << ours->why;
  const auto live = ReadLiveFilters(pid);
  ASSERT_TRUE(live) << live.error().message;
  ASSERT_EQ(live->programs.size(), 1u);
  size_t different = 0;
  ++totals.containers;
  for (const auto& call : CallsFor(document, target, generator)) {
    ++totals.verdicts;
    const Verdict installed = EvaluateStacked(live->programs, call);
    const Verdict simulated = Evaluate(ours->program, call);
    if (installed.action == simulated.action && installed.data == simulated.data) continue;
    if (++different > 5) break;
    ADD_FAILURE() << CallText(call) << " installed " << profile::VerdictText(installed.action, installed.data)
                  << ", simulated " << profile::VerdictText(simulated.action, simulated.data) << " for "
                  << target.Text();
  }
  if (different > 0) ADD_FAILURE() << profile::Write(document);
}

// Calls that runc, crun and busybox need to start, so that a random profile around them lets a container run.
profile::Document WithEssentials(profile::Document document) {
  profile::Rule rule;
  rule.names = {"access",
                "arch_prctl",
                "brk",
                "capget",
                "capset",
                "chdir",
                "clock_nanosleep",
                "close",
                "dup2",
                "epoll_ctl",
                "epoll_pwait",
                "execve",
                "exit_group",
                "faccessat2",
                "fchown",
                "fcntl",
                "fstat",
                "fstatfs",
                "futex",
                "getcwd",
                "getdents64",
                "getpid",
                "getppid",
                "getrandom",
                "gettid",
                "getuid",
                "ioctl",
                "madvise",
                "mmap",
                "mprotect",
                "munmap",
                "nanosleep",
                "newfstatat",
                "openat",
                "prctl",
                "prlimit64",
                "pselect6",
                "read",
                "readlink",
                "readlinkat",
                "rseq",
                "rt_sigaction",
                "rt_sigprocmask",
                "rt_sigreturn",
                "sched_yield",
                "set_robust_list",
                "set_tid_address",
                "setgid",
                "setgroups",
                "setresgid",
                "setresuid",
                "setuid",
                "sigaltstack",
                "statx",
                "tgkill",
                "uname",
                "write"};
  rule.action =
      document.default_action == profile::Action::kAllow ? profile::Action::kLog : profile::Action::kAllow;
  document.rules.insert(document.rules.begin(), rule);
  return document;
}

// What the container is started for by default.
profile::Target UsualDocker() {
  profile::Target usual;
  usual.capabilities = profile::DefaultCapabilities();
  return usual;
}

// Names the document's own file and the flag that gives it to docker.
std::string SecurityOption(const profile::Document& document, const Folder& folder) {
  const std::string path = folder.path() / "profile.json";
  EXPECT_TRUE(WriteFile(path, profile::Write(document)));
  return "seccomp=" + path;
}

class InstalledByDocker : public ::testing::Test {
 protected:
  void SetUp() override {
    static const std::string why_not = testing::WhyNoDocker();
    if (!why_not.empty()) GTEST_SKIP() << why_not;
  }

  // What the container was started for, by what its engine says.
  static profile::Target TargetOf(const Container& container) {
    const auto info = container::Engines::Find(container::EngineKind::kDocker).Get(container.name());
    EXPECT_TRUE(info) << info.error().message;
    const auto target = container::TargetOfContainer(*info);
    EXPECT_TRUE(target) << target.error().message;
    return target->target;
  }
};

TEST_F(InstalledByDocker, RandomAllowListsWithConditions) {
  Generator generator(41);
  for (int round = 0; round < 4; ++round) {
    const auto document = WithEssentials(generator.Document(Language::kGenerated));
    const Folder folder;
    const auto container = Container::StartDocker({"--security-opt", SecurityOption(document, folder)});
    ASSERT_TRUE(container) << container.error().message;
    ExpectSameVerdicts(document, TargetOf(*container), container->pid(), generator);
  }
}

TEST_F(InstalledByDocker, RandomProfilesWithEveryAction) {
  Generator generator(42);
  for (int round = 0, compared = 0; compared < 4 && round < 40; ++round) {
    const auto document = WithEssentials(generator.Document(Language::kReliable));
    const Folder folder;
    const auto container = Container::StartDocker({"--security-opt", SecurityOption(document, folder)});
    const auto compiled = Compile(document, UsualDocker());
    ASSERT_TRUE(compiled);
    if (compiled->state == Compiled::State::kRefused) {
      ++totals.refused;
      EXPECT_FALSE(container) << "docker took what we say it refuses: " << compiled->why;
      continue;
    }
    ASSERT_TRUE(container) << container.error().message << "\n" << profile::Write(document);
    ExpectSameVerdicts(document, TargetOf(*container), container->pid(), generator);
    ++compared;
  }
}

TEST_F(InstalledByDocker, DockersOwnDefaultWithDifferentCapabilities) {
  Generator generator(43);
  const auto document = profile::ReadProfile("docker-default");
  ASSERT_TRUE(document);
  const std::vector<std::vector<std::string>> variants = {
      {},
      {"--cap-add", "SYS_ADMIN"},
      {"--cap-drop", "ALL"},
      {"--cap-add", "SYS_PTRACE", "--cap-add", "SYS_TIME", "--cap-drop", "SYS_CHROOT"},
      {"--security-opt", "no-new-privileges"},
  };
  for (const auto& options : variants) {
    const auto container = Container::StartDocker(options);
    ASSERT_TRUE(container) << container.error().message;
    ExpectSameVerdicts(*document, TargetOf(*container), container->pid(), generator);
  }
}

// The catalogue, our small profiles, and those of a folder that the environment names.
std::vector<std::string> Corpus() {
  std::vector<std::string> files = {"docker-default", "podman-default"};
  std::vector<std::string> folders = {WHITTLE_SOURCE_DIR "/tests/cases/profiles"};
  if (const char* more = std::getenv("WHITTLE_ORACLE_CORPUS")) folders.emplace_back(more);
  for (const auto& folder : folders) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".json") files.push_back(entry.path());
    }
  }
  return files;
}

// The profile, with what a container needs to start if it has not got that.
profile::Document Startable(const std::string& name) {
  const auto document = profile::ReadProfile(name, profile::Reading::kAsRuntimes);
  EXPECT_TRUE(document) << document.error().message;
  const bool lets_pass = document->default_action == profile::Action::kAllow;
  const bool starts = std::ranges::any_of(document->rules, [](const profile::Rule& rule) {
    return rule.legacy_name == "execve" || std::ranges::find(rule.names, "execve") != rule.names.end();
  });
  return lets_pass || starts ? *document : WithEssentials(*document);
}

TEST_F(InstalledByDocker, TheCorpus) {
  Generator generator(47);
  for (const auto& name : Corpus()) {
    const auto document = Startable(name);
    const bool refused = Compile(document, UsualDocker())->state == Compiled::State::kRefused;
    for (const std::vector<std::string>& options : {std::vector<std::string>{}, {"--cap-add", "SYS_ADMIN"}}) {
      const Folder folder;
      std::vector<std::string> with = {"--security-opt", SecurityOption(document, folder)};
      with.insert(with.end(), options.begin(), options.end());
      const auto container = Container::StartDocker(with);
      totals.refused += refused ? 1 : 0;
      EXPECT_EQ(container.has_value(), !refused)
          << name << (container ? "" : ": " + container.error().message);
      if (container) ExpectSameVerdicts(document, TargetOf(*container), container->pid(), generator);
    }
  }
}

// Documents that this docker and runc do not take; compared with what we say of them.
TEST_F(InstalledByDocker, WhatWeSayIsRefusedIsRefused) {
  const std::vector<std::string> documents = {
      R"({"syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ALLOW"}]})",
      R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"name": "mkdir", "names": ["rmdir"], "action": "SCMP_ACT_ERRNO"}]})",
      R"({"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
          "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": []}], "syscalls": []})",
      R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 4095}]})",
      R"({"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_S390X"], "syscalls": []})",
      R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": [""], "action": "SCMP_ACT_ERRNO"}]})",
      R"({"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/run/none.sock",
          "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]})",
      R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
          {"names": ["alarm"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "value": 3, "op": "SCMP_CMP_EQ"}]},
          {"names": ["alarm"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "value": 3, "op": "SCMP_CMP_EQ"}]}]})",
  };
  for (const auto& text : documents) {
    const auto document = profile::Read(text, "refused.json", profile::Reading::kAsRuntimes);
    ASSERT_TRUE(document) << document.error().message;
    const auto compiled = Compile(*document, profile::Target{});
    ASSERT_TRUE(compiled);
    EXPECT_EQ(compiled->state, Compiled::State::kRefused) << text;
    const Folder folder;
    ASSERT_TRUE(WriteFile(folder.path() / "p.json", text));
    const auto container =
        Container::StartDocker({"--security-opt", "seccomp=" + (folder.path() / "p.json").string()});
    ++totals.refused;
    EXPECT_FALSE(container) << "docker took it: " << text;
  }
}

TEST_F(InstalledByDocker, AnEmptyDocumentIsNoFilter) {
  for (const std::string text : {"{}", R"({"kind": "Pod", "spec": {"defaultAction": "SCMP_ACT_ERRNO"}})"}) {
    const auto document = profile::Read(text, "empty.json", profile::Reading::kAsRuntimes);
    ASSERT_TRUE(document) << document.error().message;
    EXPECT_EQ(Compile(*document, profile::Target{})->state, Compiled::State::kUnconfined) << text;
    const Folder folder;
    ASSERT_TRUE(WriteFile(folder.path() / "p.json", text));
    const auto container =
        Container::StartDocker({"--security-opt", "seccomp=" + (folder.path() / "p.json").string()});
    ASSERT_TRUE(container) << container.error().message;
    const auto live = ReadLiveFilters(container->pid());
    ASSERT_TRUE(live) << live.error().message;
    EXPECT_TRUE(live->programs.empty());
  }
}

TEST_F(InstalledByDocker, MembersThatThisDockerIgnoresChangeNothing) {
  profile::Document document;
  document.default_errno_return = 77;
  document.flags = {"SECCOMP_FILTER_FLAG_LOG"};
  document = WithEssentials(document);
  const Folder folder;
  const auto container = Container::StartDocker({"--security-opt", SecurityOption(document, folder)});
  ASSERT_TRUE(container) << container.error().message;
  Generator generator(45);
  ExpectSameVerdicts(document, TargetOf(*container), container->pid(), generator);
}

TEST_F(InstalledByDocker, UnconfinedContainersHaveNoFilter) {
  const auto container = Container::StartDocker({"--security-opt", "seccomp=unconfined"});
  ASSERT_TRUE(container) << container.error().message;
  const auto live = ReadLiveFilters(container->pid());
  ASSERT_TRUE(live) << live.error().message;
  EXPECT_TRUE(live->programs.empty());
}

// crun 1.8.1 under a plain OCI loader.
profile::Target PlainCrun() {
  profile::Target target;
  target.loader = profile::Loader::kOci;
  target.runtime = profile::Runtime::kCrun;
  target.runtime_version = {1, 8, 1};
  return target;
}

TEST(InstalledByCrun, TheSeventhConditionIsLost) {
  const std::string why_not = testing::WhyNoCrun();
  if (!why_not.empty()) GTEST_SKIP() << why_not;
  profile::Document document;
  document.default_action = profile::Action::kAllow;
  document.rules.emplace_back().names = {"personality"};
  document.rules.back().action = profile::Action::kErrno;
  for (uint64_t value = 1; value <= 8; ++value) {
    document.rules.back().conditions.push_back({0, profile::Operator::kEqual, value, 0});
  }
  const Folder folder;
  const auto container = Container::StartCrun(document, folder);
  ASSERT_TRUE(container) << container.error().message;
  const auto target = PlainCrun();
  Generator generator(46);
  ExpectSameVerdicts(document, target, container->pid(), generator);
}

TEST(InstalledByCrun, TheCorpusReadAsPlainOci) {
  const std::string why_not = testing::WhyNoCrun();
  if (!why_not.empty()) GTEST_SKIP() << why_not;
  Generator generator(48);
  for (const auto& name : Corpus()) {
    const auto document = Startable(name);
    const auto compiled = Compile(document, PlainCrun());
    ASSERT_TRUE(compiled) << compiled.error().message;
    const bool refused = compiled->state == Compiled::State::kRefused;
    const Folder folder;
    const auto container = Container::StartCrun(document, folder);
    totals.refused += refused ? 1 : 0;
    EXPECT_EQ(container.has_value(), !refused)
        << name << ": " << (container ? compiled->why : container.error().message);
    if (container) ExpectSameVerdicts(document, PlainCrun(), container->pid(), generator);
  }
}

TEST(InstalledByCrun, RandomProfilesReadAsPlainOci) {
  const std::string why_not = testing::WhyNoCrun();
  if (!why_not.empty()) GTEST_SKIP() << why_not;
  const auto target = PlainCrun();
  Generator generator(44);
  for (int round = 0, compared = 0; compared < 4 && round < 40; ++round) {
    const auto document =
        WithEssentials(generator.Document(round % 2 == 0 ? Language::kGenerated : Language::kReliable));
    const Folder folder;
    const auto container = Container::StartCrun(document, folder);
    const auto compiled = Compile(document, target);
    ASSERT_TRUE(compiled);
    if (compiled->state == Compiled::State::kRefused) {
      ++totals.refused;
      EXPECT_FALSE(container) << "crun took what we say it refuses: " << compiled->why;
      continue;
    }
    ASSERT_TRUE(container) << container.error().message << "\n" << profile::Write(document);
    ExpectSameVerdicts(document, target, container->pid(), generator);
    ++compared;
  }
}

}  // namespace
}  // namespace whittle::filter

// The running kernel as the third opinion: a child loads the filter of a random document and makes calls;
// what comes of each is what the document means.
//
// Every call may be made, with any arguments, since a guard lies below the filter under test: a filter of our
// own that answers every call with an errno that no document has. Of stacked filters the strictest decides,
// among equals the one loaded last, so the guard's errno says: the filter under test let the call pass.
// Whether it let it pass as it should (ALLOW and LOG, or TRACE and NOTIFY, which nobody answers) is tried
// without the guard, with calls that do nothing.
//   WHITTLE_KERNEL_CASES  how many calls at least (2,000)
#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <iostream>

#include "../oracle/near_calls.h"
#include "../oracle/oracle.h"
#include "../oracle/random_case.h"
#include "../oracle/run_checks.h"
#include "filter/call_text.h"
#include "filter/compile.h"
#include "kernel_call.h"
#include "syscalls/table.h"

namespace whittle::filter {
namespace {

using oracle::Answer;
using oracle::Case;
using profile::Action;
using testing::MakeCall;
using testing::Shared;
using testing::StatusOf;

constexpr uint16_t kGuarded = 3999;
constexpr int kFromSeccomp = 1;  // si_code of SIGSYS, SYS_SECCOMP in linux/signal.h

// exit_group passes, so that a child can end, and seccomp, so that it can load the filter under test: these
// two are not tried.
const Program kGuard = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 4},
                        {BPF_JMP | BPF_JEQ | BPF_K, 0, 4, 0xc000003e},
                        {BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
                        {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, SYS_exit_group},
                        {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_seccomp},
                        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
                        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | kGuarded}};

bool IsNotTried(const Call& call) {
  if (call.abi == Abi::kI386) return false;
  // The kernel itself plants uretprobe and uprobe into programs, and asks no filter about them
  // (kernel/seccomp.c).
  const std::array<uint32_t, 4> numbers = {SYS_exit_group, SYS_seccomp, 335, 336};
  return std::ranges::find(numbers, call.number) != numbers.end();
}

// Calls that do nothing, whatever their arguments are.
const std::vector<std::string> kHarmless = {"getpid",  "getppid", "getuid",  "geteuid",    "getgid",
                                            "getegid", "gettid",  "getpgrp", "sched_yield"};

// What a call came to: its result, or a signal.
struct Outcome {
  long result;
  bool trapped;  // SIGSYS arrived and said the call's number and architecture
  bool made;
};

// Between two calls that are tried nothing may make a call of its own. A sanitizer's run time does so before
// every function that does not return (it asks for the signal stack), and in siglongjmp(): so what leaves a
// call is not instrumented, and jumps by what the compiler itself has for it.
#define WITHOUT_RUN_TIME __attribute__((no_sanitize("address", "undefined")))

void* after_trap[5];
const Call* trapped_call = nullptr;
Outcome* trapped_outcome = nullptr;

// Leaves by a jump: returning would be a call.
WITHOUT_RUN_TIME void OnTrap(int, siginfo_t* info, void*) {
  if (trapped_call == nullptr) __builtin_trap();  // the child's own exit: it ends here
  const bool told = info->si_code == kFromSeccomp &&
                    static_cast<uint32_t>(info->si_syscall) == trapped_call->number &&
                    info->si_arch == AuditArch(trapped_call->abi);
  trapped_outcome->trapped = told;
  __builtin_longjmp(after_trap, 1);
}

void CatchTraps() {
  struct sigaction action{};
  action.sa_sigaction = OnTrap;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigaction(SIGSYS, &action, nullptr);
}

WITHOUT_RUN_TIME void Try(const Call& call, Outcome& outcome) {
  trapped_call = &call;
  trapped_outcome = &outcome;
  if (__builtin_setjmp(after_trap) == 0) outcome.result = MakeCall(call);
  outcome.made = true;
}

bool Kills(Action action) { return action == Action::kKillProcess || action == Action::kKillThread; }
bool Passes(Action action) { return action == Action::kAllow || action == Action::kLog; }

enum class Guard { kBelow, kNone };

// Unlike Load() it takes no memory, which a sanitizer's allocator now and then asks the kernel for: the guard
// refuses that, too.
bool LoadAtOnce(const Program& program) {
  const sock_fprog loaded{static_cast<unsigned short>(program.size()),
                          const_cast<sock_filter*>(program.data())};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &loaded) == 0;
}

class KernelCalls : public ::testing::Test {
 protected:
  // Makes all calls in one child. `outcomes` has one for each.
  static int RunAll(const Program& program, const std::vector<Call>& calls, Guard guard, Outcome* outcomes) {
    return StatusOf([&] {
      CatchTraps();
      if (guard == Guard::kBelow && !LoadAtOnce(kGuard)) _exit(9);
      if (!LoadAtOnce(program)) _exit(9);
      for (size_t i = 0; i < calls.size(); ++i) Try(calls[i], outcomes[i]);
      trapped_call = nullptr;
    });
  }

  static std::string Told(const Call& call, const Answer& meant, const Outcome& outcome) {
    return CallText(call) + ": meant " + VerdictText(meant.action, meant.data) + ", the kernel gave " +
           (outcome.made ? std::to_string(outcome.result) : "nothing") +
           (outcome.trapped ? " and SIGSYS" : "");
  }

  static bool AsMeant(const Call& call, const Answer& meant, const Outcome& outcome, Guard guard) {
    if (!outcome.made || outcome.trapped != (meant.action == Action::kTrap)) return false;
    if (meant.action == Action::kTrap) return true;
    if (meant.action == Action::kErrno) return outcome.result == -static_cast<long>(meant.data);
    if (guard == Guard::kBelow) return outcome.result == -kGuarded;
    if (!Passes(meant.action)) return outcome.result == -ENOSYS;
    // x32 may be switched off: then a call that passes does not exist.
    return outcome.result >= 0 || (call.abi == Abi::kX32 && outcome.result == -ENOSYS);
  }

  // Each of these ends its child.
  static std::string FirstNotKilled(const Program& program, const std::vector<Call>& calls) {
    for (const auto& call : calls) {
      const Shared<Outcome> outcome(1);
      const int status = RunAll(program, {call}, Guard::kBelow, outcome.data());
      if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS || outcome.data()->made) {
        return CallText(call) + ": meant to be killed, status " + std::to_string(status);
      }
    }
    return "";
  }
};

// i386 registers hold 32 bits; a call of another architecture cannot be made here.
std::vector<Call> Possible(std::vector<Call> calls) {
  std::erase_if(calls, [](const Call& call) {
    return IsNotTried(call) || (call.abi != Abi::kX86_64 && call.abi != Abi::kI386 && call.abi != Abi::kX32);
  });
  for (auto& call : calls) {
    if (call.abi == Abi::kI386) {
      for (auto& argument : call.arguments) argument &= UINT32_MAX;
    } else {
      call.abi = (call.number & kX32Bit) != 0 ? Abi::kX32 : Abi::kX86_64;
    }
  }
  return calls;
}

struct Counts {
  std::array<uint64_t, 8> by_action{};
  uint64_t cases = 0;
  void Add(const Answer& meant) {
    ++cases;
    ++by_action[static_cast<size_t>(meant.action)];
  }
};

void Print(const Counts& counts) {
  std::cout << "kernel: " << counts.cases << " calls agree:";
  for (size_t action = 0; action < counts.by_action.size(); ++action) {
    std::cout << ' ' << VerdictText(static_cast<Action>(action), 0) << ' ' << counts.by_action[action];
  }
  std::cout << std::endl;
}

class KernelAnswers : public KernelCalls {
 protected:
  // The first difference between what the document means and what the kernel did; empty if there is none.
  std::string Difference(const Case& made, const std::vector<Call>& calls, Guard guard) {
    oracle::Meaning meaning(made.document, made.target);
    const auto compiled = Compile(made.document, made.target);
    if (!compiled) return compiled.error().message;
    if (meaning.state() != oracle::State::kFiltered) return "";
    std::vector<Call> survived;
    std::vector<Call> killed;
    for (const auto& call : calls) {
      if (!Kills(meaning.Ask(call).action)) {
        survived.push_back(call);
      } else if (killed.size() < 4) {
        killed.push_back(call);
      }
    }
    const Shared<Outcome> outcomes(survived.size() + 1);
    RunAll(compiled->program, survived, guard, outcomes.data());
    for (size_t i = 0; i < survived.size(); ++i) {
      const Answer meant = meaning.Ask(survived[i]);
      counts_.Add(meant);
      if (!AsMeant(survived[i], meant, outcomes.data()[i], guard)) {
        return Told(survived[i], meant, outcomes.data()[i]);
      }
    }
    for (const auto& call : killed) counts_.Add(meaning.Ask(call));
    return FirstNotKilled(compiled->program, killed);
  }

  Counts counts_;
};

TEST_F(KernelAnswers, AnyCallAsTheDocumentMeans) {
  const uint64_t wanted = oracle::FromEnvironment("WHITTLE_KERNEL_CASES", 2000);
  for (uint64_t seed = 1; counts_.cases < wanted; ++seed) {
    ASSERT_TRUE(oracle::CheckMany(10, seed, [&] {
      const auto made = *oracle::AnyCase(Abi::kX86_64);
      const auto calls = Possible(oracle::CallsNear(made.document, made.target, {}, made.seed, 40));
      const std::string difference = Difference(made, calls, Guard::kBelow);
      if (!difference.empty()) RC_FAIL(difference);
    }));
  }
  Print(counts_);
}

// The same rules for calls that do nothing, so that they may pass.
Case Harmless(Case made) {
  for (auto& rule : made.document.rules) {
    for (auto& name : rule.names) name = kHarmless[std::hash<std::string>()(name) % kHarmless.size()];
    if (!rule.legacy_name.empty()) rule.legacy_name = "getppid";
  }
  return made;
}

std::vector<Call> HarmlessOnly(const std::vector<Call>& calls) {
  std::vector<Call> harmless;
  for (auto call : calls) {
    const auto name = kHarmless[(call.number ^ call.arguments[0]) % kHarmless.size()];
    if (const auto number = SyscallNumber(call.abi, name)) {
      call.number = *number;
      harmless.push_back(call);
    }
  }
  return harmless;
}

TEST_F(KernelAnswers, CallsThatMayPassAsTheDocumentMeans) {
  const uint64_t wanted = oracle::FromEnvironment("WHITTLE_KERNEL_CASES", 2000);
  for (uint64_t seed = 1; counts_.cases < wanted; ++seed) {
    ASSERT_TRUE(oracle::CheckMany(10, seed, [&] {
      const auto made = Harmless(*oracle::AnyCase(Abi::kX86_64));
      const auto calls =
          HarmlessOnly(Possible(oracle::CallsNear(made.document, made.target, {}, made.seed, 40)));
      const std::string difference = Difference(made, calls, Guard::kNone);
      if (!difference.empty()) RC_FAIL(difference);
    }));
  }
  Print(counts_);
}

}  // namespace
}  // namespace whittle::filter

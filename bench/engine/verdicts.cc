// Verdicts in user space on Docker's default, on one core. The mix, shuffled: 85 % calls that are allowed
// whatever their arguments, 8 % clone and personality with arguments that are allowed or refused, 7 % refused
// ones; nine of ten of x86-64, the rest of i386 and x32. Goal: 30 million a second.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "clock.h"
#include "docker_default.h"
#include "filter/compile.h"
#include "filter/evaluator.h"
#include "part.h"
#include "rounds.h"
#include "syscalls/table.h"

namespace whittle::bench {
namespace {

using filter::Call;

constexpr double kGoalNs = 1e9 / 30e6;
constexpr size_t kCalls = 1 << 14;  // a megabyte: more than the nearest cache

const std::vector<std::string_view> kAllowed = {"read",   "write",         "openat", "close",  "futex",
                                                "mmap",   "epoll_wait",    "poll",   "sendto", "recvfrom",
                                                "fcntl",  "clock_gettime", "fstat",  "writev", "getpid",
                                                "munmap", "ioctl",         "brk",    "accept4"};
const std::vector<std::string_view> kRefused = {"mount", "bpf", "init_module", "keyctl", "unshare", "ptrace"};

class Mix {
 public:
  std::vector<Call> Make() {
    std::vector<Call> calls;
    while (calls.size() < kCalls) {
      const Abi abi = AnyAbi();
      const auto [name, first] = AnyCall();
      const auto number = SyscallNumber(abi, name);
      if (!number) continue;
      Call call{abi, *number, {}, random_()};
      for (auto& argument : call.arguments) argument = random_() & UINT32_MAX;
      call.arguments[0] = first;
      calls.push_back(call);
    }
    return calls;
  }

 private:
  uint64_t Below(uint64_t bound) { return random_() % bound; }
  template <typename T>
  const T& OneOf(const std::vector<T>& items) {
    return items[Below(items.size())];
  }
  Abi AnyAbi() {
    const uint64_t in_hundred = Below(100);
    return in_hundred < 90 ? Abi::kX86_64 : in_hundred < 97 ? Abi::kI386 : Abi::kX32;
  }
  std::pair<std::string_view, uint64_t> AnyCall() {
    const uint64_t in_hundred = Below(100);
    if (in_hundred < 85) return {OneOf(kAllowed), Below(16)};
    if (in_hundred < 93) {
      // A thread, a process, a new user namespace; what is asked, what is refused.
      if (Below(2) == 0) return {"clone", OneOf<uint64_t>({0x3d0f00, 0x1200011, 0x10000011})};
      return {"personality", OneOf<uint64_t>({0xffffffff, 0x20000, 0, 0x40000})};
    }
    return {OneOf(kRefused), Below(16)};
  }

  std::mt19937_64 random_{20261128};
};

// ns a verdict, by the thread's clock.
template <typename Ask>
double Time(const std::vector<Call>& calls, size_t times, Ask ask) {
  uint64_t sum = 0;
  const double begin = Now(Clock::kThread);
  for (size_t i = 0; i < times; ++i) {
    for (const auto& call : calls) {
      const filter::Verdict verdict = ask(call);
      sum += static_cast<uint64_t>(verdict.action) + verdict.data + verdict.steps;
    }
  }
  const double time = Now(Clock::kThread) - begin;
  __asm__ volatile("" : : "r"(sum));
  return time / static_cast<double>(times * calls.size());
}

Interval InNs(std::vector<double> times) {
  std::vector<double> one(times.size(), 1);
  return PairedRatio(times, one);
}

}  // namespace

Result<bool> BenchVerdicts(const Settings& settings) {
  PinToLastCpu();
  const auto docker = TRY(ReadDockerDefault());
  const auto program = TRY(filter::Compile(docker.document, docker.target)).program;
  const filter::Evaluator evaluator(std::span(&program, 1));
  const auto calls = Mix().Make();
  for (const auto& call : calls) {
    const auto a = evaluator.Of(call);
    const auto b = filter::Evaluate(program, call);
    if (a.action != b.action || a.data != b.data || a.steps != b.steps)
      return Fail(ErrorCode::kInternal, "the evaluator and the machine disagree");
  }
  const auto repeat = static_cast<size_t>(std::lround(std::ceil(8 * settings.scale)));
  const Times times = MeasureRounds(
      {
          {"evaluator",
           [&]() -> Result<double> {
             return Time(calls, repeat, [&](const Call& call) { return evaluator.Of(call); });
           }},
          {"step by step",
           [&]() -> Result<double> {
             return Time(calls, repeat, [&](const Call& call) { return filter::Evaluate(program, call); });
           }},
      },
      settings.rounds);
  std::vector<Row> rows;
  for (const auto& [name, values] : times) {
    const Interval ns = InNs(values);
    // The ratio is to the time that the goal leaves for a verdict.
    const bool ours = name == "evaluator";
    rows.push_back({name, ns.median, Interval{ns.median / kGoalNs, ns.low / kGoalNs, ns.high / kGoalNs},
                    ours ? std::optional(1.0) : std::nullopt,
                    fmt::format("{:.0f} million a second", 1e3 / ns.median)});
  }
  return Report(rows, "ns/verdict", settings.format);
}

}  // namespace whittle::bench

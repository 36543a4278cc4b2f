#include "arms.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "base/text.h"
#include "base/time.h"
#include "empty_programs.h"
#include "filter/live/load.h"
#include "record/recorder.h"

namespace whittle::bench {
namespace {

Result<double> None(Looper& looper, uint64_t calls) { return looper.Measure(calls); }

Result<double> Empty(Looper& looper, uint64_t calls, EmptyPrograms::Which which) {
  const auto attached = TRY(EmptyPrograms::Attach(which));
  return looper.Measure(calls);
}

// Somebody else to record while the looper is a bystander.
pid_t SomebodyElse() {
  static const Looper idle;
  return idle.pid();
}

Result<double> Recorded(Looper& looper, uint64_t calls, pid_t target, record::Denials denials) {
  record::Options options;
  options.denials = denials;
  auto recorder = TRY(record::Recorder::Create(std::move(options)));
  TRY(recorder->AddProcessTree(target));
  const double time = TRY(looper.Measure(calls));
  // What was measured must have been recorded, or it proves nothing.
  TRY(recorder->Stop());
  const auto evidence = recorder->Snapshot();
  bool seen = false;
  for (const auto& [subject, observations] : evidence.subjects) {
    for (const auto& [key, observation] : observations) seen |= key.number == 110;
  }
  if (seen != (target == looper.pid()))
    return Fail(ErrorCode::kInternal, "the loop was not recorded as it should be");
  return time;
}

// Runs this program under a tracer; it prints what it measured.
Result<double> UnderStrace(Looper&, uint64_t calls) {
  const std::string self = "/proc/self/exe";
  char path[4096];
  const ssize_t length = readlink(self.c_str(), path, sizeof(path));
  const auto result =
      TRY(RunProcess({"strace", "-f", "-o", "/dev/null", std::string(path, static_cast<size_t>(length)),
                      "--loop", std::to_string(calls / 40 + 500)}));
  const double time = std::atof(result.output.c_str());
  if (result.exit_code != 0 || time <= 0) return Fail(ErrorCode::kNotPossible, "strace does not run here");
  return time;
}

class Bpftrace {
 public:
  explicit Bpftrace(pid_t target) {
    int out[2];
    if (pipe(out) != 0) return;
    const std::string program = fmt::format(
        "tracepoint:raw_syscalls:sys_enter /pid == {}/ {{ @[args->id] = count(); }} "
        "BEGIN {{ printf(\"ready\\n\"); }}",
        target);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(out[1], STDOUT_FILENO);
      dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
      // It wants tracefs, which a host may not have mounted: in a mount namespace of its own.
      if (access("/sys/kernel/tracing/events", F_OK) != 0 && unshare(CLONE_NEWNS) == 0) {
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
        mount("none", "/sys/kernel/tracing", "tracefs", 0, nullptr);
      }
      execlp("bpftrace", "bpftrace", "-B", "line", "-e", program.c_str(), nullptr);
      _exit(127);
    }
    close(out[1]);
    out_ = out[0];
  }
  ~Bpftrace() {
    if (pid_ > 0) kill(pid_, SIGKILL);
    if (pid_ > 0) waitpid(pid_, nullptr, 0);
    close(out_);
  }
  bool WaitUntilReady() const {
    std::string text;
    char buffer[256];
    for (;;) {
      const ssize_t got = read(out_, buffer, sizeof(buffer));
      if (got <= 0) return false;
      text.append(buffer, static_cast<size_t>(got));
      if (text.find("ready") != std::string::npos) break;
    }
    usleep(300'000);  // BEGIN runs just before the other probes are attached
    return true;
  }

 private:
  pid_t pid_ = -1;
  int out_ = -1;
};

Result<double> UnderBpftrace(Looper& looper, uint64_t calls) {
  const Bpftrace bpftrace(looper.pid());
  if (!bpftrace.WaitUntilReady()) return Fail(ErrorCode::kNotPossible, "bpftrace does not run here");
  return looper.Measure(calls);
}

}  // namespace

Result<void> FilterTheLoop() {
  constexpr uint32_t kGetppid = 110;
  return filter::Load({{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
                       {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, kGetppid},
                       {BPF_LD | BPF_W | BPF_ABS, 0, 0, 16},
                       {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 12345},
                       {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | 1},
                       {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}},
                      filter::NoNewPrivs::kSet);
}

std::vector<Arm> Arms() {
  using record::Denials;
  return {
      {"none", "no tracer at all", 0, None},
      {"empty", "an empty tp_btf/sys_enter program", 0,
       [](Looper& looper, uint64_t calls) { return Empty(looper, calls, {.typed = true}); }},
      {"empty-raw", "an empty raw_tp/sys_enter program", 0,
       [](Looper& looper, uint64_t calls) { return Empty(looper, calls, {.raw = true}); }},
      {"empty-both", "empty tp_btf programs at sys_enter and sys_exit", 0,
       [](Looper& looper, uint64_t calls) { return Empty(looper, calls, {.typed = true, .exit = true}); }},
      {"target", "whittle's recorder, on a process that it records", 1.07,
       [](Looper& looper, uint64_t calls) {
         return Recorded(looper, calls, looper.pid(), Denials::kIgnore);
       }},
      {"bystander", "whittle's recorder, on any other process", 1.03,
       [](Looper& looper, uint64_t calls) {
         return Recorded(looper, calls, SomebodyElse(), Denials::kIgnore);
       }},
      {"denials", "the watch for refused calls, on a process that it records, to both empty programs", 1.05,
       [](Looper& looper, uint64_t calls) { return Recorded(looper, calls, looper.pid(), Denials::kWatch); },
       "empty-both"},
      {"denials-bystander", "the same, on any other process", 1.05,
       [](Looper& looper, uint64_t calls) {
         return Recorded(looper, calls, SomebodyElse(), Denials::kWatch);
       },
       "empty-both"},
      {"filtered-both", "empty-both, on a call that a filter decides by an argument", 0,
       [](Looper& looper, uint64_t calls) { return Empty(looper, calls, {.typed = true, .exit = true}); },
       "empty", Arm::Loop::kFiltered},
      {"denials-filtered", "the watch for refused calls, on such a call", 1.05,
       [](Looper& looper, uint64_t calls) { return Recorded(looper, calls, looper.pid(), Denials::kWatch); },
       "filtered-both", Arm::Loop::kFiltered},
      {"bpftrace", "bpftrace counting calls by number", 0, UnderBpftrace},
      {"strace", "strace -f", 0, UnderStrace},
  };
}

}  // namespace whittle::bench

#include "filter/live/read.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <memory>

#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "filters.skel.h"

namespace whittle::filter {
namespace {

constexpr int kMaxFilters = 64;  // as in filters.bpf.c; a process can have about 2,000 tiny ones
constexpr int kCountOnly = -1;

std::unexpected<Error> NotPossible(const std::string& what, int error) {
  const char* hint =
      error == EPERM || error == EACCES ? " (reading filters needs root or CAP_BPF and CAP_PERFMON)" : "";
  return Fail(ErrorCode::kNotPossible, fmt::format("{}: {}{}", what, std::strerror(error), hint));
}

// The state letter of /proc/PID/task/TID/stat, behind the name in parentheses.
char StateOf(const std::string& task_folder) {
  const auto stat = ReadKernelFile(task_folder + "/stat");
  if (!stat) return 0;
  const size_t name_end = stat->rfind(')');
  return name_end != std::string::npos && name_end + 2 < stat->size() ? (*stat)[name_end + 2] : '\0';
}

// A leader that has ended while others run keeps no filter: they speak for the process.
Result<pid_t> LiveThread(pid_t pid) {
  const std::string folder = fmt::format("/proc/{}/task", pid);
  const char own_state = StateOf(fmt::format("{}/{}", folder, pid));
  if (own_state == 0) return Fail(ErrorCode::kBadInput, fmt::format("there is no process {}", pid));
  if (own_state != 'Z' && own_state != 'X') return pid;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const char state = StateOf(entry.path().string());
    if (state == 0 || state == 'Z' || state == 'X') continue;
    if (const auto tid = ParseUnsigned(entry.path().filename().string())) return static_cast<pid_t>(*tid);
  }
  return Fail(ErrorCode::kBadInput,
              fmt::format("process {} has ended and waits for its parent: it has no filter", pid));
}

int Quiet(libbpf_print_level, const char*, va_list) { return 0; }

struct Destroy {
  void operator()(filters* skeleton) const { filters__destroy(skeleton); }
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};

class Reader {
 public:
  static Result<Reader> Create(pid_t tid) {
    libbpf_set_print(Quiet);
    Reader reader;
    reader.tid_ = tid;
    reader.skeleton_.reset(filters__open_and_load());
    if (!reader.skeleton_) return NotPossible("the program that reads filters cannot be loaded", errno);
    bpf_iter_link_info info{};
    info.task.tid = static_cast<__u32>(tid);
    bpf_iter_attach_opts options{};
    options.sz = sizeof options;
    options.link_info = &info;
    options.link_info_len = sizeof info;
    const bpf_program* program = reader.skeleton_->progs.read_filter;
    reader.link_.reset(bpf_program__attach_iter(program, &options));
    // Kernels before 6.1 cannot be asked for one task: then all are walked, which the program allows for.
    if (!reader.link_) reader.link_.reset(bpf_program__attach_iter(program, nullptr));
    if (!reader.link_) return NotPossible("the task iterator cannot be attached", errno);
    return reader;
  }

  Result<LiveFilters> Run() {
    LiveFilters live{tid_, {}};
    const int count = TRY(Ask(kCountOnly));
    if (count > kMaxFilters) {
      return Fail(ErrorCode::kNotPossible,
                  fmt::format("thread {} has more than {} filters", tid_, kMaxFilters));
    }
    // One that is added meanwhile is newer than all that were counted, and read as well.
    for (int filter = 0; filter < state().filter_count; ++filter) {
      TRY(Ask(filter));
      live.programs.push_back(TRY(Copy()));
    }
    return live;
  }

 private:
  filters::filters__bss& state() { return *skeleton_->bss; }

  // Runs the iterator; the number of filters that the thread has now.
  Result<int> Ask(int filter) {
    state().wanted_tid = tid_;
    state().wanted_filter = filter;
    state().found = 0;
    state().copy_error = 0;
    state().instruction_count = 0;
    const Fd iterator(bpf_iter_create(bpf_link__fd(link_.get())));
    if (!iterator.valid()) return NotPossible("the task iterator cannot be started", errno);
    char nothing[64];
    ssize_t got = 0;
    while ((got = ::read(iterator.get(), nothing, sizeof nothing)) > 0 || (got < 0 && errno == EINTR))
      continue;
    if (got < 0) return NotPossible("the task iterator failed", errno);
    if (state().found == 0)
      return Fail(
          ErrorCode::kBadInput,
          fmt::format("thread {} was not found: it has ended, or it is no thread that can be seen from here",
                      tid_));
    return state().filter_count;
  }

  Result<Program> Copy() {
    if (state().copy_error != 0) {
      return NotPossible("a filter cannot be read (the kernel keeps it only with CONFIG_CHECKPOINT_RESTORE)",
                         -state().copy_error);
    }
    const auto* first = reinterpret_cast<const sock_filter*>(state().instructions);
    Program program(first, first + std::min<int>(state().instruction_count, kMaxInstructions));
    TRY(Validate(program));
    return program;
  }

  pid_t tid_ = 0;
  std::unique_ptr<filters, Destroy> skeleton_;
  std::unique_ptr<bpf_link, Destroy> link_;
};

}  // namespace

Result<LiveFilters> ReadLiveFilters(pid_t pid) {
  if (pid <= 0) return Fail(ErrorCode::kBadInput, fmt::format("{} is no process id", pid));
  const pid_t tid = TRY(LiveThread(pid));
  auto reader = TRY(Reader::Create(tid));
  return reader.Run();
}

}  // namespace whittle::filter

#include "filter/live/read.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>

#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "filters.h"
#include "filters.skel.h"

namespace whittle::filter {
namespace {

constexpr int kCountOnly = -1;

std::unexpected<Error> NotPossible(const std::string& what, int error) {
  const char* hint =
      error == EPERM || error == EACCES ? " (reading filters needs root or CAP_BPF and CAP_PERFMON)" : "";
  return Fail(ErrorCode::kNotPossible, fmt::format("{}: {}{}", what, std::strerror(error), hint));
}

std::unexpected<Error> NoSuchThread(pid_t tid) {
  return Fail(
      ErrorCode::kBadInput,
      fmt::format("thread {} was not found: it has ended, or it is no thread that can be seen from here",
                  tid));
}

// The state letter of /proc/PID/task/TID/stat, behind the name in parentheses.
char StateOf(const std::string& task_folder) {
  const auto stat = ReadKernelFile(task_folder + "/stat");
  if (!stat) return 0;
  const size_t name_end = stat->rfind(')');
  return name_end != std::string::npos && name_end + 2 < stat->size() ? (*stat)[name_end + 2] : '\0';
}

int Quiet(libbpf_print_level, const char*, va_list) { return 0; }

struct Destroy {
  void operator()(filters* skeleton) const { filters__destroy(skeleton); }
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};

// The loaded object, and one of its programs attached to the tasks that are asked about.
class Iterator {
 public:
  enum class Over { kOneThread, kThreadsOfProcess };

  static Result<Iterator> Create(Over over, pid_t id) {
    libbpf_set_print(Quiet);
    Iterator iterator;
    iterator.skeleton_.reset(filters__open_and_load());
    if (!iterator.skeleton_) return NotPossible("the program that reads filters cannot be loaded", errno);
    bpf_iter_link_info info{};
    (over == Over::kOneThread ? info.task.tid : info.task.pid) = static_cast<__u32>(id);
    bpf_iter_attach_opts options{};
    options.sz = sizeof options;
    options.link_info = &info;
    options.link_info_len = sizeof info;
    const auto& programs = iterator.skeleton_->progs;
    const bpf_program* program = over == Over::kOneThread ? programs.read_filter : programs.list_threads;
    iterator.link_.reset(bpf_program__attach_iter(program, &options));
    // Kernels before 6.1 cannot be asked for one task: then all are walked, which the programs allow for.
    if (!iterator.link_ && errno != ESRCH) iterator.link_.reset(bpf_program__attach_iter(program, nullptr));
    if (!iterator.link_ && errno == ESRCH) return NoSuchThread(id);
    if (!iterator.link_) return NotPossible("the task iterator cannot be attached", errno);
    return iterator;
  }

  filters::filters__bss& state() { return *skeleton_->bss; }

  // Runs it once; what it wrote.
  Result<std::string> Run() {
    const Fd iterator(bpf_iter_create(bpf_link__fd(link_.get())));
    if (!iterator.valid()) return NotPossible("the task iterator cannot be started", errno);
    std::string written;
    char piece[4096];
    ssize_t got = 0;
    while ((got = ::read(iterator.get(), piece, sizeof piece)) > 0 || (got < 0 && errno == EINTR)) {
      if (got > 0) written.append(piece, static_cast<size_t>(got));
    }
    if (got < 0) return NotPossible("the task iterator failed", errno);
    return written;
  }

 private:
  std::unique_ptr<filters, Destroy> skeleton_;
  std::unique_ptr<bpf_link, Destroy> link_;
};

class Reader {
 public:
  static Result<Reader> Create(pid_t tid) {
    return Reader(tid, TRY(Iterator::Create(Iterator::Over::kOneThread, tid)));
  }

  Result<LiveFilters> Run() {
    LiveFilters live{tid_, {}};
    const int count = TRY(Ask(kCountOnly));
    if (count > MAX_FILTERS) {
      return Fail(ErrorCode::kNotPossible,
                  fmt::format("thread {} has more than {} filters", tid_, MAX_FILTERS));
    }
    // One that is added meanwhile is newer than all that were counted, and read as well.
    for (int filter = 0; filter < iterator_.state().filter_count; ++filter) {
      TRY(Ask(filter));
      live.programs.push_back(TRY(Copy()));
    }
    return live;
  }

 private:
  Reader(pid_t tid, Iterator iterator) : tid_(tid), iterator_(std::move(iterator)) {}

  // The number of filters that the thread has now.
  Result<int> Ask(int filter) {
    auto& state = iterator_.state();
    state.wanted_tid = tid_;
    state.wanted_filter = filter;
    state.found = 0;
    state.copy_error = 0;
    state.instruction_count = 0;
    TRY(iterator_.Run());
    if (state.found == 0) return NoSuchThread(tid_);
    return state.filter_count;
  }

  Result<Program> Copy() {
    const auto& state = iterator_.state();
    if (state.copy_error != 0) {
      return NotPossible("a filter cannot be read (the kernel keeps it only with CONFIG_CHECKPOINT_RESTORE)",
                         -state.copy_error);
    }
    const auto* first = reinterpret_cast<const sock_filter*>(state.instructions);
    Program program(first, first + std::min<int>(state.instruction_count, MAX_INSTRUCTIONS));
    TRY(Validate(program));
    return program;
  }

  pid_t tid_ = 0;
  Iterator iterator_;
};

std::vector<ThreadSeccomp> RowsOf(const std::string& written) {
  std::vector<ThreadSeccomp> threads;
  // Without a filter a thread may still be in strict mode.
  std::map<std::pair<unsigned long long, int>, uint32_t> sets;
  for (size_t at = 0; at + sizeof(thread_row) <= written.size(); at += sizeof(thread_row)) {
    thread_row row;
    std::memcpy(&row, written.data() + at, sizeof row);
    if (row.ending != 0) continue;
    const auto set =
        sets.try_emplace({row.newest, row.mode}, static_cast<uint32_t>(sets.size())).first->second;
    threads.push_back({row.tid, static_cast<SeccompMode>(row.mode), static_cast<uint32_t>(row.count), set});
  }
  return threads;
}

}  // namespace

// A leader that has ended while others run keeps no filter: they speak for the process.
Result<pid_t> LiveThread(pid_t pid) {
  const std::string folder = fmt::format("/proc/{}/task", pid);
  const char own_state = StateOf(fmt::format("{}/{}", folder, pid));
  if (own_state == 0) return Fail(ErrorCode::kBadInput, fmt::format("there is no process {}", pid));
  if (own_state != 'Z' && own_state != 'X') return pid;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (const std::filesystem::directory_iterator end; !error && entry != end; entry.increment(error)) {
    const char state = StateOf(entry->path().string());
    if (state == 0 || state == 'Z' || state == 'X') continue;
    if (const auto tid = ParseUnsigned(entry->path().filename().string())) return static_cast<pid_t>(*tid);
  }
  return Fail(ErrorCode::kBadInput,
              fmt::format("process {} has ended and waits for its parent: it has no filter", pid));
}

Result<LiveFilters> ReadLiveFilters(pid_t pid) {
  if (pid <= 0) return Fail(ErrorCode::kBadInput, fmt::format("{} is no process id", pid));
  const pid_t tid = TRY(LiveThread(pid));
  auto reader = TRY(Reader::Create(tid));
  return reader.Run();
}

Result<std::vector<ThreadSeccomp>> ReadThreadSeccomp(pid_t process) {
  if (process <= 0) return Fail(ErrorCode::kBadInput, fmt::format("{} is no process id", process));
  auto iterator = TRY(Iterator::Create(Iterator::Over::kThreadsOfProcess, process));
  iterator.state().wanted_process = process;
  auto threads = RowsOf(TRY(iterator.Run()));
  if (threads.empty()) return NoSuchThread(process);
  return threads;
}

}  // namespace whittle::filter

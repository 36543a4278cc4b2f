#include "record/kernel.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/core.h>
#include <linux/membarrier.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstring>

#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "recorder.skel.h"

namespace whittle::record {
namespace {

// libbpf explains a failure by printing.
std::string& Complaint() {
  static thread_local std::string complaint;
  return complaint;
}

__attribute__((format(printf, 2, 0))) int KeepComplaint(libbpf_print_level level, const char* format,
                                                        va_list arguments) {
  if (level != LIBBPF_WARN) return 0;
  char line[512];
  vsnprintf(line, sizeof(line), format, arguments);
  // The first one that names a failure; what follows are its consequences.
  for (const auto text : Lines(line)) {
    if (Complaint().empty() && text.find("failed") != text.npos) Complaint() = Printable(text);
  }
  return 0;
}

std::unexpected<Error> NotPossible(const std::string& what, int error) {
  std::string reason = strerror(error);
  // EACCES is the verifier's word about a program that it does not take.
  if (error == EPERM) {
    reason = "not permitted: recording needs root (CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN)";
  } else if (!Complaint().empty()) {
    reason += "; " + Complaint();
  }
  return Fail(ErrorCode::kNotPossible,
              fmt::format("cannot {}: {}; 'whittle doctor' tells what this host lacks", what, reason));
}

Result<uint64_t> Inode(const std::string& path) {
  struct stat info{};
  if (stat(path.c_str(), &info) != 0) {
    return Fail(
        ErrorCode::kNotPossible,
        fmt::format("cannot read {}: {}; recording needs root and a mounted /proc", path, strerror(errno)));
  }
  return info.st_ino;
}

bool KernelHasFunction(const char* name) {
  btf* types = btf__load_vmlinux_btf();
  const bool found = types && btf__find_by_name_kind(types, name, BTF_KIND_FUNC) > 0;
  btf__free(types);
  return found;
}

Result<void> CheckHost() {
  if (geteuid() != 0) {
    return Fail(
        ErrorCode::kNotPossible,
        "recording needs root (CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN): run it with sudo; 'whittle doctor' "
        "tells what works without");
  }
  if (!FileExists("/sys/kernel/btf/vmlinux")) {
    return Fail(
        ErrorCode::kNotPossible,
        "this kernel carries no type information (/sys/kernel/btf/vmlinux, CONFIG_DEBUG_INFO_BTF), which the "
        "recorder needs; 'whittle doctor' explains");
  }
  return {};
}

// Facts that the kernel side cannot find out.
Result<void> FillControl(whittle_control& control, const Options& options) {
  control.host_mount_ns[0] = Inode("/proc/1/ns/mnt").value_or(0);  // 0: the kernel side finds it out
  // A recorder may itself live in another mount namespace, and the engine with it.
  control.host_mount_ns[1] = TRY(Inode("/proc/self/ns/mnt"));
  control.pid_ns_inode = TRY(Inode("/proc/self/ns/pid"));
  control.new_cgroups = options.new_cgroups == NewCgroups::kRecordUntilDecided ? 1 : 0;
  control.cgroups = control.new_cgroups;
  return {};
}

void ChoosePrograms(recorder& skeleton, const Options& options) {
  const bool denials = options.denials == Denials::kWatch;
  skeleton.rodata->watch_denials = denials ? 1 : 0;
  const bool helper =
      options.variant == Options::Variant::kTaskHelper || !KernelHasFunction("bpf_rdonly_cast");
  skeleton.rodata->use_task_helper = helper ? 1 : 0;
  skeleton.rodata->slot_limit = std::min<uint32_t>(options.slots, WHITTLE_SLOTS);
  if (!denials || !options.resolve_stack) bpf_map__set_max_entries(skeleton.maps.samples, 1);
  bpf_program__set_autoload(skeleton.progs.record_enter, !denials);
  bpf_program__set_autoload(skeleton.progs.wake_on_signal, options.quiet_ms > 0);
  for (bpf_program* program :
       {skeleton.progs.watch_enter, skeleton.progs.watch_exit, skeleton.progs.watch_signal}) {
    bpf_program__set_autoload(program, denials);
  }
}

void FillSession(whittle_session& session, const Options& options) {
  const auto copy = [](auto& into, const std::string& text) {
    memcpy(into, text.data(), std::min(text.size(), sizeof(into) - 1));
  };
  copy(session.id, options.id);
  copy(session.target, options.target);
  session.refusals_watched = options.denials == Denials::kWatch ? 1 : 0;
  session.started_ms = WallClockMs();
  session.alive_ms = session.started_ms;
}

int TakeEvent(void* context, void* data, size_t size) {
  const auto* take = *static_cast<const std::function<void(const whittle_event&)>**>(context);
  whittle_event event{};
  memcpy(&event, data, std::min(size, sizeof(event)));
  if (take) (*take)(event);
  return 0;
}

}  // namespace

Result<std::unique_ptr<Kernel>> Kernel::Load(const Options& options) {
  TRY(CheckHost());
  libbpf_set_print(KeepComplaint);
  Complaint().clear();
  std::unique_ptr<Kernel> kernel(new Kernel);
  kernel->skeleton_ = recorder__open();
  if (!kernel->skeleton_) return NotPossible("open the recorder's programs", errno);
  ChoosePrograms(*kernel->skeleton_, options);
  TRY(FillControl(kernel->skeleton_->data_control->control, options));
  FillSession(kernel->skeleton_->data_session->session, options);
  const int error = recorder__load(kernel->skeleton_);
  if (error != 0) return NotPossible("load the recorder's programs", -error);
  if (options.resolve_stack) kernel->FreeAllSamples();
  if (!options.pins.empty()) TRY(kernel->Pin(options.pins));
  TRY(kernel->Attach());
  return kernel;
}

struct Kernel::Hook {
  bpf_program* program;
  bpf_link** link;
};

// What is called for each call.
std::vector<Kernel::Hook> Kernel::CallHooks() {
  return {{skeleton_->progs.watch_signal, &skeleton_->links.watch_signal},
          {skeleton_->progs.record_enter, &skeleton_->links.record_enter},
          {skeleton_->progs.watch_enter, &skeleton_->links.watch_enter},
          {skeleton_->progs.watch_exit, &skeleton_->links.watch_exit}};
}

Result<void> Kernel::AttachHook(const Hook& hook) {
  if (!bpf_program__autoload(hook.program)) return {};
  *hook.link = bpf_program__attach(hook.program);
  if (*hook.link) return {};
  return NotPossible(
      fmt::format("attach to the kernel's tracepoint '{}'", bpf_program__section_name(hook.program)), errno);
}

// What invalidates is there before what is invalidated.
Result<void> Kernel::Attach() {
  const Hook others[] = {
      {skeleton_->progs.on_fork, &skeleton_->links.on_fork},
      {skeleton_->progs.on_exec, &skeleton_->links.on_exec},
      {skeleton_->progs.on_exit, &skeleton_->links.on_exit},
      {skeleton_->progs.on_attach, &skeleton_->links.on_attach},
      {skeleton_->progs.on_mkdir, &skeleton_->links.on_mkdir},
      {skeleton_->progs.on_rmdir, &skeleton_->links.on_rmdir},
  };
  for (const auto& hook : others) TRY(AttachHook(hook));
  for (const auto& hook : CallHooks()) TRY(AttachHook(hook));
  ring_ = ring_buffer__new(bpf_map__fd(skeleton_->maps.events), TakeEvent, &take_, nullptr);
  if (!ring_) return NotPossible("map the ring buffer", errno);
  return {};
}

void Kernel::FreeAllSamples() {
  for (uint32_t index = 0; index < bpf_map__max_entries(skeleton_->maps.samples); index++) {
    bpf_map__update_elem(skeleton_->maps.free_samples, nullptr, 0, &index, sizeof(index), BPF_ANY);
  }
}

Kernel::~Kernel() {
  ring_buffer__free(ring_);
  recorder__destroy(skeleton_);
}

void Kernel::DetachCalls() {
  for (const auto& hook : CallHooks()) {
    bpf_link__destroy(*hook.link);
    *hook.link = nullptr;
  }
  // Without it a signal is no reason to watch again; the schedule remains.
  (void)AttachHook({skeleton_->progs.wake_on_signal, &skeleton_->links.wake_on_signal});
  WaitForPrograms();
}

// Filters may have come into force, and calls may be in progress, that nobody saw.
Result<void> Kernel::AttachCalls() {
  bpf_link__destroy(skeleton_->links.wake_on_signal);
  skeleton_->links.wake_on_signal = nullptr;
  ForgetCallsInProgress();
  ForgetThreads();
  for (const auto& hook : CallHooks()) TRY(AttachHook(hook));
  return {};
}

void Kernel::Detach() {
  recorder__detach(skeleton_);
  WaitForPrograms();
}

Result<void> Kernel::Poll(int timeout_ms, const std::function<void(const whittle_event&)>& take) {
  take_ = &take;
  const int count = ring_buffer__poll(ring_, timeout_ms);
  take_ = nullptr;
  if (count < 0 && count != -EINTR) return NotPossible("read the ring buffer", -count);
  return {};
}

Result<void> Kernel::Watch(CgroupKey cgroup, whittle_decision decision, whittle_kind kind) {
  whittle_watched value{};
  bpf_map__lookup_elem(skeleton_->maps.watched, &cgroup.value, sizeof(cgroup.value), &value, sizeof(value),
                       0);
  value.decision = decision;
  value.kind = kind;
  if (bpf_map__update_elem(skeleton_->maps.watched, &cgroup.value, sizeof(cgroup.value), &value,
                           sizeof(value), BPF_ANY) != 0) {
    return NotPossible("watch one more cgroup", errno);
  }
  __atomic_store_n(&skeleton_->data_control->control.cgroups, 1, __ATOMIC_SEQ_CST);
  return {};
}

void Kernel::Unwatch(CgroupKey cgroup) {
  bpf_map__delete_elem(skeleton_->maps.watched, &cgroup.value, sizeof(cgroup.value), 0);
  bpf_map__delete_elem(skeleton_->maps.cgroup_paths, &cgroup.value, sizeof(cgroup.value), 0);
}

Result<void> Kernel::AddRoot(pid_t tid, const whittle_task_state& state) {
  const auto key = static_cast<uint32_t>(tid);
  if (bpf_map__update_elem(skeleton_->maps.roots, &key, sizeof(key), &state, sizeof(state), BPF_ANY) != 0) {
    return NotPossible("watch one more process", errno);
  }
  __atomic_fetch_add(&skeleton_->data_control->control.roots, 1, __ATOMIC_SEQ_CST);
  return {};
}

void Kernel::ForgetThreads() {
  __atomic_fetch_add(&skeleton_->data_control->control.generation, 1, __ATOMIC_SEQ_CST);
  for (auto& thread : skeleton_->bss->threads) {
    if (__atomic_load_n(&thread.word, __ATOMIC_RELAXED) != 0)
      __atomic_store_n(&thread.word, 0, __ATOMIC_SEQ_CST);
  }
}

void Kernel::WaitForPrograms() {
  // Tracepoint programs run inside an RCU read section; this waits for all of those.
  syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

void Kernel::TurnEpoch() { __atomic_fetch_add(&skeleton_->data_control->control.epoch, 1, __ATOMIC_SEQ_CST); }

uint32_t Kernel::parity() const {
  return __atomic_load_n(&skeleton_->data_control->control.epoch, __ATOMIC_SEQ_CST) & 1;
}

uint32_t Kernel::slot_end() const {
  const uint64_t next = __atomic_load_n(&skeleton_->data_counters->counters.next_slot, __ATOMIC_SEQ_CST);
  return static_cast<uint32_t>(std::min<uint64_t>(next, skeleton_->rodata->slot_limit));
}

void Kernel::ReadSlot(uint32_t slot, uint32_t parity, Clear clear,
                      const std::function<void(uint32_t, uint32_t, uint64_t)>& take) {
  auto& rows = skeleton_->bss->sets[slot][parity];
  for (uint32_t row = 0; row < WHITTLE_ROWS; row++) {
    for (uint32_t index = 0; index < WHITTLE_WORDS; index++) {
      auto* word = &rows[row][index];
      const uint64_t bits = __atomic_load_n(word, __ATOMIC_SEQ_CST);
      if (bits == 0) continue;
      take(row, index, bits);
      if (clear == Clear::kNo) continue;
      // A crash between these two leaves them in both places, which is no harm. A bit that was set since the
      // read stays.
      if (pinned_) __atomic_fetch_or(&skeleton_->bss->unwritten[slot][row][index], bits, __ATOMIC_SEQ_CST);
      __atomic_fetch_and(word, ~bits, __ATOMIC_SEQ_CST);
    }
  }
}

whittle_named Kernel::Named(uint32_t slot) const {
  return static_cast<whittle_named>(__atomic_load_n(&skeleton_->bss->named[slot], __ATOMIC_SEQ_CST));
}

void Kernel::MarkNameRead(uint32_t slot) {
  __atomic_store_n(&skeleton_->bss->named[slot], WHITTLE_NAME_READ, __ATOMIC_SEQ_CST);
}

const whittle_counters& Kernel::counters() const { return skeleton_->data_counters->counters; }

std::span<const KernelGap> KernelGaps() {
  static constexpr KernelGap gaps[] = {
      {WHITTLE_ERROR_TABLE_FULL, "table-full",
       "calls of executables for which the table of subjects had no room"},
      {WHITTLE_ERROR_UNRESOLVED, "unresolved", "calls whose container and executable could not be found out"},
      {WHITTLE_ERROR_OVERFLOW_FULL, "overflow-full",
       "calls with unusual numbers for which there was no room"},
      {WHITTLE_ERROR_TASK_FULL, "task-table-full",
       "threads of which it could not be kept whether they are workload or came from outside"},
      {WHITTLE_ERROR_CGROUP_FULL, "cgroup-table-full", "new cgroups that could not be watched"},
      {WHITTLE_ERROR_CGROUP_DEEP, "cgroup-too-deep", "look-ups of tasks too many cgroups below the root"},
      {WHITTLE_ERROR_NAME, "unnamed", "subjects whose name could not be kept; they stand as '?'"},
      {WHITTLE_ERROR_SCRIPT, "script-unnamed",
       "scripts whose name was too long or found no room: no call is missing"},
      {WHITTLE_ERROR_CANDIDATE_FULL, "denial-table-full", "refused calls for which there was no room"},
      {WHITTLE_ERROR_DENIAL_UNJUDGED, "denial-unjudged",
       "calls that may have been refused or logged: their filters could not be asked"},
      {WHITTLE_ERROR_IN_CALL_FULL, "denial-unfollowed",
       "calls of threads that the denial watch could not follow"},
      {WHITTLE_ERROR_RING_FULL, "events-lost",
       "events that found no room: no call is missing, since these only say where to look"},
      {WHITTLE_ERROR_SETTLE_FULL, "filter-unfollowed",
       "processes whose change of filter could not be followed: 'under filter' may be wrong for them"},
  };
  return gaps;
}

}  // namespace whittle::record

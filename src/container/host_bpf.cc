// Probes of eBPF: each loads the smallest program of its kind, attaches it, and lets go of it again.
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/core.h>
#include <linux/bpf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/fd.h"
#include "container/host.h"

namespace whittle::container {
namespace {

constexpr const char* kTypes = "/sys/kernel/btf/vmlinux";

// r0 = 0; exit
constexpr std::array<bpf_insn, 2> kNothing = {
    {{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0}, {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}}};

// What went wrong; error 0: nothing did.
struct Trouble {
  int error = 0;
  std::string text;
  // A refusal to someone without privileges says nothing about the kernel.
  Finding finding() const {
    if (error == 0) return Finding::kOk;
    return error == EPERM && ::geteuid() != 0 ? Finding::kUnknown : Finding::kMissing;
  }
};

Trouble Because(const char* step) { return {errno, fmt::format("{}: {}", step, std::strerror(errno))}; }

std::string MendOf(const Trouble& trouble) {
  if (trouble.error == 0) return "";
  if (trouble.finding() == Finding::kUnknown) return "only root can try: sudo whittle doctor";
  return "check that the kernel has CONFIG_BPF_SYSCALL and CONFIG_BPF_EVENTS, and that neither kernel "
         "lockdown nor the "
         "container around this shell forbids bpf()";
}

Trouble TryRawTracepoint() {
  const Fd program(
      bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "probe", "GPL", kNothing.data(), kNothing.size(), nullptr));
  if (!program.valid()) return Because("loading");
  const Fd link(bpf_raw_tracepoint_open("sys_enter", program.get()));
  return link.valid() ? Trouble() : Because("attaching to sys_enter");
}

Fd LoadTracing(const char* name, bpf_attach_type type) {
  const int id = libbpf_find_vmlinux_btf_id(name, type);
  if (id <= 0) {
    errno = ENOENT;
    return Fd();
  }
  bpf_prog_load_opts options{};
  options.sz = sizeof options;
  options.expected_attach_type = type;
  options.attach_btf_id = static_cast<uint32_t>(id);
  return Fd(bpf_prog_load(BPF_PROG_TYPE_TRACING, "probe", "GPL", kNothing.data(), kNothing.size(), &options));
}

Trouble TryTypedTracepoint() {
  const Fd program = LoadTracing("sched_process_exec", BPF_TRACE_RAW_TP);
  if (!program.valid()) return Because("loading");
  const Fd link(bpf_raw_tracepoint_open(nullptr, program.get()));
  return link.valid() ? Trouble() : Because("attaching to sched_process_exec");
}

Trouble TryTaskIterator() {
  const Fd program = LoadTracing("task", BPF_TRACE_ITER);
  if (!program.valid()) return Because("loading");
  const Fd link(bpf_link_create(program.get(), 0, BPF_TRACE_ITER, nullptr));
  if (!link.valid()) return Because("attaching");
  const Fd iterator(bpf_iter_create(link.get()));
  if (!iterator.valid()) return Because("making");
  char byte;
  return ::read(iterator.get(), &byte, 1) >= 0 ? Trouble() : Because("running");
}

Trouble TryRingBuffer() {
  const auto bytes = static_cast<uint32_t>(::sysconf(_SC_PAGESIZE));
  const Fd map(bpf_map_create(BPF_MAP_TYPE_RINGBUF, "probe", 0, 0, bytes, nullptr));
  return map.valid() ? Trouble() : Because("making a map");
}

HostFact Recording(Weight weight, const char* name, const Trouble& trouble, const char* good,
                   const char* follows_good, const char* follows_bad) {
  HostFact fact;
  fact.weight = weight;
  fact.name = name;
  const bool fine = trouble.error == 0;
  fact.finding = trouble.finding();
  fact.found = fine ? good : trouble.text;
  fact.follows = fine ? follows_good : fmt::format("if it is missing, {}", follows_bad);
  if (fact.finding == Finding::kMissing) fact.follows = follows_bad;
  fact.mend = MendOf(trouble);
  return fact;
}

HostFact ProbeTypes() {
  struct stat status{};
  const bool there = ::stat(kTypes, &status) == 0 && ::access(kTypes, R_OK) == 0;
  HostFact fact;
  fact.weight = Weight::kNeeded;
  fact.name = "kernel types (BTF)";
  fact.finding = there ? Finding::kOk : Finding::kMissing;
  fact.found = there ? fmt::format("{}, {:.1f} MB", kTypes, static_cast<double>(status.st_size) / 1e6)
                     : fmt::format("{}: {}", kTypes, std::strerror(errno));
  fact.follows =
      there ? "the recorder fits itself to this kernel" : "the recorder cannot find the kernel's structures";
  if (!there)
    fact.mend =
        "boot a kernel with CONFIG_DEBUG_INFO_BTF (all of Debian's since 11 have it), and mount sysfs";
  return fact;
}

// Present as a function that programs may call, from Linux 6.2 on.
HostFact ProbeCast() {
  HostFact fact;
  fact.name = "fastest hot path";
  btf* types = btf__load_vmlinux_btf();
  if (types == nullptr) {
    fact.found = "kernel types cannot be read";
    fact.follows = "the recorder chooses its variant when it loads";
    return fact;
  }
  const bool there = btf__find_by_name_kind(types, "bpf_rdonly_cast", BTF_KIND_FUNC) > 0;
  btf__free(types);
  fact.finding = there ? Finding::kOk : Finding::kMissing;
  fact.found = there ? "bpf_rdonly_cast is there" : "no bpf_rdonly_cast (Linux 6.2)";
  fact.follows =
      there ? "a recorded call costs hardly more than under an empty program" : "the recorder uses a helper call, about 10 ns more a call";
  if (!there) fact.mend = "nothing has to be done; a newer kernel is faster";
  return fact;
}

}  // namespace

std::vector<HostFact> ProbeBpf() {
  libbpf_set_print(nullptr);
  return {
      ProbeTypes(),
      Recording(Weight::kNeeded, "raw tracepoints", TryRawTracepoint(),
                "a program was loaded and attached to sys_enter",
                "every call is seen as it enters the kernel", "calls cannot be seen"),
      Recording(Weight::kNeeded, "typed tracepoints", TryTypedTracepoint(),
                "a program was loaded and attached to sched_process_exec",
                "containers and executables are told apart", "programs and containers cannot be told apart"),
      Recording(Weight::kNeeded, "ring buffer", TryRingBuffer(), "a map was made", "events arrive in order",
                "events of the recorder have no way to user space (Linux 5.8)"),
      Recording(
          Weight::kHelps, "task iterators", TryTaskIterator(), "one ran",
          "running processes are attached to, and their filters read, without stopping them",
          "filters of running processes cannot be read, and what ran before a recording is not attributed"),
      ProbeCast(),
  };
}

}  // namespace whittle::container

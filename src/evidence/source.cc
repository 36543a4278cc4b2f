#include "evidence/source.h"

#include <array>

namespace whittle::evidence {
namespace {

struct Row {
  std::string_view source, note;
};
constexpr std::array kRows = {
    Row{"strace",
        "made by ptrace: the tracer slows the program down and can change what it does (timing, signals, "
        "files that "
        "ask who traces); check the profile in a run without it"},
    Row{"audit",
        "made of audit records: only what a filter logged or refused; what it allowed without a record is "
        "not here"},
    Row{"perf",
        "made by perf trace: it names calls of 32-bit processes wrongly, and says nothing of executables"},
    Row{"events",
        "made of the kernel's events of calls (perf script, ftrace): those of 32-bit processes are named "
        "wrongly or missing, and nothing is said of executables"},
    Row{"sysdig",
        "made by sysdig: some of its names stand for several calls, and it says nothing of executables"},
    Row{"bpftrace", "made of counts by bpftrace: which calls, but not whose, when, or with which result"},
    Row{"profile", "made of a profile: what it intends; nobody watched the program"},
    Row{"systemd", "made of a unit file: what it intends; nobody watched the program"},
    Row{"minijail", "made of a policy: what it intends; nobody watched the program"},
    Row{"calls", "made of a list: nobody watched the program"},
};

}  // namespace

std::string_view SourceNote(std::string_view source) {
  for (const auto& row : kRows) {
    if (row.source == source) return row.note;
  }
  return "";
}

}  // namespace whittle::evidence

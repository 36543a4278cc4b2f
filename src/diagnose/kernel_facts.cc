// Which lines of the kernel's log are a container's: they name processes, not containers. A record counts if
// it falls into the container's life and is of its program, or of a runtime on its way in; so two containers
// of one image that fail at the same moment can be taken for each other.
#include <algorithm>

#include "base/text.h"
#include "diagnose/collect.h"
#include "diagnose/program_file.h"
#include "import/audit_record.h"
#include "syscalls/table.h"

namespace whittle::diagnose {
namespace {

constexpr int64_t kSlackMs = 500;      // clocks of engines and of the log
constexpr int64_t kStartMs = 5'000;    // a start of a container takes
constexpr int64_t kFailedMs = 30'000;  // one that was never started, after it was made
constexpr size_t kMaxComm = 15;        // of a thread's name

struct Span {
  int64_t begin = 0, end = 0;
  bool has(int64_t ms) const { return ms >= begin - kSlackMs && ms <= end + kSlackMs; }
};

// While the workload ran, and while the runtime was on its way into it. docker can tell an end before the
// start.
struct Life {
  Span workload, start;
};
Life LifeOf(const container::ContainerInfo& info, int64_t now_ms) {
  if (info.started_ms == 0) return {{0, -kSlackMs}, {info.created_ms, info.created_ms + kFailedMs}};
  const int64_t end =
      info.running() || info.ended_ms == 0 ? now_ms : std::max(info.started_ms, info.ended_ms);
  return {{info.started_ms, end}, {std::max(info.created_ms, info.started_ms - kStartMs), end}};
}

std::string FileName(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

bool IsRuntimes(const import::AuditLine& line) {
  return line.command.starts_with("runc:[") || (line.command == "crun" && line.executable == "/");
}

bool IsPrograms(const import::AuditLine& line, const container::ContainerInfo& info,
                const std::string& program) {
  if (info.command.empty()) return false;
  return line.command == FileName(info.command.front()).substr(0, kMaxComm) ||
         (!program.empty() && line.executable == program);
}

}  // namespace

void TakeKernelLog(const std::vector<std::string>& lines, int64_t now_ms, Facts& facts) {
  if (!facts.info || facts.info->created_ms == 0) return;
  const auto& info = *facts.info;
  const Life life = LifeOf(info, now_ms);
  const std::string program = FindProgramFile(info).path;
  const Abi native = facts.target ? facts.target->arch : Abi::kX86_64;
  for (const auto& text : lines) {
    if (text.find("oom-kill:") != std::string::npos && text.find(info.id) != std::string::npos)
      facts.out_of_memory = true;
    const auto line = import::ParseAuditLine(text, native);
    if (line.kind != import::AuditLine::Kind::kSeccomp || !line.stamp || !evidence::Refused(line.call.fate))
      continue;
    const bool runtimes = IsRuntimes(line);
    if (!runtimes && !IsPrograms(line, info, program)) continue;
    if (!(runtimes ? life.start : life.workload).has(line.stamp->ms)) continue;
    RefusedCall refused;
    refused.source = RefusedCall::Source::kAudit;
    refused.abi = line.call.abi;
    refused.call = SyscallText(line.call.abi, line.call.number);
    refused.fate = line.call.fate;
    refused.arrived = runtimes;
    refused.executable = line.executable;
    refused.command = line.command;
    refused.last_ms = line.stamp->ms;
    facts.refused.push_back(std::move(refused));
  }
}

}  // namespace whittle::diagnose

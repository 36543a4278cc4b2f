#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/document_kind.h"
#include "base/text.h"
#include "import/format.h"

namespace whittle::import {
namespace {

// Where several would take as many lines, the first one does.
constexpr std::array kFormats = {
    Format{"audit", "kernel audit records: audit.log, dmesg, syslog, journal, ausearch", "audit",
           Files::kOneLog, Reading::kLines, LooksLikeAudit, MakeAudit},
    Format{"journal", "the same in the journal's JSON or export form", "audit", Files::kOneLog,
           Reading::kLines, LooksLikeJournal, MakeJournal},
    Format{"perf", "the output of perf trace, also its -s table", "perf", Files::kRunEach, Reading::kLines,
           LooksLikePerf, MakePerf},
    Format{"strace", "the output of strace, also its -c table", "strace", Files::kRunEach, Reading::kLines,
           LooksLikeStrace, MakeStrace},
    Format{"sysdig", "the lines of sysdig", "sysdig", Files::kRunEach, Reading::kLines, LooksLikeSysdig,
           MakeSysdig},
    Format{"bpftrace", "maps of bpftrace with a call in their keys: @[comm, 257]: 5", "bpftrace",
           Files::kRunEach, Reading::kWhole, LooksLikeBpftrace, MakeBpftrace},
    Format{"profile", "profiles in JSON or YAML, also inside of others: Docker, OCI, SeccompProfile objects",
           "profile", Files::kRunEach, Reading::kWhole, LooksLikeProfile, MakeProfile},
    Format{"systemd", "unit files with SystemCallFilter=", "systemd", Files::kRunEach, Reading::kWhole,
           LooksLikeSystemd, MakeSystemd},
    Format{"minijail", "policies of minijail", "minijail", Files::kRunEach, Reading::kWhole,
           LooksLikeMinijail, MakeMinijail},
    Format{"calls", "a list of calls, one a line: ABI NAME [FATE] [count=N]", "calls", Files::kRunEach,
           Reading::kLines, LooksLikeCalls, MakeCalls},
};

constexpr size_t kLinesLookedAt = 1000;

std::string NamesText() {
  std::string text;
  for (const auto& format : kFormats) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : "; ", format.name, format.what);
  }
  return text;
}

constexpr std::string_view kGvisor =
    "this is a log of gVisor, whose calls never reach the host's kernel: Whittle does not read it";

// "openat(...) = 0 (0x0) errno=2 (no such file or directory) (2.4us)"
bool IsGvisorLine(std::string_view line) {
  const size_t error = line.find(") errno=");
  return error != std::string_view::npos && line.substr(0, error).rfind(" (0x") != std::string_view::npos;
}

// What people hand over by mistake, and what to do with it.
std::string Mistaken(std::string_view start) {
  if (start.starts_with("\x1f\x8b")) return "this is compressed: zcat FILE | whittle import -";
  if (start.starts_with("\x28\xb5\x2f\xfd")) return "this is compressed: zstdcat FILE | whittle import -";
  if (start.find("strace.go:") != std::string_view::npos) {
    return std::string(kGvisor);
  }
  if (Trim(start).starts_with('{') || Trim(start).starts_with('[')) {
    const auto root = json::Parse(start, "input");
    const auto kind = root ? KindOfDocument(*root) : std::nullopt;
    if (kind == DocumentKind::kProfile) return "";
    if (kind == DocumentKind::kEvidence) return "this is evidence already: 'whittle merge' joins several";
    if (root) {
      const std::string wrong = WrongKindText(*root, DocumentKind::kEvidence);
      if (!wrong.empty()) return wrong;
    }
  }
  return "";
}

}  // namespace

std::span<const Format> Formats() { return kFormats; }

Result<const Format*> FindFormat(std::string_view name) {
  for (const auto& format : kFormats) {
    if (format.name == name) return &format;
  }
  return Fail(ErrorCode::kUsage,
              fmt::format("unknown format '{}'; there are: {}", Printable(name), NamesText()));
}

Result<const Format*> DetectFormat(std::string_view start, const std::string& file) {
  const std::string mistaken = Mistaken(start);
  if (!mistaken.empty()) return Fail(ErrorCode::kBadInput, fmt::format("{}: {}", file, mistaken));
  std::array<size_t, kFormats.size()> votes{};
  auto lines = Lines(start);
  if (lines.size() > kLinesLookedAt) lines.resize(kLinesLookedAt);
  for (const auto line : lines) {
    for (size_t i = 0; i < kFormats.size(); ++i) votes[i] += kFormats[i].looks(line) ? 1 : 0;
  }
  const auto most = std::ranges::max_element(votes);
  if (*most > 0) return &kFormats[static_cast<size_t>(most - votes.begin())];
  if (std::ranges::any_of(lines, IsGvisorLine)) {
    return Fail(ErrorCode::kBadInput, fmt::format("{}: {}", file, kGvisor));
  }
  return Fail(
      ErrorCode::kBadInput,
      fmt::format("{}: {}: say which format it is with --format; there are: {}", file,
                  Trim(start).empty() ? "the file is empty" : "no format was recognized", NamesText()));
}

}  // namespace whittle::import

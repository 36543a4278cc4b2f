#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/document_kind.h"
#include "base/text.h"
#include "import/envelope.h"
#include "import/format.h"

namespace whittle::import {
namespace {

// Where several would take as many lines, the first one does.
constexpr std::array kFormats = {
    Format{"audit", "kernel audit records: audit.log, dmesg, syslog, journal, ausearch", "audit",
           Files::kOneLog, Reading::kLines, LooksLikeAudit, MakeAudit, false, false, SaysItIsAudit},
    Format{"journal", "the same in the journal's JSON or export form", "audit", Files::kOneLog,
           Reading::kLines, LooksLikeJournal, MakeJournal, false},
    Format{"dmesg", "the same as dmesg --json prints it", "audit", Files::kOneLog, Reading::kWhole,
           LooksLikeDmesg, MakeDmesg, false},
    Format{"perf", "the output of perf trace, also its -s table", "perf", Files::kRunEach, Reading::kLines,
           LooksLikePerf, MakePerf, true, true},
    Format{"strace", "the output of strace, also its -c table", "strace", Files::kRunEach, Reading::kLines,
           LooksLikeStrace, MakeStrace, true, true},
    Format{"events", "the kernel's events of calls: perf script, trace-cmd report, ftrace", "events",
           Files::kRunEach, Reading::kLines, LooksLikeEvents, MakeEvents, true, true},
    Format{"sysdig", "the lines of sysdig", "sysdig", Files::kRunEach, Reading::kLines, LooksLikeSysdig,
           MakeSysdig, true, true},
    Format{"bpftrace", "maps of bpftrace with a call in their keys: @[comm, 257]: 5", "bpftrace",
           Files::kRunEach, Reading::kWhole, LooksLikeBpftrace, MakeBpftrace, true, true},
    Format{"profile", "profiles in JSON or YAML, also inside of others: Docker, OCI, SeccompProfile objects",
           "profile", Files::kRunEach, Reading::kWhole, LooksLikeProfile, MakeProfile},
    Format{"systemd", "unit files with SystemCallFilter=", "systemd", Files::kRunEach, Reading::kWhole,
           LooksLikeSystemd, MakeSystemd},
    Format{"minijail", "policies of minijail", "minijail", Files::kRunEach, Reading::kWhole,
           LooksLikeMinijail, MakeMinijail},
    Format{"calls", "a list of calls, one a line: ABI NAME [FATE] [count=N]", "calls", Files::kRunEach,
           Reading::kLines, LooksLikeCalls, MakeCalls},
};

constexpr size_t npos = std::string_view::npos;
constexpr size_t kLinesLookedAt = 1000;

std::string NamesText() {
  std::string text;
  for (const auto& format : kFormats) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : "; ", format.name, format.what);
  }
  return text;
}

// A line of gVisor's own log: "strace.go:576] [ 1: 1] sh X openat(...) = 3 (0x3) errno=2 (no such file)
// (2.4us)".
bool IsGvisorLine(std::string_view line) {
  if (line.find("strace.go:") != npos) return true;
  const size_t value = line.rfind(") = ");
  const size_t hex = value == npos ? npos : line.find(" (0x", value);
  const bool has_end = line.ends_with("s)") || line.find(") errno=", value) != npos;
  return hex != npos && has_end && line.find_first_not_of("-0123456789", value + 4) == hex;
}

// "brk@SYS(nil) = 0x55d0", "SYS_brk(0)", "__libc_start_main(0x...": strace has no such names.
bool IsLtraceLine(std::string_view line) {
  if (line.ends_with("<no return ...>")) return true;
  const auto before = line.substr(0, line.find('('));
  const auto name = before.substr(before.rfind(' ') + 1);
  return name.ends_with("@SYS") || name.starts_with("SYS_") || name == "__libc_start_main" ||
         name.find("->") != npos;
}

bool IsAusearchTable(std::string_view line) {
  return line.starts_with("NODE,EVENT,DATE,TIME,SERIAL_NUM,") ||
         line.find("called-seccomp-controlled-syscall") != npos || line.starts_with("# date time ");
}

bool HasMember(std::string_view line, std::string_view name) {
  return line.starts_with('{') && line.find(name) != npos;
}

bool IsSysdigJson(std::string_view line) { return HasMember(line, "\"evt.type\":"); }
bool IsTraceeJson(std::string_view line) { return HasMember(line, "\"eventName\":"); }
bool IsGadgetJson(std::string_view line) {
  return HasMember(line, "\"syscall\":") && line.find("\"comm\":") != npos;
}

// Logs of other tools, line by line: where they outweigh those of every format, the file is refused.
struct OtherTool {
  bool (*is)(std::string_view line);
  size_t weight;  // of such a line, beside one of a format: others may look like strace's
  std::string_view what;
};
constexpr std::array kOtherTools = {
    OtherTool{IsGvisorLine, 1,
              "this is a log of gVisor, whose calls never reach the host's kernel: Whittle does not read it"},
    OtherTool{
        IsSysdigJson, 1,
        "these are JSON events of sysdig or Falco: give sysdig's text, without -j, or the names as a list: "
        "jq -r '.[\"evt.type\"] // .output_fields[\"evt.type\"]' FILE | sort -u | whittle import -"},
    OtherTool{
        IsTraceeJson, 1,
        "these are JSON events of Tracee: give the names as a list: jq -r .syscall FILE | sort -u | whittle "
        "import -"},
    OtherTool{IsGadgetJson, 1,
              "these are JSON events of Inspektor Gadget: give the names as a list: jq -r .syscall FILE | "
              "sort -u | "
              "whittle import -"},
    OtherTool{IsLtraceLine, 100,
              "this looks like ltrace, which tells of calls of libraries: use strace -f -o FILE"},
    OtherTool{
        IsAusearchTable, 1,
        "this is a table of ausearch or aureport, without ABIs and actions: use ausearch -m SECCOMP --raw"},
};

// What files begin with that are no text.
struct Binary {
  std::string_view start;
  std::string_view what;
};
constexpr std::array kBinaries = {
    Binary{"\x1f\x8b", "this is compressed: zcat FILE | whittle import -"},
    Binary{"\x28\xb5\x2f\xfd", "this is compressed: zstdcat FILE | whittle import -"},
    Binary{"\xfd"
           "7zXZ",
           "this is compressed: xzcat FILE | whittle import -"},
    Binary{"BZh", "this is compressed: bzcat FILE | whittle import -"},
    Binary{"PK\x03\x04", "this is a zip archive: unzip -p FILE | whittle import -"},
    Binary{"\xff\xfe", "this is UTF-16: iconv -f UTF-16 -t UTF-8 FILE | whittle import -"},
    Binary{"\xfe\xff", "this is UTF-16: iconv -f UTF-16 -t UTF-8 FILE | whittle import -"},
    Binary{"PERFILE2", "this is a recording of perf: perf trace -i FILE 2>&1 | whittle import -"},
    Binary{"LPKSHHRH", "this is a file of the journal: journalctl --file FILE -o json | whittle import -"},
    Binary{"\x0a\x0d\x0d\x0a", "this is a capture of sysdig or Falco: sysdig -r FILE | whittle import -"},
    Binary{"\x7f"
           "ELF",
           "this is a program, no log of one"},
};

// What people hand over by mistake, and what to do with it.
std::string Mistaken(std::string_view start) {
  for (const auto& binary : kBinaries) {
    if (start.starts_with(binary.start)) return std::string(binary.what);
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

std::vector<std::string_view> FirstLines(std::string_view start) {
  auto lines = Lines(start);
  if (lines.size() > kLinesLookedAt) lines.resize(kLinesLookedAt);
  return lines;
}

using Looks = bool (*)(std::string_view line);

// How many of the lines look so, in envelopes or not.
size_t Votes(const std::vector<std::string_view>& lines, const Format& format, Looks looks,
             bool in_envelopes) {
  if (!in_envelopes) return static_cast<size_t>(std::ranges::count_if(lines, looks));
  if (format.reading == Reading::kWhole) return 0;
  Envelope envelope(format.opens_syslog);
  return static_cast<size_t>(std::ranges::count_if(lines, [&](std::string_view line) {
    const auto inside = envelope.Open(line);
    return inside && looks(inside->line);
  }));
}

size_t MostVotes(const std::vector<std::string_view>& lines, const Format& format, Looks looks) {
  return std::max(Votes(lines, format, looks, false), Votes(lines, format, looks, true));
}

const Format* FindClaimed(const std::vector<std::string_view>& lines) {
  for (const auto& format : kFormats) {
    if (format.claims != nullptr && MostVotes(lines, format, format.claims) > 0) return &format;
  }
  return nullptr;
}

size_t VotesFor(const std::vector<std::string_view>& lines, const OtherTool& tool) {
  Envelope envelope(true);
  return static_cast<size_t>(std::ranges::count_if(lines, [&](std::string_view line) {
    const auto inside = envelope.Open(line);
    return inside && tool.is(inside->line);
  }));
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
  if (start.starts_with(kByteOrderMark)) start.remove_prefix(kByteOrderMark.size());
  const std::string mistaken = Mistaken(start);
  if (!mistaken.empty()) return Fail(ErrorCode::kBadInput, fmt::format("{}: {}", file, mistaken));
  const auto lines = FirstLines(start);
  const Format* found = nullptr;
  size_t most = 0;
  for (const auto& format : kFormats) {
    const size_t votes = MostVotes(lines, format, format.looks);
    if (votes > most) found = &format;
    most = std::max(most, votes);
  }
  for (const auto& tool : kOtherTools) {
    if (VotesFor(lines, tool) * tool.weight > most) {
      return Fail(ErrorCode::kBadInput, fmt::format("{}: {}", file, tool.what));
    }
  }
  if (found == nullptr) found = FindClaimed(lines);
  if (found != nullptr) return found;
  return Fail(
      ErrorCode::kBadInput,
      fmt::format("{}: {}: say which format it is with --format; there are: {}", file,
                  Trim(start).empty() ? "the file is empty" : "no format was recognized", NamesText()));
}

bool ComesInEnvelopes(std::string_view start, const Format& format) {
  const auto lines = FirstLines(start);
  const bool claims = format.claims != nullptr && MostVotes(lines, format, format.looks) == 0;
  const Looks looks = claims ? format.claims : format.looks;
  return Votes(lines, format, looks, true) > Votes(lines, format, looks, false);
}

}  // namespace whittle::import

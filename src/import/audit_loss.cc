#include "import/audit_loss.h"

#include <array>

#include "base/text.h"

namespace whittle::import {
namespace {

constexpr size_t npos = std::string_view::npos;

struct Sign {
  std::string_view text;     // stands in the line
  std::string_view context;  // and so does this
  enum class Count { kNone, kBefore, kAfter } count;
  std::string_view kind;
  std::string_view detail;
};

// kernel/audit.c, lib/ratelimit.c, auditd, journald, rsyslog.
constexpr std::array kSigns = {
    Sign{"audit_lost=", "", Sign::Count::kAfter, "audit-lost", "the kernel lost audit records (audit_lost)"},
    Sign{"callbacks suppressed", "", Sign::Count::kBefore, "rate-limited",
         "the kernel's log dropped audit records"},
    Sign{"backlog limit exceeded", "audit", Sign::Count::kNone, "audit-lost",
         "the audit backlog was full: records were dropped"},
    Sign{"audit_backlog=", "audit_backlog_limit=", Sign::Count::kNone, "audit-lost",
         "the audit backlog was full: records were dropped"},
    Sign{"No buffer space available", "Error receiving audit netlink packet", Sign::Count::kNone,
         "audit-lost", "the audit daemon did not receive all records"},
    Sign{"rate limit exceeded", "audit", Sign::Count::kNone, "rate-limited",
         "the audit rate limit dropped records"},
    Sign{"printk limit exceeded", "audit", Sign::Count::kNone, "rate-limited",
         "the kernel's log dropped audit records"},
    Sign{"queue overflow", "audit", Sign::Count::kNone, "audit-lost", "an audit queue was full"},
    Sign{"queue is full", "audi", Sign::Count::kNone, "audit-lost", "an audit queue was full"},
    Sign{"event lost", "dispatch err", Sign::Count::kNone, "audit-lost",
         "the audit daemon lost records on their way to another program"},
    Sign{"out of memory in audit", "", Sign::Count::kNone, "audit-lost",
         "the kernel had no memory for audit records"},
    Sign{"audit_enabled=0", "", Sign::Count::kNone, "audit-off", "auditing was switched off"},
    Sign{"Audit daemon has no space left", "", Sign::Count::kNone, "audit-lost",
         "the audit daemon had no space for records"},
    Sign{"Audit daemon detected an error writing", "", Sign::Count::kNone, "audit-lost",
         "the audit daemon could not write records"},
    Sign{"Audit daemon is suspending logging", "", Sign::Count::kNone, "audit-off",
         "the audit daemon stopped logging"},
    Sign{"kernel messages", "Missed", Sign::Count::kBefore, "rate-limited",
         "the journal missed kernel messages"},
    Sign{"printk messages dropped", "", Sign::Count::kBefore, "rate-limited",
         "the kernel's log lost messages before they were read"},
    Sign{"kmsg buffer overrun", "", Sign::Count::kNone, "rate-limited", "the journal missed kernel messages"},
    // Of one unit: the kernel's own messages belong to none.
    Sign{"Suppressed", "messages from audi", Sign::Count::kAfter, "rate-limited",
         "the journal suppressed messages of an audit daemon"},
    Sign{"Suppressed", "messages from /system.slice/audi", Sign::Count::kAfter, "rate-limited",
         "the journal suppressed messages of an audit daemon"},
    Sign{"messages lost due to rate-limiting", "", Sign::Count::kBefore, "rate-limited",
         "syslog dropped messages"},
    Sign{"imuxsock lost", "due to rate-limiting", Sign::Count::kAfter, "rate-limited",
         "syslog dropped messages"},
    Sign{"begin to drop messages", "rate-limiting", Sign::Count::kNone, "rate-limited",
         "syslog dropped messages"},
};

// "net_ratelimit: 35 callbacks suppressed": networking's messages have a limit of their own.
constexpr std::string_view kOfNetworking = "net_ratelimit: ";

uint64_t Number(std::string_view digits) {
  uint64_t value = 0;
  for (const char c : digits.substr(0, 15)) {
    if (!IsDigit(c)) break;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  return value;
}

uint64_t CountBefore(std::string_view line, size_t at) {
  size_t end = at;
  while (end > 0 && line[end - 1] == ' ') --end;
  size_t begin = end;
  while (begin > 0 && IsDigit(line[begin - 1])) --begin;
  return Number(line.substr(begin, end - begin));
}

uint64_t CountAfter(std::string_view line, size_t at) {
  while (at < line.size() && line[at] == ' ') ++at;
  return Number(line.substr(at));
}

}  // namespace

std::optional<AuditLoss> LossOf(std::string_view line) {
  for (const auto& sign : kSigns) {
    const size_t at = line.find(sign.text);
    if (at == npos || line.find(sign.context) == npos) continue;
    if (line.find(kOfNetworking) != npos) continue;
    // The line is printed with zero where nothing was lost.
    if (sign.count == Sign::Count::kNone) return AuditLoss{sign.kind, sign.detail, 0};
    const uint64_t count =
        sign.count == Sign::Count::kBefore ? CountBefore(line, at) : CountAfter(line, at + sign.text.size());
    if (count == 0) return std::nullopt;
    return AuditLoss{sign.kind, sign.detail, count};
  }
  return std::nullopt;
}

}  // namespace whittle::import

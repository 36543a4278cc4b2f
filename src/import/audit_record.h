// One line of a log that may hold a kernel audit record, in any of the forms in which they are found:
// audit.log
// (`type=SECCOMP msg=audit(...)`, raw, enriched, or interpreted by `ausearch -i`), the kernel's log and what
// copies it (`audit: type=1326 audit(...)` behind the stamps of dmesg, syslog, journalctl, /dev/kmsg), and
// the journal's own (`audit[7]: SECCOMP ...`). Pure; thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/evidence.h"

namespace whittle::import {

// AUDIT_SECCOMP: the type of a refusal.
inline constexpr std::string_view kSeccompNumber = "1326";

// Where a record stands in its log.
struct AuditStamp {
  std::string node;  // of `node=`, else empty
  int64_t ms = -1;   // wall clock; -1: not told
  uint64_t serial = 0;
};

struct AuditLine {
  enum class Kind {
    kSeccomp,  // a call that a filter logged or refused: all fields
    kBroken,   // it says that it is one, and cannot be read
    kOther,    // an audit record of another kind, with its stamp if it has one
    kForeign,  // another line that logs consist of
    kUnknown,  // none of these
  };
  Kind kind = Kind::kUnknown;
  std::optional<AuditStamp> stamp;
  evidence::CallKey call;
  std::string executable;  // "?" if the record does not tell
  std::string command;     // the thread's name (`comm`); empty if the record does not tell
  bool printed = false;    // kernel's own log, which drops what comes too fast, and not an audit daemon's
  // Of kOther, a SYSCALL record: a0 to a3 of the call that it tells of (`call`: which one); empty if they
  // cannot be read, or are of a call of which evidence keeps none.
  std::vector<uint64_t> registers;
  bool is_refusal = false;  // of kBroken: it says that it is a kSeccomp, whatever is wrong with it
  bool disowned = false;  // of kForeign: it reads like a record, and neither kernel nor audit daemon wrote it
  bool big_endian = false;  // of kSeccomp: of a machine whose byte order is not the one that its ABI has here
  uint64_t pid = 0;         // in the host's pid namespace; 0 if the record does not tell
};

// `native` is the machine's ABI, for old records that do not name one.
AuditLine ParseAuditLine(std::string_view line, Abi native);

// The ABI of an AUDIT_ARCH_* value, in either byte order where both exist; x32 by bit 30 of the number.
std::optional<Abi> AbiOfAuditArch(uint32_t arch, uint32_t number);

// What became of a call, by the action in `code=`.
std::optional<evidence::Fate> FateOfAction(uint32_t code);

}  // namespace whittle::import

// The kernel's audit records of calls that filters logged or refused, as they come, whether or not auditd
// runs. Needs CAP_AUDIT_READ. The kernel sends them to the initial network namespace only: elsewhere the
// stream opens and is silent. Not thread safe.
//
// Which calls have a record: those of LOG, KILL and TRAP, and of filters with SECCOMP_FILTER_FLAG_LOG those
// of other actions, as far as kernel.seccomp.actions_logged names them.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace whittle::record {

class AuditStream {
 public:
  // Records from now on. Errors: kNotPossible.
  static Result<AuditStream> Open();

  struct News {
    std::vector<pid_t> processes;  // whose calls they are, in the initial pid namespace
    bool lost = false;             // the kernel had more than found room
  };
  // Those since the last call; never waits.
  News Take();
  int fd() const { return socket_.get(); }  // for poll()

 private:
  explicit AuditStream(Fd socket) : socket_(std::move(socket)) {}
  Fd socket_;
};

// Of a record's text; nothing if it does not tell.
std::optional<pid_t> ProcessOfAuditRecord(std::string_view text);

}  // namespace whittle::record

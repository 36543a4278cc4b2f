// The same filters read by ptrace(2), for hosts where the BPF task iterator does not work. It STOPS the
// thread for a moment: calls that do not restart by themselves (epoll_wait, semtimedop, recv with a timeout,
// ...) return EINTR to it, and a thread that is being debugged cannot be read. Needs CAP_SYS_ADMIN and
// CAP_SYS_PTRACE, and a reader without a filter of its own. Thread safe.
#pragma once

#include "filter/live/read.h"

namespace whittle::filter {

// Waits for the stop at most `deadline_ms`, then gives up; whatever happens, the thread runs on. Errors:
// kBadInput if there is no such process, kNotPossible with the reason.
Result<LiveFilters> ReadLiveFiltersByPtrace(pid_t pid, int deadline_ms);

}  // namespace whittle::filter

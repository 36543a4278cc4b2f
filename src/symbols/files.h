// The files of a process, opened as that process sees them, while it lives. Symbolic links and mount points
// are followed inside the process' root only: a container cannot point us at a file of the host's. Thread
// safe.
//
// Nothing is kept open for longer than a stack takes: a descriptor in a container's file system would keep
// its engine from unmounting it.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "symbols/stack.h"

namespace whittle::symbols {

struct OpenFiles {
  Fd root;                  // the process' root; the host's if the process is gone
  std::vector<Fd> modules;  // one for each module of the sample; invalid: not there, or another file by now
};

OpenFiles OpenModules(const Sample& sample, pid_t pid);

// A regular file below `root`, for reading; invalid if there is none. `path`: absolute.
Fd OpenBelow(int root, const std::string& path);

// The executable mappings of files that the process has now; empty if it is gone.
std::vector<Module> MappedModules(pid_t pid);
// The same of the text of /proc/PID/maps.
std::vector<Module> ModulesOfMaps(std::string_view maps);

}  // namespace whittle::symbols

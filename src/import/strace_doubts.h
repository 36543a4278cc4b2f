// What makes a trace of strace less than exact, told once at its end. Not thread safe.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "import/strace_processes.h"
#include "import/tally.h"
#include "syscalls/abi.h"

namespace whittle::import {

// What there was in the trace, and so what there was not.
struct StraceSeen {
  bool call = false;       // any
  bool started = false;    // a first call was an exec
  bool attached = false;   // to a process that ran
  bool end = false;        // of a process
  bool exited = false;     // one by itself, as a line says
  bool exit_call = false;  // as all that end by themselves make

  // `alive`: a process had not ended with the trace.
  void Tell(Tally& tally, Processes& processes, bool alive) const;
};

struct StraceDoubts {
  std::set<std::string> foreign;     // calls that their process' mode lacks
  std::set<std::string> hidden;      // names that may be those of what socketcall or ipc was told to do
  std::set<std::string> unbelieved;  // calls that reached the kernel though the filter refuses them
  uint64_t injected = 0;             // calls that the tracer answered itself

  // As gaps and warnings.
  void Tell(Tally& tally, Abi native) const;
};

}  // namespace whittle::import

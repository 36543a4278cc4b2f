// What is known of a container that does not work: the input of Diagnose(). Made by collect.h of a living
// host, by tests of what was recorded there. Values; thread safe.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "container/container.h"
#include "diagnose/program_file.h"
#include "evidence/evidence.h"
#include "profile/document.h"
#include "profile/target.h"

namespace whittle::diagnose {

// The profile that was meant for the container.
struct ProfileFacts {
  enum class Given {
    kUnknown,     // nobody tells
    kDefault,     // none was given: the engine's own
    kUnconfined,  // the user switched the filter off
    kDocument,    // one was given: `document`, or why there is none
  };
  Given given = Given::kUnknown;
  std::string name;  // for people: "web.json", "the profile that docker keeps with the container"
  // The option as it was given, where it is a path: podman keeps it, docker's client does not.
  std::string path;
  std::optional<profile::Document> document;
  // Why `document` is missing; at most one of them.
  std::string missing;  // there is no such file: the message
  std::string broken;   // it is no JSON: the message, with line and column
  std::string invalid;  // it is JSON, and no profile: the message, with line, column and pointer
  std::string ignored;  // why what was given is not in force; empty if it is
  // True where `document` is what the engine made of it (plain OCI), not what the user wrote.
  bool loaded = false;
};

// A call that was refused to it, as somebody saw.
struct RefusedCall {
  enum class Source { kKept, kAudit } source = Source::kKept;
  Abi abi = Abi::kX86_64;
  std::string call;  // "openat", "#451"
  evidence::Fate fate = evidence::Fate::kDenied;
  bool arrived = false;  // made by the runtime, or by what `exec` brought
  std::string got;       // "EPERM (Operation not permitted)"; empty if not known
  std::string executable, command;
  uint64_t count = 1;
  int64_t last_ms = 0;
  std::vector<std::string> stack;  // who asked, innermost first
};

// The process that should have become the workload, or is it.
struct ProcessFacts {
  pid_t pid = 0;
  std::string command;            // "runc:[2:INIT]"
  bool killed_by_filter = false;  // its first thread is dead by a filter while others wait: KILL_THREAD
  int seccomp = -1;               // as in /proc/PID/status: 0 none, 2 a filter; -1: not known
};

struct Facts {
  std::string name;                              // as the user called it; empty: only a message or a profile
  std::optional<container::ContainerInfo> info;  // what the engine knows; nothing if it is gone
  std::optional<profile::Target> target;         // what loads the profile
  ProfileFacts profile;
  std::string error;                 // why the start failed, in the engine's words
  std::vector<std::string> log;      // the last lines that its processes wrote
  std::vector<RefusedCall> refused;  // oldest first
  std::string watched;               // who watched refusals: a file; empty: nobody
  // Of a life that was kept: whether any call of the workload was seen, and whether all of the life was.
  bool workload_seen = false;
  bool seen_from_start = false;
  bool out_of_memory = false;                                 // the kernel's log says so
  ProgramFile::State program = ProgramFile::State::kUnknown;  // its file
  std::optional<Abi> program_abi;       // of the program's file, where it is not the native one
  std::optional<bool> program_dynamic;  // whether it is linked dynamically
  bool kernel_log = false;  // it was read: what was killed without a record was not killed by KILL
  std::optional<ProcessFacts> process;
  std::string no_listener;           // why nobody listens at the profile's listenerPath
  std::vector<std::string> unknown;  // what could not be looked at, and why
};

}  // namespace whittle::diagnose

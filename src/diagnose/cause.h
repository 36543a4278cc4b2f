// Why a container does not work, as an answer: ranked causes, each with what speaks for it and what to
// change. Values; thread safe. Text is as it came, names of containers and programs included: hostile.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace whittle::diagnose {

// In the order in which equally sure causes are told: what is more particular stands first.
enum class Kind {
  kProfileMissing,       // the profile's file is not there
  kProfilePath,          // a path where it means nothing: relative, of another machine, as a document
  kProfileBroken,        // no JSON
  kNoListener,           // NOTIFY, and nobody listens
  kProfileRefused,       // JSON, but the loader, the runtime or libseccomp does not take it
  kRuntimeRefused,       // the runtime itself is refused a call: nothing of the workload runs
  kArchitectureMissing,  // calls of the program's ABI are killed: the profile does not list it
  kWorkloadRefused,      // a call of the workload is refused
  kProfileIgnored,       // a profile was meant, and no filter or another one is in force
  // Not seccomp's fault.
  kOutOfMemory,      // the kernel killed it for want of memory
  kProgramMissing,   // there is no such program
  kProgramUnusable,  // it cannot be executed: rights, format, another machine's
  kHostRights,       // the host's engine lacks a right that the container would need
  kEngine,           // the engine could not prepare it: image, mounts, network
  kCapability,       // a capability is missing
  kPermission,       // a user's rights, a read-only file system, an LSM
  kKilled,           // a signal from outside
  kCrashed,          // a fault of the program
  kEndedByItself,    // its own exit code
};

std::string_view KindName(Kind kind);  // "profile-missing", ...: what scripts see
bool IsSeccomp(Kind kind);             // whether a profile has to do with it

// How sure it is. Certain: the profile, or the engine's own words, admit nothing else.
enum class Certainty { kCertain, kLikely, kPossible };
std::string_view CertaintyName(Certainty certainty);  // "certain", "likely", "possible"

struct Cause {
  Kind kind = Kind::kEndedByItself;
  Certainty certainty = Certainty::kPossible;
  std::string what;                  // one sentence without a full stop
  std::vector<std::string> because;  // what speaks for it, one line each
  std::string change;                // what to do about it; empty if nothing
  std::vector<std::string> calls;    // of which it is about, by name
};

struct Diagnosis {
  std::string state;                 // "web: docker 20.10.24, runc 1.1.5, exited with 1"
  std::vector<Cause> causes;         // the likeliest first
  std::vector<std::string> unknown;  // what could not be looked at, and why
};

}  // namespace whittle::diagnose

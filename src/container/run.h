// Running a workload under a profile: a command, or a container of an engine. The library half of `whittle
// run`. Not thread safe: signals and children of the process are touched.
//
// Invariant: a workload never runs without a filter in silence. A document that would install none is an
// error before anything starts, and what runs is checked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "container/child.h"
#include "container/container.h"
#include "evidence/evidence.h"
#include "profile/document.h"
#include "profile/target.h"
#include "record/recorder.h"

namespace whittle::container {

struct RunOutcome {
  int exit_code = 0;  // the workload's; 128 + signal
  profile::Target target;
  // Why refusals were not watched; empty if they were, from the first call to the end.
  std::string unwatched;
  std::vector<record::Denial> denials;
  evidence::Evidence evidence;  // what was recorded meanwhile; empty if unwatched
};

// Loads the filter itself and becomes `words`. `words[0]` is looked up in PATH. no_new_privs is set unless
// the caller has CAP_SYS_ADMIN. Errors: kBadInput if the document means no filter here or refuses execve, or
// if there is no such program; kNotPossible if the command cannot start.
Result<RunOutcome> RunCommand(const profile::Document& document, const std::vector<std::string>& words,
                              Output output = Output::kOurs);

struct ImageRun {
  std::optional<EngineKind> engine;  // default: docker if it answers, else podman
  std::string runtime;               // a name the engine knows; empty: its default
  std::string image;
  std::vector<std::string> engine_arguments;  // for `docker run` / `podman run`, before the image
  std::vector<std::string> command;           // after the image
  std::string profile_file;  // what the engine reads; empty: the document is written to a temporary file
  Output output = Output::kOurs;
};

// Runs `docker run --security-opt seccomp=FILE ARGUMENTS... IMAGE COMMAND...` (or podman's) in the
// foreground. Errors: kUsage if the arguments would switch the filter off; kBadInput as above; kNotPossible
// if no engine answers.
Result<RunOutcome> RunImage(const profile::Document& document, const ImageRun& run);

// What the words of `docker run` before the image say about the target, and whether they contradict a
// profile.
struct EngineArguments {
  bool detached = false;
  bool no_new_privs = false;
  std::string id_file;                 // --cidfile
  std::vector<std::string> add, drop;  // capabilities
};
// Errors: kUsage for --privileged and for another seccomp option.
Result<EngineArguments> ReadEngineArguments(const std::vector<std::string>& arguments);

}  // namespace whittle::container

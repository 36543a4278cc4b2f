// What a verb of the command line is. One file under src/cli/ makes one verb; verbs.cc is the table of them
// all, from which the parser, the help and the completion are made. Exit codes: docs/cli.md.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/flags.h"

namespace whittle::cli {

// What a finished verb says: 0 done and as wished, 1 done and the answer is "no". Failures are Errors.
inline constexpr int kYes = 0;
inline constexpr int kNo = 1;

struct Verb {
  std::string name;
  std::string summary;  // one line, for the list of verbs
  std::string example;  // command lines, shown at the end of --help
  // Adds what the verb takes to `flags`, bound to a state of the verb's own, and returns what runs it after
  // parsing.
  std::function<std::function<Result<int>()>(Flags flags)> define;
  // Whether what follows the first "--" is a command that the parser must not touch: see CommandTail().
  enum class Tail { kNone, kCommand } tail = Tail::kNone;
};

// The words after the first "--" of this run's command line, for a verb with Tail::kCommand. Set once, by
// Main().
const std::vector<std::string>& CommandTail();

// The verbs, in the order in which --help lists them.
const std::vector<Verb>& Verbs();

// Parses the arguments and runs the verb. Returns the exit code; prints errors as "error: ..." on standard
// error.
int Main(int argc, char** argv);

}  // namespace whittle::cli

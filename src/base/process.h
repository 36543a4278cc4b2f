// Running another program and taking its output, never through a shell.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace whittle {

struct ProcessResult {
  int exit_code = 0;  // 128 + signal if a signal ended it
  std::string output;
  std::string errors;
};

// Runs argv[0] (looked up in PATH) with no standard input and waits; kills it after `deadline_ms`.
// Errors: kNotPossible if it cannot be started or outlives the deadline. A non-zero exit is a result, not an error.
Result<ProcessResult> RunProcess(const std::vector<std::string>& argv, int deadline_ms = 30'000);

// Where `program` is found in PATH; empty if nowhere. A name with a slash is itself.
std::string FindProgram(const std::string& program);

}  // namespace whittle

// What a program prints while it runs. The program is ended with the value, and with the thread that started
// it, however that ends: nothing is left behind where we are killed. Not thread safe.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace whittle::container {

class OutputOf {
 public:
  // argv[0] is looked up in PATH; no standard input, errors go nowhere. Errors: kNotPossible.
  static Result<OutputOf> Start(std::vector<std::string> argv);
  OutputOf(OutputOf&& other) noexcept;
  OutputOf& operator=(OutputOf&&) = delete;
  OutputOf(const OutputOf&) = delete;
  ~OutputOf();

  // The whole lines that came since the last call; never waits. A line of more than a megabyte is left out.
  std::vector<std::string> TakeLines();

 private:
  OutputOf(pid_t pid, Fd output) : pid_(pid), output_(std::move(output)) {}

  pid_t pid_ = -1;
  Fd output_;
  std::string rest_;  // a line that is not whole yet
};

}  // namespace whittle::container

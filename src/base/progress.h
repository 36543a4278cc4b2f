// One line that says how long work is going: rewritten in place on a terminal, plain lines elsewhere.
// Always on standard error. Not thread safe.
#pragma once

#include <cstdint>
#include <string>

namespace whittle {

class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Shows `line`. Off a terminal at most one line in ten seconds appears, so that logs stay readable.
  void Show(const std::string& line);
  // Ends the status line and prints `line` on a line of its own.
  void Say(const std::string& line);

 private:
  void Clear();

  bool terminal_;
  bool open_ = false;  // a status line stands on the terminal
  int64_t last_plain_ms_ = 0;
};

// True if colour may be used on `fd`: a terminal, and NO_COLOR is not set.
bool ColourAllowed(int fd);

}  // namespace whittle

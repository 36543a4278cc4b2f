#include "base/progress.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/time.h"

namespace whittle {
namespace {
constexpr int64_t kPlainIntervalMs = 10'000;
}

Progress::Progress() : terminal_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() { Clear(); }

void Progress::Clear() {
  if (open_) std::fputs("\r\033[K", stderr);
  open_ = false;
}

void Progress::Show(const std::string& line) {
  if (terminal_) {
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
    std::fflush(stderr);
    open_ = true;
    return;
  }
  const int64_t now = MonotonicMs();
  if (last_plain_ms_ != 0 && now - last_plain_ms_ < kPlainIntervalMs) return;
  last_plain_ms_ = now;
  std::fprintf(stderr, "%s\n", line.c_str());
}

void Progress::Say(const std::string& line) {
  Clear();
  std::fprintf(stderr, "%s\n", line.c_str());
}

bool ColourAllowed(int fd) {
  const char* no_color = std::getenv("NO_COLOR");
  return ::isatty(fd) == 1 && (no_color == nullptr || *no_color == '\0');
}

}  // namespace whittle

// nginx on loopback, one worker on the first CPU, and wrk on the last, which asks it for a small page as fast
// as it can.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"

namespace whittle::bench {

class WebServer {
 public:
  // Errors: kNotPossible where nginx or wrk is missing or nginx does not answer.
  static Result<WebServer> Start();
  ~WebServer();
  WebServer(WebServer&& other) noexcept;
  WebServer& operator=(WebServer&&) = delete;

  pid_t pid() const { return pid_; }  // the master's
  // What wrk answers. Errors: kNotPossible.
  Result<double> RequestsPerSecond(int seconds) const;

 private:
  WebServer() = default;
  std::string folder_;
  pid_t pid_ = -1;
};

}  // namespace whittle::bench

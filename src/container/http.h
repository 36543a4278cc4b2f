// HTTP requests to a server behind a unix socket: how engines are asked. HttpGet is thread safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace whittle::container {

struct HttpAnswer {
  long status = 0;
  std::string body;
};

// An answer that is larger is refused: the list of ten thousand containers has 10 MB.
inline constexpr size_t kMaxAnswerBytes = size_t{64} << 20;

// GET http://localhost`target` from the server at `socket_path`. No redirects, no proxies.
// Errors: kNotPossible if nobody answers within `deadline_ms`, kBadInput if the answer is too large.
Result<HttpAnswer> HttpGet(const std::string& socket_path, const std::string& target,
                           int deadline_ms = 10'000);

// An answer that never ends, read line by line as it comes (events). Not thread safe.
class HttpLines {
 public:
  // Returns once the server has answered 200. Errors: kNotPossible; kBadInput for another status.
  static Result<HttpLines> Get(const std::string& socket_path, const std::string& target,
                               int deadline_ms = 10'000);

  // The whole lines that came since the last call; never waits. A line of more than a megabyte is left out.
  std::vector<std::string> Take();
  // False once the server has ended the answer, or a line was left out: then something may have been missed.
  bool whole() const { return whole_; }

 private:
  explicit HttpLines(Fd socket) : socket_(std::move(socket)) {}
  // Nothing when there is nothing to be read now.
  bool ReadMore();
  Result<void> ReadHead(int deadline_ms);

  Fd socket_;
  std::string rest_;  // what is no whole line yet
  bool whole_ = true;
};

// `text` as one component of a path: everything but letters, digits and "-_.~" as %NN.
std::string PathComponent(std::string_view text);

}  // namespace whittle::container

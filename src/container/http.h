// One HTTP request to a server behind a unix socket: how engines are asked. Thread safe.
#pragma once

#include <string>
#include <string_view>

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

// `text` as one component of a path: everything but letters, digits and "-_.~" as %NN.
std::string PathComponent(std::string_view text);

}  // namespace whittle::container

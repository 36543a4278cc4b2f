// HTTP/1.0, spoken by hand: a server then sends the answer as it is, not in chunks, and curl would want a
// thread.
#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "base/time.h"
#include "container/http.h"

namespace whittle::container {
namespace {

constexpr size_t kMaxLine = size_t{1} << 20;
constexpr size_t kMaxHead = size_t{1} << 16;

std::unexpected<Error> NotPossible(const std::string& what) {
  return Fail(ErrorCode::kNotPossible, fmt::format("{}: {}", what, strerror(errno)));
}

Result<Fd> Connect(const std::string& socket_path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof(address.sun_path)) {
    errno = ENAMETOOLONG;
    return NotPossible("connect");
  }
  memcpy(address.sun_path, socket_path.c_str(), socket_path.size() + 1);
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return NotPossible("make a socket");
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return NotPossible("connect");
  }
  return socket;
}

// "HTTP/1.0 200 OK"
bool IsGood(std::string_view head) {
  const auto words = Words(head.substr(0, head.find('\n')));
  return words.size() >= 2 && words[0].starts_with("HTTP/1.") && words[1] == "200";
}

}  // namespace

Result<HttpLines> HttpLines::Get(const std::string& socket_path, const std::string& target, int deadline_ms) {
  HttpLines lines(TRY(Connect(socket_path)));
  const std::string request = fmt::format("GET {} HTTP/1.0\r\nHost: localhost\r\n\r\n", target);
  if (send(lines.socket_.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return NotPossible("send a request");
  }
  fcntl(lines.socket_.get(), F_SETFL, O_NONBLOCK);
  TRY(lines.ReadHead(deadline_ms));
  return lines;
}

bool HttpLines::ReadMore() {
  char bytes[1 << 16];
  const ssize_t count = read(socket_.get(), bytes, sizeof(bytes));
  if (count > 0) rest_.append(bytes, static_cast<size_t>(count));
  const bool later = count < 0 && (errno == EAGAIN || errno == EINTR);
  if (count <= 0 && !later) whole_ = false;
  return count > 0;
}

Result<void> HttpLines::ReadHead(int deadline_ms) {
  const int64_t end_ms = MonotonicMs() + deadline_ms;
  size_t end = rest_.npos;
  while ((end = rest_.find("\r\n\r\n")) == rest_.npos) {
    pollfd wait{socket_.get(), POLLIN, 0};
    const int64_t left_ms = end_ms - MonotonicMs();
    if (left_ms <= 0 || !whole_ || rest_.size() > kMaxHead) {
      return Fail(ErrorCode::kNotPossible, "no answer to a request for events");
    }
    poll(&wait, 1, static_cast<int>(left_ms));
    ReadMore();
  }
  if (!IsGood(rest_)) {
    return Fail(ErrorCode::kBadInput, fmt::format("a request for events was answered '{}'",
                                                  Printable(Trim(rest_.substr(0, rest_.find('\n'))))));
  }
  rest_.erase(0, end + 4);
  return {};
}

std::vector<std::string> HttpLines::Take() {
  std::vector<std::string> lines;
  do {
    size_t begin = 0;
    for (size_t end = 0; (end = rest_.find('\n', begin)) != rest_.npos; begin = end + 1) {
      lines.push_back(rest_.substr(begin, end - begin));
    }
    rest_.erase(0, begin);
    if (rest_.size() > kMaxLine) {  // what follows of it is no line that anybody can read
      rest_.clear();
      whole_ = false;
    }
  } while (ReadMore());
  return lines;
}

}  // namespace whittle::container

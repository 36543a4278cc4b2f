#include "container/http.h"

#include <fmt/core.h>

#include <cctype>
#include <cstring>
#include <memory>

#include "container/curl.h"

namespace whittle::container {
namespace {

struct Body {
  std::string text;
  bool too_large = false;
};

size_t Append(char* data, size_t size, size_t count, void* user) {
  auto* body = static_cast<Body*>(user);
  const size_t bytes = size * count;
  if (body->text.size() + bytes > kMaxAnswerBytes) {
    body->too_large = true;
    return 0;  // ends the transfer
  }
  body->text.append(data, bytes);
  return bytes;
}

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

Result<Handle> MakeHandle(const Curl& curl) {
  Handle handle(curl.easy_init(), curl.easy_cleanup);
  if (!handle) return Fail(ErrorCode::kInternal, "libcurl cannot be initialized");
  return handle;
}

void SetOptions(const Curl& curl, CURL* handle, const std::string& socket_path, const std::string& url,
                int deadline_ms, Body& body) {
  curl.easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, socket_path.c_str());
  curl.easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl.easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(deadline_ms));
  curl.easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl.easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http");
  curl.easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl.easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
  curl.easy_setopt(handle, CURLOPT_NOPROXY, "*");
  curl.easy_setopt(handle, CURLOPT_WRITEFUNCTION, &Append);
  curl.easy_setopt(handle, CURLOPT_WRITEDATA, &body);
}

// What the system said of a connection that failed ("Permission denied"), else what curl says.
std::string Reason(const Curl& curl, CURL* handle, CURLcode code) {
  long error = 0;
  curl.easy_getinfo(handle, CURLINFO_OS_ERRNO, &error);
  if (code == CURLE_COULDNT_CONNECT && error != 0) return std::strerror(static_cast<int>(error));
  return curl.easy_strerror(code);
}

}  // namespace

Result<HttpAnswer> HttpGet(const std::string& socket_path, const std::string& target, int deadline_ms) {
  const Curl& curl = *TRY(LoadCurl());
  const Handle handle = TRY(MakeHandle(curl));
  Body body;
  const std::string url = "http://localhost" + target;
  SetOptions(curl, handle.get(), socket_path, url, deadline_ms, body);
  const CURLcode code = curl.easy_perform(handle.get());
  if (body.too_large) {
    return Fail(ErrorCode::kBadInput, fmt::format("the answer has more than {} MB", kMaxAnswerBytes >> 20));
  }
  if (code != CURLE_OK) return Fail(ErrorCode::kNotPossible, Reason(curl, handle.get(), code));
  HttpAnswer answer;
  curl.easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  answer.body = std::move(body.text);
  return answer;
}

std::string PathComponent(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        byte < 0x80 && (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~');
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", byte);
    }
  }
  return out;
}

}  // namespace whittle::container

#include "container/curl.h"

#include <dlfcn.h>
#include <fmt/core.h>

namespace whittle::container {
namespace {

constexpr const char* kLibrary = "libcurl.so.4";

template <typename Function>
bool Find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

Result<Curl> Load() {
  void* library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    return Fail(ErrorCode::kNotPossible,
                fmt::format("engines are asked through {}: {}", kLibrary, dlerror()));
  Curl curl;
  const bool complete = Find(library, "curl_global_init", curl.global_init) &&
                        Find(library, "curl_easy_init", curl.easy_init) &&
                        Find(library, "curl_easy_cleanup", curl.easy_cleanup) &&
                        Find(library, "curl_easy_setopt", curl.easy_setopt) &&
                        Find(library, "curl_easy_getinfo", curl.easy_getinfo) &&
                        Find(library, "curl_easy_perform", curl.easy_perform) &&
                        Find(library, "curl_easy_strerror", curl.easy_strerror);
  if (!complete || curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return Fail(ErrorCode::kInternal, fmt::format("{} cannot be initialized", kLibrary));
  return curl;
}

}  // namespace

Result<const Curl*> LoadCurl() {
  static const Result<Curl> loaded = Load();
  if (!loaded) return std::unexpected(loaded.error());
  return &*loaded;
}

}  // namespace whittle::container

// libcurl, loaded when the first request is made: it brings some thirty libraries of its own, and the verbs
// that ask no engine should not pay for them at every start. Thread safe.
#pragma once

#include <curl/curl.h>

#include "base/result.h"

namespace whittle::container {

// The functions that are used, by their names in libcurl(3).
struct Curl {
  decltype(&curl_global_init) global_init = nullptr;
  decltype(&curl_easy_init) easy_init = nullptr;
  decltype(&curl_easy_cleanup) easy_cleanup = nullptr;
  CURLcode (*easy_setopt)(CURL*, CURLoption, ...) = nullptr;
  CURLcode (*easy_getinfo)(CURL*, CURLINFO, ...) = nullptr;
  decltype(&curl_easy_perform) easy_perform = nullptr;
  decltype(&curl_easy_strerror) easy_strerror = nullptr;
};

// Initialized, and never unloaded. Errors: kNotPossible if the library is not installed.
Result<const Curl*> LoadCurl();

}  // namespace whittle::container

// What became of a call, as far as its result tells. Pure; thread safe.
#pragma once

#include <string_view>

#include "import/format.h"

namespace whittle::import {

// `error` is the errno's name, "EPERM"; empty if the call returned a value, or nothing is known of it.
evidence::Fate FateOfResult(const Settings& settings, Abi abi, uint32_t number, std::string_view error);

}  // namespace whittle::import

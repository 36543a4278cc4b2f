// rapidcheck with a seed and a size of our own: the same documents on every run.
#pragma once

#include <rapidcheck.h>

#include <cstdlib>
#include <iostream>

#include "base/text.h"

namespace whittle::oracle {

inline uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : ParseUnsigned(text).value_or(otherwise);
}

// Runs `property` so many times; false if it failed, with the smallest case on standard output.
template <typename Property>
bool CheckMany(uint64_t times, uint64_t seed, Property property) {
  rc::detail::TestParams params;
  params.seed = seed;
  params.maxSuccess = static_cast<int>(times);
  const auto result = rc::detail::checkTestable(property, rc::detail::TestMetadata{}, params);
  if (result.template is<rc::detail::SuccessResult>()) return true;
  rc::detail::printResultMessage(result, std::cout);
  std::cout << std::endl;
  return false;
}

}  // namespace whittle::oracle

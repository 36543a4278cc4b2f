// How many rounds the random tests of this folder make.
#pragma once

#include <cstdlib>

namespace whittle::algebra {

inline int Rounds() {
  const char* text = std::getenv("WHITTLE_ALGEBRA_ROUNDS");
  return text == nullptr ? 60 : std::atoi(text);
}

}  // namespace whittle::algebra

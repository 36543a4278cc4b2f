// What becomes of a call that a filter answers so, and what that means for who relies on it. Pure; thread
// safe.
#pragma once

#include <string>

#include "profile/action.h"

namespace whittle::advise {

// "the call is not made, the program gets EPERM: ...", without a full stop.
std::string EffectOf(profile::Action action, uint16_t data);

}  // namespace whittle::advise

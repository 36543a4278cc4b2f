// What two profiles say that no filter shows: how it is installed, and who is asked. Pure; thread safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "profile/document.h"
#include "profile/target.h"

namespace whittle::advise {

struct MemberDifference {
  std::string_view member;    // "flags", "listenerPath", "listenerMetadata"
  std::string first, second;  // as the loader passes it on; empty: not given
};

// As their targets pass them on: a member that a loader ignores is as if it were not there. `flags` in
// whatever order.
std::vector<MemberDifference> DifferentMembers(const profile::Document& first,
                                               const profile::Target& first_target,
                                               const profile::Document& second,
                                               const profile::Target& second_target);

}  // namespace whittle::advise

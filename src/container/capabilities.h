// Linux capabilities by name. Pure; thread safe. Source: linux/capability.h (CAP_LAST_CAP of 6.x),
// capabilities(7).
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace whittle::container {

// "CAP_CHOWN" at 0, ...: the index is the bit.
std::span<const std::string_view> AllCapabilities();

// The names of the bits of a mask as /proc/PID/status shows it; bits without a name are left out.
std::set<std::string> CapabilitiesOfMask(uint64_t mask);

// The bounding set that docker makes of a default, --cap-add and --cap-drop ("ALL", "NET_RAW",
// "cap_net_raw"). As in docker's oci/caps: a drop of ALL leaves only what is added, an add of ALL only takes
// away what is dropped.
std::set<std::string> TweakCapabilities(const std::set<std::string>& defaults,
                                        std::span<const std::string> add, std::span<const std::string> drop);

}  // namespace whittle::container

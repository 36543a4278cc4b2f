// The sets of systemd's SystemCallFilter=: @default, @file-system, ... Pure; thread safe. Source:
// data/systemd_groups.csv.
#pragma once

#include <string_view>
#include <vector>

namespace whittle::import {

// The calls of a set and of the sets in it; none if there is no such set.
std::vector<std::string_view> CallsOfSystemdSet(std::string_view set);

}  // namespace whittle::import

// A composed document without its rules: default, architectures, flags, listener. Pure; thread safe.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "algebra/ideal.h"

namespace whittle::algebra {

// The ABIs that the document filters on a host. With several hosts, each filters what its own kernel serves.
std::vector<Abi> OwnAbis(const Ideal& ideal, size_t hosts);

// `hosts`: at least one. What of the parts is left out is said in `notes`.
profile::Document HeadOf(std::span<const profile::Document> parts, std::span<const Ideal> hosts,
                         const Answer& otherwise, std::vector<std::string>& notes);

}  // namespace whittle::algebra

// Lines by which kernels and log daemons say that they dropped something. Pure; thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace whittle::import {

struct AuditLoss {
  std::string_view kind;    // of the gap
  std::string_view detail;  // one line for a person
  uint64_t count = 0;       // how many, where the line tells
};

// Nothing if the line tells of no loss.
std::optional<AuditLoss> LossOf(std::string_view line);

}  // namespace whittle::import

// Refusals that somebody kept: the denials file and its store (docs/format-denials.md), and what else holds
// refusals: the result of `whittle run`, evidence. Reading is pure; thread safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "container/container.h"
#include "diagnose/facts.h"

namespace whittle::diagnose {

inline constexpr const char* kKeptFolder = "/var/lib/whittle/denials";
inline constexpr int kKeptVersion = 1;

// One life of a container, as it was watched.
struct Kept {
  container::ContainerInfo container;  // id, name, image, engine, runtime: what is known of them
  int64_t started_ms = 0;
  int64_t updated_ms = 0;
  bool from_start = false;
  bool ended = false;
  std::vector<RefusedCall> refused;     // oldest first
  std::vector<std::string> last_calls;  // what the workload did last that was new, oldest first
  std::vector<std::string> gaps;
  std::string file;
};

// Errors: kBadInput with line, column and member. Of evidence and of run's results too, whose refusals are
// those of the container called `name` (or of all, where the document does not tell).
Result<Kept> ReadKept(std::string_view text, const std::string& file, std::string_view name);
Result<Kept> ReadKeptFile(const std::string& path, std::string_view name);

// The latest life of the container with that name, id or prefix of one (12 digits at least); nothing if the
// folder is not there or has none. Errors: kBadInput for a file that is of the store and cannot be read.
Result<std::optional<Kept>> FindKept(const std::string& folder, std::string_view name_or_id);

}  // namespace whittle::diagnose

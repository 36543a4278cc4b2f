// Measuring a baseline: the calls that a container runtime makes between loading the filter and the
// workload's execve. The library half of `whittle baseline`; docs/baselines.md says what is started and why.
// Needs root and an engine; starts and removes containers named whittle-baseline-*. Not thread safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "container/container.h"
#include "container/engines.h"
#include "profile/target.h"
#include "syscalls/abi.h"

namespace whittle::container {

// How a program comes into a container.
enum class Phase { kStart, kExec };
std::string_view PhaseName(Phase phase);  // "start", "exec"

// In how many starts a call was seen.
struct BaselineRow {
  Phase phase = Phase::kStart;
  bool no_new_privs = false;
  Abi abi = Abi::kX86_64;
  std::string call;
  uint32_t seen = 0;
  uint32_t starts = 0;
  std::string reason;  // for people; no commas
  // Whether a start fails without the call; nothing where that was not, or cannot be, tried.
  std::optional<bool> needed;
};

struct Baseline {
  profile::Target target;  // engine, runtime, kernel that were measured
  std::string engine_text;
  std::string runtime_text;  // "1.1.5+ds1"
  std::vector<BaselineRow> rows;
};

struct BaselinePlan {
  std::optional<EngineKind> engine;
  std::string runtime;   // a name the engine knows; empty: its default
  uint32_t starts = 50;  // of each variant
  uint32_t tries = 3;    // starts of each variant without one call, to see whether it is needed; 0: not asked
};

// Called with a line for people.
using Say = std::function<void(const std::string& line)>;

// Errors: kNotPossible without engine, root or BPF; kBadInput if a start fails (its message is passed on).
Result<Baseline> MeasureBaseline(const BaselinePlan& plan, const Say& say);

// The table of data/baselines: comment lines, a header line, one line a row, sorted.
std::string WriteBaselineCsv(const Baseline& baseline);

// How often each call was seen, per variant: what rows are made of. Pure.
struct VariantCounts {
  std::string variant;  // "plain", "--user", ...
  uint32_t starts = 0;
  std::map<std::pair<Abi, uint32_t>, uint32_t> seen;
};
// The reason of a call that comes and goes with the timing.
inline constexpr std::string_view kSometimes = "in some starts only";
std::vector<BaselineRow> RowsOf(Phase phase, bool no_new_privs, const std::vector<VariantCounts>& variants);

// Calls that a Go runtime may make at any moment, with the reason; added to runc's rows where they were not
// seen.
void AddArguedRows(profile::Runtime runtime, std::vector<BaselineRow>& rows);

}  // namespace whittle::container

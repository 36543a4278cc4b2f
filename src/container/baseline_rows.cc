// From counts to the table.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "container/baseline.h"
#include "syscalls/table.h"

namespace whittle::container {
namespace {

// Go's scheduler preempts a goroutine by a signal to its thread: the handler ends in rt_sigreturn, at any
// moment.
constexpr std::string_view kPreemption = "Go preempts by a signal whose handler ends in rt_sigreturn";

struct Argued {
  std::string_view call;
  std::string_view reason;
};
constexpr std::array kGo = {
    Argued{"rt_sigreturn", kPreemption},
    Argued{"futex", "Go wakes a sleeping thread"},
    Argued{"sched_yield", "Go gives its processor away while it waits for another thread"},
};

// A call of every start of some variants belongs to those; one that comes and goes is a matter of timing.
std::string ReasonOf(std::string_view name, const std::pair<Abi, uint32_t>& call,
                     const std::vector<VariantCounts>& variants) {
  std::vector<std::string> always;
  bool sometimes = false;
  for (const auto& variant : variants) {
    const auto seen = variant.seen.find(call);
    if (seen == variant.seen.end()) continue;
    sometimes = sometimes || seen->second < variant.starts;
    always.push_back(variant.variant);
  }
  if (name == "rt_sigreturn") return std::string(kPreemption);
  if (sometimes || always.empty()) return std::string(kSometimes);
  return always.size() == variants.size() ? "" : "only with " + Join(always, "; ");
}

}  // namespace

std::string_view PhaseName(Phase phase) { return phase == Phase::kStart ? "start" : "exec"; }

std::vector<BaselineRow> RowsOf(Phase phase, bool no_new_privs, const std::vector<VariantCounts>& variants) {
  std::map<std::pair<Abi, uint32_t>, uint32_t> total;
  uint32_t starts = 0;
  for (const auto& variant : variants) {
    starts += variant.starts;
    for (const auto& [call, count] : variant.seen) total[call] += count;
  }
  std::vector<BaselineRow> rows;
  for (const auto& [call, count] : total) {
    BaselineRow row{phase, no_new_privs, call.first, SyscallText(call.first, call.second),
                    count, starts,       "",         {}};
    row.reason = ReasonOf(row.call, call, variants);
    rows.push_back(std::move(row));
  }
  std::ranges::sort(rows, {}, [](const BaselineRow& row) { return std::pair(row.abi, row.call); });
  return rows;
}

void AddArguedRows(profile::Runtime runtime, std::vector<BaselineRow>& rows) {
  if (runtime != profile::Runtime::kRunc) return;
  struct Group {
    uint32_t starts = 0;
    std::set<std::string> calls;
  };
  std::map<std::tuple<Phase, bool, Abi>, Group> groups;
  for (const auto& row : rows) {
    auto& group = groups[{row.phase, row.no_new_privs, row.abi}];
    group.starts = row.starts;
    group.calls.insert(row.call);
  }
  for (const auto& [key, group] : groups) {
    const auto& [phase, no_new_privs, abi] = key;
    for (const auto& argued : kGo) {
      if (group.calls.contains(std::string(argued.call))) continue;
      rows.push_back({phase,
                      no_new_privs,
                      abi,
                      std::string(argued.call),
                      0,
                      group.starts,
                      fmt::format("not seen here; {}", argued.reason),
                      {}});
    }
  }
}

std::string WriteBaselineCsv(const Baseline& baseline) {
  auto rows = baseline.rows;
  std::ranges::sort(rows, {}, [](const BaselineRow& row) {
    return std::tuple(row.phase, row.no_new_privs, row.abi, row.call);
  });
  const std::string runtime(profile::RuntimeName(baseline.target.runtime));
  const std::string version = baseline.target.runtime_version.Text();
  std::string out = fmt::format(
      "# Calls that {} makes between loading the filter and the workload's execve: docs/baselines.md.\n"
      "# Measured by `whittle baseline` with {}, {}.\n"
      "runtime,version,phase,no_new_privs,abi,call,seen,starts,reason,needed\n",
      baseline.runtime_text, baseline.engine_text, baseline.target.Text());
  for (const auto& row : rows) {
    out += fmt::format("{},{},{},{},{},{},{},{},{},{}\n", runtime, version, PhaseName(row.phase),
                       row.no_new_privs ? 1 : 0, AbiName(row.abi), row.call, row.seen, row.starts, row.reason,
                       !row.needed   ? ""
                       : *row.needed ? "1"
                                     : "0");
  }
  return out;
}

}  // namespace whittle::container

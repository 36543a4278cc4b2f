#include "syscalls/facts.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <vector>

#include "base/text.h"

namespace whittle {
namespace {

struct GroupRow {
  std::string_view call, group;
};
constexpr GroupRow kGroupRows[] = {
#include "groups.inc"
};

struct RiskRow {
  std::string_view call, level, reason;
};
constexpr RiskRow kRiskRows[] = {
#include "risk.inc"
};

struct CveRow {
  std::string_view cve, call, certainty, source, argument;
};
constexpr CveRow kCveRows[] = {
#include "cves.inc"
};

struct EquivalentRow {
  std::string_view call, also, abis, allow, reason;
};
constexpr EquivalentRow kEquivalentRows[] = {
#include "equivalents.inc"
};

struct DetourRow {
  std::string_view call, also, back, reason;
};
constexpr DetourRow kDetourRows[] = {
#include "detours.inc"
};

struct DoesWithoutRow {
  std::string_view call, program, abi, answer, instead, moot, measured, workloads;
};
constexpr DoesWithoutRow kDoesWithoutRows[] = {
#include "does_without.inc"
};

}  // namespace

bool AbisInclude(std::string_view abis, Abi abi) {
  if (abis == "all") return true;
  if (abis == "32") return Is32Bit(abi);
  if (abis == "64") return !Is32Bit(abi);
  const auto names = Split(abis, ' ');
  return std::ranges::find(names, AbiName(abi)) != names.end();
}

std::span<const std::string_view> SyscallGroups() {
  static constexpr std::array<std::string_view, 12> kGroups = {
      "files",    "waiting", "network",  "memory",           "processes",          "signals",
      "identity", "time",    "messages", "asynchronous I/O", "system information", "administration"};
  return kGroups;
}

std::string_view SyscallGroup(std::string_view name) {
  const auto row = std::ranges::lower_bound(kGroupRows, name, {}, &GroupRow::call);
  return row != std::end(kGroupRows) && row->call == name ? row->group : "administration";
}

std::optional<Risk> SyscallRisk(std::string_view name) {
  const auto row = std::ranges::lower_bound(kRiskRows, name, {}, &RiskRow::call);
  if (row == std::end(kRiskRows) || row->call != name) return std::nullopt;
  return Risk{row->level[0] - '0', row->reason};
}

std::span<const CvePair> CvePairs() {
  static const auto pairs = [] {
    std::vector<CvePair> made;
    for (const auto& row : kCveRows)
      made.push_back({row.cve, row.call, row.certainty == "published", row.source, row.argument});
    return made;
  }();
  return pairs;
}

std::vector<CvePair> CvePairsOf(std::string_view call) {
  std::vector<CvePair> pairs;
  std::ranges::copy_if(CvePairs(), std::back_inserter(pairs),
                       [&](const CvePair& pair) { return pair.call == call; });
  return pairs;
}

std::span<const Equivalent> Equivalents() {
  static const auto equivalents = [] {
    std::vector<Equivalent> made;
    for (const auto& row : kEquivalentRows) {
      made.push_back({row.call == "any" ? "" : row.call, row.also, row.abis, row.allow == "yes", row.reason});
    }
    return made;
  }();
  return equivalents;
}

std::span<const Alternative> Detours() {
  static const auto detours = [] {
    std::vector<Alternative> made;
    for (const auto& row : kDetourRows) made.push_back({row.call, row.also, row.back == "yes", row.reason});
    return made;
  }();
  return detours;
}

bool RingDoes(std::string_view call) {
  return std::ranges::any_of(kDetourRows,
                             [&](const DetourRow& row) { return row.call == call && row.also == kRing; });
}

std::span<const Dispensable> Dispensables() {
  static const auto dispensables = [] {
    std::vector<Dispensable> made;
    for (const auto& row : kDoesWithoutRows) {
      const uint32_t error = row.answer == "EPERM" ? EPERM : ENOSYS;
      made.push_back({row.call, row.program, ParseAbi(row.abi).value(), row.answer, error, Words(row.instead),
                      Words(row.moot), row.measured});
    }
    return made;
  }();
  return dispensables;
}

const Dispensable* DispensableFor(std::string_view call, std::string_view executable, Abi abi,
                                  uint32_t error) {
  const auto program = executable.substr(executable.rfind('/') + 1);
  const auto all = Dispensables();
  const auto found = std::ranges::find_if(all, [&](const Dispensable& one) {
    return one.call == call && one.program == program && one.abi == abi && one.error == error;
  });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace whittle

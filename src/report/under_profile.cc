#include "report/under_profile.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/text.h"
#include "filter/call_text.h"
#include "profile/action.h"
#include "report/summary.h"
#include "report/table.h"
#include "syscalls/arguments.h"
#include "syscalls/purpose.h"
#include "syscalls/table.h"

namespace whittle::report {
namespace {

using record::Denial;
using record::Refusal;

constexpr size_t kMostLines = 20;
constexpr size_t kLongestCall = 60;

// What the workload did, in numbers.
struct Counts {
  size_t calls = 0;       // different ones
  size_t programs = 0;    // that made them
  size_t unfiltered = 0;  // different calls that were made under no filter
};

Counts CountsOf(const evidence::Evidence& evidence) {
  std::set<std::pair<Abi, uint32_t>> calls, unfiltered;
  Counts counts;
  for (const auto& [subject, seen] : evidence.subjects) {
    if (subject.arrival != evidence::Arrival::kWorkload || seen.empty()) continue;
    ++counts.programs;
    for (const auto& [key, observation] : seen) {
      calls.emplace(key.abi, key.number);
      if (!key.under_filter) unfiltered.emplace(key.abi, key.number);
    }
  }
  counts.calls = calls.size();
  counts.unfiltered = unfiltered.size();
  return counts;
}

std::vector<const Denial*> MostFrequentFirst(std::span<const Denial> denials) {
  std::vector<const Denial*> sorted;
  for (const auto& denial : denials) sorted.push_back(&denial);
  std::ranges::stable_sort(sorted, std::greater{}, &Denial::count);
  return sorted;
}

// The native ABI goes without saying.
std::string CallName(const Denial& denial) {
  const std::string name = SyscallText(denial.call.abi, denial.call.number);
  return denial.call.abi == Abi::kX86_64 ? name : fmt::format("{} {}", AbiName(denial.call.abi), name);
}

std::string CallWithArguments(const Denial& denial) {
  std::string text = fmt::format("{}({})", CallName(denial), filter::ArgumentsText(denial.call));
  if (text.size() > kLongestCall) text = text.substr(0, kLongestCall - 4) + "...)";
  return text;
}

std::string ProcessText(const Denial& denial) {
  const char* whose = denial.subject.arrival == evidence::Arrival::kWorkload ? "" : ", not of the workload";
  return fmt::format("{} ({}, pid {}{})", Printable(denial.command), Printable(denial.subject.executable),
                     denial.pid, whose);
}

std::string RefusedTable(const std::vector<const Denial*>& sorted) {
  std::vector<std::vector<std::string>> rows = {{"TIMES", "CALL", "GOT", "PROCESS (THE FIRST)"}};
  for (const auto* denial : sorted) {
    if (rows.size() > kMostLines) break;
    rows.push_back({fmt::format("{:>5}", denial->count), CallWithArguments(*denial), RefusalText(*denial),
                    ProcessText(*denial)});
  }
  std::string text = TableText(rows);
  if (sorted.size() > kMostLines) {
    text += fmt::format("  and {} more kinds; --json has them all\n", sorted.size() - kMostLines);
  }
  return text;
}

// A newer call that is answered "no such call", so that programs take an older one: meant so, and not to be
// opened.
bool IsToFallBack(const Denial& denial) {
  const auto name = SyscallName(denial.call.abi, denial.call.number);
  return denial.refusal == Refusal::kError && denial.errno_value == ENOSYS && name &&
         SyscallFallback(denial.call.abi, *name);
}

std::string JoinNames(const std::set<std::string>& names, std::string_view between) {
  return Join(std::vector(names.begin(), names.end()), between);
}

std::string RefusedText(const UnderProfile& run, const Counts& counts) {
  uint64_t times = 0;
  std::set<std::string> names, fall_back;
  bool runtime = false;
  for (const auto& denial : run.denials) {
    times += denial.count;
    if (SyscallName(denial.call.abi, denial.call.number))
      (IsToFallBack(denial) ? fall_back : names).insert(SyscallText(denial.call.abi, denial.call.number));
    runtime = runtime || denial.subject.arrival != evidence::Arrival::kWorkload;
  }
  std::string text = fmt::format("refused, {} in all ({} of the workload watched):\n", Counted(times, "time"),
                                 Counted(counts.calls, "different call"));
  text += RefusedTable(MostFrequentFirst(run.denials));
  const bool runtime_only = runtime && counts.calls == 0;
  if (runtime_only) text += "The runtime itself was refused: no container starts under this profile.\n";
  if (!fall_back.empty()) {
    text += fmt::format("answered ENOSYS, as by an older kernel, upon which libcs do without: {}\n",
                        JoinNames(fall_back, ", "));
  }
  if (names.empty() || run.profile == "-") return text;
  text += fmt::format("If this should work: whittle profile new --from {} --add {} -o wider.json\n",
                      Printable(run.profile), JoinNames(names, ","));
  if (!runtime_only) return text;
  return text +
         fmt::format("These are what was met so far: whittle verify {} lists all that the runtime needs\n",
                     Printable(run.profile));
}

std::string NothingText(const Counts& counts) {
  if (counts.calls == 0)
    return "no call of a workload was seen: nothing ran, or it ended before its first call\n";
  return fmt::format(
      "nothing was refused: {} by {} watched from the first instruction to the end,\n"
      "at entry and exit, and none left the kernel without having entered it\n",
      Counted(counts.calls, "different call"), Counted(counts.programs, "program"));
}

std::string LoggedText(const std::set<std::string>& logged) {
  if (logged.empty()) return "";
  const std::string names = Join(std::vector(logged.begin(), logged.end()), " ");
  return fmt::format("let pass, and logged by the kernel: {}:\n{}", Counted(logged.size(), "different call"),
                     WrapText(names, "  ", "  "));
}

json::Value DenialJson(const Denial& denial) {
  std::vector<json::Value> arguments;
  const uint32_t count = ArgumentCount(denial.call.abi, denial.call.number);
  for (uint32_t i = 0; i < count; ++i) arguments.emplace_back(denial.call.arguments[i]);
  const bool error = denial.refusal == Refusal::kError;
  return json::Object({{"container", denial.subject.container},
                       {"executable", denial.subject.executable},
                       {"arrival", evidence::ArrivalName(denial.subject.arrival)},
                       {"command", denial.command},
                       {"pid", int64_t{denial.pid}},
                       {"abi", AbiName(denial.call.abi)},
                       {"call", SyscallText(denial.call.abi, denial.call.number)},
                       {"arguments", json::Array(std::move(arguments))},
                       {"fate", evidence::FateName(denial.fate)},
                       {"got", RefusalText(denial)},
                       {"errno", error ? profile::ErrnoName(static_cast<uint32_t>(denial.errno_value)) : ""},
                       {"count", denial.count}});
}

}  // namespace

std::string RefusalText(const Denial& denial) {
  switch (denial.refusal) {
    case Refusal::kError:
      return fmt::format("{} ({})", profile::ErrnoName(static_cast<uint32_t>(denial.errno_value)),
                         std::strerror(denial.errno_value));
    case Refusal::kValue:
      return "a value from a listener";
    case Refusal::kTrapped:
      return "SIGSYS, to its handler";
    case Refusal::kKilledProcess:
      return "killed by SIGSYS";
    case Refusal::kKilledThread:
      return "its thread was killed";
    case Refusal::kLogged:
      return "executed, and logged";
  }
  return "";
}

std::string UnderProfileText(const UnderProfile& run) {
  if (!run.unwatched.empty()) {
    return fmt::format("what was refused is not known, it was not watched: {}\n", Printable(run.unwatched));
  }
  const Counts counts = CountsOf(run.evidence);
  std::string text = run.denials.empty() ? NothingText(counts) : RefusedText(run, counts);
  text += LoggedText(run.logged);
  for (const auto& gap : run.evidence.gaps)
    text += fmt::format("gap: something may be missing: {}\n", Printable(gap.detail));
  if (counts.unfiltered > 0) {
    text += fmt::format("warning: {} of the workload were made under no filter\n",
                        Counted(counts.unfiltered, "different call"));
  }
  return text;
}

json::Value UnderProfileJson(const UnderProfile& run) {
  const Counts counts = CountsOf(run.evidence);
  json::Value refused = json::Array(), logged = json::Array(), gaps = json::Array();
  for (const auto* denial : MostFrequentFirst(run.denials)) refused.items.push_back(DenialJson(*denial));
  for (const auto& name : run.logged) logged.items.emplace_back(name);
  for (const auto& gap : run.evidence.gaps) gaps.items.emplace_back(gap.detail);
  return json::Object({{"profile", run.profile},
                       {"watched", run.unwatched.empty()},
                       {"unwatched_because", run.unwatched},
                       {"different_calls", uint64_t{counts.calls}},
                       {"under_no_filter", uint64_t{counts.unfiltered}},
                       {"refused", std::move(refused)},
                       {"logged", std::move(logged)},
                       {"gaps", std::move(gaps)}});
}

}  // namespace whittle::report

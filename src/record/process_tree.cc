#include "record/process_tree.h"

#include <fmt/core.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "base/file.h"
#include "base/text.h"

namespace whittle::record {
namespace {

std::vector<pid_t> NumbersIn(const std::string& folder) {
  std::vector<pid_t> numbers;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const auto number = ParseUnsigned(it->path().filename().string());
    if (number) numbers.push_back(static_cast<pid_t>(*number));
  }
  return numbers;
}

// The name in /proc/PID/stat may hold anything: what counts begins after its last ')'.
std::optional<pid_t> ParentOf(pid_t pid) {
  const auto stat = ReadKernelFile(fmt::format("/proc/{}/stat", pid));
  if (!stat) return std::nullopt;
  const auto end = stat->rfind(')');
  if (end == std::string::npos) return std::nullopt;
  const auto fields = Words(std::string_view(*stat).substr(end + 1));
  if (fields.size() < 2) return std::nullopt;
  const auto parent = ParseUnsigned(fields[1]);
  return parent ? std::optional(static_cast<pid_t>(*parent)) : std::nullopt;
}

}  // namespace

std::vector<pid_t> ThreadsOf(pid_t pid) { return NumbersIn(fmt::format("/proc/{}/task", pid)); }

std::set<pid_t> ProcessTree(pid_t pid) {
  std::multimap<pid_t, pid_t> children;
  for (const pid_t process : NumbersIn("/proc")) {
    if (const auto parent = ParentOf(process)) children.emplace(*parent, process);
  }
  std::set<pid_t> tree;
  if (ThreadsOf(pid).empty()) return tree;
  std::vector<pid_t> waiting{pid};
  while (!waiting.empty()) {
    const pid_t next = waiting.back();
    waiting.pop_back();
    if (!tree.insert(next).second) continue;
    const auto [first, last] = children.equal_range(next);
    for (auto it = first; it != last; ++it) waiting.push_back(it->second);
  }
  return tree;
}

}  // namespace whittle::record

#include "import/systemd_groups.h"

#include "syscalls/table.h"

namespace whittle::import {
namespace {

struct Member {
  std::string_view set, member;
};
constexpr Member kMembers[] = {
#include "systemd_groups.inc"
};

}  // namespace

// Sets do not contain each other in a circle.
std::vector<std::string_view> CallsOfSystemdSet(std::string_view set) {
  if (set == "@known") return {AllSyscallNames().begin(), AllSyscallNames().end()};
  std::vector<std::string_view> calls;
  for (const auto& row : kMembers) {
    if (row.set != set) continue;
    if (row.member.starts_with('@')) {
      const auto inner = CallsOfSystemdSet(row.member);
      calls.insert(calls.end(), inner.begin(), inner.end());
    } else {
      calls.push_back(row.member);
    }
  }
  return calls;
}

}  // namespace whittle::import

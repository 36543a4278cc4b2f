#include "container/capabilities.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace whittle::container {
namespace {

constexpr std::array<std::string_view, 41> kNames = {
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
};

std::string Normalized(const std::string& name) {
  std::string upper = name;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper.starts_with("CAP_") || upper == "ALL" ? upper : "CAP_" + upper;
}

std::set<std::string> NormalizedSet(std::span<const std::string> names) {
  std::set<std::string> out;
  for (const auto& name : names) out.insert(Normalized(name));
  return out;
}

std::set<std::string> Without(std::set<std::string> from, const std::set<std::string>& taken) {
  for (const auto& name : taken) from.erase(name);
  return from;
}

}  // namespace

std::span<const std::string_view> AllCapabilities() { return kNames; }

std::set<std::string> CapabilitiesOfMask(uint64_t mask) {
  std::set<std::string> out;
  for (size_t bit = 0; bit < kNames.size(); ++bit) {
    if ((mask >> bit & 1) != 0) out.emplace(kNames[bit]);
  }
  return out;
}

std::set<std::string> TweakCapabilities(const std::set<std::string>& defaults,
                                        std::span<const std::string> add, std::span<const std::string> drop) {
  std::set<std::string> added = NormalizedSet(add);
  const std::set<std::string> dropped = NormalizedSet(drop);
  const std::set<std::string> all(kNames.begin(), kNames.end());
  if (added.contains("ALL")) return dropped.contains("ALL") ? std::set<std::string>() : Without(all, dropped);
  if (dropped.contains("ALL")) return added;
  std::set<std::string> out = Without(defaults, dropped);
  out.merge(added);
  return out;
}

}  // namespace whittle::container

#include "inspect/namespaces.h"

#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "base/text.h"

namespace whittle::inspect {
namespace {

// The numbers of the first namespaces are fixed since Linux 3.8, those of mnt and net since 6.18
// (include/uapi/linux/nsfs.h); numbers that are given out later are higher, so none is mistaken for a first.
struct Kind {
  std::string_view name;
  uint64_t first;
};
constexpr std::array<Kind, 8> kKinds = {{{"cgroup", 0xeffffffb},
                                         {"ipc", 0xefffffff},
                                         {"mnt", 0xeffffff8},
                                         {"net", 0xeffffff9},
                                         {"pid", 0xeffffffc},
                                         {"time", 0xeffffffa},
                                         {"user", 0xeffffffd},
                                         {"uts", 0xeffffffe}}};

// "mnt:[4026531840]" -> the number; nothing if it cannot be read.
std::optional<uint64_t> InodeOf(const std::string& process, std::string_view kind) {
  char target[64];
  const ssize_t length =
      ::readlink(fmt::format("/proc/{}/ns/{}", process, kind).c_str(), target, sizeof target);
  if (length <= 0) return std::nullopt;
  const std::string_view text(target, static_cast<size_t>(length));
  const size_t open = text.find('[');
  if (open == std::string_view::npos || !text.ends_with(']')) return std::nullopt;
  return ParseUnsigned(text.substr(open + 1, text.size() - open - 2));
}

bool AlwaysFixed(const Kind& kind) { return kind.name != "mnt" && kind.name != "net"; }

// The host's namespace where numbers are not fixed: that of process 1, if that is the host's.
std::optional<uint64_t> HostsOwn(const Kind& kind) {
  constexpr std::optional<uint64_t> kHostPids = 0xeffffffc;
  return InodeOf("self", "pid") == kHostPids ? InodeOf("1", kind.name) : std::nullopt;
}

Namespace::Whose WhoseIs(const Kind& kind, uint64_t inode) {
  using enum Namespace::Whose;
  if (inode == kind.first) return kHost;
  if (AlwaysFixed(kind) || InodeOf("self", kind.name) == std::optional(kind.first)) return kOther;
  const auto host = HostsOwn(kind);
  if (!host) return kUnknown;
  return inode == *host ? kHost : kOther;
}

}  // namespace

std::string_view WhoseText(Namespace::Whose whose) {
  constexpr std::array<std::string_view, 3> kTexts = {"the host's", "its own", "not known"};
  return kTexts[static_cast<size_t>(whose)];
}

std::vector<Namespace> NamespacesOf(pid_t pid) {
  std::vector<Namespace> namespaces;
  for (const auto& kind : kKinds) {
    if (::access(fmt::format("/proc/self/ns/{}", kind.name).c_str(), F_OK) != 0) continue;
    const auto inode = InodeOf(fmt::format("{}", pid), kind.name);
    namespaces.push_back({std::string(kind.name), inode.value_or(0),
                          inode ? WhoseIs(kind, *inode) : Namespace::Whose::kUnknown});
  }
  return namespaces;
}

std::vector<IdRange> ParseIdMap(std::string_view text) {
  std::vector<IdRange> map;
  for (const auto line : Lines(text)) {
    const auto words = Words(line);
    std::array<uint32_t, 3> numbers{};
    for (size_t i = 0; i < numbers.size() && i < words.size(); ++i)
      numbers[i] = static_cast<uint32_t>(ParseUnsigned(words[i]).value_or(0));
    if (words.size() == numbers.size()) map.push_back({numbers[0], numbers[1], numbers[2]});
  }
  return map;
}

bool IsIdentity(const std::vector<IdRange>& map) {
  return map.size() == 1 && map.front() == IdRange{0, 0, UINT32_MAX};
}

}  // namespace whittle::inspect

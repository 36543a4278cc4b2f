#include "profile/selector_names.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/nearest.h"
#include "base/text.h"
#include "syscalls/abi.h"

namespace whittle::profile {
namespace {

constexpr size_t kMaxMessages = 100;  // nobody reads more

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

constexpr std::array<std::string_view, 20> kArches = {
    "amd64",       "x86", "x32",   "arm64",   "arm",  "mips",  "mips64",  "mips64n32", "mipsel", "mipsel64",
    "mipsel64n32", "ppc", "ppc64", "ppc64le", "s390", "s390x", "riscv64", "loong64",   "parisc", "parisc64",
};

// Other names of machines, uname's for one, and SCMP_ARCH_X86_64.
std::optional<std::string> ArchMeant(std::string_view word) {
  const auto abi = ParseAbi(word);
  if (!abi) return Nearest(word, kArches);
  switch (*abi) {
    case Abi::kX86_64:
      return "amd64";
    case Abi::kI386:
      return "x86";
    case Abi::kAarch64:
      return "arm64";
    case Abi::kPpc64:
      return "ppc64le";
    case Abi::kLoongarch64:
      return "loong64";
    case Abi::kMips64:
      return "mipsel64";
    default:
      return std::string(AbiName(*abi));
  }
}

bool Has(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

std::span<const std::string_view> CapabilityNames() { return kNames; }
std::span<const std::string_view> SelectorArches() { return kArches; }

UnknownSelectors FindUnknownSelectors(const Document& document, size_t most) {
  UnknownSelectors unknown;
  const auto tell = [&](size_t rule, std::string_view member, std::string_view list, size_t i,
                        const auto& message) {
    if (++unknown.count <= most)
      unknown.found.push_back({rule, fmt::format("{}/{}/{}", member, list, i), message()});
  };
  const auto check = [&](size_t rule, std::string_view member, const Selector& selector) {
    const bool includes = member == "includes";
    for (size_t i = 0; i < selector.arches.size(); ++i) {
      const auto& arch = selector.arches[i];
      if (Has(kArches, arch)) continue;
      tell(rule, member, "arches", i, [&] {
        return fmt::format("loaders call no machine '{}'{}: {}", json::Quotable(arch),
                           DidYouMeanText(ArchMeant(arch)),
                           includes ? "it selects nobody" : "nothing is excluded by it");
      });
    }
    for (size_t i = 0; i < selector.capabilities.size(); ++i) {
      const auto& name = selector.capabilities[i];
      if (Has(kNames, name)) continue;
      tell(rule, member, "caps", i, [&] {
        return fmt::format("no capability is named '{}'{}: {}", json::Quotable(name),
                           DidYouMeanText(NearestBehind("CAP_", name, kNames)),
                           includes ? "the rule never applies" : "nothing is excluded by it");
      });
    }
  };
  for (size_t rule = 0; rule < document.rules.size(); ++rule) {
    check(rule, "includes", document.rules[rule].includes);
    check(rule, "excludes", document.rules[rule].excludes);
  }
  return unknown;
}

std::vector<std::string> UnknownSelectorTexts(const Document& document) {
  const auto unknown = FindUnknownSelectors(document, kMaxMessages);
  std::vector<std::string> messages;
  for (const auto& [rule, place, what] : unknown.found) {
    const std::string message = fmt::format("/syscalls/{}/{}: {}", rule, place, what);
    messages.push_back(json::FailAt(document.file, document.rules[rule].at, message).error().message);
  }
  if (unknown.count > kMaxMessages)
    messages.push_back(fmt::format("{}: {} more of the kind", document.file, unknown.count - kMaxMessages));
  return messages;
}

}  // namespace whittle::profile

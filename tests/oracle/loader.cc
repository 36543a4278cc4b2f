// What each loader hands to the runtime. Sources: moby profiles/seccomp at v20.10.24, v23.0.0, v27.3.0,
// v28.5.2; containers/common pkg/seccomp at v0.50.1 and v0.64.0, which CRI-O calls for its Localhost
// profiles; containerd's are the runtime-spec's own structure.
#include <algorithm>
#include <cerrno>
#include <set>

#include "base/text.h"
#include "oracle.h"
#include "profile/members.h"

namespace whittle::oracle {
namespace {

using profile::Document;
using profile::Loader;
using profile::Rule;
using profile::Selector;
using profile::Target;
using profile::Version;

void Count(HabitCounts& habits, Habit habit) { ++habits[static_cast<size_t>(habit)]; }

[[noreturn]] void Refuse(HabitCounts& habits, const std::string& why) {
  Count(habits, Habit::kRefusedDocument);
  throw NoFilter{State::kRefused, why};
}

// What the loader calls the native architecture in includes and excludes; empty: it has no name for it.
std::string NameOfNative(const Target& target) {
  const bool docker = target.loader == Loader::kDocker;
  switch (target.arch) {
    case Abi::kX86_64:
      return "amd64";
    case Abi::kAarch64:
      return "arm64";
    case Abi::kS390x:
      return "s390x";
    case Abi::kPpc64:
      return "ppc64le";
    case Abi::kMips64:
      return "mipsel64";
    case Abi::kRiscv64:
      return docker && target.loader_version < Version{27, 3, 0} ? "" : "riscv64";
    case Abi::kLoongarch64:
      return docker ? "" : "loong64";
    default:
      return "";
  }
}

bool ReadsArchMap(const Target& target) {
  if (target.loader == Loader::kDocker) return !NameOfNative(target).empty();
  // podman's table has these only.
  return target.arch == Abi::kX86_64 || target.arch == Abi::kAarch64 || target.arch == Abi::kMips64 ||
         target.arch == Abi::kS390x;
}

std::vector<std::string> ArchitecturesOf(const Document& document, const Target& target,
                                         HabitCounts& habits) {
  if (document.arch_map.empty()) return document.architectures;
  if (!ReadsArchMap(target)) {
    Count(habits, Habit::kArchMapUnknown);
    return {};
  }
  for (const auto& mapping : document.arch_map) {
    if (mapping.architecture != ScmpArchName(target.arch)) continue;
    Count(habits, Habit::kArchMap);
    std::vector<std::string> architectures = {mapping.architecture};
    for (const auto& sub : mapping.sub_architectures) architectures.push_back(sub);
    return architectures;
  }
  return {};
}

bool Contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// minKernel: two numbers; of the target's kernel only these two count.
bool KernelReaches(const Target& target, const std::string& wanted) {
  const size_t dot = wanted.find('.');
  const auto major = static_cast<uint32_t>(std::stoul(wanted.substr(0, dot)));
  const auto minor = static_cast<uint32_t>(std::stoul(wanted.substr(dot + 1)));
  if (target.kernel.major != major) return target.kernel.major > major;
  return target.kernel.minor >= minor;
}

bool IsSelected(const Rule& rule, const Target& target) {
  const std::string arch = NameOfNative(target);
  const bool knows_kernels = target.loader == Loader::kDocker;
  for (const auto& excluded : rule.excludes.arches) {
    if (excluded == arch) return false;
  }
  for (const auto& capability : rule.excludes.capabilities) {
    if (target.capabilities.count(capability) != 0) return false;
  }
  if (knows_kernels && !rule.excludes.min_kernel.empty() && KernelReaches(target, rule.excludes.min_kernel))
    return false;
  if (!rule.includes.arches.empty() && !Contains(rule.includes.arches, arch)) return false;
  for (const auto& capability : rule.includes.capabilities) {
    if (target.capabilities.count(capability) == 0) return false;
  }
  return !knows_kernels || rule.includes.min_kernel.empty() ||
         KernelReaches(target, rule.includes.min_kernel);
}

// pkg/seccomp/errno_list.go: what podman can name. EINTR is not there.
const std::map<std::string, uint32_t>& PodmanErrnos() {
#define WHITTLE_ERRNO(name) {#name, name}
  static const std::map<std::string, uint32_t> errnos = {
      WHITTLE_ERRNO(E2BIG),
      WHITTLE_ERRNO(EACCES),
      WHITTLE_ERRNO(EADDRINUSE),
      WHITTLE_ERRNO(EADDRNOTAVAIL),
      WHITTLE_ERRNO(EAFNOSUPPORT),
      WHITTLE_ERRNO(EAGAIN),
      WHITTLE_ERRNO(EALREADY),
      WHITTLE_ERRNO(EBADF),
      WHITTLE_ERRNO(EBADMSG),
      WHITTLE_ERRNO(EBUSY),
      WHITTLE_ERRNO(ECANCELED),
      WHITTLE_ERRNO(ECHILD),
      WHITTLE_ERRNO(ECONNABORTED),
      WHITTLE_ERRNO(ECONNREFUSED),
      WHITTLE_ERRNO(ECONNRESET),
      WHITTLE_ERRNO(EDEADLK),
      WHITTLE_ERRNO(EDESTADDRREQ),
      WHITTLE_ERRNO(EDOM),
      WHITTLE_ERRNO(EDQUOT),
      WHITTLE_ERRNO(EEXIST),
      WHITTLE_ERRNO(EFAULT),
      WHITTLE_ERRNO(EFBIG),
      WHITTLE_ERRNO(EHOSTDOWN),
      WHITTLE_ERRNO(EHOSTUNREACH),
      WHITTLE_ERRNO(EIDRM),
      WHITTLE_ERRNO(EILSEQ),
      WHITTLE_ERRNO(EINPROGRESS),
      WHITTLE_ERRNO(EINVAL),
      WHITTLE_ERRNO(EIO),
      WHITTLE_ERRNO(EISCONN),
      WHITTLE_ERRNO(EISDIR),
      WHITTLE_ERRNO(ELOOP),
      WHITTLE_ERRNO(EMEDIUMTYPE),
      WHITTLE_ERRNO(EMFILE),
      WHITTLE_ERRNO(EMLINK),
      WHITTLE_ERRNO(EMSGSIZE),
      WHITTLE_ERRNO(ENAMETOOLONG),
      WHITTLE_ERRNO(ENETDOWN),
      WHITTLE_ERRNO(ENETRESET),
      WHITTLE_ERRNO(ENETUNREACH),
      WHITTLE_ERRNO(ENFILE),
      WHITTLE_ERRNO(ENOBUFS),
      WHITTLE_ERRNO(ENODEV),
      WHITTLE_ERRNO(ENOENT),
      WHITTLE_ERRNO(ENOEXEC),
      WHITTLE_ERRNO(ENOLCK),
      WHITTLE_ERRNO(ENOMEDIUM),
      WHITTLE_ERRNO(ENOMEM),
      WHITTLE_ERRNO(ENOMSG),
      WHITTLE_ERRNO(ENOPROTOOPT),
      WHITTLE_ERRNO(ENOSPC),
      WHITTLE_ERRNO(ENOSYS),
      WHITTLE_ERRNO(ENOTBLK),
      WHITTLE_ERRNO(ENOTCONN),
      WHITTLE_ERRNO(ENOTDIR),
      WHITTLE_ERRNO(ENOTEMPTY),
      WHITTLE_ERRNO(ENOTRECOVERABLE),
      WHITTLE_ERRNO(ENOTSOCK),
      WHITTLE_ERRNO(ENOTSUP),
      WHITTLE_ERRNO(ENOTTY),
      WHITTLE_ERRNO(ENXIO),
      WHITTLE_ERRNO(EOPNOTSUPP),
      WHITTLE_ERRNO(EOVERFLOW),
      WHITTLE_ERRNO(EOWNERDEAD),
      WHITTLE_ERRNO(EPERM),
      WHITTLE_ERRNO(EPFNOSUPPORT),
      WHITTLE_ERRNO(EPIPE),
      WHITTLE_ERRNO(EPROTONOSUPPORT),
      WHITTLE_ERRNO(EPROTOTYPE),
      WHITTLE_ERRNO(ERANGE),
      WHITTLE_ERRNO(EREMOTE),
      WHITTLE_ERRNO(EROFS),
      WHITTLE_ERRNO(ESHUTDOWN),
      WHITTLE_ERRNO(ESOCKTNOSUPPORT),
      WHITTLE_ERRNO(ESPIPE),
      WHITTLE_ERRNO(ESRCH),
      WHITTLE_ERRNO(ESTALE),
      WHITTLE_ERRNO(ETIMEDOUT),
      WHITTLE_ERRNO(ETOOMANYREFS),
      WHITTLE_ERRNO(ETXTBSY),
      WHITTLE_ERRNO(EUSERS),
      WHITTLE_ERRNO(EXDEV),
  };
#undef WHITTLE_ERRNO
  return errnos;
}

std::optional<uint32_t> PodmanErrno(const std::string& text, std::optional<uint32_t> otherwise,
                                    HabitCounts& habits) {
  if (text.empty()) return otherwise;
  Count(habits, Habit::kPodmanErrno);
  const bool digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits && text.size() <= 10 && std::stoull(text) <= UINT32_MAX)
    return static_cast<uint32_t>(std::stoull(text));
  const auto known = PodmanErrnos().find(text);
  if (known == PodmanErrnos().end()) Refuse(habits, "podman: unknown errno " + text);
  return known->second;
}

// The list that Go hands on: of a missing one, and of null, none.
std::optional<std::vector<std::string>> NamesOf(const Rule& rule) {
  const bool is_list = rule.spelling.from_file
                           ? rule.spelling.order.find(profile::Given(0)) != std::string::npos
                           : rule.legacy_name.empty();
  return rule.names.empty() && !is_list ? std::nullopt : std::optional(rule.names);
}

Configuration LoadPlain(const Document& document, HabitCounts& habits) {
  Configuration made;
  if (document.has_default_action) made.default_action = document.default_action;
  made.default_errno_return = document.default_errno_return;
  made.architectures = document.architectures;
  made.flags = document.flags;
  made.listener_path = document.listener_path;
  bool ignored = !document.arch_map.empty();
  for (const auto& rule : document.rules) {
    ignored = ignored || !rule.legacy_name.empty() || !rule.includes.empty() || !rule.excludes.empty();
    made.rules.push_back({NamesOf(rule), rule.action, rule.errno_return, rule.conditions});
  }
  if (ignored) Count(habits, Habit::kIgnoredByOci);
  return made;
}

void LoadHead(Configuration& made, const Document& document, const Target& target, HabitCounts& habits) {
  if (document.has_default_action) made.default_action = document.default_action;
  const bool old_docker = target.loader == Loader::kDocker && target.loader_version < Version{23, 0, 0};
  if (old_docker) {
    if (document.default_errno_return || !document.flags.empty() || !document.listener_path.empty()) {
      Count(habits, Habit::kIgnoredMember);
    }
    return;
  }
  made.default_errno_return = document.default_errno_return;
  made.flags = document.flags;
  made.listener_path = document.listener_path;
  if (target.loader == Loader::kPodman) {
    made.default_errno_return =
        PodmanErrno(document.default_errno_text, document.default_errno_return, habits);
  }
}

void LoadRule(Configuration& made, const Rule& rule, const Target& target, HabitCounts& habits) {
  const bool both = !rule.legacy_name.empty() && !rule.names.empty();
  // From 23.0 on docker looks at the names of rules that are not for this target, too.
  const bool looks_first = target.loader == Loader::kDocker && target.loader_version >= Version{23, 0, 0};
  if (both && looks_first) Refuse(habits, "name and names exclude each other");
  if (!IsSelected(rule, target)) {
    Count(habits, Habit::kNotSelected);
    return;
  }
  if (both) Refuse(habits, "name and names exclude each other");
  ConfiguredRule configured{NamesOf(rule), rule.action, rule.errno_return, rule.conditions};
  if (!rule.legacy_name.empty()) configured.names = std::vector{rule.legacy_name};
  if (target.loader == Loader::kPodman) {
    configured.errno_return = PodmanErrno(rule.errno_text, rule.errno_return, habits);
    if (!configured.names || configured.names->empty()) {
      Count(habits, Habit::kNamelessRule);
      return;
    }
  }
  made.rules.push_back(configured);
}

}  // namespace

Configuration Load(const Document& document, const Target& target, HabitCounts& habits) {
  if (target.loader == Loader::kOci) return LoadPlain(document, habits);
  if (!document.has_default_action && document.rules.empty()) {
    Count(habits, Habit::kUnconfined);
    throw NoFilter{State::kUnconfined, "no default action and no rules"};
  }
  if (!document.architectures.empty() && !document.arch_map.empty()) {
    Refuse(habits, "architectures and archMap exclude each other");
  }
  Configuration made;
  made.architectures = ArchitecturesOf(document, target, habits);
  LoadHead(made, document, target, habits);
  for (const auto& rule : document.rules) LoadRule(made, rule, target, habits);
  return made;
}

}  // namespace whittle::oracle

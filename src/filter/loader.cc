#include "filter/loader.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/nearest.h"
#include "base/text.h"
#include "filter/podman_errno.h"
#include "profile/members.h"

namespace whittle::filter {
namespace {

using profile::Action;
using profile::Document;
using profile::Loader;
using profile::Rule;
using profile::Selector;
using profile::Target;
using profile::Version;

// From this version on docker knows defaultErrnoRet, flags and the listener.
constexpr Version kDockerTakesAll{23, 0, 0};

bool Knows(const Target& target) {
  return target.loader != Loader::kDocker || target.loader_version >= kDockerTakesAll;
}

// From this version on it looks at the names of rules that are not for the target, too.
constexpr Version kDockerChecksNamesFirst{23, 0, 0};
constexpr Version kDockerKnowsRiscv{27, 3, 0};

// The name of the native architecture that includes.arches and excludes.arches are compared with:
// libseccomp's. Empty: the loader has none, then it does not read archMap either.
std::string_view SelectorArch(const Target& target) {
  const bool docker = target.loader == Loader::kDocker;
  switch (target.arch) {
    case Abi::kX86_64:
      return "amd64";
    case Abi::kI386:
      return "x86";
    case Abi::kAarch64:
      return "arm64";
    case Abi::kPpc64:
      return "ppc64le";
    case Abi::kMips64:
      return "mipsel64";
    case Abi::kRiscv64:
      return docker && target.loader_version < kDockerKnowsRiscv ? "" : "riscv64";
    case Abi::kLoongarch64:
      return docker ? "" : "loong64";
    default:
      return AbiName(target.arch);
  }
}

bool ReadsArchMap(const Target& target) {
  if (target.loader == Loader::kDocker) return !SelectorArch(target).empty();
  // podman's own table of architectures is shorter than the library's.
  return target.arch == Abi::kX86_64 || target.arch == Abi::kAarch64 || target.arch == Abi::kMips64 ||
         target.arch == Abi::kS390x;
}

bool Has(const std::vector<std::string>& list, std::string_view wanted) {
  return std::ranges::find(list, wanted) != list.end();
}

bool KernelAtLeast(const Target& target, const std::string& wanted) {
  const auto parts = Split(wanted, '.');
  const Version version{static_cast<uint32_t>(ParseUnsigned(parts.front()).value_or(0)),
                        static_cast<uint32_t>(ParseUnsigned(parts.back()).value_or(0)), 0};
  return Version{target.kernel.major, target.kernel.minor, 0} >= version;
}

bool HasAll(const Target& target, const Selector& selector) {
  return std::ranges::all_of(selector.capabilities,
                             [&](const auto& cap) { return target.capabilities.contains(cap); });
}

bool HasAny(const Target& target, const Selector& selector) {
  return std::ranges::any_of(selector.capabilities,
                             [&](const auto& cap) { return target.capabilities.contains(cap); });
}

bool Selected(const Rule& rule, const Target& target) {
  const auto arch = SelectorArch(target);
  const bool kernels = target.loader != Loader::kPodman;  // its library has no minKernel
  if (Has(rule.excludes.arches, arch) || HasAny(target, rule.excludes)) return false;
  if (kernels && !rule.excludes.min_kernel.empty() && KernelAtLeast(target, rule.excludes.min_kernel))
    return false;
  if (!rule.includes.arches.empty() && !Has(rule.includes.arches, arch)) return false;
  if (kernels && !rule.includes.min_kernel.empty() && !KernelAtLeast(target, rule.includes.min_kernel))
    return false;
  return HasAll(target, rule.includes);
}

OrStop<std::optional<uint32_t>> ErrnoOf(const std::string& text, std::optional<uint32_t> otherwise,
                                        const Place& place) {
  if (text.empty()) return otherwise;
  const auto number = PodmanErrno(text);
  if (!number)
    return Refuse(place, fmt::format("podman: unknown errno '{}'{}", Printable(text),
                                     DidYouMeanText(NearestPodmanErrno(text))));
  return number;
}

// An errno as a text, which only podman knows.
void NoteErrnoTexts(const Document& document, std::vector<Note>& notes) {
  const auto matters = [](Action action, const std::string& text) {
    return !text.empty() && profile::TakesErrno(action);
  };
  if (document.has_default_action && matters(document.default_action, document.default_errno_text))
    notes.push_back({Quirk::kIgnoredMember, -1, "defaultErrno"});
  for (size_t i = 0; i < document.rules.size(); ++i) {
    if (matters(document.rules[i].action, document.rules[i].errno_text))
      notes.push_back({Quirk::kIgnoredMember, static_cast<int>(i), "errno"});
  }
}

std::vector<std::string> MappedArchitectures(const Document& document, const Target& target) {
  std::vector<std::string> architectures;
  if (!ReadsArchMap(target)) return architectures;
  for (const auto& mapping : document.arch_map) {
    if (mapping.architecture != ScmpArchName(target.arch)) continue;
    architectures.push_back(mapping.architecture);
    architectures.insert(architectures.end(), mapping.sub_architectures.begin(),
                         mapping.sub_architectures.end());
    break;
  }
  return architectures;
}

std::unexpected<Stop> NoFilter() {
  return std::unexpected(Stop{Compiled::State::kUnconfined,
                              {},
                              "the document has no defaultAction and no syscalls: no filter is installed"});
}

// The entry has a list of names, perhaps an empty one. To Go a list that is missing or null is null, and so
// it is handed on.
bool ListsNames(const Rule& rule) {
  if (!rule.names.empty()) return true;
  constexpr char kNames = profile::Given(0);
  static_assert(profile::kRuleMembers[0] == "names");
  return rule.spelling.from_file ? rule.spelling.order.find(kNames) != std::string::npos
                                 : rule.legacy_name.empty();
}

// containerd decodes the file straight into the runtime-spec's structure.
OrStop<Loaded> LoadPlain(const Document& document, std::vector<Note>& notes) {
  Loaded loaded;
  if (document.has_default_action) loaded.default_action = document.default_action;
  loaded.default_errno_return = document.default_errno_return;
  loaded.architectures = document.architectures;
  loaded.flags = document.flags;
  loaded.listener_path = document.listener_path;
  if (!document.arch_map.empty()) notes.push_back({Quirk::kIgnoredMember, -1, "archMap"});
  for (size_t i = 0; i < document.rules.size(); ++i) {
    const Rule& rule = document.rules[i];
    const int index = static_cast<int>(i);
    if (!rule.legacy_name.empty()) notes.push_back({Quirk::kIgnoredMember, index, "name"});
    if (!rule.includes.empty()) notes.push_back({Quirk::kIgnoredMember, index, "includes"});
    if (!rule.excludes.empty()) notes.push_back({Quirk::kIgnoredMember, index, "excludes"});
    loaded.rules.push_back(
        {rule.names, ListsNames(rule), rule.action, rule.errno_return, rule.conditions, index});
  }
  return loaded;
}

std::unexpected<Stop> BothNames(const Target& target, int index) {
  return Refuse({index, "name"}, fmt::format("{}: 'name' and 'names' exclude each other (rule {})",
                                             LoaderName(target.loader), index));
}

bool HasBothNames(const Rule& rule) { return !rule.legacy_name.empty() && !rule.names.empty(); }

// What docker and podman share.
OrStop<LoadedRule> LoadRule(const Rule& rule, int index, const Target& target) {
  if (HasBothNames(rule)) return BothNames(target, index);
  const bool has_names = !rule.legacy_name.empty() || ListsNames(rule);
  LoadedRule loaded{rule.names, has_names, rule.action, rule.errno_return, rule.conditions, index};
  if (!rule.legacy_name.empty()) loaded.names = {rule.legacy_name};
  if (target.loader == Loader::kPodman) {
    const auto number = ErrnoOf(rule.errno_text, rule.errno_return, {index, "errno"});
    if (!number) return std::unexpected(number.error());
    loaded.errno_return = *number;
  }
  return loaded;
}

OrStop<Loaded> LoadHead(const Document& document, const Target& target, std::vector<Note>& notes) {
  Loaded loaded;
  if (!document.architectures.empty() && !document.arch_map.empty()) {
    return Refuse({-1, "archMap"}, fmt::format("{}: 'architectures' and 'archMap' exclude each other",
                                               LoaderName(target.loader)));
  }
  loaded.architectures =
      document.arch_map.empty() ? document.architectures : MappedArchitectures(document, target);
  if (document.has_default_action) loaded.default_action = document.default_action;
  if (!Knows(target)) {
    if (document.default_errno_return) notes.push_back({Quirk::kIgnoredMember, -1, "defaultErrnoRet"});
    if (!document.flags.empty()) notes.push_back({Quirk::kIgnoredMember, -1, "flags"});
    if (!document.listener_path.empty()) notes.push_back({Quirk::kIgnoredMember, -1, "listenerPath"});
    return loaded;
  }
  loaded.default_errno_return = document.default_errno_return;
  loaded.flags = document.flags;
  loaded.listener_path = document.listener_path;
  if (target.loader == Loader::kPodman) {
    const Place place{-1, "defaultErrno"};
    const auto number = ErrnoOf(document.default_errno_text, document.default_errno_return, place);
    if (!number) return std::unexpected(number.error());
    loaded.default_errno_return = *number;
  }
  return loaded;
}

}  // namespace

std::string PlaceText(const Document& document, const Place& place) {
  const std::string file = document.file.empty() ? "profile" : Printable(document.file);
  // Runtimes see one list, and one errno, whichever member it came from.
  const bool mapped = place.member == "architectures" && !document.arch_map.empty();
  const bool named = place.member == "defaultErrnoRet" && !document.default_errno_return;
  const bool nameless =
      place.member == "name" && document.rules[static_cast<size_t>(place.rule)].legacy_name.empty();
  const std::string_view member = mapped ? "archMap" : named ? "defaultErrno" : nameless ? "" : place.member;
  std::string pointer;
  json::Position at = document.at;
  if (place.rule >= 0) {
    pointer = fmt::format("/syscalls/{}", place.rule);
    at = document.rules[static_cast<size_t>(place.rule)].at;
  } else if (!member.empty()) {
    at = PositionOf(document, member);
  }
  if (!member.empty()) pointer += json::PointerStep(member);
  if (at.line != 0)
    return fmt::format("{}:{}:{}: {}", file, at.line, at.column, pointer.empty() ? "/" : pointer);
  return pointer.empty() ? file : fmt::format("{}: {}", file, pointer);
}

std::unexpected<Stop> Refuse(const Place& place, std::string why) {
  return std::unexpected(Stop{Compiled::State::kRefused, place, std::move(why)});
}

OrStop<Loaded> LoadForRuntime(const Document& document, const Target& target, std::vector<Note>& notes) {
  const bool empty = !document.has_default_action && document.rules.empty();
  if (target.loader != Loader::kPodman) NoteErrnoTexts(document, notes);
  if (target.loader == Loader::kOci && !document.decided_by_containerd) return LoadPlain(document, notes);
  if (empty) return NoFilter();
  auto loaded = LoadHead(document, target, notes);
  if (!loaded) return loaded;
  const bool podman = target.loader == Loader::kPodman;
  const bool checks_names_first = !podman && target.loader_version >= kDockerChecksNamesFirst;
  for (size_t i = 0; i < document.rules.size(); ++i) {
    const int index = static_cast<int>(i);
    if (checks_names_first && HasBothNames(document.rules[i])) return BothNames(target, index);
    if (!Selected(document.rules[i], target)) {
      notes.push_back({Quirk::kNotSelected, index, ""});
      continue;
    }
    auto rule = LoadRule(document.rules[i], index, target);
    if (!rule) return std::unexpected(rule.error());
    if (podman && rule->names.empty()) continue;  // it drops what names no call
    loaded->rules.push_back(std::move(*rule));
  }
  return loaded;
}

}  // namespace whittle::filter

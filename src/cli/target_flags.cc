#include "cli/target_flags.h"

#include <fmt/core.h>
#include <sys/utsname.h>

#include "base/nearest.h"
#include "base/text.h"
#include "cli/call_words.h"
#include "container/capabilities.h"
#include "container/engines.h"
#include "container/runtime.h"
#include "container/target.h"

namespace whittle::cli {
namespace {

using profile::Loader;
using profile::Runtime;
using profile::Target;
using profile::Version;

// The newest versions whose behaviour is in the tables (docs/targets.md).
constexpr Version kNewestLoaders[] = {{28, 5, 2}, {5, 6, 0}, {2, 1, 0}};   // docker, podman, containerd
constexpr Version kNewestRuntimes[] = {{1, 5, 1}, {1, 29, 1}, {0, 0, 0}};  // runc, crun, none

Version Newest(Loader loader) { return kNewestLoaders[static_cast<size_t>(loader)]; }
Version Newest(Runtime runtime) { return kNewestRuntimes[static_cast<size_t>(runtime)]; }

// This machine, with the newest of everything.
Result<ChosenTarget> PlainDefaults() {
  utsname name{};
  uname(&name);
  ChosenTarget chosen;
  chosen.target.arch = TRY(NativeAbi(name.machine));
  chosen.target.kernel = TRY(profile::ParseVersion(name.release));
  chosen.target.capabilities = profile::DefaultCapabilities();
  chosen.why = "as named on the command line";
  return chosen;
}

Result<ChosenTarget> HostDefaults() {
  const auto host = TRY(container::TargetOfHost());
  return ChosenTarget{host.target, host.why};
}

// "runc:1.1.5" or a name and a version flag of its own.
std::pair<std::string, std::string> NameAndVersion(const std::string& given,
                                                   const std::string& version_flag) {
  const size_t colon = given.find(':');
  if (colon == std::string::npos) return {given, version_flag};
  return {given.substr(0, colon), given.substr(colon + 1)};
}

// What this host has of the kind that was named; nothing if it has none.
std::optional<Version> OnHost(Runtime runtime) {
  if (runtime == Runtime::kNone) return std::nullopt;
  const auto program = container::AskRuntime(std::string(profile::RuntimeName(runtime)));
  return program ? std::optional(program->version) : std::nullopt;
}
std::optional<Version> OnHost(Loader loader) {
  constexpr container::EngineKind kEngines[] = {
      container::EngineKind::kDocker, container::EngineKind::kPodman, container::EngineKind::kContainerd};
  const auto kind = kEngines[static_cast<size_t>(loader)];
  const auto engines = container::Engines::Find(kind);
  if (engines.answering().empty()) return std::nullopt;
  const auto version = profile::ParseVersion(engines.answering().front()->info().version);
  return version ? std::optional(*version) : std::nullopt;
}

template <typename Kind>
Result<void> TakeNamed(const std::string& given, const std::string& version_flag, Kind& kind,
                       Version& version, Result<Kind> (*parse)(std::string_view), bool both_named) {
  const auto [name, version_text] = NameAndVersion(given, version_flag);
  if (!name.empty()) {
    const Kind named = TRY(parse(name));
    if (both_named) version = Newest(named);
    if (!both_named && named != kind) version = OnHost(named).value_or(Newest(named));
    kind = named;
  }
  if (!version_text.empty()) version = TRY(profile::ParseVersion(version_text));
  return {};
}

Result<std::string> CapabilityName(std::string_view word) {
  std::string name;
  for (const char c : word) name += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  if (!name.starts_with("CAP_")) name = "CAP_" + name;
  std::vector<std::string_view> known;
  for (const auto& capability : container::AllCapabilities()) known.push_back(capability);
  for (const auto capability : known) {
    if (capability == name) return name;
  }
  const auto nearest = NearestBehind("CAP_", name, known);
  return Fail(ErrorCode::kUsage,
              fmt::format("unknown capability '{}': expected one like CAP_SYS_ADMIN, default, all or none{}",
                          Printable(word), DidYouMeanText(nearest)));
}

Result<void> TakeCapabilities(const std::vector<std::string>& given, Target& target) {
  if (given.empty()) return {};
  target.capabilities.clear();
  for (const auto& list : given) {
    for (const auto word : Split(list, ',')) {
      if (word == "none" || word == "-" || word.empty()) continue;
      if (word == "default") {
        target.capabilities.merge(profile::DefaultCapabilities());
      } else if (word == "all") {
        for (const auto& capability : container::AllCapabilities()) target.capabilities.emplace(capability);
      } else {
        target.capabilities.insert(TRY(CapabilityName(word)));
      }
    }
  }
  return {};
}

Result<void> TakePlace(const TargetFlags& flags, Target& target) {
  if (!flags.arch.empty()) {
    const auto abi = ParseAbi(flags.arch);
    if (!abi) return UnknownAbi("architecture", flags.arch);
    target.arch = *abi;
  }
  if (!flags.kernel.empty()) target.kernel = TRY(profile::ParseVersion(flags.kernel));
  if (!flags.libseccomp.empty()) target.libseccomp = TRY(profile::ParseVersion(flags.libseccomp));
  if (flags.no_new_privs) target.no_new_privs = true;
  return TakeCapabilities(flags.capabilities, target);
}

// `prefix`: "--", or what tells the flags of a second target apart.
void AddFlags(Flags flags, TargetFlags& target, const std::string& prefix, const std::string& group) {
  const auto add = [&](const char* name, std::string& into, const char* help) {
    flags.Option(prefix + name, into, help).Under(group);
  };
  add("loader", target.loader, "who reads the document: docker, podman (CRI-O, too) or oci (containerd)");
  add("loader-version", target.loader_version, "its version, like 20.10.24; that of oci is containerd's");
  add("runtime", target.runtime, "who loads the filter: runc, crun, or none (whittle itself)");
  add("runtime-version", target.runtime_version, "its version, like 1.1.5");
  add("libseccomp", target.libseccomp, "the version of libseccomp that it uses");
  add("kernel", target.kernel, "the kernel's version, like 6.1");
  flags.Option(prefix + "cap", target.capabilities,
               "the container's capabilities: names, default, all, none")
      .OneWordEach()  // the words behind its value are not its own
      .Under(group);
  flags.Switch(prefix + "no-new-privs", target.no_new_privs, "the container has no_new_privs").Under(group);
}

}  // namespace

bool TargetFlags::Given() const {
  return !loader.empty() || !runtime.empty() || !loader_version.empty() || !runtime_version.empty() ||
         !libseccomp.empty() || !arch.empty() || !kernel.empty() || !capabilities.empty() || no_new_privs;
}

void AddTargetFlags(Flags flags, TargetFlags& target) {
  const std::string group = "Target (default: what this host has)";
  AddFlags(flags, target, "--", group);
  flags.Option("--arch", target.arch, "the machine's native ABI, like x86_64 or aarch64").Under(group);
}

void AddSecondTargetFlags(Flags flags, TargetFlags& target) {
  AddFlags(flags, target, "--b-", "Target of B (default: that of A)");
}

TargetFlags Overlay(const TargetFlags& base, const TargetFlags& over) {
  TargetFlags flags = base;
  const auto take = [](std::string& into, const std::string& given) {
    if (!given.empty()) into = given;
  };
  if (!over.loader.empty()) flags.loader_version.clear();
  if (!over.runtime.empty()) flags.runtime_version.clear();
  take(flags.loader, over.loader);
  take(flags.runtime, over.runtime);
  take(flags.loader_version, over.loader_version);
  take(flags.runtime_version, over.runtime_version);
  take(flags.libseccomp, over.libseccomp);
  take(flags.kernel, over.kernel);
  if (!over.capabilities.empty()) flags.capabilities = over.capabilities;
  flags.no_new_privs = base.no_new_privs || over.no_new_privs;
  return flags;
}

Result<ChosenTarget> ChooseTarget(const TargetFlags& flags,
                                  const std::function<Result<ChosenTarget>()>& defaults) {
  const bool both_named = !flags.loader.empty() && !flags.runtime.empty();
  ChosenTarget chosen = TRY(both_named ? PlainDefaults() : defaults());
  Target& target = chosen.target;
  TRY(TakeNamed(flags.loader, flags.loader_version, target.loader, target.loader_version,
                profile::ParseLoader, both_named));
  TRY(TakeNamed(flags.runtime, flags.runtime_version, target.runtime, target.runtime_version,
                profile::ParseRuntime, both_named));
  TRY(TakePlace(flags, target));
  const bool partly_named = !both_named && !(flags.loader.empty() && flags.runtime.empty());
  if (partly_named) chosen.why = "what was not named: this host's";
  return chosen;
}

Result<ChosenTarget> ChooseTarget(const TargetFlags& flags) { return ChooseTarget(flags, HostDefaults); }

}  // namespace whittle::cli

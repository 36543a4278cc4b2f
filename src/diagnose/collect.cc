#include "diagnose/collect.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "container/target.h"
#include "diagnose/kernel_log.h"
#include "diagnose/program_file.h"
#include "syscalls/table.h"

namespace whittle::diagnose {
namespace {

using container::ContainerInfo;
using container::Engine;
using container::EngineKind;
using container::Engines;
using Given = ProfileFacts::Given;

constexpr unsigned kLogLines = 20;

const Engine* EngineOf(const Engines& engines, const ContainerInfo& info) {
  for (const auto& engine : engines.answering()) {
    if (engine->info().kind == info.engine) return engine.get();
  }
  return nullptr;
}

// A container whose start hangs is locked in its engine: only the list tells of it.
std::optional<ContainerInfo> FromList(const Engines& engines, const std::string& name) {
  constexpr size_t kMinPrefix = 12;
  for (const auto& engine : engines.answering()) {
    const auto list = engine->List();
    if (!list) continue;
    for (const auto& one : *list) {
      const bool is =
          one.name == name || one.id == name || (name.size() >= kMinPrefix && one.id.starts_with(name));
      if (!is) continue;
      ContainerInfo info;
      info.engine = engine->info().kind;
      info.engine_version = engine->info().version;
      info.id = one.id;
      info.name = one.name;
      info.image = one.image;
      info.state = one.state;
      info.runtime = one.runtime.empty() ? engine->info().default_runtime : one.runtime;
      info.capabilities = profile::DefaultCapabilities();
      return info;
    }
  }
  return std::nullopt;
}

Result<std::optional<ContainerInfo>> FindContainer(const Engines& engines, const std::string& name,
                                                   Facts& facts) {
  auto found = engines.TryFind(name);
  if (found) return found;
  if (auto listed = FromList(engines, name)) {
    facts.unknown.push_back("the engine does not tell more of it, as while a start hangs: " +
                            found.error().message);
    return listed;
  }
  return std::unexpected(found.error());
}

// `linux.seccomp` of an OCI configuration; empty if it has none.
std::string SeccompOfConfig(const std::string& config, const std::string& file) {
  const auto root = json::Parse(config, file, {.bytes = size_t{16} << 20, .depth = 32});
  if (!root || !root->is(json::Kind::kObject)) return "";
  const json::Value* linux_part = root->Find("linux");
  if (linux_part == nullptr || !linux_part->is(json::Kind::kObject)) return "";
  const json::Value* seccomp = linux_part->Find("seccomp");
  return seccomp == nullptr || !seccomp->is(json::Kind::kObject) ? "" : json::Write(*seccomp);
}

// Lines of what an engine wrote anew, mostly as a single one, are not those of the user's file.
void ForgetPlaces(profile::Document& document) {
  for (auto& rule : document.rules) rule.at = {};
}

// What the runtime itself was given: plain OCI, whatever the user wrote.
void TakeLoaded(const std::string& seccomp, const std::string& name, ProfileFacts& profile) {
  profile.loaded = true;
  TakeProfileText(seccomp, name, profile);
  if (profile.document) ForgetPlaces(*profile.document);
}

// docker before 26.1 takes no profile for privileged containers; podman since 2.1 does (moby 47500, podman
// 7269).
bool IgnoresForPrivileged(const ContainerInfo& info) {
  constexpr profile::Version kDocker{26, 1, 0}, kPodman{2, 1, 0};
  if (!info.privileged) return false;
  const auto version = profile::ParseVersion(info.engine_version);
  const auto since = info.engine == EngineKind::kDocker ? kDocker : kPodman;
  return info.seccomp.empty() || !version || *version < since;
}

void TakeDefault(const Engine* engine, ProfileFacts& profile) {
  profile.given = Given::kDefault;
  if (engine == nullptr || engine->info().kind == EngineKind::kContainerd) return;
  const std::string& own = engine->info().seccomp;
  const bool is_docker = engine->info().kind == EngineKind::kDocker;
  if (own == "unconfined" || own.empty()) {
    profile.given = Given::kUnconfined;
  } else if (own.starts_with('/')) {
    profile.name = profile.path = own;  // the daemon's own setting
    const auto text = ReadFile(own);
    if (text) TakeProfileText(*text, own, profile);
    if (!text) profile.missing = text.error().message;
  } else {
    profile.name = is_docker ? "docker-default" : "podman-default";
    auto document = profile::ReadProfile(profile.name, profile::Reading::kAsRuntimes);
    if (document) profile.document = std::move(*document);
  }
}

void TakeGiven(const ContainerInfo& info, const Engine* engine, ProfileFacts& profile) {
  if (info.seccomp == "unconfined") {
    profile.given = Given::kUnconfined;
    return;
  }
  if (info.seccomp.empty()) return TakeDefault(engine, profile);
  profile.given = Given::kDocument;
  if (info.engine == EngineKind::kDocker) {
    profile.name = "the profile that docker keeps with the container";
    TakeProfileText(info.seccomp, profile.name, profile);
    if (profile.document) ForgetPlaces(*profile.document);
    return;
  }
  profile.name = profile.path = info.seccomp;
  const auto text = ReadFile(info.seccomp);
  if (text) TakeProfileText(*text, info.seccomp, profile);
  if (!text) profile.missing = text.error().message;
}

// The engine's record of the profile; podman's and containerd's configuration tells what was really loaded.
void TakeProfile(const ContainerInfo& info, const Engine* engine, Facts& facts) {
  ProfileFacts& profile = facts.profile;
  // Of a container that is only listed the engine does not say what it was given.
  if (facts.unknown.empty()) TakeGiven(info, engine, profile);
  std::string loaded = info.oci_seccomp;
  if (!info.config_file.empty()) {
    if (const auto config = ReadFile(info.config_file)) loaded = SeccompOfConfig(*config, info.config_file);
  }
  if (loaded.empty() && facts.process && facts.process->killed_by_filter) {
    loaded = SeccompOfConfig(ConfigOf(*facts.process), "the runtime's configuration");
  }
  if (!loaded.empty()) {
    const std::string name = profile.path.empty() ? "what the runtime was given" : profile.path;
    ProfileFacts as_loaded;
    as_loaded.given = profile.given == Given::kUnknown ? Given::kDocument : profile.given;
    as_loaded.name = profile.name.empty() ? name : profile.name;
    as_loaded.path = profile.path;
    TakeLoaded(loaded, name, as_loaded);
    profile = std::move(as_loaded);
  }
  if (IgnoresForPrivileged(info)) {
    const bool given = !info.seccomp.empty() && info.seccomp != "unconfined";
    profile.ignored = fmt::format("the container is privileged, and {} {} loads no filter then",
                                  container::EngineName(info.engine), info.engine_version);
    if (!given) profile.given = Given::kUnconfined;
  }
}

void TakeTarget(const ContainerInfo& info, Facts& facts) {
  const auto target = container::TargetOfContainer(info);
  if (!target) {
    facts.unknown.push_back("what the profile would do: " + target.error().message);
    return;
  }
  facts.target = target->target;
  if (facts.profile.loaded) facts.target->loader = profile::Loader::kOci;
}

void TakeProcess(const ContainerInfo& info, Facts& facts) {
  if (info.running()) facts.process = ReadProcess(info.pid);
  if (!info.running() && info.started_ms == 0 && info.engine != EngineKind::kContainerd)
    facts.process = FindStarting(info.id);
}

void TakeListener(Facts& facts) {
  if (!facts.profile.document || facts.profile.document->listener_path.empty()) return;
  const std::string& path = facts.profile.document->listener_path;
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0) return;
  facts.no_listener = fmt::format("there is no socket {}", Printable(path));
}

void TakeLog(const Engine* engine, const ContainerInfo& info, Facts& facts) {
  if (engine == nullptr) return;
  const auto log = engine->LogTail(info, kLogLines);
  if (!log) {
    facts.unknown.push_back("its log: " + log.error().message);
    return;
  }
  for (const auto line : Lines(*log)) {
    if (!Trim(line).empty()) facts.log.emplace_back(line);
  }
}

void TakeKernel(Facts& facts) {
  const auto lines = ReadKernelLog();
  facts.kernel_log = lines.has_value();
  if (lines) return TakeKernelLog(*lines, WallClockMs(), facts);
  facts.unknown.push_back(lines.error().message);
}

container::ContainerInfo ContainerOf(const kept::Life& life) {
  container::ContainerInfo info;
  info.id = life.id;
  info.name = life.name;
  info.image = life.image;
  const size_t blank = life.engine.find(' ');  // "docker 20.10.24"
  if (const auto kind = container::ParseEngineKind(life.engine.substr(0, blank))) info.engine = *kind;
  info.engine_version = blank == life.engine.npos ? life.engine : life.engine.substr(blank + 1);
  info.runtime = life.runtime;
  return info;
}

Result<void> TakeAllKept(const Question& question, Facts& facts) {
  std::vector<kept::File> all;
  for (const auto& file : question.from) {
    const std::string name = facts.info ? facts.info->name : question.container;
    all.push_back(TRY(ReadKeptFile(file, name)));
  }
  if (question.from.empty()) {
    const std::string who = facts.info ? facts.info->id : question.container;
    auto kept = kept::Find(question.kept_folder, who);
    if (!kept) facts.unknown.push_back("kept refusals: " + kept.error().message);
    if (kept && *kept) all.push_back(std::move(**kept));
  }
  for (const auto& kept : all) {
    if (!facts.info && !kept.life.id.empty()) facts.info = ContainerOf(kept.life);
    TakeKept(kept, facts);
  }
  return {};
}

void TakeEngines(const Engine* engine, Facts& facts) {
  const ContainerInfo& info = *facts.info;
  TakeProcess(info, facts);
  TakeProfile(info, engine, facts);
  TakeTarget(info, facts);
  // A container that only the list tells of is locked: its log would be waited for in vain.
  if (facts.unknown.empty()) TakeLog(engine, info, facts);
  facts.error = info.error;
  const auto program = FindProgramFile(info);
  facts.program = program.state;
  if (facts.target && program.abi && *program.abi != facts.target->arch) facts.program_abi = program.abi;
  facts.program_dynamic = program.dynamic;
}

// A profile that the user names stands for the engine's record.
void TakeNamedProfile(const std::string& file, ProfileFacts& profile) {
  if (file.empty()) return;
  ProfileFacts named;
  named.given = Given::kDocument;
  named.name = named.path = file;
  named.ignored = profile.ignored;
  const auto text = ReadFile(file);
  auto catalogued = text ? Result<profile::Document>(Fail(ErrorCode::kBadInput, ""))
                         : profile::ReadProfile(file, profile::Reading::kAsRuntimes);
  if (text) TakeProfileText(*text, file, named);
  if (catalogued) named.document = std::move(*catalogued);
  if (!text && !catalogued) named.missing = text.error().message;
  profile = std::move(named);
}

}  // namespace

void TakeProfileText(const std::string& text, const std::string& file, ProfileFacts& facts) {
  const auto json_text = json::Parse(text, file, {.bytes = size_t{16} << 20, .depth = 64});
  if (!json_text) {
    facts.broken = json_text.error().message;
    return;
  }
  auto document = profile::Read(text, file, profile::Reading::kAsRuntimes);
  if (document) facts.document = std::move(*document);
  if (!document) facts.invalid = document.error().message;
}

Result<Facts> CollectFacts(const Question& question, const Engines& engines) {
  Facts facts;
  facts.name = question.container;
  auto found = FindContainer(engines, question.container, facts);
  if (found && *found) facts.info = std::move(**found);
  const bool known = facts.info.has_value();
  const Engine* engine = known ? EngineOf(engines, *facts.info) : nullptr;
  if (known) TakeEngines(engine, facts);
  TRY(TakeAllKept(question, facts));
  if (!facts.info && facts.refused.empty() && question.message.empty()) {
    if (!found) return std::unexpected(found.error());
    auto missing = engines.Get(question.container);  // its error names those that there are
    if (!missing) {
      missing.error().message += "; where the engine gave an error and made none: whittle why --message TEXT";
      return std::unexpected(missing.error());
    }
  }
  TakeNamedProfile(question.profile, facts.profile);
  if (!question.profile.empty() && known) TakeTarget(*facts.info, facts);
  if (!question.message.empty()) facts.error = question.message;
  TakeListener(facts);
  if (known) TakeKernel(facts);
  return facts;
}

std::optional<advise::InForce> ProfileInForce(const std::string& container,
                                              const container::Engines& engines) {
  Facts facts;
  const auto found = engines.TryFind(container);
  if (!found || !*found) return std::nullopt;
  TakeProfile(**found, EngineOf(engines, **found), facts);
  TakeTarget(**found, facts);
  if (!facts.target || !facts.profile.document || !facts.profile.ignored.empty()) return std::nullopt;
  return advise::InForce{std::move(*facts.profile.document), *facts.target};
}

Result<Facts> FactsOfProfile(const Question& question, const profile::Target& target) {
  Facts facts;
  facts.error = question.message;
  facts.target = target;
  TakeNamedProfile(question.profile, facts.profile);
  for (const auto& file : question.from) {
    TakeKept(TRY(ReadKeptFile(file, "")), facts);
  }
  TakeListener(facts);
  return facts;
}

}  // namespace whittle::diagnose

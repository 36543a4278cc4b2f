#include "container/answers.h"

#include <fmt/core.h>

#include <array>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "container/answer_reader.h"
#include "container/capabilities.h"
#include "container/cgroup_path.h"
#include "profile/target.h"

namespace whittle::container {
namespace {

using json::Kind;
using json::Value;
using Reader = AnswerReader;
using Path = Reader::Path;

std::string TakeId(Reader& reader, Path path) {
  const std::string id = reader.Text(path);
  if (!IsContainerId(id)) {
    reader.Fault(
        fmt::format("expected an id of 64 hexadecimal digits, found '{}'", Printable(id.substr(0, 80))));
  }
  return id;
}

std::string WithoutPrefix(std::string text, std::string_view prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

Result<ContainerSummary> ParseSummary(const Value& item, const std::string& source) {
  Reader reader(item, source);
  ContainerSummary summary;
  summary.id = TakeId(reader, {"Id"});
  // A linked container has more names, "/other/alias"; its own has no second slash.
  for (const auto& name : reader.Texts({"Names"})) {
    const std::string plain = WithoutPrefix(name, "/");
    if (plain.find('/') == std::string::npos && summary.name.empty()) summary.name = plain;
  }
  summary.image = reader.Text({"Image"});
  summary.image_id = WithoutPrefix(reader.Text({"ImageID"}), "sha256:");
  summary.state = reader.Text({"State"});
  TRY(reader.status());
  return summary;
}

// "no-new-privileges", "no-new-privileges:true", "no-new-privileges=true".
bool MeansNoNewPrivs(std::string_view option) {
  constexpr std::string_view kName = "no-new-privileges";
  if (!option.starts_with(kName)) return false;
  const std::string_view rest = option.substr(kName.size());
  return rest.empty() || rest.substr(1) == "true";
}

// The engine's default if nothing is said of seccomp. docker takes "seccomp:" too.
std::string SeccompOf(const std::vector<std::string>& options) {
  std::string found;
  for (const auto& option : options) {
    if (option.starts_with("seccomp=") || option.starts_with("seccomp:")) found = option.substr(8);
  }
  return found;
}

void TakeSecurity(Reader& reader, ContainerInfo& info) {
  const auto options = reader.Texts({"HostConfig", "SecurityOpt"});
  for (const auto& option : options) info.no_new_privs = info.no_new_privs || MeansNoNewPrivs(option);
  info.seccomp = SeccompOf(options);
  info.privileged = reader.Flag({"HostConfig", "Privileged"});
}

void TakeState(Reader& reader, ContainerInfo& info) {
  info.state = reader.Text({"State", "Status"});
  info.exit_code = reader.Number({"State", "ExitCode"});
  info.pid = reader.Number({"State", "Pid"});
  if (info.pid < 0) reader.Fault("member State.Pid: expected a process id");
  // podman keeps the last pid of a container that has ended.
  if (info.state != "running" && info.state != "paused") info.pid = 0;
}

// "0001-01-01T00:00:00Z" is Go's way to say never.
int64_t TimeOf(Reader& reader, Path path) { return ParseTimeText(reader.Text(path)).value_or(0); }

// The uppermost folder first. Stores without overlays tell none.
std::vector<std::string> LayersOf(Reader& reader) {
  std::vector<std::string> layers;
  for (const auto& list :
       {reader.Text({"GraphDriver", "Data", "UpperDir"}), reader.Text({"GraphDriver", "Data", "LowerDir"})}) {
    for (const auto folder : Split(list, ':')) {
      if (!folder.empty()) layers.emplace_back(folder);
    }
  }
  return layers;
}

std::vector<Mount> MountsOf(Reader& reader, const std::string& source) {
  std::vector<Mount> mounts;
  const Value* list = reader.Get({"Mounts"}, Kind::kArray);
  if (list == nullptr) return mounts;
  for (const auto& item : list->items) {
    Reader one(item, source);
    mounts.push_back({one.Text({"Source"}), one.Text({"Destination"})});
    if (const auto status = one.status(); !status) reader.Fault(status.error().message);
  }
  return mounts;
}

// What `whittle why` asks for: docker and podman have the same names for it.
void TakeStory(Reader& reader, ContainerInfo& info, const std::string& source) {
  info.command = reader.Texts({"Args"});
  info.command.insert(info.command.begin(), reader.Text({"Path"}));
  info.user = reader.Text({"Config", "User"});
  info.tty = reader.Flag({"Config", "Tty"});
  info.error = reader.Text({"State", "Error"});
  info.out_of_memory = reader.Flag({"State", "OOMKilled"});
  info.created_ms = TimeOf(reader, {"Created"});
  info.started_ms = TimeOf(reader, {"State", "StartedAt"});
  info.ended_ms = TimeOf(reader, {"State", "FinishedAt"});
  info.layers = LayersOf(reader);
  info.mounts = MountsOf(reader, source);
}

}  // namespace

Result<std::vector<ContainerSummary>> ParseList(std::string_view text, const std::string& source) {
  const Value root = TRY(json::Parse(text, source, kAnswerLimits));
  std::vector<ContainerSummary> out;
  if (root.is(Kind::kNull)) return out;
  if (!root.is(Kind::kArray)) {
    return Fail(ErrorCode::kBadInput, fmt::format("{}: expected an array of containers, found {}", source,
                                                  json::KindText(root.kind)));
  }
  for (const auto& item : root.items) out.push_back(TRY(ParseSummary(item, source)));
  return out;
}

Result<ContainerInfo> ParseDockerContainer(std::string_view text, const std::string& source) {
  const Value root = TRY(json::Parse(text, source, kAnswerLimits));
  Reader reader(root, source);
  ContainerInfo info;
  info.engine = EngineKind::kDocker;
  info.id = TakeId(reader, {"Id"});
  info.name = WithoutPrefix(reader.Text({"Name"}), "/");
  info.image = reader.Text({"Config", "Image"});
  info.image_id = WithoutPrefix(reader.Text({"Image"}), "sha256:");
  info.runtime = reader.Text({"HostConfig", "Runtime"});
  TakeState(reader, info);
  TakeSecurity(reader, info);
  TakeStory(reader, info, source);
  const auto add = reader.Texts({"HostConfig", "CapAdd"});
  const auto drop = reader.Texts({"HostConfig", "CapDrop"});
  if (!info.privileged) info.capabilities = TweakCapabilities(profile::DefaultCapabilities(), add, drop);
  TRY(reader.status());
  return info;
}

Result<ContainerInfo> ParsePodmanContainer(std::string_view text, const std::string& source) {
  Value root = TRY(json::Parse(text, source, kAnswerLimits));
  if (root.is(Kind::kArray) && root.items.size() == 1) root = Value(root.items.front());
  Reader reader(root, source);
  ContainerInfo info;
  info.engine = EngineKind::kPodman;
  info.id = TakeId(reader, {"Id"});
  info.name = reader.Text({"Name"});
  info.image = reader.Text({"ImageName"});
  info.image_id = WithoutPrefix(reader.Text({"Image"}), "sha256:");
  info.runtime = reader.Text({"OCIRuntime"});
  TakeState(reader, info);
  TakeSecurity(reader, info);
  TakeStory(reader, info, source);
  info.config_file = reader.Text({"OCIConfigPath"});
  const auto bounding = reader.Texts({"BoundingCaps"});
  info.capabilities.insert(bounding.begin(), bounding.end());
  TRY(reader.status());
  return info;
}

std::string PlainLog(std::string_view body) {
  constexpr size_t kHead = 8;
  const auto is_head = [](std::string_view text) {
    return text.size() >= kHead && text[0] >= 0 && text[0] <= 2 &&
           text.substr(1, 3) == std::string_view("\0\0\0", 3);
  };
  if (!is_head(body)) return std::string(body);
  std::string text;
  while (is_head(body)) {
    size_t length = 0;
    for (size_t i = 4; i < kHead; ++i) length = length << 8 | static_cast<unsigned char>(body[i]);
    body.remove_prefix(kHead);
    text += body.substr(0, length);
    body.remove_prefix(std::min(length, body.size()));
  }
  return text;
}

std::string PlainCriLog(std::string_view text) {
  std::string plain;
  for (auto line : Lines(text)) {
    std::array<std::string_view, 3> head;  // time, stream, whole or part
    for (auto& word : head) {
      const size_t blank = line.find(' ');
      word = line.substr(0, blank);
      line = blank == line.npos ? std::string_view() : line.substr(blank + 1);
    }
    if (head[2] != "P" && head[2] != "F") continue;
    plain += line;
    if (head[2] == "F") plain += '\n';
  }
  return plain;
}

Result<std::optional<ContainerSummary>> ParsePodmanEvent(std::string_view line, const std::string& source) {
  const Value root = TRY(json::Parse(line, source, kAnswerLimits));
  Reader reader(root, source);
  if (reader.Text({"Status"}) != "create" || reader.Text({"Type"}) != "container") return std::nullopt;
  ContainerSummary summary;
  summary.id = TakeId(reader, {"ID"});
  summary.name = reader.Text({"Name"});
  summary.image = reader.Text({"Image"});
  summary.state = "created";
  TRY(reader.status());
  return summary;
}

Result<std::optional<ContainerSummary>> ParseDockerEvent(std::string_view line, const std::string& source) {
  const Value root = TRY(json::Parse(line, source, kAnswerLimits));
  Reader reader(root, source);
  if (reader.Text({"Type"}) != "container" || reader.Text({"Action"}) != "create") return std::nullopt;
  ContainerSummary summary;
  const Value* actor = reader.Get({"Actor"}, Kind::kObject);
  if (actor == nullptr) reader.Fault("member Actor is missing: this is no event of a docker daemon");
  TRY(reader.status());
  Reader who(*actor, source);
  summary.id = TakeId(who, {"ID"});
  summary.name = who.Text({"Attributes", "name"});
  summary.image = who.Text({"Attributes", "image"});
  summary.state = "created";
  TRY(who.status());
  return summary;
}

Result<Image> ParseImage(std::string_view text, const std::string& source) {
  const Value root = TRY(json::Parse(text, source, kAnswerLimits));
  const bool list = root.is(Kind::kArray) && root.items.size() == 1;
  Reader reader(list ? root.items.front() : root, source);
  Image image;
  image.id = WithoutPrefix(reader.Text({"Id"}), "sha256:");
  image.names = reader.Texts({"RepoTags"});
  if (image.id.empty()) reader.Fault("member Id is missing: this is no answer about an image");
  TRY(reader.status());
  return image;
}

Result<EngineInfo> ParseDockerInfo(std::string_view text, const std::string& source) {
  const Value root = TRY(json::Parse(text, source, kAnswerLimits));
  Reader reader(root, source);
  EngineInfo info;
  info.kind = EngineKind::kDocker;
  info.version = reader.Text({"ServerVersion"});
  info.default_runtime = reader.Text({"DefaultRuntime"});
  info.cgroup_driver = reader.Text({"CgroupDriver"});
  info.cgroup_version = reader.Text({"CgroupVersion"});
  for (const auto& option : reader.Texts({"SecurityOptions"})) {
    if (option.starts_with("name=seccomp,profile=")) info.seccomp = option.substr(21);
  }
  if (const Value* runtimes = reader.Get({"Runtimes"}, Kind::kObject)) {
    for (const auto& member : runtimes->members) {
      Reader one(member.value, source);
      info.runtimes.emplace_back(member.name, one.Text({"path"}));
      TRY(one.status());
    }
  }
  if (info.version.empty())
    reader.Fault("member ServerVersion is missing: this is no answer of a docker daemon");
  TRY(reader.status());
  return info;
}

Result<EngineInfo> ParsePodmanInfo(std::string_view text, const std::string& source) {
  const Value root = TRY(json::Parse(text, source, kAnswerLimits));
  Reader reader(root, source);
  EngineInfo info;
  info.kind = EngineKind::kPodman;
  info.version = reader.Text({"version", "Version"});
  info.default_runtime = reader.Text({"host", "ociRuntime", "name"});
  info.runtimes.emplace_back(info.default_runtime, reader.Text({"host", "ociRuntime", "path"}));
  info.cgroup_driver = reader.Text({"host", "cgroupManager"});
  info.cgroup_version = WithoutPrefix(reader.Text({"host", "cgroupVersion"}), "v");
  if (reader.Flag({"host", "security", "seccompEnabled"})) {
    info.seccomp = reader.Text({"host", "security", "seccompProfilePath"});
  }
  const std::string capabilities = reader.Text({"host", "security", "capabilities"});
  for (const auto name : Split(capabilities, ',')) {
    if (!name.empty()) info.default_capabilities.emplace(name);
  }
  if (info.version.empty()) reader.Fault("member version.Version is missing: this is no answer of podman");
  TRY(reader.status());
  return info;
}

}  // namespace whittle::container

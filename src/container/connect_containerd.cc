// containerd by its command, ctr: there is no other interface without gRPC. Containers live in namespaces:
// those of $CONTAINERD_NAMESPACE, or all, but docker's own, whose containers docker names better.
#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>

#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "container/answers.h"
#include "container/connect.h"
#include "container/output_of.h"

namespace whittle::container {
namespace {

constexpr int kDeadlineMs = 20'000;

bool IsDockers(std::string_view name_space) { return name_space == "moby" || name_space == "plugins.moby"; }

// "nginx" as containerd spells it in full.
std::vector<std::string> FullNames(std::string_view reference) {
  const size_t slash = reference.rfind('/');
  const std::string_view last = slash == reference.npos ? reference : reference.substr(slash + 1);
  std::string tagged(reference);
  if (last.find_first_of(":@") == last.npos) tagged += ":latest";
  return {std::string(reference), tagged, "docker.io/library/" + tagged, "docker.io/" + tagged};
}

bool Means(std::string_view reference, const ImageRow& row) {
  constexpr size_t kMinPrefix = 12;
  const auto names = FullNames(reference);
  if (std::ranges::find(names, row.name) != names.end()) return true;
  if (reference.starts_with("sha256:")) reference.remove_prefix(7);
  return reference.size() >= kMinPrefix && row.digest.starts_with(reference);
}

// `ctr events`, read as it comes. A line that cannot be read tells nothing: the lists remain.
class ContainerdEvents final : public NewContainers {
 public:
  explicit ContainerdEvents(OutputOf program) : program_(std::move(program)) {}
  std::vector<ContainerSummary> Take() override {
    std::vector<ContainerSummary> made;
    for (const auto& line : program_.TakeLines()) {
      const auto summary = ParseEvent(line, "ctr events");
      if (!summary || !*summary) continue;
      if (!IsDockers((*summary)->id.substr(0, (*summary)->id.find('/')))) made.push_back(**summary);
    }
    return made;
  }

 private:
  OutputOf program_;
};

class Containerd final : public Engine {
 public:
  explicit Containerd(std::string address) : address_(std::move(address)) {}

  Result<void> Connect() {
    info_.kind = EngineKind::kContainerd;
    info_.where = address_;
    info_.default_runtime = "runc";
    const std::string answer = TRY(Require({"version"}));
    info_.version = TRY(ParseContainerdVersion(answer, "ctr version"));
    return {};
  }

  Result<std::vector<ContainerSummary>> List() const override {
    std::vector<ContainerSummary> all;
    for (const auto& name_space : TRY(Namespaces())) {
      const std::string table = TRY(Require({"--namespace", name_space, "containers", "list"}));
      auto containers = TRY(ParseContainerTable(table, name_space, "ctr containers list"));
      const auto tasks = containers.empty() ? std::map<std::string, Task>() : TRY(Tasks(name_space));
      for (auto& summary : containers) {
        const auto task = tasks.find(summary.name);
        summary.state = task == tasks.end() ? "created" : task->second.state;
        all.push_back(std::move(summary));
      }
    }
    return all;
  }

  Result<std::optional<ContainerInfo>> Inspect(std::string_view name_or_id) const override {
    const size_t slash = name_or_id.find('/');
    if (slash != name_or_id.npos)
      return InspectIn(std::string(name_or_id.substr(0, slash)), std::string(name_or_id.substr(slash + 1)));
    std::optional<ContainerInfo> found;
    for (const auto& name_space : TRY(Namespaces())) {
      auto one = TRY(InspectIn(name_space, std::string(name_or_id)));
      if (one && found) {
        return Fail(ErrorCode::kBadInput,
                    fmt::format("containerd has a container '{0}' in the namespaces {1} and "
                                "{2}: write {1}/{0} or {2}/{0}",
                                Printable(name_or_id), Namespace(*found), Namespace(*one)));
      }
      if (one) found = std::move(one);
    }
    return found;
  }

  Result<std::optional<Image>> FindImage(std::string_view reference) const override {
    std::vector<ImageRow> rows;
    for (const auto& name_space : TRY(Namespaces())) {
      const std::string table = TRY(Require({"--namespace", name_space, "images", "list"}));
      for (auto& row : TRY(ParseImageTable(table, "ctr images list"))) rows.push_back(std::move(row));
    }
    const auto found = std::ranges::find_if(rows, [&](const auto& row) { return Means(reference, row); });
    if (found == rows.end()) return std::nullopt;
    Image image{found->digest, {}};
    for (const auto& row : rows) {
      if (row.digest == image.id) image.names.push_back(row.name);
    }
    return image;
  }

  Result<std::unique_ptr<NewContainers>> WatchNew() const override {
    auto program = TRY(OutputOf::Start({"ctr", "--address", address_, "events"}));
    return std::make_unique<ContainerdEvents>(std::move(program));
  }

 private:
  static std::string Namespace(const ContainerInfo& info) { return info.id.substr(0, info.id.find('/')); }

  Result<std::vector<std::string>> Namespaces() const {
    const char* set = std::getenv("CONTAINERD_NAMESPACE");
    if (set != nullptr && *set != 0) return std::vector<std::string>{set};
    std::vector<std::string> names;
    const std::string list = TRY(Require({"namespaces", "list", "--quiet"}));
    for (const auto line : Lines(list)) {
      const auto name = Trim(line);
      if (IsContainerdName(name) && !IsDockers(name)) names.emplace_back(name);
    }
    return names;
  }

  Result<std::map<std::string, Task>> Tasks(const std::string& name_space) const {
    const std::string table = TRY(Require({"--namespace", name_space, "tasks", "list"}));
    return ParseTaskTable(table, "ctr tasks list");
  }

  Result<std::optional<ContainerInfo>> InspectIn(const std::string& name_space,
                                                 const std::string& name) const {
    if (!IsContainerdName(name_space) || !IsContainerdName(name)) return std::nullopt;
    const auto answer = TRY(Ask({"--namespace", name_space, "containers", "info", name}));
    if (answer.exit_code != 0 && answer.errors.find("not found") != std::string::npos) return std::nullopt;
    if (answer.exit_code != 0) return Failed("containers info", answer);
    auto info = TRY(ParseContainerdContainer(answer.output, name_space, "ctr containers info"));
    info.engine_version = info_.version;
    const auto tasks = TRY(Tasks(name_space));
    const auto task = tasks.find(name);
    info.state = task == tasks.end() ? "created" : task->second.state;
    if (info.state == "running" || info.state == "paused") info.pid = task->second.pid;
    return info;
  }

  Result<ProcessResult> Ask(const std::vector<std::string>& arguments) const {
    std::vector<std::string> words = {"ctr", "--address", address_, "--connect-timeout", "5s"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return RunProcess(words, kDeadlineMs);
  }
  static std::unexpected<Error> Failed(std::string_view verb, const ProcessResult& answer) {
    const auto lines = Lines(answer.errors);
    return Fail(ErrorCode::kNotPossible,
                fmt::format("ctr {} exited with {}: {}", verb, answer.exit_code,
                            lines.empty() ? "no message" : Printable(lines.back().substr(0, 300))));
  }
  Result<std::string> Require(const std::vector<std::string>& arguments) const {
    auto answer = TRY(Ask(arguments));
    if (answer.exit_code == 0) return std::move(answer.output);
    const size_t verb = arguments.front() == "--namespace" ? 2 : 0;
    return Failed(arguments[verb], answer);
  }

  std::string address_;
};

}  // namespace

Result<std::unique_ptr<Engine>> ConnectContainerd(const std::string& address) {
  if (!FileExists(address)) return Fail(ErrorCode::kNotPossible, "no such socket");
  if (FindProgram("ctr").empty()) return Fail(ErrorCode::kNotPossible, "its client, ctr, is not in PATH");
  auto engine = std::make_unique<Containerd>(address);
  TRY(engine->Connect());
  return engine;
}

}  // namespace whittle::container

// Engines with an HTTP service: docker's daemon and podman's.
#include <fmt/core.h>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "container/answers.h"
#include "container/connect.h"
#include "container/http.h"

namespace whittle::container {
namespace {

// "{"message": "..."}" as both engines explain a failure; else the status alone.
std::string Reason(const HttpAnswer& answer) {
  const auto root = json::Parse(answer.body, "answer", {.bytes = 1 << 16, .depth = 8});
  const json::Value* message = root ? root->Find("message") : nullptr;
  if (message == nullptr || !message->is(json::Kind::kString))
    return fmt::format("HTTP status {}", answer.status);
  return fmt::format("HTTP status {}: {}", answer.status, Printable(message->text.substr(0, 300)));
}

// The slashes of a repository's name are the path's own.
std::string ImagePath(std::string_view reference) {
  std::vector<std::string> parts;
  for (const auto part : Split(reference, '/')) parts.push_back(PathComponent(part));
  return Join(parts, "/");
}

class SocketEngine : public Engine {
 public:
  explicit SocketEngine(std::string socket_path) : socket_path_(std::move(socket_path)) {}

 protected:
  std::string Source(const std::string& target) const { return fmt::format("{}: GET {}", Text(), target); }

  // The body of a good answer, nothing for 404.
  Result<std::optional<std::string>> Get(const std::string& target) const {
    auto answer = HttpGet(socket_path_, target);
    if (!answer) return std::unexpected(WithContext(answer.error(), Text()));
    if (answer->status == 404) return std::nullopt;
    if (answer->status == 200) return std::move(answer->body);
    return Fail(ErrorCode::kBadInput, fmt::format("{}: {}", Source(target), Reason(*answer)));
  }
  Result<std::string> Require(const std::string& target) const {
    auto body = TRY(Get(target));
    if (body) return std::move(*body);
    return Fail(ErrorCode::kBadInput,
                fmt::format("{}: not found; is this the engine's socket?", Source(target)));
  }
  Result<std::optional<Image>> AskImage(const std::string& target) const {
    const auto body = TRY(Get(target));
    if (!body) return std::nullopt;
    return TRY(ParseImage(*body, Source(target)));
  }
  Result<std::string> AskLog(const std::string& containers, const ContainerInfo& container,
                             unsigned lines) const {
    return PlainLog(TRY(Require(fmt::format("{}/{}/logs?stdout=1&stderr=1&tail={}", containers,
                                            PathComponent(container.id), lines))));
  }
  void SetWhere(EngineKind kind) {
    info_.kind = kind;
    info_.where = "unix://" + socket_path_;
  }
  void SetInfo(EngineInfo info) {
    info.where = info_.where;
    info_ = std::move(info);
  }
  void Complete(ContainerInfo& container) const {
    container.engine_version = info_.version;
    for (const auto& [name, path] : info_.runtimes) {
      if (name == container.runtime) container.runtime_path = path;
    }
  }

  const std::string& socket_path() const { return socket_path_; }

 private:
  std::string socket_path_;
};

// Docker's events, read as they come.
class DockerEvents final : public NewContainers {
 public:
  explicit DockerEvents(HttpLines lines) : lines_(std::move(lines)) {}
  std::vector<ContainerSummary> Take() override {
    std::vector<ContainerSummary> made;
    for (const auto& line : lines_.Take()) {
      auto summary = ParseDockerEvent(line, "docker events");
      if (!summary) understood_ = false;
      if (summary && *summary) made.push_back(std::move(**summary));
    }
    return made;
  }
  bool whole() const override { return lines_.whole() && understood_; }

 private:
  HttpLines lines_;
  bool understood_ = true;
};

class Docker final : public SocketEngine {
 public:
  using SocketEngine::SocketEngine;
  Result<void> Connect() {
    SetWhere(EngineKind::kDocker);
    const std::string body = TRY(Require("/info"));
    SetInfo(TRY(ParseDockerInfo(body, Source("/info"))));
    return {};
  }
  Result<std::vector<ContainerSummary>> List() const override {
    const std::string target = "/containers/json?all=1";
    const std::string body = TRY(Require(target));
    return ParseList(body, Source(target));
  }
  Result<std::optional<ContainerInfo>> Inspect(std::string_view name_or_id) const override {
    const std::string target = fmt::format("/containers/{}/json", PathComponent(name_or_id));
    const auto body = TRY(Get(target));
    if (!body) return std::nullopt;
    ContainerInfo container = TRY(ParseDockerContainer(*body, Source(target)));
    Complete(container);
    return container;
  }
  Result<std::optional<Image>> FindImage(std::string_view reference) const override {
    return AskImage(fmt::format("/images/{}/json", ImagePath(reference)));
  }
  // `since`: the daemon answers before it has begun to listen, and keeps what was lately.
  Result<std::unique_ptr<NewContainers>> WatchNew() const override {
    auto lines = HttpLines::Get(socket_path(), EventsSince(WallClockMs()));
    if (!lines) return std::unexpected(WithContext(lines.error(), Text()));
    return std::make_unique<DockerEvents>(std::move(*lines));
  }
  // The daemon remembers its last 256 events.
  Result<std::vector<ContainerSummary>> MadeSince(int64_t wall_ms) const override {
    const int64_t now_ms = WallClockMs();
    const std::string until = fmt::format("&until={}.{:03}", now_ms / 1000, now_ms % 1000);
    const std::string target = EventsSince(wall_ms) + until;
    const std::string body = TRY(Require(target));
    std::vector<ContainerSummary> made;
    for (const auto line : Lines(body)) {
      if (auto summary = TRY(ParseDockerEvent(line, Source(target)))) made.push_back(std::move(*summary));
    }
    return made;
  }
  Result<std::string> LogTail(const ContainerInfo& container, unsigned lines) const override {
    return AskLog("/containers", container, lines);
  }

 private:
  static std::string EventsSince(int64_t wall_ms) {
    return fmt::format("/events?since={}&filters={}", wall_ms / 1000,
                       PathComponent(R"({"type":["container"],"event":["create"]})"));
  }
};

class PodmanService final : public SocketEngine {
 public:
  using SocketEngine::SocketEngine;
  Result<void> Connect() {
    SetWhere(EngineKind::kPodman);
    const std::string body = TRY(Require("/v4.0.0/libpod/info"));
    SetInfo(TRY(ParsePodmanInfo(body, Source("/libpod/info"))));
    return {};
  }
  Result<std::vector<ContainerSummary>> List() const override {
    const std::string target = "/v4.0.0/libpod/containers/json?all=true";
    const std::string body = TRY(Require(target));
    return ParseList(body, Source(target));
  }
  Result<std::optional<ContainerInfo>> Inspect(std::string_view name_or_id) const override {
    const std::string target = fmt::format("/v4.0.0/libpod/containers/{}/json", PathComponent(name_or_id));
    const auto body = TRY(Get(target));
    if (!body) return std::nullopt;
    ContainerInfo container = TRY(ParsePodmanContainer(*body, Source(target)));
    Complete(container);
    return container;
  }
  Result<std::optional<Image>> FindImage(std::string_view reference) const override {
    return AskImage(fmt::format("/v4.0.0/libpod/images/{}/json", ImagePath(reference)));
  }
  Result<std::string> LogTail(const ContainerInfo& container, unsigned lines) const override {
    return AskLog("/v4.0.0/libpod/containers", container, lines);
  }
};

template <typename T>
Result<std::unique_ptr<Engine>> ConnectTo(const std::string& socket_path) {
  auto engine = std::make_unique<T>(socket_path);
  TRY(engine->Connect());
  return engine;
}

}  // namespace

Result<std::unique_ptr<Engine>> ConnectDocker(const std::string& socket_path) {
  return ConnectTo<Docker>(socket_path);
}
Result<std::unique_ptr<Engine>> ConnectPodman(const std::string& socket_path) {
  return ConnectTo<PodmanService>(socket_path);
}

}  // namespace whittle::container

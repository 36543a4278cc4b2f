// podman by its command: it needs no service.
#include <fmt/core.h>

#include <fstream>
#include <iterator>
#include <optional>

#include "base/process.h"
#include "base/text.h"
#include "container/answers.h"
#include "container/connect.h"
#include "container/output_of.h"

namespace whittle::container {
namespace {

constexpr int kDeadlineMs = 20'000;

std::string LastLine(std::string_view text) {
  const auto lines = Lines(text);
  return lines.empty() ? "no message" : Printable(lines.back().substr(0, 300));
}

// The end of a file that may be long.
std::optional<std::string> ReadTail(const std::string& path) {
  constexpr std::streamoff kMost = 256 << 10;
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return std::nullopt;
  const std::streamoff size = in.tellg();
  in.seekg(size > kMost ? size - kMost : 0);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::string LastLines(const std::string& text, unsigned count) {
  const auto lines = Lines(text);
  std::string last;
  for (size_t i = lines.size() > count ? lines.size() - count : 0; i < lines.size(); ++i) {
    last += std::string(lines[i]) + "\n";
  }
  return last;
}

// `podman events`, read as it comes. A line that cannot be read tells nothing: the lists remain.
class PodmanEvents final : public NewContainers {
 public:
  explicit PodmanEvents(OutputOf program) : program_(std::move(program)) {}
  std::vector<ContainerSummary> Take() override {
    std::vector<ContainerSummary> made;
    for (const auto& line : program_.TakeLines()) {
      auto summary = ParsePodmanEvent(line, "podman events");
      if (summary && *summary) made.push_back(std::move(**summary));
    }
    return made;
  }

 private:
  OutputOf program_;
};

class PodmanCommand final : public Engine {
 public:
  Result<void> Connect() {
    info_.kind = EngineKind::kPodman;
    info_.where = "the command podman";
    const std::string answer = TRY(Require({"info", "--format", "json"}));
    EngineInfo info = TRY(ParsePodmanInfo(answer, Source("info")));
    info.where = info_.where;
    info_ = std::move(info);
    return {};
  }
  Result<std::vector<ContainerSummary>> List() const override {
    const std::string answer = TRY(Require({"ps", "--all", "--format", "json"}));
    return ParseList(answer, Source("ps"));
  }
  Result<std::optional<ContainerInfo>> Inspect(std::string_view name_or_id) const override {
    const auto answer =
        TRY(RunProcess({"podman", "container", "inspect", std::string(name_or_id)}, kDeadlineMs));
    if (answer.exit_code != 0 && answer.errors.find("no such container") != std::string::npos)
      return std::nullopt;
    if (answer.exit_code != 0) return Failed("container inspect", answer);
    ContainerInfo container = TRY(ParsePodmanContainer(answer.output, Source("container inspect")));
    container.engine_version = info_.version;
    for (const auto& [name, path] : info_.runtimes) {
      if (name == container.runtime) container.runtime_path = path;
    }
    return container;
  }
  Result<std::optional<Image>> FindImage(std::string_view reference) const override {
    const auto answer = TRY(RunProcess({"podman", "image", "inspect", std::string(reference)}, kDeadlineMs));
    const bool unknown = answer.errors.find("image not known") != std::string::npos ||
                         answer.errors.find("no such image") != std::string::npos;
    if (answer.exit_code != 0 && unknown) return std::nullopt;
    if (answer.exit_code != 0) return Failed("image inspect", answer);
    return TRY(ParseImage(answer.output, Source("image inspect")));
  }
  // `podman logs --tail` of 4.3 loses lines that were written in pieces, so the file is read where there is
  // one.
  Result<std::string> LogTail(const ContainerInfo& container, unsigned lines) const override {
    const auto file = TRY(RunProcess(
        {"podman", "container", "inspect", "--format", "{{.HostConfig.LogConfig.Path}}", container.id},
        kDeadlineMs));
    const std::string path(Trim(file.output));
    if (path.starts_with('/')) {
      if (const auto text = ReadTail(path)) return LastLines(PlainCriLog(*text), lines);
    }
    const auto answer =
        TRY(RunProcess({"podman", "logs", "--tail", std::to_string(lines), container.id}, kDeadlineMs));
    if (answer.exit_code != 0) return Failed("logs", answer);
    return answer.output + answer.errors;
  }
  Result<std::unique_ptr<NewContainers>> WatchNew() const override {
    auto program = TRY(OutputOf::Start({"podman", "events", "--stream", "--filter", "type=container",
                                        "--filter", "event=create", "--format", "json"}));
    return std::make_unique<PodmanEvents>(std::move(program));
  }

 private:
  static std::string Source(std::string_view verb) { return fmt::format("podman {}", verb); }
  static std::unexpected<Error> Failed(std::string_view verb, const ProcessResult& answer) {
    return Fail(ErrorCode::kNotPossible,
                fmt::format("podman {} exited with {}: {}", verb, answer.exit_code, LastLine(answer.errors)));
  }
  static Result<std::string> Require(std::vector<std::string> arguments) {
    const std::string verb = arguments.front();
    arguments.insert(arguments.begin(), "podman");
    auto answer = TRY(RunProcess(arguments, kDeadlineMs));
    if (answer.exit_code != 0) return Failed(verb, answer);
    return std::move(answer.output);
  }
};

}  // namespace

Result<std::unique_ptr<Engine>> ConnectPodmanCommand() {
  if (FindProgram("podman").empty()) return Fail(ErrorCode::kNotPossible, "not in PATH");
  auto engine = std::make_unique<PodmanCommand>();
  TRY(engine->Connect());
  return engine;
}

}  // namespace whittle::container

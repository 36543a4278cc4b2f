#include "container/client.h"

#include <fmt/core.h>

#include <cstdlib>

#include "base/process.h"
#include "base/text.h"

namespace whittle::container {
namespace {

constexpr int kDeadlineMs = 10'000;

std::vector<std::string> AllInPath(const std::string& program) {
  std::vector<std::string> out;
  const char* path = std::getenv("PATH");
  for (const auto folder : Split(path != nullptr ? path : "", ':')) {
    const std::string candidate = FindProgram(fmt::format("{}/{}", folder, program));
    if (!folder.empty() && !candidate.empty()) out.push_back(candidate);
  }
  for (const char* folder : {"/usr/bin", "/usr/local/bin"}) {
    const std::string candidate = FindProgram(fmt::format("{}/{}", folder, program));
    if (!candidate.empty()) out.push_back(candidate);
  }
  return out;
}

bool SpeaksTo(const std::vector<std::string>& words) {
  std::vector<std::string> question = words;
  question.insert(question.end(), {"version", "--format", "{{.Server.Version}}"});
  const auto answer = RunProcess(question, kDeadlineMs);
  return answer && answer->exit_code == 0;
}

Result<std::vector<std::string>> DockerWords(const EngineInfo& engine) {
  for (const auto& client : AllInPath("docker")) {
    std::vector<std::string> words = {client, "--host", engine.where};
    if (SpeaksTo(words)) return words;
  }
  return Fail(
      ErrorCode::kNotPossible,
      fmt::format("no docker client in PATH speaks to the daemon at {}: install docker.io's, or docker-cli",
                  Printable(engine.where)));
}

Result<std::vector<std::string>> PodmanWords(const EngineInfo& engine) {
  const std::string client = FindProgram("podman");
  if (client.empty()) return Fail(ErrorCode::kNotPossible, "no podman in PATH");
  std::vector<std::string> words = {client};
  if (engine.where.starts_with("unix://")) words.insert(words.end(), {"--url", engine.where});
  return words;
}

Result<std::vector<std::string>> ContainerdWords(const EngineInfo& engine) {
  const std::string client = FindProgram("ctr");
  if (client.empty()) return Fail(ErrorCode::kNotPossible, "no ctr in PATH");
  return std::vector<std::string>{client, "--address", engine.where};
}

}  // namespace

Result<std::vector<std::string>> ClientWords(const EngineInfo& engine) {
  if (engine.kind == EngineKind::kContainerd) return ContainerdWords(engine);
  return engine.kind == EngineKind::kDocker ? DockerWords(engine) : PodmanWords(engine);
}

Result<std::vector<std::string>> ClientRunWords(const ClientCall& call) {
  if (call.engine.kind == EngineKind::kContainerd) {
    return Fail(ErrorCode::kNotPossible,
                "only docker and podman start containers for whittle; of containerd's: ctr run --seccomp "
                "--seccomp-profile FILE ...");
  }
  std::vector<std::string> words = TRY(ClientWords(call.engine));
  const bool docker = call.engine.kind == EngineKind::kDocker;
  // podman takes the runtime before the verb, docker after it.
  if (!docker && !call.runtime.empty()) words.insert(words.end(), {"--runtime", call.runtime});
  words.emplace_back("run");
  if (docker && !call.runtime.empty()) words.insert(words.end(), {"--runtime", call.runtime});
  return words;
}

}  // namespace whittle::container

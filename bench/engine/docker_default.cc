#include "docker_default.h"

#include "filter/loader.h"

namespace whittle::bench {

Result<DockerDefault> ReadDockerDefault() {
  DockerDefault read;
  read.document = TRY(profile::ReadProfile("docker-default"));
  read.target.capabilities = profile::DefaultCapabilities();
  std::vector<filter::Note> notes;
  const auto loaded = filter::LoadForRuntime(read.document, read.target, notes);
  if (!loaded) return Fail(ErrorCode::kInternal, loaded.error().why);
  const auto rules = filter::ApplyRuntime(*loaded, read.target, notes);
  if (!rules) return Fail(ErrorCode::kInternal, rules.error().why);
  read.rules = *rules;
  return read;
}

}  // namespace whittle::bench

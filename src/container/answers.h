// What engines answer, as values. Pure; thread safe. Answers are hostile: limits on size and depth, ids
// checked, and a member of the wrong type is an error that names engine, request and member. Members that are
// not there are empty. Sources: Docker Engine API 1.41, libpod API 4.x, podman-inspect(1), podman-ps(1),
// podman-info(1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "container/container.h"

namespace whittle::container {

// `source` stands in messages: "docker at unix:///var/run/docker.sock: /containers/web/json".

// GET /containers/json?all=1 of docker, GET /libpod/containers/json?all=true or `podman ps --all --format
// json`.
Result<std::vector<ContainerSummary>> ParseList(std::string_view text, const std::string& source);

// GET /containers/NAME/json of docker. `engine_version` and runtime_path are not in it.
Result<ContainerInfo> ParseDockerContainer(std::string_view text, const std::string& source);
// GET /libpod/containers/NAME/json, or `podman container inspect NAME` (an array of one).
Result<ContainerInfo> ParsePodmanContainer(std::string_view text, const std::string& source);

// GET /images/REFERENCE/json of docker, GET /libpod/images/REFERENCE/json, or `podman image inspect
// REFERENCE` (an array of one).
Result<Image> ParseImage(std::string_view text, const std::string& source);

// GET /info of docker; GET /libpod/info, or `podman info --format json`. `where` is not in it.
Result<EngineInfo> ParseDockerInfo(std::string_view text, const std::string& source);
Result<EngineInfo> ParsePodmanInfo(std::string_view text, const std::string& source);

}  // namespace whittle::container

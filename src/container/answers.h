// What engines answer, as values. Pure; thread safe. Answers are hostile: limits on size and depth, ids
// checked, and a member of the wrong type is an error that names engine, request and member. Members that are
// not there are empty. Sources: Docker Engine API 1.41, libpod API 4.x, podman-inspect(1), podman-ps(1),
// podman-info(1).
#pragma once

#include <map>
#include <optional>
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

// The text of GET /containers/NAME/logs: without a terminal it comes in frames with heads of eight bytes.
std::string PlainLog(std::string_view body);

// The text of a log file of CRI's form, which podman writes: "TIME stdout|stderr P|F TEXT", where P is a part
// of a line. What stands before the first whole line of the file's end is left out.
std::string PlainCriLog(std::string_view text);

// A line of `podman events --format json`: the container that it says was made; nothing if it says something
// else.
Result<std::optional<ContainerSummary>> ParsePodmanEvent(std::string_view line, const std::string& source);

// A line of docker's GET /events: the container that it says was made; nothing if it says something else.
// The image stands there as whoever made the container named it; its id does not.
Result<std::optional<ContainerSummary>> ParseDockerEvent(std::string_view line, const std::string& source);

// GET /info of docker; GET /libpod/info, or `podman info --format json`. `where` is not in it.
Result<EngineInfo> ParseDockerInfo(std::string_view text, const std::string& source);
Result<EngineInfo> ParsePodmanInfo(std::string_view text, const std::string& source);

// containerd by `ctr`. Its containers are named within a namespace: their id here is "NAMESPACE/ID".

// `ctr containers list`: a table of id, image and runtime. The state comes from ParseTasks.
Result<std::vector<ContainerSummary>> ParseContainerTable(std::string_view text, std::string_view name_space,
                                                          const std::string& source);
// `ctr tasks list`: a table of id, pid and status. By id, without the namespace.
struct Task {
  pid_t pid = 0;
  std::string state;  // "running", "stopped", ...
};
Result<std::map<std::string, Task>> ParseTaskTable(std::string_view text, const std::string& source);
// `ctr containers info ID`. Pid and state are not in it.
Result<ContainerInfo> ParseContainerdContainer(std::string_view text, std::string_view name_space,
                                               const std::string& source);
// `ctr images list`: reference and digest of each image.
struct ImageRow {
  std::string name;
  std::string digest;  // hexadecimal, without "sha256:"
};
Result<std::vector<ImageRow>> ParseImageTable(std::string_view text, const std::string& source);
// A line of `ctr events`: the container that it says was made; nothing if it says something else.
Result<std::optional<ContainerSummary>> ParseEvent(std::string_view line, const std::string& source);

// The version of the server in `ctr version`.
Result<std::string> ParseContainerdVersion(std::string_view text, const std::string& source);

// True for what containerd takes as a name: letters and digits, with single '.', '_' and '-' between them, at
// most 76.
bool IsContainerdName(std::string_view text);

}  // namespace whittle::container

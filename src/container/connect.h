// How the engines are asked; engines.h chooses. Internal to this folder.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "container/engines.h"

namespace whittle::container {

// A docker daemon behind a unix socket.
Result<std::unique_ptr<Engine>> ConnectDocker(const std::string& socket_path);
// A podman service (libpod API) behind a unix socket.
Result<std::unique_ptr<Engine>> ConnectPodman(const std::string& socket_path);
// podman by its command.
Result<std::unique_ptr<Engine>> ConnectPodmanCommand();
// containerd behind a socket, by the command ctr.
Result<std::unique_ptr<Engine>> ConnectContainerd(const std::string& address);

}  // namespace whittle::container

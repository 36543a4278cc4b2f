// What an engine's or runtime's error message means. Pure; thread safe. The words are those of docker 20.10
// to 28, podman 4.3, containerd 1.6, cri-o, runc 1.1 and crun 1.8 (docs/why.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diagnose/cause.h"

namespace whittle::diagnose {

struct MessageMeaning {
  // Nothing: the message says that the container's first process died on its way, and not why.
  std::optional<Kind> kind;
  std::vector<std::string> calls;  // of kRuntimeRefused: the calls that this step makes
  std::string step;                // of kRuntimeRefused: what the runtime was about
  std::string path;                // of a profile's file, where the message names it
  uint32_t error = 0;              // the errno that the message names; 0 if it names none
};

// Nothing if it is empty or not known. `runtime`: "runc", "crun", or empty where that is not known.
std::optional<MessageMeaning> MeaningOfMessage(std::string_view message, std::string_view runtime);

// What the runtime is about when it makes the call, and where in the order of a start; nothing if not known.
struct RuntimeStep {
  size_t order = 0;
  std::string_view step;
};
std::optional<RuntimeStep> StepOf(std::string_view runtime, std::string_view call);

}  // namespace whittle::diagnose

// What a recording was asked for: one target, and when it begins and ends. A value; thread safe.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "container/container.h"

namespace whittle::container {

enum class TargetKind {
  kContainer,   // one container, by name, id or prefix of an id
  kImage,       // every container of an image: those that run, and those that start meanwhile
  kContainers,  // every container: those that run, and those that start meanwhile
  kCgroup,      // a cgroup of a service, or one made by hand, with all below it
  kProcess,     // a process that runs, and its children
  kCommand,     // a command of ours
};

struct RecordingPlan {
  // Whether a container or an image has to be there when recording begins.
  enum class Existence { kRequired, kMayComeLater };
  // What the end of a container means. (Of an image any number may end.)
  enum class Restarts { kEndTheRecording, kFollow };

  TargetKind kind = TargetKind::kCommand;
  std::string name;  // of a container, an image, or a cgroup
  std::string id;    // of the container, once an engine told it
  pid_t pid = 0;
  std::vector<std::string> command;
  Existence existence = Existence::kRequired;
  Restarts restarts = Restarts::kEndTheRecording;

  // "container web", "image nginx:1.22", "command nginx -g ...".
  std::string Text() const;
  bool OfContainers() const {
    return kind == TargetKind::kContainer || kind == TargetKind::kImage || kind == TargetKind::kContainers;
  }
  // Whether cgroups that are made meanwhile may be the target's.
  bool WantsNewCgroups() const;
};

// True if a container of an engine's list is what the plan asks for. `image`: what the engine takes the
// plan's reference for, or nothing.
bool IsWanted(const RecordingPlan& plan, const ContainerSummary& summary, const Image* image);

// Under which name the containers of an image are one subject: the image's tag, if it has one, else what was
// asked for. Without the registry that docker leaves out ("docker.io/library/"), so that evidence of two
// engines merges.
std::string SubjectOfImage(std::string_view reference, const Image* image);

}  // namespace whittle::container

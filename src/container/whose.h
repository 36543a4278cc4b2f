// Whose a new cgroup is: asked of the engines in the background, since one that hangs must not keep a
// recorder from turning epochs and writing its journal. Not thread safe.
//
// Engines are asked for their lists, not for the one container: docker answers for that only once it has
// started, and a short one may have been removed by then. An engine knows a container before it makes its
// cgroup.
#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "container/container.h"
#include "container/engines.h"
#include "container/recording_plan.h"
#include "container/takeover.h"

namespace whittle::container {

// A container, whose it is, and whether it is what was asked for.
struct KnownContainer {
  ContainerSummary summary;
  const Engine* engine = nullptr;
  bool wanted = false;
  std::string subject;  // the name that evidence has for it
};

// What tells a container's cgroup from others: its id, or of containerd the cgroup's path.
std::string CgroupName(const ContainerSummary& summary);

// What the engines said when all of them were asked.
struct EnginesAnswer {
  std::map<std::string, KnownContainer> containers;  // by what tells its cgroup: CgroupName()
  int64_t asked_ms = 0;                              // monotonic
  bool whole = true;                                 // every engine answered
  bool any_paths = false;                            // of some, a container's cgroup may have any path
};

// What one container of an engine is to the plan. `image`: see IsWanted.
KnownContainer Know(const Engine& engine, const RecordingPlan& plan, ContainerSummary summary,
                    const Image* image);

// Asks and waits; all engines at once. Thread safe, as engines are.
EnginesAnswer AskEngine(const Engine& engine, const RecordingPlan& plan);
EnginesAnswer AskEngines(const Engines& engines, const RecordingPlan& plan);
// The same, and what the engines remember of containers that were made since then (wall clock) and may be
// gone.
EnginesAnswer AskEnginesSince(const Engines& engines, const RecordingPlan& plan, int64_t wall_ms);

// What is written down of a life of the container's.
LifeFacts FactsOf(const KnownContainer& container, const RecordingPlan& plan);

// Whose a cgroup is by one answer alone. Unknown: it may be a container's that is gone.
Claim ClaimOf(std::string_view cgroup_path, const EnginesAnswer& answer, const RecordingPlan& plan);

class Whose {
 public:
  // Whether an engine's container may have a cgroup whose path holds no id (containerd's may).
  enum class Paths { kWithIds, kAny };
  // Asks one engine; runs in a thread of its own, one at a time. An engine that is slow holds up no other.
  struct Source {
    std::function<EnginesAnswer()> ask;
    Paths paths = Paths::kWithIds;
  };
  explicit Whose(std::vector<Source> sources);

  enum class Verdict {
    kContainer,  // a container's: see Found::container
    kNobodys,    // no container's, for certain
    kNotYet,     // nobody knows it yet: asked again, and undecided
  };
  struct Found {
    Verdict verdict = Verdict::kNotYet;
    const KnownContainer* container = nullptr;  // valid until the next call
  };
  // `path`: from the hierarchy's root, as /proc/PID/cgroup shows it. `appeared_ms`: when the cgroup was first
  // seen (monotonic).
  Found Of(std::string_view path, int64_t appeared_ms);

  // True if every engine was asked after that moment, and answered.
  bool AnsweredSince(int64_t moment_ms) const;
  // Takes what was learned elsewhere, as a question's answer.
  void Learn(EnginesAnswer answer);
  // Takes a container that its engine said it made.
  void Learn(KnownContainer container);
  // How many containers are remembered: what is not wanted only for a while after it was last told of.
  size_t known() const { return known_.size(); }

 private:
  struct Asked {
    Source source;
    std::future<EnginesAnswer> asking;
    int64_t answered_ms = -1;  // when the last question was asked that it answered
  };
  void TakeAnswers();
  void Ask(Paths paths);
  bool AnsweredSince(int64_t moment_ms, Paths paths) const;

  std::vector<Asked> engines_;
  struct Known {
    KnownContainer container;
    int64_t told_ms = 0;
  };
  void ForgetOld();

  std::map<std::string, Known> known_;
  int64_t next_forget_ms_ = 0;
};

}  // namespace whittle::container

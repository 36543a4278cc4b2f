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

#include "container/container.h"
#include "container/engines.h"
#include "container/recording_plan.h"

namespace whittle::container {

// A container, whose it is, and whether it is what was asked for.
struct KnownContainer {
  ContainerSummary summary;
  const Engine* engine = nullptr;
  bool wanted = false;
  std::string subject;  // the name that evidence has for it
};

// What the engines said when all of them were asked.
struct EnginesAnswer {
  std::map<std::string, KnownContainer> containers;  // by id
  int64_t asked_ms = 0;                              // monotonic
  bool whole = true;                                 // every engine answered
};

// Asks now, and waits. Thread safe, as engines are.
EnginesAnswer AskEngines(const Engines& engines, const RecordingPlan& plan);

class Whose {
 public:
  // `ask` runs in a thread of its own, one at a time.
  explicit Whose(std::function<EnginesAnswer()> ask) : ask_(std::move(ask)) {}

  enum class Verdict {
    kContainer,  // a container's: see Found::container
    kNobodys,    // no container's, for certain
    kNotYet,     // nobody knows it yet: asked again, and undecided
  };
  struct Found {
    Verdict verdict = Verdict::kNotYet;
    const KnownContainer* container = nullptr;  // valid until the next call
  };
  // `path`: from the hierarchy's root, as /proc/PID/cgroup shows it.
  Found Of(std::string_view path);

  // When the last question was asked that every engine answered; -1: none yet.
  int64_t answered_ms() const { return answered_ms_; }
  // Takes what was learned elsewhere, as a question's answer.
  void Learn(EnginesAnswer answer);

 private:
  void TakeAnswer();

  std::function<EnginesAnswer()> ask_;
  std::map<std::string, KnownContainer> known_;
  std::future<EnginesAnswer> asking_;
  int64_t answered_ms_ = -1;
};

}  // namespace whittle::container

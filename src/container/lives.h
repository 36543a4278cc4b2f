// The lives of containers within one run of the recorder. Each start of a container is a life, and each life
// becomes a recording of its own in the evidence: so replicas and restarts are sampling units, and a start,
// an end, or a late attach counts for the one that it happened to. Pure; not thread safe.
//
// A container may have a cgroup in two hierarchies (v2 and v1 `pids`): both are the same life. A second
// cgroup at the same place is the next start: the first is gone, whether or not anybody noticed.
//
// How it works: the recorder keeps one count of epochs and names subjects as it is told. Each cgroup of a
// life is named by the life's label; Split() then takes the recorder's evidence apart.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "evidence/evidence.h"
#include "record/cgroup.h"
#include "record/recorder.h"

namespace whittle::container {

// How a life's recording began.
enum class Beginning { kAtItsStart, kRanAlready };

// What is known of the container; what becomes known later is filled in later.
struct LifeFacts {
  std::string subject;  // the container's name in the evidence
  std::string target;   // "container web"
  std::string image;
  std::string engine;   // "docker 20.10.24"
  std::string runtime;  // "runc 1.1.5"
};

// Facts as one text, to be kept where who takes over finds them (record::Recorder::Note), and back.
std::string NoteOf(const LifeFacts& facts);
LifeFacts FactsOfNote(std::string_view note);
// The life that a name stands for, if it is a label (Lives::Label).
std::optional<size_t> LifeOfLabel(const std::string& name);

// One life as it is known now, for who keeps it.
struct SeenLife {
  size_t life = 0;  // its index
  std::string container_id;
  LifeFacts facts;
  int64_t started_ms = 0;   // wall clock: its start, or where it ran already, the watch's
  bool from_start = false;  // nothing of it was in its cgroups before the watch
  bool ended = false;
  bool settled = true;  // nothing is being asked about it
  // Those that it has, or had: no two containers, and no two lives of one, ever share one until the next
  // boot.
  std::set<record::CgroupKey> cgroups;
  evidence::Evidence evidence;  // of its own recording
  std::vector<record::Denial> denials;
};

class Lives {
 public:
  struct Life {
    std::string container_id;
    Beginning beginning = Beginning::kAtItsStart;
    int64_t started_ms = 0;  // wall clock, as far as the caller knows it
    LifeFacts facts;
    std::map<record::CgroupKey, std::string> cgroups;  // those that exist: key -> path
    std::set<record::CgroupKey> had;                   // all that it ever had
    bool ended = false;
    bool killed = false;  // it ended by SIGKILL, as far as its engine knows
  };

  // Adds a cgroup of a container: to the life that it belongs to, or to a new one. Returns the life's index.
  size_t Add(const record::Cgroup& cgroup, const std::string& container_id, Beginning beginning);
  Life& at(size_t life) { return lives_.at(life); }
  // Nobody will ask for that life any more: what the recorder still has of it stands nowhere.
  void Forget(size_t life) { lives_.erase(life); }
  // The name that the recorder has to give to the life's cgroups.
  static std::string Label(size_t life);

  // Asks `exists` of every cgroup of the lives that have not ended; returns those lives that have, now.
  std::vector<size_t> Look(const std::function<bool(const record::CgroupKey&)>& exists);

  // The last lives of the containers that do not run any more.
  std::vector<size_t> LastOfEnded() const;

  // All that there ever were, with those that were forgotten.
  size_t count() const { return next_; }
  bool empty() const { return next_ == 0; }
  size_t running() const;
  // True if the container runs, as far as is known here.
  bool Runs(const std::string& container_id) const;

  // The subject as evidence names it.
  evidence::Subject Named(const evidence::Subject& subject) const;

  // One recording for each life in place of the recorder's own (whose id they have, with ".1", ".2", ...).
  // `exercised`: phases that the user named, for all of them. Gaps of the run are gaps of each life, but
  // "late-attach" of those that ran already, and "undecided", which stands once. A life from its start in
  // which the runtime's execve was not seen has the gap "start-unseen". What is nobody's life stays with the
  // recorder's own recording. Lives that were forgotten stand nowhere.
  evidence::Evidence Split(const evidence::Evidence& run, const std::set<std::string>& exercised) const;

  // Each life with its part of the recorder's evidence and of its denials.
  std::vector<SeenLife> Seen(const evidence::Evidence& run, std::vector<record::Denial> denials) const;

 private:
  std::map<size_t, Life> lives_;
  size_t next_ = 0;
};

}  // namespace whittle::container

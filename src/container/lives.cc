#include "container/lives.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <ranges>
#include <set>

#include "base/text.h"
#include "syscalls/table.h"

namespace whittle::container {
namespace {

constexpr std::string_view kLabel = "life ";
constexpr std::string_view kStartUnseen = "start-unseen";
constexpr std::string_view kUndecided = "undecided";

std::string RecordingOf(const std::string& run, size_t life) { return fmt::format("{}.{}", run, life + 1); }

bool IsExecve(const evidence::CallKey& call) {
  const auto name = SyscallName(call.abi, call.number);
  return name == "execve" || name == "execveat";
}

// From the first to the last epoch in which anything was seen of a life, in the run's count.
struct Span {
  uint32_t first = std::numeric_limits<uint32_t>::max();
  uint32_t last = 0;
  void Take(const evidence::EpochSet& epochs) {
    if (epochs.empty()) return;
    first = std::min(first, epochs.first());
    last = std::max(last, epochs.last());
  }
  bool seen() const { return first <= last; }
};

evidence::EpochSet Shifted(const evidence::EpochSet& epochs, uint32_t by) {
  evidence::EpochSet shifted;
  for (const auto& range : epochs.ranges()) shifted.Add(range.first - by, range.second - by);
  return shifted;
}

// Takes the evidence of one run apart.
class Splitter {
 public:
  Splitter(const evidence::Evidence& run, const std::map<size_t, Lives::Life>& lives, size_t count,
           const std::set<std::string>& exercised)
      : run_(run), lives_(lives), count_(count), exercised_(exercised) {}

  evidence::Evidence Split() {
    FindSpans();
    for (const auto& [life, known] : lives_) AddRecording(life, known);
    if (lives_.empty()) result_.recordings[run_id()] = run_recording();
    for (const auto& [subject, calls] : run_.subjects) AddSubject(subject, calls);
    for (const auto& [subject, scripts] : run_.scripts) AddScripts(subject, scripts);
    for (const auto& gap : run_.gaps) AddGapOfRun(gap);
    for (const auto& [life, known] : lives_) CheckStart(life, known);
    return std::move(result_);
  }

 private:
  const std::string& run_id() const { return run_.recordings.begin()->first; }
  const evidence::Recording& run_recording() const { return run_.recordings.begin()->second; }
  std::string IdOf(size_t life) const { return RecordingOf(run_id(), life); }
  std::optional<size_t> LifeOf(const evidence::Subject& subject) const {
    const auto life = LifeOfLabel(subject.container);
    return life && *life < count_ ? life : std::nullopt;
  }
  bool IsForgotten(const std::optional<size_t>& life) const { return life && !lives_.contains(*life); }

  void FindSpans() {
    for (const auto& [life, known] : lives_) spans_[life] = {};
    for (const auto& [subject, calls] : run_.subjects) {
      const auto life = LifeOf(subject);
      if (!life || IsForgotten(life)) continue;
      for (const auto& [key, observation] : calls) {
        for (const auto& [id, epochs] : observation.epochs) spans_[*life].Take(epochs);
      }
    }
    // Of a life that made no call yet, nothing is known but that it is there.
    for (auto& [life, span] : spans_) {
      const uint32_t now = std::max(run_recording().epochs, 1U) - 1;
      if (!span.seen()) span = {now, now};
    }
  }

  void AddRecording(size_t life, const Lives::Life& known) {
    const auto& facts = known.facts;
    const Span& span = spans_[life];
    const int64_t epoch_ms = run_recording().epoch_ms;
    evidence::Recording recording = run_recording();
    recording.target = facts.target;
    recording.image = facts.image;
    recording.engine = facts.engine;
    recording.runtime = facts.runtime;
    recording.exercised = exercised_;
    if (known.beginning == Beginning::kAtItsStart) recording.exercised.insert("start");
    if (known.ended && !known.killed) recording.exercised.insert("shutdown");
    recording.started_ms += span.first * epoch_ms;
    recording.epochs = (known.ended ? span.last + 1 : run_recording().epochs) - span.first;
    if (known.ended)
      recording.ended_ms = std::min(recording.ended_ms, recording.started_ms + recording.epochs * epoch_ms);
    result_.recordings[IdOf(life)] = std::move(recording);
  }

  void AddSubject(const evidence::Subject& subject, const evidence::Calls& calls) {
    const auto life = LifeOf(subject);
    if (IsForgotten(life)) return;
    if (!life) {
      result_.recordings[run_id()] = run_recording();
      result_.subjects[subject] = calls;
      return;
    }
    const evidence::Subject named{lives_.at(*life).facts.subject, subject.executable, subject.arrival};
    auto& mine = result_.subjects[named];
    const bool arrived = subject.arrival == evidence::Arrival::kArrived;
    if (!arrived) worked_.insert(*life);
    for (const auto& [key, observation] : calls) {
      if (arrived && IsExecve(key)) began_.insert(*life);
      for (const auto& [id, epochs] : observation.epochs) {
        mine[key].epochs[IdOf(*life)].Union(Shifted(epochs, spans_[*life].first));
      }
    }
  }

  void AddScripts(const evidence::Subject& subject, const evidence::Scripts& scripts) {
    const auto life = LifeOf(subject);
    if (IsForgotten(life)) return;
    const std::string& name = life ? lives_.at(*life).facts.subject : subject.container;
    result_.scripts[{name, subject.executable, subject.arrival}].insert(scripts.begin(), scripts.end());
  }

  // One that speaks of a cgroup that is nobody's life is no other life's, and there may be many of both: it
  // stands once.
  void AddGapOfRun(const evidence::Gap& gap) {
    if (gap.kind == kUndecided) {
      const std::string id =
          result_.recordings.contains(run_id()) ? run_id() : result_.recordings.begin()->first;
      evidence::AddGap(result_.gaps, {id, gap.kind, gap.detail, gap.count});
      return;
    }
    const bool late = gap.kind == "late-attach";
    for (const auto& [id, recording] : result_.recordings) {
      if (late && id != run_id() && recording.exercised.contains("start")) continue;
      evidence::AddGap(result_.gaps, {id, gap.kind, gap.detail, gap.count});
    }
  }

  // A start is seen from the execve of the runtime on, by which the container's first program begins. Where
  // that was not seen, more may be missing, whatever the reason: this is a check of the recorder itself. A
  // life that has just begun may not have come so far.
  void CheckStart(size_t life, const Lives::Life& known) {
    const bool from_start = known.beginning == Beginning::kAtItsStart;
    if (!from_start || began_.contains(life) || (!known.ended && !worked_.contains(life))) return;
    evidence::AddGap(
        result_.gaps,
        {IdOf(life), std::string(kStartUnseen),
         "the execve of its first program was not seen: it did not begin, or its start is not complete", 0});
  }

  const evidence::Evidence& run_;
  const std::map<size_t, Lives::Life>& lives_;
  size_t count_;  // of lives, with those that were forgotten
  const std::set<std::string>& exercised_;
  std::map<size_t, Span> spans_;
  std::set<size_t> began_;   // lives of which the runtime's execve was seen
  std::set<size_t> worked_;  // of which a call of the workload was seen
  evidence::Evidence result_;
};

}  // namespace

std::string NoteOf(const LifeFacts& facts) {
  std::string note;
  for (std::string text : {facts.subject, facts.target, facts.image, facts.engine}) {
    std::ranges::replace(text, '\n', ' ');
    note += text + "\n";
  }
  return note;
}

LifeFacts FactsOfNote(std::string_view note) {
  const auto lines = Split(note, '\n');
  const auto line = [&](size_t i) { return i < lines.size() ? std::string(lines[i]) : std::string(); };
  return {line(0), line(1), line(2), line(3), ""};
}

std::optional<size_t> LifeOfLabel(const std::string& name) {
  if (!name.starts_with(kLabel)) return std::nullopt;
  const auto number = ParseUnsigned(std::string_view(name).substr(kLabel.size()));
  return number ? std::optional(static_cast<size_t>(*number)) : std::nullopt;
}

std::string Lives::Label(size_t life) { return fmt::format("{}{}", kLabel, life); }

size_t Lives::Add(const record::Cgroup& cgroup, const std::string& container_id, Beginning beginning) {
  for (auto& [index, life] : std::views::reverse(lives_)) {
    if (life.ended || life.container_id != container_id) continue;
    const bool next_start = std::ranges::any_of(life.cgroups, [&](const auto& mine) {
      return mine.first != cgroup.key && mine.first.v1() == cgroup.key.v1() && mine.second == cgroup.path;
    });
    if (next_start) {
      life.ended = true;
      life.cgroups.clear();
      break;
    }
    life.cgroups[cgroup.key] = cgroup.path;
    life.had.insert(cgroup.key);
    return index;
  }
  Life life;
  life.container_id = container_id;
  life.beginning = beginning;
  life.cgroups[cgroup.key] = cgroup.path;
  life.had.insert(cgroup.key);
  lives_[next_] = std::move(life);
  return next_++;
}

std::vector<size_t> Lives::Look(const std::function<bool(const record::CgroupKey&)>& exists) {
  std::vector<size_t> over;
  for (auto& [index, life] : lives_) {
    if (life.ended) continue;
    std::erase_if(life.cgroups, [&](const auto& cgroup) { return !exists(cgroup.first); });
    if (!life.cgroups.empty()) continue;
    life.ended = true;
    over.push_back(index);
  }
  return over;
}

std::vector<size_t> Lives::LastOfEnded() const {
  std::set<std::string> seen;
  std::vector<size_t> last;
  for (const auto& [index, life] : std::views::reverse(lives_)) {
    if (seen.insert(life.container_id).second && life.ended) last.push_back(index);
  }
  return last;
}

size_t Lives::running() const {
  return static_cast<size_t>(
      std::ranges::count_if(lives_, [](const auto& life) { return !life.second.ended; }));
}

bool Lives::Runs(const std::string& container_id) const {
  return std::ranges::any_of(lives_, [&](const auto& life) {
    return !life.second.ended && life.second.container_id == container_id;
  });
}

evidence::Subject Lives::Named(const evidence::Subject& subject) const {
  const auto life = LifeOfLabel(subject.container);
  const auto known = life ? lives_.find(*life) : lives_.end();
  if (known == lives_.end()) return subject;
  return {known->second.facts.subject, subject.executable, subject.arrival};
}

evidence::Evidence Lives::Split(const evidence::Evidence& run, const std::set<std::string>& exercised) const {
  if (empty()) return run;
  return Splitter(run, lives_, next_, exercised).Split();
}

std::vector<SeenLife> Lives::Seen(const evidence::Evidence& run, std::vector<record::Denial> denials) const {
  if (lives_.empty()) return {};
  const auto split = Split(run, {});
  const std::string& run_id = run.recordings.begin()->first;
  std::map<std::string, SeenLife> seen;  // by the life's recording
  for (const auto& [index, life] : lives_) {
    seen[RecordingOf(run_id, index)] = {index,
                                        life.container_id,
                                        life.facts,
                                        life.started_ms,
                                        life.beginning == Beginning::kAtItsStart,
                                        life.ended,
                                        true,
                                        life.had,
                                        {},
                                        {}};
  }
  for (const auto& [subject, calls] : split.subjects) {
    for (const auto& [call, observation] : calls) {
      for (const auto& [id, epochs] : observation.epochs) {
        if (const auto life = seen.find(id); life != seen.end()) {
          life->second.evidence.subjects[subject][call].epochs[id] = epochs;
        }
      }
    }
  }
  for (const auto& gap : split.gaps) {
    const auto life = seen.find(gap.recording);
    if (life == seen.end() || gap.kind == kUndecided) continue;
    life->second.evidence.gaps.insert(gap);
  }
  for (auto& denial : denials) {
    const auto life = LifeOfLabel(denial.subject.container);
    if (!life || !lives_.contains(*life)) continue;
    denial.subject = Named(denial.subject);
    seen[RecordingOf(run_id, *life)].denials.push_back(std::move(denial));
  }
  std::vector<SeenLife> all;
  for (auto& [id, life] : seen) all.push_back(std::move(life));
  return all;
}

}  // namespace whittle::container

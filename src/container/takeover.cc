#include "container/takeover.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "record/journal.h"

namespace whittle::container {
namespace {

class Adder {
 public:
  Adder(evidence::Evidence journal, const record::TakenOver& left, const AskWhose& ask)
      : result_(std::move(journal)), left_(left), ask_(ask) {}

  evidence::Evidence Add() {
    AskUndecided();
    for (const auto& [subject, calls] : left_.evidence.subjects) AddSubject(subject, calls);
    for (const auto& [subject, scripts] : left_.evidence.scripts) {
      const auto place = PlaceOf(subject.container);
      if (place)
        result_.scripts[{place->container, subject.executable, subject.arrival}].insert(scripts.begin(),
                                                                                        scripts.end());
    }
    for (const auto& gap : left_.evidence.gaps) AddGap(gap.kind, gap.detail, gap.count);
    for (const auto& path : unknown_) {
      AddGap("undecided",
             fmt::format(
                 "the calls of cgroup {} were left out: the recorder was killed before it knew whose it is",
                 Printable(path)),
             0);
    }
    if (!IsSaid()) AddGap(record::kUnfinished, "the recorder was still running when this was seen", 0);
    return std::move(result_);
  }

 private:
  struct Place {
    std::string recording;
    std::string container;
  };

  bool IsOfRun(const std::string& id) const { return id == left_.id || id.starts_with(left_.id + "."); }

  // A recording of the run that the result has; the run's own if it has none.
  std::string AnyRecording() {
    for (const auto& [id, recording] : result_.recordings) {
      if (IsOfRun(id)) return id;
    }
    result_.recordings[left_.id] = left_.evidence.recordings.at(left_.id);
    return left_.id;
  }

  void AddGap(const std::string& kind, const std::string& detail, uint64_t count) {
    evidence::AddGap(result_.gaps, {AnyRecording(), kind, detail, count});
  }

  bool IsSaid() const {
    return std::ranges::any_of(result_.gaps, [&](const auto& gap) {
      return IsOfRun(gap.recording) && (gap.kind == record::kUnfinished || gap.kind == record::kKilled);
    });
  }

  // Lives that the killed recorder had not begun yet get the numbers after its own.
  void AskUndecided() {
    size_t next = 0;
    for (const auto& [label, note] : left_.notes) {
      if (const auto life = LifeOfLabel(label)) next = std::max(next, *life + 1);
    }
    for (const auto& path : left_.undecided) {
      const Claim claim = ask_(path);
      if (claim.verdict == Claim::Verdict::kWanted) claimed_[path] = {next++, claim.facts};
      if (claim.verdict == Claim::Verdict::kUnknown) unknown_.push_back(path);
      if (claim.verdict != Claim::Verdict::kWanted) left_out_.push_back(path);
    }
  }

  Place PlaceOfLife(size_t life, const LifeFacts& facts) {
    const std::string id = fmt::format("{}.{}", left_.id, life + 1);
    const auto [recording, is_new] =
        result_.recordings.try_emplace(id, left_.evidence.recordings.at(left_.id));
    if (is_new) {
      recording->second.target = facts.target;
      recording->second.image = facts.image;
      recording->second.engine = facts.engine;
      recording->second.exercised.insert("start");
    }
    return {id, facts.subject};
  }

  std::optional<Place> PlaceOf(const std::string& container) {
    if (std::ranges::find(left_out_, container) != left_out_.end()) return std::nullopt;
    if (const auto claim = claimed_.find(container); claim != claimed_.end()) {
      return PlaceOfLife(claim->second.first, claim->second.second);
    }
    const auto note = left_.notes.find(container);
    const auto life = LifeOfLabel(container);
    if (life && note != left_.notes.end()) return PlaceOfLife(*life, FactsOfNote(note->second));
    result_.recordings.try_emplace(left_.id, left_.evidence.recordings.at(left_.id));
    return Place{left_.id, container};
  }

  void AddSubject(const evidence::Subject& subject, const evidence::Calls& calls) {
    const auto place = PlaceOf(subject.container);
    if (!place) return;
    auto& recording = result_.recordings.at(place->recording);
    recording.epochs = std::max(recording.epochs, 1U);
    auto& mine = result_.subjects[{place->container, subject.executable, subject.arrival}];
    for (const auto& [key, observation] : calls) mine[key].epochs[place->recording].Add(recording.epochs - 1);
  }

  evidence::Evidence result_;
  const record::TakenOver& left_;
  const AskWhose& ask_;
  std::map<std::string, std::pair<size_t, LifeFacts>> claimed_;  // by path
  std::vector<std::string> unknown_, left_out_;
};

}  // namespace

evidence::Evidence WithTakenOver(std::optional<evidence::Evidence> journal, const record::TakenOver& left,
                                 const AskWhose& ask) {
  return Adder(std::move(journal).value_or(evidence::Evidence{}), left, ask).Add();
}

}  // namespace whittle::container

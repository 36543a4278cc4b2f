#include "container/whose.h"

#include <chrono>

#include "base/time.h"
#include "container/cgroup_path.h"

namespace whittle::container {
namespace {

std::string SubjectOf(const RecordingPlan& plan, const ContainerSummary& summary, const Image* image) {
  if (plan.kind == TargetKind::kImage) return SubjectOfImage(plan.name, image);
  return summary.name.empty() ? summary.id.substr(0, 12) : summary.name;
}

// A tag can be given to another image at any time, so it is resolved with each question.
Result<void> AskOne(const Engine& engine, const RecordingPlan& plan, EnginesAnswer& answer) {
  std::optional<Image> image;
  if (plan.kind == TargetKind::kImage) image = TRY(engine.FindImage(plan.name));
  const Image* known_image = image ? &*image : nullptr;
  for (auto& summary : TRY(engine.List())) {
    KnownContainer known{summary, &engine, IsWanted(plan, summary, known_image), ""};
    if (known.wanted) known.subject = SubjectOf(plan, summary, known_image);
    answer.containers.try_emplace(summary.id, std::move(known));
  }
  return {};
}

}  // namespace

EnginesAnswer AskEngines(const Engines& engines, const RecordingPlan& plan) {
  EnginesAnswer answer;
  answer.asked_ms = MonotonicMs();
  for (const auto& engine : engines.answering()) {
    if (!AskOne(*engine, plan, answer)) answer.whole = false;
  }
  return answer;
}

Whose::Found Whose::Of(std::string_view path) {
  TakeAnswer();
  const std::string id = OwnerOfCgroupPath(path).id;
  if (id.empty()) return {Verdict::kNobodys, nullptr};
  const auto found = known_.find(id);
  if (found != known_.end()) return {Verdict::kContainer, &found->second};
  if (!asking_.valid()) asking_ = std::async(std::launch::async, ask_);
  return {Verdict::kNotYet, nullptr};
}

void Whose::TakeAnswer() {
  if (!asking_.valid() || asking_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
  Learn(asking_.get());
}

void Whose::Learn(EnginesAnswer answer) {
  known_.merge(answer.containers);
  if (answer.whole) answered_ms_ = answer.asked_ms;
}

}  // namespace whittle::container

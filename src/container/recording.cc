#include "container/recording.h"

#include "container/recording_containers.h"
#include "container/recording_plain.h"
#include "evidence/under_filter.h"

namespace whittle::container {
namespace {

constexpr int64_t kDecideMs = 60'000;  // longer before its end than anything was undecided

std::unique_ptr<FollowedTarget> MakeTarget(const RecordingPlan& plan, const Engines& engines,
                                           record::Recorder& recorder, const Say& say,
                                           const std::set<std::string>& exercised) {
  switch (plan.kind) {
    case TargetKind::kContainer:
    case TargetKind::kImage:
    case TargetKind::kContainers:
      return std::make_unique<FollowedContainers>(plan, engines, recorder, say, exercised);
    case TargetKind::kCgroup:
      return std::make_unique<FollowedCgroup>(plan, recorder, say);
    case TargetKind::kProcess:
      return std::make_unique<FollowedProcess>(plan, recorder, say);
    case TargetKind::kCommand:
      break;
  }
  return std::make_unique<FollowedCommand>(plan, recorder, say);
}

}  // namespace

Recording::Recording(RecordingPlan plan, Engines engines, std::unique_ptr<record::Recorder> recorder, Say say,
                     std::set<std::string> exercised)
    : plan_(std::move(plan)),
      engines_(std::move(engines)),
      recorder_(std::move(recorder)),
      say_(std::move(say)),
      target_(MakeTarget(plan_, engines_, *recorder_, say_, exercised)) {
  recorder_->facts().exercised.insert(exercised.begin(), exercised.end());
}

Recording::~Recording() = default;

Result<void> Recording::Begin() { return target_->Begin(); }

Result<bool> Recording::Step(int timeout_ms) {
  for (const auto& event : TRY(recorder_->Poll(timeout_ms))) target_->Take(event);
  return target_->Turn();
}

Result<void> Recording::End() {
  TRY(target_->End());
  return recorder_->Stop();
}

AskWhose Recording::Claims(int64_t alive_ms) const {
  if (!plan_.OfContainers()) return [](std::string_view) { return Claim{}; };
  auto answer = std::make_shared<const EnginesAnswer>(AskEnginesSince(engines_, plan_, alive_ms - kDecideMs));
  return [answer, this](std::string_view path) { return ClaimOf(path, *answer, plan_); };
}

// Each life is a recording: one may be under a filter beside one that is not.
evidence::Evidence Recording::Snapshot() {
  auto evidence = target_->Named(recorder_->Snapshot());
  evidence::AddUnderFilterGaps(evidence);
  return evidence;
}

std::vector<SeenLife> Recording::SeenLives() {
  return target_->SeenLives(recorder_->Snapshot(), recorder_->denials());
}

std::vector<record::Denial> Recording::Denials() {
  auto denials = recorder_->denials();
  for (auto& denial : denials) denial.subject = target_->Named(denial.subject);
  return denials;
}

}  // namespace whittle::container

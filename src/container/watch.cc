#include "container/watch.h"

#include <fmt/core.h>

#include <chrono>
#include <thread>

#include "filter/compile.h"
#include "profile/action.h"

namespace whittle::container {

Result<filter::Program> CompileOrRefuse(const profile::Document& document, const profile::Target& target) {
  auto compiled = TRY(filter::Compile(document, target));
  if (compiled.state == filter::Compiled::State::kFiltered) return std::move(compiled.program);
  const bool refused = compiled.state == filter::Compiled::State::kRefused;
  return Fail(ErrorCode::kBadInput,
              fmt::format("{}: {} for {}: {}", compiled.where,
                          refused ? "refused" : "no filter would be installed", target.Text(), compiled.why));
}

bool Refuses(const filter::Program& program, const filter::Call& call) {
  return profile::Blocks(filter::Evaluate(program, call).action);
}

Watch Watch::Create(record::Options options, const filter::Program& program) {
  Watch watch;
  options.denials = record::Denials::kWatch;
  options.confirm = [program](pid_t, const filter::Call& call) { return Refuses(program, call); };
  auto recorder = record::Recorder::Create(std::move(options));
  if (recorder) {
    watch.recorder_ = std::move(*recorder);
  } else {
    watch.unwatched_ = recorder.error().message;
  }
  return watch;
}

Watch Watch::None(std::string why) {
  Watch watch;
  watch.unwatched_ = std::move(why);
  return watch;
}

void Watch::GiveUp(std::string why) {
  recorder_.reset();
  unwatched_ = std::move(why);
}

void Watch::Poll(int timeout_ms) {
  if (!recorder_) {
    std::this_thread::sleep_for(std::chrono::milliseconds(timeout_ms));
    return;
  }
  const auto events = recorder_->Poll(timeout_ms);
  if (!events) GiveUp(events.error().message);
}

void Watch::SayEnded(int exit_code) {
  if (recorder_ && exit_code != kKilledExitCode) recorder_->facts().exercised.insert("shutdown");
}

void Watch::Finish(RunOutcome& outcome) {
  if (recorder_) {
    if (const auto stopped = recorder_->Stop(); !stopped) GiveUp(stopped.error().message);
  }
  outcome.unwatched = unwatched_;
  if (!recorder_) return;
  outcome.denials = recorder_->denials();
  // What was logged was let through; the evidence has it.
  std::erase_if(outcome.denials, [](const auto& denial) { return !evidence::Refused(denial.fate); });
  outcome.evidence = recorder_->Snapshot();
}

}  // namespace whittle::container

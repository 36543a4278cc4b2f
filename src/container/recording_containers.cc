#include "container/recording_containers.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "base/time.h"
#include "container/cgroup_path.h"
#include "container/find_cgroup.h"
#include "container/runtime.h"

namespace whittle::container {
namespace {

constexpr int64_t kAskMs = 5000;       // so long engines are asked about a new cgroup
constexpr int64_t kMadeMs = 500;       // so long the making of a cgroup takes at most
constexpr int64_t kLookMs = 1000;      // so often it is looked which cgroups are still there
constexpr int64_t kMissedMs = 2000;    // so long the start of a container takes, from its cgroup to "running"
constexpr int64_t kHowMs = 2000;       // so long the end asks how containers ended
constexpr int64_t kRuntimeMs = 3000;   // so long the end waits for what is known of runtimes
constexpr int64_t kListenMs = 10'000;  // so long docker keeps events for one that does not read
constexpr int64_t kAnnouncedMs =
    60'000;  // so long an announcement is remembered, which is asked about for kAskMs
constexpr int kPollMs = 50;

// "runc 1.1.5"; empty if it cannot be told any more: what an engine uses by default is no answer.
std::string AskRuntimeOf(const Engine& engine, const ContainerSummary& summary) {
  std::string program = summary.runtime;
  std::string name = program.substr(program.rfind('/') + 1);
  if (const auto info = engine.Inspect(summary.id); info && *info && !(*info)->runtime.empty()) {
    name = (*info)->runtime;
    program = (*info)->runtime_path.empty() ? name : (*info)->runtime_path;
  }
  if (program.empty()) return "";
  const auto runtime = AskRuntime(program);
  return runtime ? fmt::format("{} {}", name, runtime->version_text) : name;
}

std::vector<Whose::Source> SourcesOf(const Engines& engines, const RecordingPlan& plan) {
  std::vector<Whose::Source> sources;
  for (const auto& engine : engines.answering()) {
    const bool any = engine->info().kind == EngineKind::kContainerd;
    sources.push_back({[&engine = *engine, &plan] { return AskEngine(engine, plan); },
                       any ? Whose::Paths::kAny : Whose::Paths::kWithIds});
  }
  return sources;
}

bool IsReady(const auto& future, int64_t wait_ms = 0) {
  return future.wait_for(std::chrono::milliseconds(wait_ms)) == std::future_status::ready;
}

}  // namespace

FollowedContainers::FollowedContainers(RecordingPlan plan, const Engines& engines, record::Recorder& recorder,
                                       const Say& say, std::set<std::string> exercised)
    : plan_(std::move(plan)),
      engines_(engines),
      recorder_(recorder),
      say_(say),
      exercised_(std::move(exercised)),
      whose_(SourcesOf(engines_, plan_)) {}

Result<void> FollowedContainers::Begin() {
  TRY(engines_.RequireOne());
  if (plan_.WantsNewCgroups()) TRY(Listen());
  news_taken_ms_ = MonotonicMs();
  if (plan_.kind == TargetKind::kContainer) TRY(FindContainer());
  if (plan_.kind == TargetKind::kImage) TRY(FindImage());
  const EnginesAnswer answer = AskEngines(engines_, plan_);
  for (const auto& running : AskRunning(answer)) TRY(Attach(running));
  whose_.Learn(answer);
  look_for_missed_ms_ = plan_.WantsNewCgroups() ? MonotonicMs() + kMissedMs : -1;
  SayWhatBegan();
  return {};
}

Result<void> FollowedContainers::Listen() {
  for (const auto& engine : engines_.answering()) {
    Teller teller{engine.get(), TRY(engine->WatchNew()), std::nullopt};
    if (!teller.news) continue;
    if (plan_.kind == TargetKind::kImage) teller.image = TRY(engine->FindImage(plan_.name));
    tellers_.push_back(std::move(teller));
  }
  return {};
}

void FollowedContainers::TakeNews() {
  const int64_t now_ms = MonotonicMs();
  if (std::exchange(news_taken_ms_, now_ms) + kListenMs < now_ms) news_late_ = true;
  for (auto& teller : tellers_) TakeNews(teller);
  std::erase_if(announced_, [&](const auto& told) { return now_ms - told.second > kAnnouncedMs; });
}

// Of an image an event has only the name that somebody gave it: it may be another name of the same image,
// which the list would tell.
void FollowedContainers::TakeNews(Teller& teller) {
  for (auto& summary : teller.news->Take()) {
    auto known = Know(*teller.engine, plan_, std::move(summary), teller.image ? &*teller.image : nullptr);
    const bool may_be = plan_.kind == TargetKind::kImage && !known.wanted;
    if (may_be && (!teller.image || teller.engine->info().kind == EngineKind::kDocker)) {
      announced_[known.summary.id] = MonotonicMs();
    } else {
      whose_.Learn(std::move(known));
    }
  }
}

Result<void> FollowedContainers::FindContainer() {
  const bool may_come = plan_.existence == RecordingPlan::Existence::kMayComeLater;
  const auto info =
      may_come ? TRY(engines_.TryFind(plan_.name)) : std::optional(TRY(engines_.Get(plan_.name)));
  if (info) plan_.id = info->id;
  if (may_come || info->running()) return {};
  return Fail(ErrorCode::kBadInput,
              fmt::format("container '{}' is {}, not running: start it, or use --wait to record its start",
                          Printable(plan_.name), Printable(info->state)));
}

Result<void> FollowedContainers::FindImage() {
  std::string tried;
  for (const auto& engine : engines_.answering()) {
    if (TRY(engine->FindImage(plan_.name))) return {};
    tried += (tried.empty() ? "" : ", ") + engine->Text();
  }
  if (plan_.existence == RecordingPlan::Existence::kMayComeLater) return {};
  return Fail(ErrorCode::kBadInput,
              fmt::format("no image '{}' at {}: pull or build it, or use --wait if it will "
                          "come later",
                          Printable(plan_.name), Printable(tried)));
}

std::vector<FollowedContainers::Running> FollowedContainers::AskRunning(const EnginesAnswer& answer) const {
  std::vector<Running> running;
  for (const auto& [name, container] : answer.containers) {
    if (!container.wanted) continue;
    const auto info = container.engine->Inspect(container.summary.id);
    if (info && *info && (*info)->running()) running.push_back({container, (*info)->pid});
  }
  return running;
}

Result<void> FollowedContainers::Attach(const Running& running) {
  const auto cgroup = CgroupOfContainer(running.pid, CgroupName(running.container.summary));
  // One that has just ended is no target any more; a host that cannot tell containers apart is an error.
  if (!cgroup && cgroup.error().code == ErrorCode::kBadInput) return {};
  if (!cgroup) return std::unexpected(cgroup.error());
  // Where the recorder saw the cgroup made, it is decided about as any new one.
  for (const auto& undecided : recorder_.Undecided()) {
    if (undecided.key == cgroup->key) return {};
  }
  TRY(recorder_.AddCgroup(cgroup->key, record::CgroupKind::kContainer));
  const size_t life = AddToLife(*cgroup, running.container, Beginning::kRanAlready);
  recorder_.Name(cgroup->key, Lives::Label(life));
  kept_at_[cgroup->key] = MonotonicMs();
  return {};
}

std::string FollowedContainers::ContainerText(const KnownContainer& container) const {
  const std::string& name = container.summary.name;
  return Printable(name.empty() ? container.summary.id.substr(0, 12) : name);
}

void FollowedContainers::SayWhatBegan() {
  const std::string what = Printable(plan_.Text());
  if (plan_.kind == TargetKind::kImage) {
    say_(fmt::format("armed: recording {}: {} of its containers run{}, and all that start", what,
                     lives_.count(), lives_.count() == 1 ? "s" : ""));
  } else if (plan_.kind == TargetKind::kContainers) {
    say_(fmt::format("armed: recording {}: {} run{}, and all that start", what, lives_.count(),
                     lives_.count() == 1 ? "s" : ""));
  } else if (lives_.empty()) {
    say_(fmt::format("armed: waiting for {} to start", what));
  } else {
    say_(fmt::format("recording {}, which runs already", what));
  }
}

size_t FollowedContainers::AddToLife(const record::Cgroup& cgroup, const KnownContainer& container,
                                     Beginning beginning) {
  const size_t before = lives_.count();
  const size_t life = lives_.Add(cgroup, container.summary.id, beginning);
  if (life != before) return life;
  const auto seen = seen_at_.find(cgroup.key);
  const int64_t ago_ms = seen == seen_at_.end() ? 0 : MonotonicMs() - seen->second;
  lives_.at(life).started_ms = WallClockMs() - ago_ms;
  auto& facts = lives_.at(life).facts;
  facts = FactsOf(container, plan_);
  recorder_.Note(Lives::Label(life), NoteOf(facts));
  runtimes_.push_back(
      {life, std::async(std::launch::async, AskRuntimeOf, std::cref(*container.engine), container.summary)});
  return life;
}

void FollowedContainers::Take(const record::Event& event) {
  if (event.kind == record::Event::Kind::kCgroupMade) seen_at_[event.cgroup] = MonotonicMs();
  if (event.kind == record::Event::Kind::kCgroupRemoved) look_for_ended_ = true;
}

Result<bool> FollowedContainers::Turn() {
  TRY(Decide());
  TRY(LookForMissed());
  TakeRuntimes(0);
  return LookForEnded();
}

Result<void> FollowedContainers::Decide() {
  TakeNews();
  for (const auto& cgroup : recorder_.Undecided()) {
    const int64_t since = seen_at_.try_emplace(cgroup.key, MonotonicMs()).first->second;
    bool decided = TRY(DecideOne(cgroup, since));
    if (!decided && MonotonicMs() - since > kAskMs) {
      TRY(GiveUp(cgroup));
      decided = true;
    }
    if (decided) seen_at_.erase(cgroup.key);
  }
  return {};
}

Result<bool> FollowedContainers::DecideOne(const record::Cgroup& cgroup, int64_t since) {
  const auto found = whose_.Of(cgroup.path, since);
  if (found.verdict == Whose::Verdict::kNotYet) return false;
  if (found.verdict == Whose::Verdict::kNobodys || !found.container->wanted) {
    TRY(recorder_.Drop(cgroup.key));
  } else {
    TRY(Keep(cgroup, *found.container));
  }
  return true;
}

Result<void> FollowedContainers::Keep(const record::Cgroup& cgroup, const KnownContainer& container) {
  TRY(recorder_.Keep(cgroup.key));
  const size_t before = lives_.count();
  const size_t life = AddToLife(cgroup, container, Beginning::kAtItsStart);
  recorder_.Name(cgroup.key, Lives::Label(life));
  kept_at_[cgroup.key] = MonotonicMs();
  look_for_ended_ = true;
  if (life == before) say_(fmt::format("recording container {} from its start", ContainerText(container)));
  return {};
}

bool FollowedContainers::Asks(EngineKind kind) const {
  return std::ranges::any_of(engines_.answering(),
                             [kind](const auto& engine) { return engine->info().kind == kind; });
}

// An engine that tells of all that it makes, and did not tell of this one, has not made it. podman's events
// may be late, or come from another store.
std::string FollowedContainers::MayBeWanted(const CgroupOwner& owner) const {
  if (owner.id.empty()) return "";
  if (announced_.contains(owner.id)) return "it was removed before its engine could be asked for its image";
  if (owner.manager == EngineName(EngineKind::kPodman)) {
    return Asks(EngineKind::kPodman) ? "podman did not know, or not any more, whose it is" : "";
  }
  const bool docker = owner.manager.empty() || owner.manager == EngineName(EngineKind::kDocker);
  if (!docker || !Asks(EngineKind::kDocker)) return "";
  const bool whole = !news_late_ && std::ranges::all_of(tellers_, [](const Teller& teller) {
    return teller.engine->info().kind != EngineKind::kDocker || teller.news->whole();
  });
  return whole ? "" : "docker's events were not read to the end, and its list does not have it";
}

// No engine knows the container: it is another engine's. Or one did not answer, or answered too late: then it
// may have been the one.
Result<void> FollowedContainers::GiveUp(const record::Cgroup& cgroup) {
  std::string why = MayBeWanted(OwnerOfCgroupPath(cgroup.path));
  if (!whose_.AnsweredSince(seen_at_[cgroup.key])) why = "not every engine said in time whose it is";
  if (!why.empty()) {
    gaps_.insert(
        {"undecided", fmt::format("the calls of cgroup {} were left out: {}", Printable(cgroup.path), why)});
  }
  return recorder_.Drop(cgroup.key);
}

// A container that was started just before the recorder has a cgroup that nobody saw made, and its engine did
// not call it running yet.
Result<void> FollowedContainers::LookForMissed() {
  if (look_for_missed_ms_ >= 0 && MonotonicMs() >= look_for_missed_ms_) {
    look_for_missed_ms_ = -1;
    missed_ = std::async(std::launch::async, [this] { return AskRunning(AskEngines(engines_, plan_)); });
  }
  if (!missed_.valid() || !IsReady(missed_)) return {};
  for (const auto& running : missed_.get()) {
    if (!lives_.Runs(running.container.summary.id)) TRY(Attach(running));
  }
  return {};
}

void FollowedContainers::TakeRuntimes(int64_t wait_ms) {
  const int64_t deadline = MonotonicMs() + wait_ms;
  std::erase_if(runtimes_, [&](RuntimeQuestion& question) {
    if (!IsReady(question.answer, std::max<int64_t>(deadline - MonotonicMs(), 0))) return false;
    lives_.at(question.life).facts.runtime = question.answer.get();
    answers_++;
    return true;
  });
}

// A short container's cgroup may be gone before the engine has told whose it was: so it is looked for, not
// waited for. False if that was the end of the recording.
bool FollowedContainers::LookForEnded() {
  if (!look_for_ended_ && MonotonicMs() < next_look_ms_) return true;
  look_for_ended_ = false;
  next_look_ms_ = MonotonicMs() + kLookMs;
  const auto over = lives_.Look([this](const record::CgroupKey& key) {
    // One that is just being made cannot be opened yet.
    const auto kept = kept_at_.find(key);
    const bool just_made = kept != kept_at_.end() && MonotonicMs() - kept->second <= kMadeMs;
    return just_made || record::DirectoryOfCgroup(key).has_value();
  });
  for (const size_t life : over) SayEnded(life);
  ended_ += over.size();
  std::erase_if(kept_at_, [](const auto& kept) { return MonotonicMs() - kept.second > kMadeMs; });
  const bool last =
      plan_.kind == TargetKind::kContainer && plan_.restarts == RecordingPlan::Restarts::kEndTheRecording;
  return over.empty() || !last;
}

void FollowedContainers::SayEnded(size_t life) {
  if (plan_.kind == TargetKind::kImage) {
    say_(fmt::format("{} has ended; {} of its containers run", Printable(lives_.at(life).facts.target),
                     lives_.running()));
  } else if (plan_.kind == TargetKind::kContainers) {
    say_(fmt::format("container {} has ended; {} run", Printable(lives_.at(life).facts.subject),
                     lives_.running()));
  } else if (plan_.restarts == RecordingPlan::Restarts::kFollow) {
    say_(fmt::format("{} has ended; waiting for its next start", Printable(plan_.Text())));
  }
}

// True if an engine may still name the container of a cgroup.
bool FollowedContainers::IsAnyUnanswered() {
  return std::ranges::any_of(recorder_.Undecided(), [this](const record::Cgroup& cgroup) {
    return !whose_.AnsweredSince(seen_at_[cgroup.key]);
  });
}

// An engine knows a container's last exit code only, a moment after its cgroup is gone, until it is removed.
Result<void> FollowedContainers::AskHowTheyEnded() {
  const int64_t deadline = MonotonicMs() + kHowMs;
  for (const size_t life : lives_.LastOfEnded()) {
    auto& ended = lives_.at(life);
    auto info = engines_.TryFind(ended.container_id);
    while (info && *info && (*info)->running() && MonotonicMs() < deadline) {
      TRY(recorder_.Poll(kPollMs));
      info = engines_.TryFind(ended.container_id);
    }
    ended.killed = info && *info && !(*info)->running() && (*info)->exit_code == kKilledExitCode;
    if (MonotonicMs() >= deadline) break;
  }
  return {};
}

// What appeared last is asked about once more: also what no Poll() has told of yet.
Result<void> FollowedContainers::End() {
  const int64_t deadline = MonotonicMs() + kAskMs;
  TRY(recorder_.Poll(0));
  TRY(Decide());
  while (MonotonicMs() < deadline && IsAnyUnanswered()) {
    TRY(recorder_.Poll(kPollMs));
    TRY(Decide());
  }
  for (const auto& cgroup : recorder_.Undecided()) TRY(GiveUp(cgroup));
  TakeRuntimes(kRuntimeMs);
  TRY(AskHowTheyEnded());
  if (const std::string why = Nothing(); !why.empty()) gaps_.insert({"not-started", why});
  return {};
}

std::string FollowedContainers::Nothing() const {
  if (!lives_.empty() || plan_.kind == TargetKind::kContainers) return "";
  if (plan_.kind == TargetKind::kImage) {
    return fmt::format("no container of image '{}' ran while whittle recorded", Printable(plan_.name));
  }
  return fmt::format("container '{}' did not start while whittle waited", Printable(plan_.name));
}

std::vector<SeenLife> FollowedContainers::SeenLives(const evidence::Evidence& run,
                                                    std::vector<record::Denial> denials) {
  for (const size_t life : std::exchange(forgotten_, {})) Forget(life);
  auto seen = lives_.Seen(run, std::move(denials));
  for (auto& life : seen) {
    life.settled = std::ranges::find(runtimes_, life.life, &RuntimeQuestion::life) == runtimes_.end();
  }
  return seen;
}

void FollowedContainers::Forget(size_t life) {
  if (!recorder_.Forget(Lives::Label(life))) forgotten_.insert(life);
  lives_.Forget(life);
}

evidence::Evidence FollowedContainers::Named(evidence::Evidence evidence) const {
  const std::string run = evidence.recordings.begin()->first;
  for (const auto& [kind, detail] : gaps_) evidence.gaps.insert({run, kind, detail, 0});
  return lives_.Split(evidence, exercised_);
}

}  // namespace whittle::container

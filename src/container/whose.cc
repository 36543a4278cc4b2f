#include "container/whose.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/time.h"
#include "container/cgroup_path.h"

namespace whittle::container {
namespace {

constexpr int64_t kForgetMs =
    60'000;  // longer than anything takes that is asked or told about a new container

std::string SubjectOf(const RecordingPlan& plan, const ContainerSummary& summary, const Image* image) {
  if (plan.kind == TargetKind::kImage) return SubjectOfImage(plan.name, image);
  return summary.name.empty() ? summary.id.substr(0, 12) : summary.name;
}

// The usual cgroup of a container of containerd is not always its own, and a list does not tell.
Result<void> LearnCgroup(const Engine& engine, ContainerSummary& summary) {
  if (summary.cgroup.empty()) return {};
  const auto info = TRY(engine.Inspect(summary.id));
  if (info && !info->cgroup.empty()) summary.cgroup = info->cgroup;
  return {};
}

// A tag can be given to another image at any time, so it is resolved with each question.
Result<void> AskOne(const Engine& engine, const RecordingPlan& plan, EnginesAnswer& answer) {
  std::optional<Image> image;
  if (plan.kind == TargetKind::kImage) image = TRY(engine.FindImage(plan.name));
  for (auto& summary : TRY(engine.List())) {
    KnownContainer known = Know(engine, plan, std::move(summary), image ? &*image : nullptr);
    if (known.wanted) TRY(LearnCgroup(engine, known.summary));
    answer.containers.try_emplace(CgroupName(known.summary), std::move(known));
  }
  return {};
}

}  // namespace

std::string CgroupName(const ContainerSummary& summary) {
  if (IsContainerId(summary.name)) return summary.name;  // Kubernetes' own, in containerd: the path holds it
  return summary.cgroup.empty() ? summary.id : summary.cgroup;
}

KnownContainer Know(const Engine& engine, const RecordingPlan& plan, ContainerSummary summary,
                    const Image* image) {
  KnownContainer known;
  known.engine = &engine;
  known.wanted = IsWanted(plan, summary, image);
  if (known.wanted) known.subject = SubjectOf(plan, summary, image);
  known.summary = std::move(summary);
  return known;
}

EnginesAnswer AskEngine(const Engine& engine, const RecordingPlan& plan) {
  EnginesAnswer answer;
  answer.asked_ms = MonotonicMs();
  answer.any_paths = engine.info().kind == EngineKind::kContainerd;
  if (!AskOne(engine, plan, answer)) answer.whole = false;
  return answer;
}

// One engine that takes its time must not let another's short container come and go.
EnginesAnswer AskEngines(const Engines& engines, const RecordingPlan& plan) {
  EnginesAnswer answer;
  answer.asked_ms = MonotonicMs();
  std::vector<std::future<EnginesAnswer>> parts;
  for (const auto& engine : engines.answering()) {
    parts.push_back(std::async(std::launch::async, AskEngine, std::cref(*engine), std::cref(plan)));
  }
  for (auto& part : parts) {
    EnginesAnswer one = part.get();
    answer.whole = answer.whole && one.whole;
    answer.any_paths = answer.any_paths || one.any_paths;
    answer.containers.merge(one.containers);
  }
  return answer;
}

Claim ClaimOf(std::string_view cgroup_path, const EnginesAnswer& answer, const RecordingPlan& plan) {
  for (const auto& name : CgroupNames(cgroup_path)) {
    const auto found = answer.containers.find(name);
    if (found == answer.containers.end()) continue;
    if (!found->second.wanted) return {Claim::Verdict::kNot, {}};
    return {Claim::Verdict::kWanted, FactsOf(found->second, plan)};
  }
  const bool any = !answer.whole || answer.any_paths || !OwnerOfCgroupPath(cgroup_path).id.empty();
  return {any ? Claim::Verdict::kUnknown : Claim::Verdict::kNot, {}};
}

// Of an image an event has only the name that somebody gave it: what is not wanted by that name may yet be.
EnginesAnswer AskEnginesSince(const Engines& engines, const RecordingPlan& plan, int64_t wall_ms) {
  EnginesAnswer answer = AskEngines(engines, plan);
  for (const auto& engine : engines.answering()) {
    auto made = engine->MadeSince(wall_ms);
    if (!made || made->empty()) continue;
    std::optional<Image> image;
    if (plan.kind == TargetKind::kImage) image = engine->FindImage(plan.name).value_or(std::nullopt);
    for (auto& summary : *made) {
      KnownContainer known = Know(*engine, plan, std::move(summary), image ? &*image : nullptr);
      if (plan.kind == TargetKind::kImage && !known.wanted) continue;
      answer.containers.try_emplace(CgroupName(known.summary), std::move(known));
    }
  }
  return answer;
}

LifeFacts FactsOf(const KnownContainer& container, const RecordingPlan& plan) {
  LifeFacts facts;
  facts.subject = container.subject;
  facts.target = plan.Text();
  if (plan.kind != TargetKind::kContainer) facts.target += ", container " + container.summary.name;
  facts.image = container.summary.image;
  const auto& engine = container.engine->info();
  facts.engine = fmt::format("{} {}", EngineName(engine.kind), engine.version);
  return facts;
}

Whose::Whose(std::vector<Source> sources) {
  for (auto& source : sources) engines_.push_back({std::move(source), {}, -1});
}

Whose::Found Whose::Of(std::string_view path, int64_t appeared_ms) {
  TakeAnswers();
  for (const auto& name : CgroupNames(path)) {
    const auto found = known_.find(name);
    if (found != known_.end()) return {Verdict::kContainer, &found->second.container};
  }
  // A path without an id concerns only engines that let people choose it; without any such, it is nobody's.
  const bool with_id = !OwnerOfCgroupPath(path).id.empty();
  if (!with_id && AnsweredSince(appeared_ms, Paths::kAny)) return {Verdict::kNobodys, nullptr};
  Ask(with_id ? Paths::kWithIds : Paths::kAny);
  return {Verdict::kNotYet, nullptr};
}

// Ids stand in the paths of every engine's cgroups.
void Whose::Ask(Paths paths) {
  for (auto& engine : engines_) {
    const bool concerned = paths == Paths::kWithIds || engine.source.paths == Paths::kAny;
    if (concerned && !engine.asking.valid())
      engine.asking = std::async(std::launch::async, engine.source.ask);
  }
}

bool Whose::AnsweredSince(int64_t moment_ms, Paths paths) const {
  return std::ranges::all_of(engines_, [&](const Asked& engine) {
    const bool concerned = paths == Paths::kWithIds || engine.source.paths == Paths::kAny;
    return !concerned || engine.answered_ms >= moment_ms;
  });
}

bool Whose::AnsweredSince(int64_t moment_ms) const { return AnsweredSince(moment_ms, Paths::kWithIds); }

void Whose::TakeAnswers() {
  for (auto& engine : engines_) {
    const bool ready =
        engine.asking.valid() && engine.asking.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    if (!ready) continue;
    EnginesAnswer answer = engine.asking.get();
    if (answer.whole) engine.answered_ms = answer.asked_ms;
    Learn(std::move(answer));
  }
}

void Whose::Learn(EnginesAnswer answer) {
  const int64_t now_ms = MonotonicMs();
  for (auto& [name, container] : answer.containers) {
    known_.try_emplace(name, Known{std::move(container), 0}).first->second.told_ms = now_ms;
  }
  ForgetOld();
}

void Whose::Learn(KnownContainer container) {
  std::string name = CgroupName(container.summary);
  known_.insert_or_assign(std::move(name), Known{std::move(container), MonotonicMs()});
  ForgetOld();
}

// Who watches for a month has heard of a million containers. One that is forgotten and has a new cgroup is
// asked about again.
void Whose::ForgetOld() {
  const int64_t now_ms = MonotonicMs();
  if (now_ms < next_forget_ms_) return;
  next_forget_ms_ = now_ms + kForgetMs;
  std::erase_if(known_, [&](const auto& entry) {
    return !entry.second.container.wanted && now_ms - entry.second.told_ms > kForgetMs;
  });
}

}  // namespace whittle::container

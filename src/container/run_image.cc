#include <fmt/core.h>

#include <optional>

#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "base/time.h"
#include "container/capabilities.h"
#include "container/cgroup_path.h"
#include "container/child.h"
#include "container/client.h"
#include "container/engines.h"
#include "container/foreground.h"
#include "container/run.h"
#include "container/scratch.h"
#include "container/target.h"
#include "container/watch.h"

namespace whittle::container {
namespace {

constexpr int kPollMs = 50;
// Calls of a container's last moments reach us a little after its client has ended.
constexpr int kLastPollMs = 100;

profile::Target WithArguments(profile::Target target, const EngineArguments& arguments) {
  target.no_new_privs = target.no_new_privs || arguments.no_new_privs;
  target.capabilities = TweakCapabilities(target.capabilities, arguments.add, arguments.drop);
  return target;
}

// The container while its client runs: its id as soon as the engine has written it, then its first process.
class Started {
 public:
  Started(const Engine& engine, std::string id_file) : engine_(engine), id_file_(std::move(id_file)) {}

  const std::string& id() const { return id_; }
  const ContainerInfo& info() const { return info_; }

  void Look() {
    if (id_.empty()) {
      const auto text = ReadFile(id_file_);
      if (text && IsContainerId(Trim(*text))) id_ = Trim(*text);
    }
    if (id_.empty() || info_.running() || MonotonicMs() < next_look_ms_) return;
    next_look_ms_ = MonotonicMs() + kLookEveryMs;
    auto found = engine_.Inspect(id_);
    if (found && *found) info_ = std::move(**found);
  }

 private:
  static constexpr int64_t kLookEveryMs = 200;
  const Engine& engine_;
  std::string id_file_;
  std::string id_;
  ContainerInfo info_;
  int64_t next_look_ms_ = 0;
};

// "Seccomp:\t2" of a process; nothing if it is gone.
std::optional<int> SeccompModeOf(pid_t pid) {
  const auto text = ReadKernelFile(fmt::format("/proc/{}/status", pid));
  if (!text) return std::nullopt;
  for (const auto line : Lines(*text)) {
    if (line.starts_with("Seccomp:"))
      return static_cast<int>(ParseUnsigned(Trim(line.substr(8))).value_or(0));
  }
  return std::nullopt;
}

// Decides about cgroups that were made meanwhile: ours, or another container's.
void Decide(Watch& watch, const Started& started, const std::string& name) {
  record::Recorder* recorder = watch.recorder();
  if (recorder == nullptr || started.id().empty()) return;
  for (const auto& cgroup : recorder->Undecided()) {
    const bool ours = OwnerOfCgroupPath(cgroup.path).id == started.id();
    if (ours) recorder->Name(cgroup.key, name);
    const auto decided = ours ? recorder->Keep(cgroup.key) : recorder->Drop(cgroup.key);
    // A cgroup that is gone already needs no decision; ours that cannot be kept would be a hole.
    if (!decided && ours) watch.GiveUp(decided.error().message);
    if (watch.recorder() == nullptr) return;
  }
}

class ImageRunner {
 public:
  ImageRunner(const profile::Document& document, const ImageRun& run) : document_(document), run_(run) {}

  Result<RunOutcome> Run() {
    arguments_ = TRY(ReadEngineArguments(run_.engine_arguments));
    // docker first: asking podman as well costs a tenth of a second.
    engines_ = Engines::Find(run_.engine.value_or(EngineKind::kDocker));
    if (engines_.answering().empty() && !run_.engine) engines_ = Engines::Find();
    TRY(engines_.RequireOne());
    engine_ = engines_.answering().front().get();
    TRY(Prepare());
    return arguments_.detached ? RunDetached() : RunWatched();
  }

 private:
  Result<void> Prepare() {
    const HostTarget host = TRY(TargetOfEngine(engine_->info(), run_.runtime));
    outcome_.target = WithArguments(host.target, arguments_);
    program_ = TRY(CompileOrRefuse(document_, outcome_.target));
    scratch_.emplace(TRY(ScratchFolder::Create()));
    id_file_ = arguments_.id_file.empty() ? scratch_->File("id") : arguments_.id_file;
    profile_file_ = run_.profile_file;
    if (profile_file_.empty()) {
      profile_file_ = scratch_->File("profile.json");
      TRY(WriteFile(profile_file_, profile::Write(document_)));
    }
    plan_ = TRY(MakePlan());
    return {};
  }

  Result<ChildPlan> MakePlan() {
    ChildPlan plan;
    const ClientCall call{.engine = engine_->info(), .runtime = run_.runtime};
    plan.words = TRY(ClientRunWords(call));
    plan.program = plan.words.front();
    plan.output = run_.output;
    plan.words.push_back("--security-opt");
    plan.words.push_back("seccomp=" + profile_file_);
    if (arguments_.id_file.empty()) {
      plan.words.push_back("--cidfile");
      plan.words.push_back(id_file_);
    }
    plan.words.insert(plan.words.end(), run_.engine_arguments.begin(), run_.engine_arguments.end());
    plan.words.push_back(run_.image);
    plan.words.insert(plan.words.end(), run_.command.begin(), run_.command.end());
    return plan;
  }

  Result<RunOutcome> RunDetached() {
    HeldChild child = TRY(HeldChild::Start(plan_));
    const Foreground foreground(child.pid());
    child.Release();
    Started started(*engine_, id_file_);
    Watch none = Watch::None("the container runs on by itself (--detach): see whittle record --container");
    TRY(WaitFor(child, none, started));
    none.Finish(outcome_);
    return std::move(outcome_);
  }

  Result<RunOutcome> RunWatched() {
    record::Options options;
    options.new_cgroups = record::NewCgroups::kRecordUntilDecided;
    options.target = "image " + run_.image;
    Watch watch = Watch::Create(std::move(options), program_);
    HeldChild child = TRY(HeldChild::Start(plan_));
    const Foreground foreground(child.pid());
    child.Release();
    Started started(*engine_, id_file_);
    TRY(WaitFor(child, watch, started));
    if (watch.recorder() != nullptr) TakeFacts(*watch.recorder(), started);
    watch.Poll(kLastPollMs);
    Decide(watch, started, NameOf(started));
    if (HasEnded(started)) watch.SayEnded(outcome_.exit_code);
    watch.Finish(outcome_);
    return std::move(outcome_);
  }

  // Until the client has ended.
  Result<void> WaitFor(HeldChild& child, Watch& watch, Started& started) {
    std::optional<int> code;
    bool checked = false;
    while (!(code = child.TryWait())) {
      watch.Poll(kPollMs);
      started.Look();
      Decide(watch, started, NameOf(started));
      if (!checked && started.info().running()) {
        TRY(CheckFilter(started));
        checked = true;
      }
    }
    outcome_.exit_code = *code;
    started.Look();
    if (!checked && started.info().running()) TRY(CheckFilter(started));
    if (auto failure = child.Failure()) return std::unexpected(std::move(*failure));
    return {};
  }

  // A client may end before its container does (Ctrl-P Ctrl-Q). One that is not known any more was removed.
  bool HasEnded(const Started& started) const {
    if (started.id().empty()) return false;
    const auto now = engine_->Inspect(started.id());
    return now && (!*now || !(*now)->running());
  }

  // The invariant of run.h, on the living process: whatever the engine made of its arguments.
  Result<void> CheckFilter(const Started& started) const {
    const auto mode = SeccompModeOf(started.info().pid);
    if (!mode || *mode == kFiltered) return {};
    const std::string engine(EngineName(engine_->info().kind));
    [[maybe_unused]] const auto killed = Kill(started.id());
    return Fail(
        ErrorCode::kBadInput,
        fmt::format("{} started container {} without a filter, so it was killed: look at its arguments and "
                    "at the engine's configuration",
                    engine, started.id().substr(0, 12)));
  }

  Result<ProcessResult> Kill(const std::string& id) const {
    auto words = TRY(ClientWords(engine_->info()));
    words.insert(words.end(), {"kill", id});
    return RunProcess(words);
  }

  static std::string NameOf(const Started& started) {
    return started.info().name.empty() ? started.id().substr(0, 12) : started.info().name;
  }

  void TakeFacts(record::Recorder& recorder, const Started& started) const {
    auto& facts = recorder.facts();
    facts.image = run_.image;
    facts.engine = fmt::format("{} {}", EngineName(engine_->info().kind), engine_->info().version);
    facts.runtime = fmt::format("{} {}", profile::RuntimeName(outcome_.target.runtime),
                                outcome_.target.runtime_version.Text());
    if (!started.info().name.empty()) facts.target = "container " + started.info().name;
  }

  static constexpr int kFiltered = 2;  // SECCOMP_MODE_FILTER
  const profile::Document& document_;
  const ImageRun& run_;
  EngineArguments arguments_;
  Engines engines_;
  const Engine* engine_ = nullptr;
  filter::Program program_;
  std::optional<ScratchFolder> scratch_;
  std::string id_file_;
  std::string profile_file_;
  ChildPlan plan_;
  RunOutcome outcome_;
};

}  // namespace

Result<RunOutcome> RunImage(const profile::Document& document, const ImageRun& run) {
  return ImageRunner(document, run).Run();
}

}  // namespace whittle::container

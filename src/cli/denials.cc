// `whittle denials`: which calls filters refuse, as it happens.
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "base/progress.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/interrupt.h"
#include "cli/verb.h"
#include "container/engines.h"
#include "container/recording.h"
#include "diagnose/collect.h"
#include "kept/keeper.h"
#include "record/confirm.h"
#include "record/recorder.h"
#include "report/denial.h"
#include "symbols/resolve.h"

namespace whittle::cli {
namespace {

constexpr int kPollMs = 200;
constexpr int64_t kKeepMs = 500;    // so often at most it is looked for what is to be kept
constexpr int64_t kAgainMs = 1000;  // so often at most a refusal that goes on is told of again

struct Options {
  std::string container;
  std::string cgroup;
  pid_t pid = 0;
  std::string duration;
  bool follow = false;
  bool json = false;
  std::string keep;  // the folder; empty: nothing is kept
};

Result<container::RecordingPlan> PlanOf(const Options& options) {
  using container::TargetKind;
  const int targets = (options.container.empty() ? 0 : 1) + (options.cgroup.empty() ? 0 : 1) +
                      (options.pid != 0 ? 1 : 0) + (CommandTail().empty() ? 0 : 1);
  if (targets > 1) {
    return Fail(ErrorCode::kUsage,
                "say what to watch, and only one thing: --container NAME, --cgroup PATH, --pid PID, "
                "-- COMMAND..., or nothing: every container");
  }
  container::RecordingPlan plan;
  plan.existence = container::RecordingPlan::Existence::kMayComeLater;
  plan.restarts = container::RecordingPlan::Restarts::kFollow;
  plan.name = options.container + options.cgroup;
  plan.pid = options.pid;
  plan.command = CommandTail();
  plan.kind = TargetKind::kContainers;
  if (!options.container.empty()) plan.kind = TargetKind::kContainer;
  if (!options.cgroup.empty()) plan.kind = TargetKind::kCgroup;
  if (options.pid != 0) plan.kind = TargetKind::kProcess;
  if (!plan.command.empty()) plan.kind = TargetKind::kCommand;
  if (!options.keep.empty() && !plan.OfContainers()) {
    return Fail(ErrorCode::kUsage,
                "--keep is for containers: give --container NAME, or no target for all of them");
  }
  return plan;
}

// What was shown of the refusals: the new ones are told of at once, those that go on not more than once a
// second.
class Shown {
 public:
  // Those that are to be told of now.
  std::vector<record::Denial> New(const std::vector<record::Denial>& denials) {
    std::vector<record::Denial> fresh;
    const bool again = MonotonicMs() >= next_again_ms_;
    if (again) next_again_ms_ = MonotonicMs() + kAgainMs;
    std::map<std::string, uint64_t> counts;  // what the recorder forgot is forgotten here, too
    for (const auto& denial : denials) {
      std::string key = json::Write(KeyOf(denial), json::Style::kCompact);
      const auto known = counts_.find(key);
      const bool is_new = known == counts_.end();
      uint64_t& told = counts.emplace(std::move(key), is_new ? 0 : known->second).first->second;
      if (told == denial.count || (!is_new && !again)) continue;
      told = denial.count;
      fresh.push_back(denial);
      refused_ = refused_ || evidence::Refused(denial.fate);
    }
    counts_ = std::move(counts);
    return fresh;
  }
  // Whether any of all that there ever were was refused, or anything told of at all.
  bool refused() const { return refused_; }

 private:
  // Which refusals are one to the reader.
  static json::Value KeyOf(const record::Denial& denial) {
    json::Value key = report::DenialJson(denial);
    for (const char* changes : {"count", "first_ms", "last_ms", "next", "stack", "matters"}) {
      std::erase_if(key.members, [&](const json::Member& member) { return member.name == changes; });
    }
    return key;
  }

  std::map<std::string, uint64_t> counts_;
  int64_t next_again_ms_ = 0;
  bool refused_ = false;
};

// The profiles of containers, as their engines tell. Asked at the end only: while it watches nothing may
// wait.
class Profiles {
 public:
  const advise::InForce* For(const record::Denial& denial) {
    const std::string& name = denial.subject.container;
    if (name == "-") return nullptr;
    if (!engines_) engines_ = container::Engines::Find();
    auto [known, is_new] = profiles_.try_emplace(name);
    if (is_new) known->second = diagnose::ProfileInForce(name, *engines_);
    return known->second ? &*known->second : nullptr;
  }

 private:
  std::optional<container::Engines> engines_;
  std::map<std::string, std::optional<advise::InForce>> profiles_;
};

// A command's own output stays apart from what is told of it.
void Print(const std::string& text, bool command) {
  FILE* out = command ? stderr : stdout;
  fmt::print(out, "{}", text);
  fflush(out);
}

class Session {
 public:
  Session(const Options& options, std::optional<kept::Keeper> keeper)
      : options_(options), keeper_(std::move(keeper)) {}

  Result<int> Run(container::RecordingPlan plan, std::unique_ptr<record::Recorder> recorder,
                  std::optional<int64_t> duration_ms);

 private:
  using When = kept::Keeper::When;
  void Tell();
  void Keep(When when);
  void SayTrouble();
  Result<int> Finish();
  // What is kept is not held in memory for the end.
  bool follows() const { return options_.follow || keeper_.has_value(); }

  const Options& options_;
  const bool command_ = !CommandTail().empty();
  Progress progress_;
  std::optional<container::Recording> recording_;
  std::optional<kept::Keeper> keeper_;
  uint64_t kept_news_ = UINT64_MAX;
  int64_t next_keep_ms_ = 0;
  std::string trouble_;  // what was said of the store last
  Shown shown_;
};

void Session::Tell() {
  for (const auto& denial : shown_.New(recording_->Denials())) {
    const std::string text = options_.json
                                 ? json::Write(report::DenialJson(denial), json::Style::kCompact) + "\n"
                                 : report::DenialText(denial);
    Print(text, command_ && !options_.json);
  }
}

// What is in the store is forgotten here: this may go on for ever.
void Session::Keep(When when) {
  if (!keeper_) return;
  if (when == When::kNow && MonotonicMs() < next_keep_ms_) return;
  next_keep_ms_ = MonotonicMs() + kKeepMs;
  const uint64_t news = recording_->News();
  const bool is_new = std::exchange(kept_news_, news) != news;
  if (!is_new && !keeper_->waits() && when == When::kNow) return;
  if (when == When::kNow) Tell();
  for (const size_t life : keeper_->Take(recording_->SeenLives(), WallClockMs(), when))
    recording_->Forget(life);
  SayTrouble();
}

void Session::SayTrouble() {
  const std::string trouble = keeper_->trouble() ? keeper_->trouble()->message : "";
  if (std::exchange(trouble_, trouble) == trouble) return;
  progress_.Say(trouble.empty() ? "refusals are kept again"
                                : "refusals are not kept for now, and the watch goes on: " + trouble);
}

Result<int> Session::Finish() {
  const auto denials = recording_->Denials();
  const auto evidence = recording_->Snapshot();
  Profiles profiles;
  if (follows()) {
    Tell();
  } else if (options_.json) {
    const auto profile_for = [&](const record::Denial& denial) { return profiles.For(denial); };
    Print(json::Write(report::DenialsJson(denials, evidence, profile_for)), false);
  } else {
    for (const auto& denial : denials) Print(report::DenialText(denial, profiles.For(denial)), command_);
  }
  for (const auto& gap : report::FoldedGaps(evidence)) {
    progress_.Say("gap: something may be missing: " + gap);
  }
  const bool refused = shown_.refused() || std::ranges::any_of(denials, [](const auto& denial) {
                         return evidence::Refused(denial.fate);
                       });
  if (denials.empty() && !refused) progress_.Say("no call was refused while whittle watched");
  Keep(When::kLastTime);
  if (keeper_ && keeper_->lost() != 0) {
    progress_.Say(
        fmt::format("what was refused in {} lives of containers could not be kept", keeper_->lost()));
  }
  if (keeper_ && keeper_->trouble()) {
    return std::unexpected(WithContext(*keeper_->trouble(), "not all refusals were kept"));
  }
  return refused ? kNo : kYes;
}

Result<int> Session::Run(container::RecordingPlan plan, std::unique_ptr<record::Recorder> recorder,
                         std::optional<int64_t> duration_ms) {
  auto engines = plan.OfContainers() ? container::Engines::Find() : container::Engines();
  recording_.emplace(std::move(plan), std::move(engines), std::move(recorder),
                     [this](const std::string& line) { progress_.Say(line); });
  TRY(recording_->Begin());
  const int64_t deadline = duration_ms ? MonotonicMs() + *duration_ms : INT64_MAX;
  while (!Interrupted() && MonotonicMs() < deadline) {
    if (!TRY(recording_->Step(kPollMs))) break;
    Keep(When::kNow);
    if (follows()) {
      Tell();
    } else {
      recording_->Denials();  // stacks are read while the processes live
    }
  }
  TRY(recording_->End());
  return Finish();
}

Result<int> Run(const Options& options) {
  auto plan = TRY(PlanOf(options));
  std::optional<int64_t> duration;
  if (!options.duration.empty()) duration = TRY(ParseDurationMs(options.duration));
  record::Options recording;
  recording.target = plan.Text();
  if (plan.WantsNewCgroups()) recording.new_cgroups = record::NewCgroups::kRecordUntilDecided;
  recording.denials = record::Denials::kWatch;
  recording.confirm = record::ConfirmByLiveFilters();
  recording.resolve_stack = [](const symbols::Sample& sample, pid_t pid) {
    return symbols::Resolve(sample, pid);
  };
  std::optional<kept::Keeper> keeper;
  if (!options.keep.empty()) keeper = TRY(kept::Keeper::Open(options.keep));
  CatchInterrupts();
  auto recorder = TRY(record::Recorder::Create(std::move(recording)));
  Session session(options, std::move(keeper));
  return session.Run(std::move(plan), std::move(recorder), duration);
}

}  // namespace

Verb DenialsVerb() {
  return {"denials",
          "watch for calls that seccomp filters refuse: which, by whom, why, and what would allow them",
          "  whittle denials --follow\n"
          "  whittle denials --container web --for 5m\n"
          "  whittle denials --keep\n"
          "  whittle denials --json --pid 4711 --for 30s\n"
          "  whittle denials -- COMMAND...",
          [](Flags flags) {
            auto options = std::make_shared<Options>();
            flags.Option("--container", options->container,
                         "a container's name or ID, now and at each start (default: every container)");
            flags.Option("--cgroup", options->cgroup,
                         "a cgroup with all below it: its directory, or its path as in /proc/PID/cgroup");
            flags.Option("--pid", options->pid, "a running process and everything below it")
                .Between(1, INT32_MAX);
            flags.Option("--for", options->duration,
                         "how long: 30s, 5m, 2h (default: until it ends, or Ctrl-C)");
            flags
                .Option("--keep", options->keep,
                        "write what is refused to containers into a folder, for 'whittle why' to read when "
                        "they are gone; tells of each as with --follow")
                .OrAlone(kept::kFolder);
            flags.Switch("--follow", options->follow, "tell of each as it happens, not at the end");
            flags.Switch("--json", options->json,
                         "one JSON document, or with --follow one line of JSON each (docs/denials.md)");
            return [options] { return Run(*options); };
          },
          Verb::Tail::kCommand};
}

}  // namespace whittle::cli

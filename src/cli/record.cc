// `whittle record`: which system calls a container, or a command, makes.
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>

#include "base/progress.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/interrupt.h"
#include "cli/verb.h"
#include "container/recording.h"
#include "evidence/completeness.h"
#include "evidence/phases.h"
#include "record/confirm.h"
#include "record/journal.h"
#include "record/pins.h"
#include "record/recorder.h"
#include "record/takeover.h"
#include "report/completeness_text.h"
#include "report/under_profile.h"
#include "syscalls/table.h"

namespace whittle::cli {
namespace {

constexpr int64_t kFlushMs = 1000;  // a killed recorder loses no more...
// ...unless there is so much that writing it down that often would take more than a twentieth of the time:
// then up to this.
constexpr int64_t kFlushAtMostMs = 10'000;
constexpr int64_t kFlushShare = 20;
constexpr int kPollMs = 200;

struct Options {
  std::string container;
  std::string image;
  bool wait = false;
  bool follow = false;
  pid_t pid = 0;
  std::string cgroup;
  std::string duration;
  std::string output = "-";
  bool denials = false;
  std::string quiet;
  std::string again;
  std::vector<std::string> exercised;
};

Result<void> Check(const Options& options) {
  const int targets = (options.container.empty() ? 0 : 1) + (options.image.empty() ? 0 : 1) +
                      (options.pid != 0 ? 1 : 0) + (options.cgroup.empty() ? 0 : 1) +
                      (CommandTail().empty() ? 0 : 1);
  if (targets != 1) {
    return Fail(
        ErrorCode::kUsage,
        "say what to record, and only one thing: --container NAME, --image REF, --pid PID, --cgroup PATH, "
        "or -- COMMAND...");
  }
  if (!CommandTail().empty() && options.output == "-") {
    return Fail(ErrorCode::kUsage, "say where the evidence goes (-o FILE): standard output is the command's");
  }
  if (options.wait && options.container.empty() && options.image.empty()) {
    return Fail(ErrorCode::kUsage, "--wait needs --container or --image: only these can come later");
  }
  return {};
}

Result<void> CheckPhases(const std::vector<std::string>& exercised) {
  std::vector<std::string> known;
  for (const auto& phase : evidence::KnownPhases()) known.emplace_back(phase.name);
  for (const auto& phase : exercised) {
    if (std::ranges::find(known, phase) != known.end()) continue;
    return Fail(ErrorCode::kUsage,
                fmt::format("--exercised: '{}' is no phase of a workload's life: expected {}",
                            Printable(phase), Join(known, ", ")));
  }
  return {};
}

container::RecordingPlan PlanOf(const Options& options) {
  using container::RecordingPlan;
  using container::TargetKind;
  RecordingPlan plan;
  plan.existence =
      options.wait ? RecordingPlan::Existence::kMayComeLater : RecordingPlan::Existence::kRequired;
  plan.restarts =
      options.follow ? RecordingPlan::Restarts::kFollow : RecordingPlan::Restarts::kEndTheRecording;
  plan.pid = options.pid;
  plan.command = CommandTail();
  plan.name = options.container + options.image + options.cgroup;  // one at most is given
  if (!options.container.empty()) plan.kind = TargetKind::kContainer;
  if (!options.image.empty()) plan.kind = TargetKind::kImage;
  if (!options.cgroup.empty()) plan.kind = TargetKind::kCgroup;
  if (options.pid != 0) plan.kind = TargetKind::kProcess;
  return plan;
}

// One run of the verb: the recording, the file that it ends in, and what is said meanwhile.
class Session {
 public:
  Session(const Options& options, record::Journal journal)
      : options_(options), journal_(std::move(journal)) {}

  Result<int> Run(record::Options recording, std::optional<int64_t> duration_ms);

 private:
  void FindPins(record::Options& recording);
  void TakePins(const std::string& pins);
  Result<void> Begin();
  void TakeOver();
  Result<void> Flush();
  void SayWhetherWatching();
  void ShowProgress(const evidence::Evidence& evidence);
  void ReportDenials();
  void SayCompleteness(const evidence::Evidence& evidence, const evidence::Assessment& assessment);
  Result<int> Finish();

  const Options& options_;
  record::Journal journal_;
  Progress progress_;
  std::optional<container::Recording> recording_;
  // What recorders that were killed left in their maps, and where.
  std::vector<record::TakenOver> left_;
  std::vector<std::string> left_pins_;
  std::set<evidence::Gap> dropped_;  // for what could not be taken over
  bool watching_ = true;
  size_t shown_ = 0;  // calls on the last progress line
  int64_t started_ms_ = MonotonicMs();
  int64_t next_flush_ms_ = MonotonicMs() + kFlushMs;
};

Result<void> Session::Flush() {
  const int64_t began_ms = MonotonicMs();
  const auto evidence = recording_->Snapshot();
  ShowProgress(evidence);
  TRY(journal_.Flush(evidence));
  recording_->SayWritten();
  for (const auto& pins : std::exchange(left_pins_, {})) record::RemovePins(pins);
  const int64_t ended_ms = MonotonicMs();
  next_flush_ms_ = ended_ms + std::clamp(kFlushShare * (ended_ms - began_ms), kFlushMs, kFlushAtMostMs);
  return {};
}

void Session::SayWhetherWatching() {
  const auto watching = recording_->Watching();
  if (std::exchange(watching_, watching.now) == watching.now) return;
  progress_.Say(watching.now
                    ? fmt::format("watching again: {}", watching.why)
                    : fmt::format("{}: calls are not watched until something happens{}", watching.why,
                                  options_.again.empty() ? "" : ", or " + options_.again + " are over"));
}

void Session::ShowProgress(const evidence::Evidence& evidence) {
  const auto assessment = AssessCompleteness(evidence);
  std::string line =
      fmt::format("{} s: {} calls of the workload, {} new", (MonotonicMs() - started_ms_) / 1000,
                  assessment.calls, assessment.calls - shown_);
  shown_ = assessment.calls;
  const std::string live = report::LiveText(assessment);
  if (!live.empty()) line += ", " + live;
  if (!evidence.complete()) line += fmt::format(", {} gaps", evidence.gaps.size());
  progress_.Show(line);
}

void Session::ReportDenials() {
  for (const auto& denial : recording_->Denials()) {
    progress_.Say(fmt::format(
        "{} {} x: {} ({}) by {} in {}: {}", evidence::Refused(denial.fate) ? "refused" : "logged",
        denial.count, SyscallText(denial.call.abi, denial.call.number), AbiName(denial.call.abi),
        Printable(denial.command), Printable(denial.subject.executable), report::RefusalText(denial)));
  }
}

void Session::SayCompleteness(const evidence::Evidence& evidence, const evidence::Assessment& assessment) {
  const std::string live = report::LiveText(assessment);
  if (!live.empty()) progress_.Say(live);
  std::string phases;
  for (const auto& missing : PhasesNotExercised(evidence)) {
    phases += fmt::format("{}{}", phases.empty() ? "" : ", ", missing.phase.name);
  }
  if (phases.empty()) return;
  progress_.Say(fmt::format("not known to be exercised: {} ('whittle show' says how)", phases));
}

Result<int> Session::Finish() {
  TRY(recording_->End());
  const auto evidence = recording_->Snapshot();
  if (options_.denials) ReportDenials();
  if (journal_.recovered()) {
    progress_.Say("an earlier recording into this file was killed: what it had seen is in it, with a gap");
  }
  const auto written = TRY(journal_.Finish(evidence));
  recording_->RemovePins();
  for (const auto& pins : std::exchange(left_pins_, {})) record::RemovePins(pins);
  const auto assessment = AssessCompleteness(evidence);
  progress_.Say(fmt::format("{}: {} different calls of the workload in {} s, {}", Printable(options_.output),
                            assessment.calls, (MonotonicMs() - started_ms_) / 1000,
                            written.complete()
                                ? "no known gap"
                                : fmt::format("{} gap{} ('whittle show --gaps' names them)",
                                              written.gaps.size(), written.gaps.size() == 1 ? "" : "s")));
  SayCompleteness(evidence, assessment);
  const std::string why = recording_->Nothing();
  if (!why.empty()) return Fail(ErrorCode::kBadInput, why);
  return kYes;
}

// Without pins a recorder that is killed loses what came after the last line of its journal: that is no
// reason not to record.
void Session::FindPins(record::Options& recording) {
  if (!journal_.has_journal()) return;
  const auto folder = record::PinFolder(options_.output);
  if (!folder) {
    progress_.Say(
        fmt::format("should whittle be killed, the last seconds are lost: {}", folder.error().message));
    return;
  }
  for (const auto& pins : record::PinsIn(*folder)) TakePins(pins);
  // It goes with the last that was in it.
  if (const auto again = record::PinFolder(options_.output)) recording.pins = record::NewPins(*again);
}

void Session::TakePins(const std::string& pins) {
  auto left = record::TakeOver(pins);
  if (left && !left->finished) {
    left_.push_back(std::move(*left));
    left_pins_.push_back(pins);
    return;
  }
  if (!left) {
    const std::string what = "what a killed recorder left in its maps cannot be used, and is dropped: ";
    progress_.Say(what + left.error().message);
    dropped_.insert({"", record::kKilled, what + left.error().message, 0});
  }
  record::RemovePins(pins);
}

// Joins what killed recorders left: journal and maps.
void Session::TakeOver() {
  record::Unwatched unwatched;
  unwatched.again_ms = WallClockMs();
  if (!journal_.recovered() && left_.empty() && dropped_.empty()) return;
  evidence::Evidence all = journal_.recovered().value_or(evidence::Evidence{});
  all.gaps.insert(dropped_.begin(), dropped_.end());
  for (const auto& left : left_) {
    const auto claims = left.undecided.empty() ? [](std::string_view) { return container::Claim{}; }
                                               : recording_->Claims(left.alive_ms);
    all = container::WithTakenOver(std::move(all), left, claims);
    unwatched.alive_ms[left.id] = left.alive_ms;
  }
  journal_.Recover(record::AsKilled(std::move(all), unwatched));
}

Result<void> Session::Begin() {
  const auto begun = recording_->Begin();
  if (!begun) {
    recording_->RemovePins();
    return std::unexpected(begun.error());
  }
  TakeOver();
  return Flush();
}

Result<int> Session::Run(record::Options recording, std::optional<int64_t> duration_ms) {
  FindPins(recording);
  const std::string pins = recording.pins;
  auto recorder = record::Recorder::Create(std::move(recording));
  if (!recorder) {
    if (!pins.empty()) record::RemovePins(pins);
    return std::unexpected(recorder.error());
  }
  auto plan = PlanOf(options_);
  auto engines = plan.OfContainers() ? container::Engines::Find() : container::Engines();
  recording_.emplace(
      std::move(plan), std::move(engines), std::move(*recorder),
      [this](const std::string& line) { progress_.Say(line); },
      std::set<std::string>(options_.exercised.begin(), options_.exercised.end()));
  TRY(Begin());
  const int64_t deadline = duration_ms ? MonotonicMs() + *duration_ms : INT64_MAX;
  while (!Interrupted() && MonotonicMs() < deadline) {
    if (!TRY(recording_->Step(kPollMs))) break;
    SayWhetherWatching();
    if (MonotonicMs() >= next_flush_ms_) TRY(Flush());
  }
  return Finish();
}

Result<int> Run(const Options& options) {
  TRY(Check(options));
  TRY(CheckPhases(options.exercised));
  std::optional<int64_t> duration;
  if (!options.duration.empty()) duration = TRY(ParseDurationMs(options.duration));
  const auto plan = PlanOf(options);
  record::Options recording;
  recording.target = plan.Text();
  if (plan.WantsNewCgroups()) recording.new_cgroups = record::NewCgroups::kRecordUntilDecided;
  if (options.denials) {
    recording.denials = record::Denials::kWatch;
    recording.confirm = record::ConfirmByLiveFilters();
  }
  if (!options.quiet.empty()) recording.quiet_ms = TRY(ParseDurationMs(options.quiet));
  if (!options.again.empty()) recording.quiet_at_most_ms = TRY(ParseDurationMs(options.again));
  CatchInterrupts();
  Session session(options, TRY(record::Journal::Open(options.output)));
  return session.Run(std::move(recording), duration);
}

void AddTargets(Flags flags, Options& options) {
  const Flag container = flags.Option("--container", options.container, "a container's name or ID");
  flags.Option("--image", options.image,
               "every container of an image, by tag, digest or ID: those that run and those that start");
  flags.Switch("--wait", options.wait, "it need not exist yet: its start is recorded from the first call");
  flags.Switch("--follow-restarts", options.follow, "go on when the container ends, with its next start")
      .Needs(container);
  flags.Option("--pid", options.pid, "a running process and everything below it").Between(1, INT32_MAX);
  flags.Option("--cgroup", options.cgroup,
               "a cgroup with all below it: its directory, or its path as in /proc/PID/cgroup");
}

}  // namespace

Verb RecordVerb() {
  return {"record", "watch a container or a command and write down every system call that it makes",
          "  whittle record --container web --wait -o web.evidence.json\n"
          "  whittle record --container web --for 5m -o web.evidence.json\n"
          "  whittle record --image nginx:1.22 --for 10m -o nginx.evidence.json\n"
          "  whittle record -o true.evidence.json -- /bin/true",
          [](Flags flags) {
            auto options = std::make_shared<Options>();
            AddTargets(flags, *options);
            flags.Option("--for", options->duration,
                         "how long: 30s, 5m, 2h (default: until it ends, or Ctrl-C)");
            flags.Option("-o,--output", options->output, "the evidence (default -: standard output)");
            flags.Switch("--denials", options->denials, "watch for refused calls, too (costs a little more)");
            const Flag quiet = flags.Option(
                "--detach-when-quiet", options->quiet,
                "once nothing new came for so long (60s, 10m), watch no calls until a watched process "
                "executes a program or gets a signal, or a container starts: a gap says when that was");
            flags.Option("--reattach-every", options->again, "...and watch again after so long in any case")
                .Needs(quiet);
            flags.Option("--exercised", options->exercised,
                         "a phase of its life that this recording sees: restart, reload, log-rotation, "
                         "exec, large-data, crash");
            return [options] { return Run(*options); };
          },
          Verb::Tail::kCommand};
}

}  // namespace whittle::cli

// `whittle record`: which system calls a container, or a command, makes.
#include <fmt/core.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <future>
#include <optional>
#include <set>

#include "base/progress.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/verb.h"
#include "container/cgroup_path.h"
#include "container/engines.h"
#include "container/runtime.h"
#include "evidence/completeness.h"
#include "record/command.h"
#include "record/confirm.h"
#include "record/journal.h"
#include "record/recorder.h"
#include "syscalls/table.h"

namespace whittle::cli {
namespace {

constexpr int64_t kFlushMs = 1000;    // a killed recorder loses no more
constexpr int64_t kAskMs = 5000;      // so long an engine is asked about a new cgroup
constexpr int64_t kLastAskMs = 1000;  // the same at the end of a recording
constexpr int64_t kEndMs = 10'000;    // so long a command has to end when it is asked to
constexpr int64_t kMadeMs = 500;      // so long the making of a cgroup takes at most
constexpr int kPollMs = 200;

struct Options {
  std::string container;
  bool wait = false;
  bool follow = false;
  pid_t pid = 0;
  std::string cgroup;
  std::string duration;
  std::string output = "-";
  bool denials = false;
  std::vector<std::string> exercised;
};

volatile sig_atomic_t interrupted = 0;

// Ctrl-C and SIGTERM end a recording as --for does: with a whole file.
void CatchSignals() {
  struct sigaction action{};
  action.sa_handler = [](int) { interrupted = 1; };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool WantsNewCgroups(const Options& options) { return options.wait || options.follow; }

std::string TargetText(const Options& options) {
  if (!options.container.empty()) return "container " + options.container;
  if (options.pid != 0) return fmt::format("process {}", options.pid);
  if (!options.cgroup.empty()) return "cgroup " + options.cgroup;
  return "command " + Join(CommandTail(), " ");
}

Result<void> Check(const Options& options) {
  const int targets = (options.container.empty() ? 0 : 1) + (options.pid != 0 ? 1 : 0) +
                      (options.cgroup.empty() ? 0 : 1) + (CommandTail().empty() ? 0 : 1);
  if (targets == 1 && !CommandTail().empty() && options.output == "-") {
    return Fail(ErrorCode::kUsage, "say where the evidence goes (-o FILE): standard output is the command's");
  }
  if (targets == 1) return {};
  return Fail(
      ErrorCode::kUsage,
      "say what to record, and only one thing: --container NAME, --pid PID, --cgroup PATH, or -- COMMAND...");
}

// One run of the verb.
class Session {
 public:
  Session(const Options& options, record::Journal journal, std::unique_ptr<record::Recorder> recorder)
      : options_(options), journal_(std::move(journal)), recorder_(std::move(recorder)) {}

  Result<int> Run(std::optional<int64_t> duration_ms);

 private:
  Result<void> Begin();
  Result<void> BeginContainer();
  Result<void> BeginCommand();
  Result<bool> Step();
  void TakeEvent(const record::Event& event);
  void ForgetGoneCgroups();
  Result<void> Decide();
  Result<bool> DecideOne(const record::Cgroup& cgroup);
  Result<void> GiveUp(const record::Cgroup& cgroup);
  // A container, and whose it is.
  struct Known {
    container::ContainerSummary summary;
    const container::Engine* engine = nullptr;
  };
  // What the engines say when all of them are asked.
  struct Answer {
    std::map<std::string, Known> containers;  // by ID
    int64_t asked_ms = 0;
    bool whole = true;  // every engine answered
  };
  const Known* WhoIs(const std::string& id);
  void TakeAnswer();
  Answer AskEngines() const;
  Result<void> DecideRest();
  bool IsWanted(const container::ContainerSummary& summary) const;
  void AddFacts(const Known& known);
  void ContainerEnded();
  Result<bool> CommandEnded();
  Result<void> EndCommand();
  Result<void> Flush();
  void ShowProgress(const evidence::Evidence& evidence);
  Result<int> Finish();
  void ReportDenials();
  evidence::Evidence Take();
  void AddOwnGap(const std::string& kind, const std::string& detail);
  bool NeverStarted() const { return !options_.container.empty() && !kept_any_; }

  const Options& options_;
  record::Journal journal_;
  std::unique_ptr<record::Recorder> recorder_;
  container::Engines engines_ = {};
  std::optional<record::Command> command_;
  Progress progress_;
  std::map<std::string, Known> known_;            // by container ID
  std::map<record::CgroupKey, int64_t> targets_;  // cgroups of the container, while they exist: since when
  std::map<record::CgroupKey, int64_t> seen_at_;  // undecided cgroups: when they appeared
  std::set<std::pair<std::string, std::string>> gaps_;  // what this session, not the recorder, could not do
  bool look_for_gone_ = false;
  bool ended_ = false;
  std::string wanted_id_;  // of a container that exists and does not run yet
  std::future<Answer> asking_;
  int64_t answered_ms_ = -1;  // when the last question was asked that every engine answered
  size_t shown_ = 0;          // calls on the last progress line
  bool kept_any_ = false;     // a cgroup of the container was recorded
  int64_t started_ms_ = MonotonicMs();
  int64_t next_flush_ms_ = MonotonicMs() + kFlushMs;
};

Result<void> Session::Begin() {
  if (!options_.container.empty()) return BeginContainer();
  if (!CommandTail().empty()) return BeginCommand();
  if (options_.pid != 0) {
    TRY(recorder_->AddProcessTree(options_.pid));
  } else {
    const auto key = TRY(record::CgroupKeyOfDirectory(options_.cgroup));
    TRY(recorder_->AddCgroup(key, record::CgroupKind::kPlain));
    targets_[key] = MonotonicMs();
  }
  progress_.Say(fmt::format("recording {}", Printable(TargetText(options_))));
  return {};
}

Result<void> Session::BeginContainer() {
  engines_ = container::Engines::Find();
  TRY(engines_.RequireOne());
  const auto info = options_.wait ? TRY(engines_.TryFind(options_.container))
                                  : std::optional(TRY(engines_.Get(options_.container)));
  if (info && info->running()) {
    const auto cgroup = TRY(record::ContainerCgroupOfProcess(info->pid));
    TRY(recorder_->AddCgroup(cgroup.key, record::CgroupKind::kContainer));
    recorder_->Name(cgroup.key, info->name);
    targets_[cgroup.key] = MonotonicMs();
    kept_any_ = true;
    known_ = AskEngines().containers;
    if (known_.contains(info->id)) AddFacts(known_.at(info->id));
    progress_.Say(fmt::format("recording container {}, which runs already", Printable(info->name)));
    return {};
  }
  if (!options_.wait) {
    return Fail(ErrorCode::kBadInput,
                fmt::format("container '{}' is {}, not running: start it, or use --wait to record its start",
                            Printable(options_.container), Printable(info->state)));
  }
  if (info) wanted_id_ = info->id;
  progress_.Say(fmt::format("armed: waiting for container {} to start", Printable(options_.container)));
  return {};
}

Result<void> Session::BeginCommand() {
  command_.emplace(TRY(record::Command::Hold(CommandTail())));
  TRY(recorder_->AddChild(command_->pid()));
  TRY(command_->Go());
  progress_.Say(fmt::format("recording {}", Printable(TargetText(options_))));
  return {};
}

void Session::AddFacts(const Known& known) {
  auto& facts = recorder_->facts();
  facts.image = known.summary.image;
  facts.engine =
      fmt::format("{} {}", container::EngineName(known.engine->info().kind), known.engine->info().version);
  const auto info = known.engine->Inspect(known.summary.id);
  const std::string name =
      info && *info && !(*info)->runtime.empty() ? (*info)->runtime : known.engine->info().default_runtime;
  const auto runtime =
      container::AskRuntime(info && *info && !(*info)->runtime_path.empty() ? (*info)->runtime_path : name);
  facts.runtime = runtime ? fmt::format("{} {}", name, runtime->version_text) : name;
}

bool Session::IsWanted(const container::ContainerSummary& summary) const {
  return summary.name == options_.container || summary.id == wanted_id_ ||
         (options_.container.size() >= 12 && summary.id.starts_with(options_.container));
}

void Session::TakeEvent(const record::Event& event) {
  if (event.kind == record::Event::Kind::kCgroupMade) seen_at_[event.cgroup] = MonotonicMs();
  if (event.kind == record::Event::Kind::kCgroupRemoved) look_for_gone_ = true;
}

// A short container's cgroup may be gone before the engine has told whose it was: so it is looked for, not
// waited for.
void Session::ForgetGoneCgroups() {
  look_for_gone_ = false;
  if (targets_.empty()) return;
  std::erase_if(targets_, [](const auto& target) {
    // One that is just being made cannot be opened yet.
    return MonotonicMs() - target.second > kMadeMs && !record::DirectoryOfCgroup(target.first);
  });
  if (targets_.empty()) ContainerEnded();
}

void Session::ContainerEnded() {
  recorder_->facts().exercised.insert("shutdown");
  if (options_.follow) {
    progress_.Say(
        fmt::format("container {} has ended; waiting for its next start", Printable(options_.container)));
  } else {
    ended_ = true;
  }
}

// Whose are the new cgroups? An engine knows a container before it makes its cgroup.
Result<void> Session::Decide() {
  for (const auto& cgroup : recorder_->Undecided()) {
    const int64_t since = seen_at_.try_emplace(cgroup.key, MonotonicMs()).first->second;
    const bool decided = TRY(DecideOne(cgroup));
    if (!decided && MonotonicMs() - since > kAskMs) TRY(GiveUp(cgroup));
    if (decided) seen_at_.erase(cgroup.key);
  }
  return {};
}

// At the end: what appeared last is asked about once more.
Result<void> Session::DecideRest() {
  const int64_t deadline = MonotonicMs() + kLastAskMs;
  TRY(Decide());
  while (!recorder_->Undecided().empty() && MonotonicMs() < deadline) {
    TRY(recorder_->Poll(kPollMs / 4));
    TRY(Decide());
  }
  for (const auto& cgroup : recorder_->Undecided()) TRY(GiveUp(cgroup));
  return {};
}

// No engine knows the container: it is another engine's. Or one did not answer: then it may have been the
// one.
Result<void> Session::GiveUp(const record::Cgroup& cgroup) {
  if (answered_ms_ < seen_at_[cgroup.key])
    AddOwnGap("undecided",
              fmt::format("no engine named the container of cgroup {} within {} s: its calls were left out",
                          Printable(cgroup.path), kAskMs / 1000));
  return recorder_->Drop(cgroup.key);
}

Result<bool> Session::DecideOne(const record::Cgroup& cgroup) {
  const std::string id = container::OwnerOfCgroupPath(cgroup.path).id;
  if (id.empty()) {
    TRY(recorder_->Drop(cgroup.key));
    return true;
  }
  const Known* known = WhoIs(id);
  if (!known) return false;
  if (!IsWanted(known->summary)) {
    TRY(recorder_->Drop(cgroup.key));
    return true;
  }
  TRY(recorder_->Keep(cgroup.key));
  recorder_->Name(cgroup.key, known->summary.name);
  if (targets_.empty()) {
    AddFacts(*known);
    progress_.Say(fmt::format("recording container {} from its start", Printable(known->summary.name)));
  }
  targets_[cgroup.key] = MonotonicMs();
  kept_any_ = true;
  look_for_gone_ = true;
  return true;
}

// Whose container it is, as far as the engines' last answers tell; asks them anew if they do not. In the
// background: an engine that hangs must not keep the recorder from turning epochs and writing its journal.
const Session::Known* Session::WhoIs(const std::string& id) {
  TakeAnswer();
  const auto found = known_.find(id);
  if (found != known_.end()) return &found->second;
  if (!asking_.valid()) asking_ = std::async(std::launch::async, [this] { return AskEngines(); });
  return nullptr;
}

void Session::TakeAnswer() {
  if (!asking_.valid() || asking_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
  auto answer = asking_.get();
  known_.merge(answer.containers);
  if (answer.whole) answered_ms_ = answer.asked_ms;
}

// The engines' lists, not the one container: docker answers for that only once it has started, and a short
// one may have been removed by then. Engines are thread safe.
Session::Answer Session::AskEngines() const {
  Answer answer;
  answer.asked_ms = MonotonicMs();
  for (const auto& engine : engines_.answering()) {
    const auto list = engine->List();
    if (!list) {
      answer.whole = false;
      continue;
    }
    for (const auto& summary : *list) answer.containers.try_emplace(summary.id, Known{summary, engine.get()});
  }
  return answer;
}

// True when nothing of the command is left.
Result<bool> Session::CommandEnded() {
  const bool known = command_->exit_code().has_value();
  const bool all = command_->AllEnded();
  if (!known && command_->exit_code()) {
    progress_.Say(fmt::format("the command ended with exit code {}{}", *command_->exit_code(),
                              all ? "" : "; recording what it left running (Ctrl-C ends that)"));
  }
  if (all) recorder_->facts().exercised.insert("shutdown");
  return all;
}

// Asks the command to end, and records how it does.
Result<void> Session::EndCommand() {
  if (!command_ || command_->AllEnded()) return {};
  command_->Signal(SIGTERM);
  const int64_t deadline = MonotonicMs() + kEndMs;
  while (MonotonicMs() < deadline) {
    TRY(recorder_->Poll(kPollMs / 4));
    if (TRY(CommandEnded())) return {};
  }
  progress_.Say("the command did not end within 10 s after SIGTERM: killed");
  command_->Signal(SIGKILL);
  while (!command_->AllEnded()) TRY(recorder_->Poll(kPollMs / 4));
  return {};
}

// One turn of the loop; false when the recording is over.
Result<bool> Session::Step() {
  for (const auto& event : TRY(recorder_->Poll(kPollMs))) TakeEvent(event);
  TRY(Decide());
  const bool flush = MonotonicMs() >= next_flush_ms_;
  if (flush || look_for_gone_) ForgetGoneCgroups();
  if (flush) TRY(Flush());
  if (command_ && TRY(CommandEnded())) return false;
  if (options_.pid != 0 && kill(options_.pid, 0) != 0 && errno == ESRCH) return false;
  return !ended_;
}

// The recorder's evidence with the gaps that only this session knows of.
evidence::Evidence Session::Take() {
  auto evidence = recorder_->Snapshot();
  for (const auto& [kind, detail] : gaps_) {
    evidence.gaps.insert({evidence.recordings.begin()->first, kind, detail, 0});
  }
  return evidence;
}

void Session::AddOwnGap(const std::string& kind, const std::string& detail) { gaps_.insert({kind, detail}); }

Result<void> Session::Flush() {
  const auto evidence = Take();
  ShowProgress(evidence);
  next_flush_ms_ = MonotonicMs() + kFlushMs;
  return journal_.Flush(evidence);
}

void Session::ShowProgress(const evidence::Evidence& evidence) {
  const auto incidence = evidence::IncidenceOfWorkload(evidence);
  const auto complete = evidence::EstimateCompleteness(incidence);
  const size_t seen = incidence.seen.size();
  std::string line = fmt::format("{} s: {} calls of the workload, {} new",
                                 (MonotonicMs() - started_ms_) / 1000, seen, seen - shown_);
  shown_ = seen;
  if (complete) {
    line += fmt::format(", {:.1f} % complete for this load{}", 100 * complete->coverage.value,
                        complete->few_units ? " (too few epochs to be sure)" : "");
  }
  if (!evidence.complete()) line += fmt::format(", {} gaps", evidence.gaps.size());
  progress_.Show(line);
}

void Session::ReportDenials() {
  for (const auto& denial : recorder_->denials()) {
    const bool killed = denial.fate == evidence::Fate::kKilled;
    const std::string result =
        denial.errno_value != 0 ? profile::ErrnoName(static_cast<uint32_t>(denial.errno_value)) : "a signal";
    progress_.Say(fmt::format("refused {} x: {} ({}) by {} in {}: {}", denial.count,
                              SyscallText(denial.call.abi, denial.call.number), AbiName(denial.call.abi),
                              Printable(denial.command), Printable(denial.subject.executable),
                              killed ? "killed" : result));
  }
}

Result<int> Session::Finish() {
  TRY(EndCommand());
  TRY(DecideRest());
  TRY(recorder_->Stop());
  if (NeverStarted())
    AddOwnGap("not-started", fmt::format("container {} did not start while this was recorded",
                                         Printable(options_.container)));
  const auto evidence = Take();
  if (options_.denials) ReportDenials();
  if (journal_.recovered()) {
    progress_.Say("an earlier recording into this file was killed: what it had seen is in it, with a gap");
  }
  const auto written = TRY(journal_.Finish(evidence));
  const auto seen = evidence::IncidenceOfWorkload(evidence).seen.size();
  progress_.Say(fmt::format("{}: {} different calls of the workload in {} s, {}", Printable(options_.output),
                            seen, (MonotonicMs() - started_ms_) / 1000,
                            written.complete()
                                ? "no known gap"
                                : fmt::format("{} gap{} ('whittle show --gaps' names them)",
                                              written.gaps.size(), written.gaps.size() == 1 ? "" : "s")));
  if (NeverStarted()) {
    return Fail(ErrorCode::kBadInput, fmt::format("container '{}' did not start while whittle waited",
                                                  Printable(options_.container)));
  }
  return kYes;
}

Result<int> Session::Run(std::optional<int64_t> duration_ms) {
  CatchSignals();
  TRY(Begin());
  const int64_t deadline = duration_ms ? MonotonicMs() + *duration_ms : INT64_MAX;
  while (!interrupted && MonotonicMs() < deadline) {
    if (!TRY(Step())) break;
  }
  return Finish();
}

Result<int> Run(const Options& options) {
  TRY(Check(options));
  std::optional<int64_t> duration;
  if (!options.duration.empty()) duration = TRY(ParseDurationMs(options.duration));
  record::Options recording;
  recording.target = TargetText(options);
  if (WantsNewCgroups(options)) recording.new_cgroups = record::NewCgroups::kRecordUntilDecided;
  if (options.denials) {
    recording.denials = record::Denials::kWatch;
    recording.confirm = record::ConfirmByLiveFilters();
  }
  auto recorder = TRY(record::Recorder::Create(std::move(recording)));
  for (const auto& phase : options.exercised) recorder->facts().exercised.insert(phase);
  Session session(options, TRY(record::Journal::Open(options.output)), std::move(recorder));
  return session.Run(duration);
}

}  // namespace

Verb RecordVerb() {
  return {"record", "watch a container or a command and write down every system call that it makes",
          "  whittle record --container web --wait -o web.evidence.json\n"
          "  whittle record --container web --for 5m -o web.evidence.json\n"
          "  whittle record -o true.evidence.json -- /bin/true",
          [](CLI::App& app) {
            auto options = std::make_shared<Options>();
            auto* container = app.add_option("--container", options->container, "a container's name or ID");
            app.add_flag("--wait", options->wait,
                         "it need not exist yet: its start is recorded from the first call")
                ->needs(container);
            app.add_flag("--follow-restarts", options->follow,
                         "go on when the container ends, with its next start")
                ->needs(container);
            app.add_option("--pid", options->pid, "a running process and everything below it")
                ->check(CLI::PositiveNumber);
            app.add_option("--cgroup", options->cgroup, "a cgroup's directory, of a service or made by hand");
            app.add_option("--for", options->duration,
                           "how long: 30s, 5m, 2h (default: until it ends, or Ctrl-C)");
            app.add_option("-o,--output", options->output, "the evidence (default -: standard output)");
            app.add_flag("--denials", options->denials, "watch for refused calls, too (costs a little more)");
            app.add_option(
                "--exercised", options->exercised,
                "a phase that this recording sees, for the report: reload, log-rotation, exec, crash");
            return [options] { return Run(*options); };
          },
          Verb::Tail::kCommand};
}

}  // namespace whittle::cli

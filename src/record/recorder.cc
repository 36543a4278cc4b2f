#include "record/recorder.h"

#include <fmt/core.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "base/time.h"
#include "record/live_recorder.h"
#include "record/pins.h"
#include "record/process_tree.h"
#include "record/subjects.h"

namespace whittle::record {
namespace {

constexpr int64_t kStoppedMs = 5000;  // from one Poll() to the next: for so long nobody read

std::string MakeId(const utsname& host) {
  return evidence::RecordingIdOf(fmt::format("ebpf-{}-{}-{}", host.nodename, WallClockMs(), getpid()));
}

// Of a moment that is not long ago.
int64_t WallMsOf(uint64_t monotonic_ns) {
  return WallClockMs() - (MonotonicMs() - static_cast<int64_t>(monotonic_ns / 1'000'000));
}

}  // namespace

Result<std::unique_ptr<Recorder>> Recorder::Create(Options options) {
  utsname host{};
  uname(&host);
  const Abi native = TRY(NativeAbi(host.machine));
  if (options.id.empty()) options.id = MakeId(host);
  options.epoch_ms = std::max<int64_t>(options.epoch_ms, 1);
  auto kernel = TRY(Kernel::Load(options));
  auto recorder = std::make_unique<LiveRecorder>(std::move(options), std::move(kernel), native);
  recorder->facts().kernel = host.release;
  return recorder;
}

LiveRecorder::LiveRecorder(Options options, std::unique_ptr<Kernel> kernel, Abi native)
    : options_(std::move(options)),
      kernel_(std::move(kernel)),
      totals_(options_.epoch_ms),
      book_(options_.confirm),
      id_(options_.id),
      quiet_(options_.quiet_ms, options_.quiet_at_most_ms, MonotonicMs()) {
  recording_.source = "ebpf";
  recording_.refusals_watched = options_.denials == Denials::kWatch;
  recording_.native = native;
  recording_.target = options_.target;
  recording_.started_ms = WallClockMs();
  next_turn_ms_ = MonotonicMs() + totals_.epoch_ms();
}

void LiveRecorder::AddGap(const std::string& kind, const std::string& detail) {
  gaps_.insert({id_, kind, detail, 0});
}

Result<void> LiveRecorder::AddCgroup(CgroupKey cgroup, CgroupKind kind) {
  const std::string directory = TRY(DirectoryOfCgroup(cgroup));
  TRY(WatchAgain(Wake::kTarget));
  std::vector<Event> events;
  LearnCgroups(events);
  events_.insert(events_.end(), events.begin(), events.end());
  const bool seen_made = owners_.Has(cgroup.value);
  owners_.Add(cgroup.value, TRY(PathOfCgroup(cgroup)), Decision::kKept);
  owners_.Decide(cgroup.value, Decision::kKept);
  const bool plain = kind == CgroupKind::kPlain;
  bool late = false;
  if (!seen_made) {
    late = TRY(NameThreads([&] { return ThreadsInCgroup(directory); },
                           {cgroup.value, plain ? WHITTLE_WORKLOAD : WHITTLE_BY_PROGRAM, 0}));
  }
  TRY(kernel_->Watch(cgroup, WHITTLE_KEPT, plain ? WHITTLE_KIND_PLAIN : WHITTLE_KIND_CONTAINER));
  KeepName(cgroup.value);
  kernel_->ForgetThreads();
  if (late) AddLateGap();
  return {};
}

// Tells the kernel side of threads that are there already; false if there are none. A child of a thread that
// is named is known by birth; others are found by looking again until there is nobody new.
Result<bool> LiveRecorder::NameThreads(const std::function<std::vector<pid_t>()>& list,
                                       const whittle_task_state& state) {
  std::set<pid_t> named;
  for (size_t before = 1; before != named.size();) {
    before = named.size();
    for (const pid_t thread : list()) {
      if (named.insert(thread).second) TRY(kernel_->AddRoot(thread, state));
    }
  }
  return !named.empty();
}

void LiveRecorder::AddLateGap() {
  AddGap("late-attach", "it was running already: its start, and calls that were in progress, were not seen");
}

void LiveRecorder::LearnCgroups(std::vector<Event>& events) {
  for (const auto& cgroup : kernel_->CgroupPaths()) {
    if (owners_.Has(cgroup.key.value)) continue;
    owners_.Add(cgroup.key.value, cgroup.path, Decision::kUndecided);
    events.push_back({Event::Kind::kCgroupMade, cgroup.key, 0, cgroup.path});
  }
}

uint64_t LiveRecorder::NewTree() {
  const uint64_t tree = WHITTLE_KEY_TREE | ++trees_;
  owners_.Add(tree, "", Decision::kKept);
  KeepName(tree);
  return tree;
}

Result<void> LiveRecorder::AddChild(pid_t pid) {
  TRY(WatchAgain(Wake::kTarget));
  TRY(kernel_->AddRoot(pid, {NewTree(), WHITTLE_ARRIVED, 0}));
  kernel_->ForgetThreads();
  recording_.exercised.insert("start");
  return {};
}

Result<void> LiveRecorder::AddProcessTree(pid_t pid) {
  if (ThreadsOf(pid).empty()) return Fail(ErrorCode::kBadInput, fmt::format("no process {}", pid));
  TRY(WatchAgain(Wake::kTarget));
  const auto list = [pid] {
    std::vector<pid_t> threads;
    for (const pid_t process : ProcessTree(pid)) {
      const auto more = ThreadsOf(process);
      threads.insert(threads.end(), more.begin(), more.end());
    }
    return threads;
  };
  TRY(NameThreads(list, {NewTree(), WHITTLE_WORKLOAD, 0}));
  kernel_->ForgetThreads();
  AddLateGap();
  return {};
}

Result<void> LiveRecorder::Keep(CgroupKey cgroup) {
  for (const uint64_t key : owners_.Decide(cgroup.value, Decision::kKept)) {
    TRY(kernel_->Watch(CgroupKey{key}, WHITTLE_KEPT, WHITTLE_KIND_CONTAINER));
    KeepName(key);
  }
  recording_.exercised.insert("start");
  return {};
}

void LiveRecorder::KeepName(uint64_t owner) { kernel_->SetOwnerName(owner, owners_.ContainerName(owner)); }

void LiveRecorder::Name(CgroupKey cgroup, std::string container) {
  for (const uint64_t key : owners_.Name(cgroup.value, container)) {
    if (owners_.Reported(key)) KeepName(key);
  }
}

Result<void> LiveRecorder::Drop(CgroupKey cgroup) {
  for (const uint64_t key : owners_.Decide(cgroup.value, Decision::kDropped)) {
    kernel_->Unwatch(CgroupKey{key});
    dropped_.insert(key);
  }
  return {};
}

Result<std::vector<Event>> LiveRecorder::Poll(int timeout_ms) {
  std::vector<Event> events = std::exchange(events_, {});
  if (stopped_) return events;
  kernel_->session().alive_ms = WallClockMs();
  const int64_t now_ms = MonotonicMs();
  const int64_t since_ms = now_ms - std::exchange(last_poll_ms_, now_ms);
  if (since_ms >= kStoppedMs + timeout_ms) late_ms_ += since_ms;
  const int64_t until_turn = std::max<int64_t>(next_turn_ms_ - MonotonicMs(), 0);
  TRY(kernel_->Poll(static_cast<int>(std::min<int64_t>(timeout_ms, until_turn)),
                    [&](const whittle_event& event) { TakeEvent(event, events); }));
  // Cgroups are state, too: an event that found no room is made good from the map.
  const uint64_t ring_full = kernel_->counters().errors[WHITTLE_ERROR_RING_FULL];
  if (std::exchange(ring_full_, ring_full) != ring_full) LearnCgroups(events);
  LearnSubjects();
  TRY(WakeBy(events));
  if (MonotonicMs() >= next_turn_ms_) {
    TurnEpoch();
    TRY(LookForQuiet());
  }
  return events;
}

Result<void> LiveRecorder::LookForQuiet() {
  const int64_t now_ms = MonotonicMs();
  if (std::exchange(news_seen_, totals_.news()) != totals_.news()) quiet_.News(now_ms);
  if (quiet_.IsQuiet(now_ms)) {
    watching_why_ = fmt::format("nothing new came for {} s", options_.quiet_ms / 1000);
    auto audit = AuditStream::Open();
    if (audit) audit_.emplace(std::move(*audit));
    if (!audit) watching_why_ += fmt::format(" ({})", audit.error().message);
    kernel_->DetachCalls();
    quiet_.Detached(now_ms, WallClockMs());
  }
  return quiet_.IsDue(now_ms) ? WatchAgain(Wake::kSchedule) : Result<void>();
}

Result<void> LiveRecorder::WatchAgain(Wake wake) {
  if (quiet_.watching()) return {};
  TRY(kernel_->AttachCalls());
  audit_.reset();
  quiet_.Attached(MonotonicMs(), WallClockMs());
  watching_why_ = WakeText(wake);
  return {};
}

Result<void> LiveRecorder::WakeBy(const std::vector<Event>& events) {
  if (std::exchange(signalled_, false)) TRY(WatchAgain(Wake::kSignal));
  if (IsLogged()) TRY(WatchAgain(Wake::kAudit));
  for (const auto& event : events) {
    if (event.kind == Event::Kind::kExec) TRY(WatchAgain(Wake::kExec));
    if (event.kind == Event::Kind::kCgroupMade) TRY(WatchAgain(Wake::kCgroup));
  }
  return {};
}

// Of a process that is gone nobody can tell whose it was; nor, by its cgroup, whether it is of a tree.
bool LiveRecorder::IsLogged() {
  if (!audit_) return false;
  const auto news = audit_->Take();
  return news.lost || std::ranges::any_of(news.processes, [this](pid_t process) {
           const auto cgroups = CgroupsOfProcess(process);
           return trees_ > 0 || !cgroups || std::ranges::any_of(*cgroups, [this](const Cgroup& cgroup) {
                    return owners_.Covers(cgroup);
                  });
         });
}

void LiveRecorder::TakeEvent(const whittle_event& event, std::vector<Event>& events) {
  const std::string_view path(event.path, std::min<size_t>(event.path_bytes, sizeof(event.path)));
  const auto pid = static_cast<pid_t>(event.pid);
  const CgroupKey cgroup{(event.owner & WHITTLE_KEY_TREE) != 0 ? 0 : event.owner};
  switch (event.kind) {
    case WHITTLE_CGROUP_MADE: {
      const std::string text(path.substr(0, path.find('\0')));
      if (owners_.Has(event.owner)) break;  // known from the map
      owners_.Add(event.owner, text, Decision::kUndecided);
      events.push_back({Event::Kind::kCgroupMade, cgroup, 0, text});
      break;
    }
    case WHITTLE_CGROUP_REMOVED:
      events.push_back(
          {Event::Kind::kCgroupRemoved, cgroup, 0, std::string(path.substr(0, path.find('\0')))});
      break;
    case WHITTLE_EXEC:
      events.push_back({Event::Kind::kExec, cgroup, pid, PathFromComponents(path)});
      break;
    case WHITTLE_SIGNAL:
      signalled_ = true;
      break;
    case WHITTLE_EXIT:
      events.push_back({Event::Kind::kExit, cgroup, pid, ""});
      break;
    default:
      break;
  }
}

Result<void> LiveRecorder::Stop() {
  if (stopped_) return {};
  stopped_ = true;
  kernel_->Detach();
  Collect();
  totals_.EndEpoch();
  recording_.ended_ms = WallClockMs();
  return {};
}

void LiveRecorder::SayWritten() {
  kernel_->SayWritten();
  if (kernel_->pinned()) Recycle(std::exchange(in_snapshot_, {}));
}

void LiveRecorder::RemovePins() {
  if (!kernel_->pinned()) return;
  kernel_->session().finished = 1;
  record::RemovePins(options_.pins);
}

evidence::Evidence LiveRecorder::Snapshot() {
  if (!stopped_) {
    if (kernel_->pinned()) in_snapshot_.merge(TakeGone());
    Collect();
    recording_.ended_ms = WallClockMs();
  }
  recording_.epoch_ms = static_cast<uint32_t>(totals_.epoch_ms());
  recording_.epochs = totals_.epoch() + (stopped_ ? 0 : 1);
  evidence::Evidence evidence;
  evidence.recordings[id_] = recording_;
  for (const auto& [who, calls] : totals_.retired()) AddToEvidence(evidence, id_, who, calls);
  for (const auto& [slot, calls] : totals_.calls()) {
    const auto known = slots_.find(slot);
    // One that is just being named will be there next time; at the end there is none of these.
    if (known == slots_.end() && !stopped_) continue;
    const Slot unknown;
    const Slot& who = known == slots_.end() ? unknown : known->second;
    if (owners_.Reported(who.key.owner)) AddToEvidence(evidence, id_, SubjectOf(who), calls);
  }
  AddScripts(evidence);
  AddGaps(evidence);
  return evidence;
}

// Of subjects that made a call, which every program does that runs.
void LiveRecorder::AddScripts(evidence::Evidence& evidence) const {
  const auto add = [&](const evidence::Subject& subject, const evidence::Scripts& scripts) {
    if (evidence.subjects.contains(subject)) evidence.scripts[subject].insert(scripts.begin(), scripts.end());
  };
  for (const auto& [subject, scripts] : retired_scripts_) add(subject, scripts);
  for (const auto& [slot, who] : slots_) {
    const auto scripts = scripts_.find(ScriptOwnerOf(who.key));
    if (scripts != scripts_.end() && owners_.Reported(who.key.owner)) {
      add(SubjectOf(who).subject, scripts->second);
    }
  }
}

SlotSubject LiveRecorder::SubjectOf(const Slot& slot) const {
  const bool workload = (slot.key.flags & WHITTLE_SUBJECT_WORKLOAD) != 0;
  return {{owners_.ContainerName(slot.key.owner), slot.executable.empty() ? "?" : slot.executable,
           workload ? evidence::Arrival::kWorkload : evidence::Arrival::kArrived},
          (slot.key.flags & WHITTLE_SUBJECT_UNDER_FILTER) != 0};
}

void LiveRecorder::AddGaps(evidence::Evidence& evidence) const {
  evidence.gaps.insert(gaps_.begin(), gaps_.end());
  for (const auto& gap : KernelGaps()) {
    const uint64_t count = kernel_->counters().errors[gap.place];
    if (count != 0) evidence.gaps.insert({id_, gap.kind, gap.detail, count});
  }
  if (auto gap = quiet_.GapOf(id_, recording_.ended_ms)) evidence.gaps.insert(std::move(*gap));
  if (late_ms_ != 0) {
    evidence.gaps.insert(
        {id_, "reader-stopped",
         "seconds for which the recorder itself did not run: no call is missing, but when calls were made is "
         "known less precisely, and containers that came and went may be without a name",
         static_cast<uint64_t>(late_ms_ + 999) / 1000});
  }
  if (unnamed_ != 0) {
    evidence.gaps.insert(
        {id_, "unnamed", "executables whose path could not be read; they stand as '?'", unnamed_});
  }
  if (book_.unsure() != 0) {
    evidence.gaps.insert(
        {id_, "denial-unsure",
         "calls that were refused or were in progress when the watch began: nobody could tell",
         book_.unsure()});
  }
}

std::vector<Denial> LiveRecorder::denials() {
  CollectCandidates();
  std::vector<Denial> all = retired_denials_;
  for (const auto& refused : book_.All()) {
    const auto slot = slots_.find(refused.slot);
    if (slot == slots_.end() || !owners_.Reported(slot->second.key.owner)) continue;
    all.push_back(DenialOf(refused, SubjectOf(slot->second).subject));
  }
  return Joined(std::move(all));
}

Denial LiveRecorder::DenialOf(const RefusedCall& refused, const evidence::Subject& subject) {
  Denial denial;
  denial.subject = subject;
  denial.call = refused.call;
  denial.fate = refused.fate;
  denial.refusal = refused.refusal;
  denial.errno_value = refused.refusal == Refusal::kError ? -refused.result : 0;
  denial.value = refused.refusal == Refusal::kValue ? refused.result : 0;
  denial.count = refused.count;
  denial.command = refused.command;
  denial.pid = refused.pid;
  denial.tid = refused.tid;
  denial.judgement = refused.judgement;
  denial.first_ms = WallMsOf(refused.first_ns);
  denial.last_ms = WallMsOf(refused.last_ns);
  denial.next = refused.next;
  denial.stack = refused.stack;
  return denial;
}

}  // namespace whittle::record

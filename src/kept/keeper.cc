#include "kept/keeper.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "profile/action.h"
#include "report/denial.h"
#include "report/under_profile.h"
#include "symbols/stack.h"
#include "syscalls/arguments.h"
#include "syscalls/table.h"

namespace whittle::kept {
namespace {

constexpr std::string_view kLateAttach = "late-attach";
constexpr std::string_view kStartUnseen = "start-unseen";
constexpr int64_t kWriteMs =
    500;  // so long one turn writes at most: who watches must not wait for a slow disk
constexpr size_t kMaxUnwritten =
    kMaxFiles;  // lives that are over and wait for the disk: the store holds no more

// Names of cgroups begin anew with each boot.
std::string BootId() {
  const auto text = ReadKernelFile("/proc/sys/kernel/random/boot_id");
  return text ? std::string(Trim(*text)) : "unknown-boot";
}

std::vector<std::string> MarksOf(const container::SeenLife& seen) {
  static const std::string kBoot = BootId();
  std::vector<std::string> marks;
  for (const auto& cgroup : seen.cgroups) {
    marks.push_back(fmt::format("{} {} {}", kBoot, cgroup.v1() ? "pids" : "v2", cgroup.id()));
  }
  return marks;
}

Refusal RefusalOf(const record::Denial& denial) {
  Refusal refusal;
  refusal.abi = denial.call.abi;
  refusal.call = SyscallText(denial.call.abi, denial.call.number);
  const size_t count = ArgumentCount(denial.call.abi, denial.call.number);
  const auto& arguments = denial.call.arguments;
  refusal.arguments.assign(arguments.begin(), arguments.begin() + std::min(count, arguments.size()));
  refusal.fate = denial.fate;
  if (denial.judgement.action) refusal.action = report::AnswerText(denial);
  refusal.got = report::RefusalText(denial);
  if (denial.refusal == record::Refusal::kError) {
    refusal.errno_name = profile::ErrnoName(static_cast<uint32_t>(denial.errno_value));
  }
  refusal.executable = denial.subject.executable;
  refusal.command = denial.command;
  refusal.arrival = denial.subject.arrival;
  refusal.pid = denial.pid;
  refusal.tid = denial.tid;
  refusal.count = denial.count;
  refusal.first_ms = denial.first_ms;
  refusal.last_ms = denial.last_ms;
  refusal.filter = denial.judgement.filter;
  for (const auto& frame : denial.stack) refusal.stack.push_back(FrameText(frame));
  return refusal;
}

bool IsSameKind(const Refusal& a, const Refusal& b) {
  const auto kind = [](const Refusal& refusal) {
    return std::tie(refusal.executable, refusal.arrival, refusal.abi, refusal.call, refusal.fate,
                    refusal.action, refusal.got);
  };
  return kind(a) == kind(b);
}

// Who came first stays; of the kernel's clock and ours the same moment may differ by a little.
void AddRefusal(std::vector<Refusal>& all, Refusal refusal) {
  const auto known = std::ranges::find_if(all, [&](const auto& one) { return IsSameKind(one, refusal); });
  if (known == all.end()) {
    all.push_back(std::move(refusal));
    return;
  }
  const uint64_t count = known->count + refusal.count;
  const int64_t first_ms = std::min(known->first_ms, refusal.first_ms);
  const int64_t last_ms = std::max(known->last_ms, refusal.last_ms);
  if (refusal.first_ms < known->first_ms) *known = std::move(refusal);
  known->count = count;
  known->first_ms = first_ms;
  known->last_ms = last_ms;
}

// Gaps that are a life's own, and no other's.
bool IsOfOneLife(const evidence::Gap& gap) { return gap.kind == kLateAttach || gap.kind == kStartUnseen; }

// What was refused to the runtime is why no program began.
bool StoppedAtItsStart(const container::SeenLife& seen) {
  const bool worked = std::ranges::any_of(seen.evidence.subjects, [](const auto& entry) {
    return entry.first.arrival == evidence::Arrival::kWorkload;
  });
  return !worked && std::ranges::any_of(seen.denials, [](const record::Denial& denial) {
    return denial.subject.arrival == evidence::Arrival::kArrived && evidence::Refused(denial.fate);
  });
}

}  // namespace

Result<Keeper> Keeper::Open(const std::string& folder) { return Keeper(TRY(Store::Open(folder))); }

// A gap of the run may have come before a life, and be none of its: it is one only if it came, or grew,
// since.
void Keeper::TakeGaps(const container::SeenLife& seen, int64_t now_ms) {
  for (const auto& gap : seen.evidence.gaps) {
    const auto [noticed, is_new] = gaps_.try_emplace({gap.kind, gap.detail}, gap.count, now_ms);
    if (is_new || noticed->second.count == gap.count) continue;
    noticed->second = {gap.count, now_ms};
  }
}

std::vector<std::string> Keeper::GapsOf(const Held& held, const container::SeenLife& seen) const {
  std::vector<std::string> gaps = held.before.gaps;
  for (const auto& gap : seen.evidence.gaps) {
    if (gap.kind == kLateAttach && !held.before.id.empty()) continue;  // what was not seen has been told
    if (gap.kind == kStartUnseen && StoppedAtItsStart(seen)) continue;
    if (!IsOfOneLife(gap) && gaps_.at({gap.kind, gap.detail}).ms < seen.started_ms) continue;
    gaps.push_back(gap.count == 0 ? gap.detail : fmt::format("{} ({})", gap.detail, gap.count));
  }
  return gaps;
}

Keeper::Held Keeper::Begin(const container::SeenLife& seen) {
  Held held;
  Life& life = held.life;
  life.started_ms = seen.started_ms;
  life.from_start = seen.from_start;
  if (seen.from_start) return held;
  auto before = store_.Earlier(seen.container_id, MarksOf(seen));
  if (!before) return held;
  life.started_ms = before->started_ms;
  life.from_start = before->from_start;
  life.first_seen = before->first_seen;
  before->gaps.push_back(
      fmt::format("nobody watched from {} to {}", TimeText(before->updated_ms), TimeText(seen.started_ms)));
  held.before = std::move(*before);
  return held;
}

void Keeper::AddFirstSeen(Held& held, Life& life, const container::SeenLife& seen, int64_t now_ms) {
  for (const auto& [subject, calls] : seen.evidence.subjects) {
    if (subject.arrival != evidence::Arrival::kWorkload) continue;
    for (const auto& [call, observation] : calls) {
      if (!held.known.insert({subject.executable, call.abi, call.number, call.fate}).second) continue;
      FirstSeen first{
          now_ms,   subject.executable, subject.arrival, call.abi, SyscallText(call.abi, call.number),
          call.fate};
      const bool before = std::ranges::any_of(held.before.first_seen, [&](const FirstSeen& one) {
        return std::tie(one.executable, one.abi, one.call, one.fate) ==
               std::tie(first.executable, first.abi, first.call, first.fate);
      });
      if (!before) life.first_seen.push_back(std::move(first));
    }
  }
  if (life.first_seen.size() > kMaxFirstSeen) {
    life.first_seen.erase(life.first_seen.begin(), life.first_seen.end() - kMaxFirstSeen);
  }
}

void Keeper::Update(Held& held, const container::SeenLife& seen, int64_t now_ms) {
  const Life& before = held.before;
  Life life = held.life;
  life.id = seen.container_id;
  life.name = seen.facts.subject;
  life.image = seen.facts.image;
  life.engine = seen.facts.engine;
  life.runtime = seen.facts.runtime;
  life.marks = MarksOf(seen);
  if (before.id.empty()) life.from_start = seen.from_start;
  life.ended = seen.ended;
  life.refused = before.refused;
  for (const auto& denial : seen.denials) {
    if (evidence::Refused(denial.fate)) AddRefusal(life.refused, RefusalOf(denial));
  }
  life.dropped = before.dropped;
  KeepNewest(life);
  AddFirstSeen(held, life, seen, now_ms);
  life.gaps = GapsOf(held, seen);
  held.over = seen.ended && seen.settled;
  if (life == held.life) return;
  life.updated_ms = now_ms;
  held.life = std::move(life);
  held.dirty = true;
}

std::vector<size_t> Keeper::Take(const std::vector<container::SeenLife>& lives, int64_t now_ms, When when) {
  for (const auto& seen : lives) TakeGaps(seen, now_ms);
  for (const auto& seen : lives) {
    auto held = held_.find(seen.life);
    if (held == held_.end()) held = held_.emplace(seen.life, Begin(seen)).first;
    Update(held->second, seen, now_ms);
    if (when != When::kLastTime || seen.ended) continue;
    held->second.life.updated_ms = now_ms;
    held->second.dirty = true;
  }
  WriteDirty(now_ms, when);
  return LetGo();
}

void Keeper::WriteDirty(int64_t now_ms, When when) {
  std::vector<std::string> living;
  std::vector<Held*> dirty;
  for (auto& [index, held] : held_) {
    if (!held.over) living.push_back(store_.PathOf(held.life));
    const bool due = held.life.ended || when == When::kLastTime || held.written_ms + kEveryMs <= now_ms;
    if (held.dirty && due) dirty.push_back(&held);
  }
  std::ranges::stable_sort(dirty, {}, &Held::written_ms);
  const int64_t deadline = MonotonicMs() + kWriteMs;
  for (Held* held : dirty) {
    if (when != When::kLastTime && MonotonicMs() >= deadline) return;
    const auto written = store_.Write(held->life, living);
    if (!written) {
      trouble_ = written.error();
      return;
    }
    held->written_ms = now_ms;
    held->dirty = false;
  }
  trouble_.reset();
}

bool Keeper::waits() const {
  return std::ranges::any_of(held_, [](const auto& held) { return held.second.dirty; });
}

std::vector<size_t> Keeper::LetGo() {
  std::vector<size_t> done;
  size_t waiting = 0;
  for (const auto& [index, held] : held_) {
    if (held.over && !held.dirty) done.push_back(index);
    if (held.over && held.dirty) waiting++;
  }
  for (const auto& [index, held] : held_) {
    if (waiting <= kMaxUnwritten) break;
    if (!held.over || !held.dirty) continue;
    done.push_back(index);
    lost_++;
    waiting--;
  }
  for (const size_t index : done) held_.erase(index);
  return done;
}

}  // namespace whittle::kept

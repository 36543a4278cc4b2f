#include "record/takeover.h"

#include <sys/utsname.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>

#include "record/denials.h"
#include "record/kernel.h"
#include "record/subjects.h"
#include "record/totals.h"
#include "syscalls/abi.h"

namespace whittle::record {
namespace {

template <size_t kSize>
std::string TextOf(const char (&bytes)[kSize]) {
  return {bytes, strnlen(bytes, kSize)};
}

class Reader {
 public:
  explicit Reader(Kernel& kernel) : kernel_(kernel) {}

  TakenOver Read() {
    const whittle_session& session = kernel_.session();
    left_.id = TextOf(session.id);
    left_.alive_ms = session.alive_ms;
    left_.finished = session.finished != 0;
    left_.notes = kernel_.Notes();
    owners_ = kernel_.OwnerNames();
    AddRecording(session);
    LearnUndecided();
    ReadCalls();
    AddSubjects();
    AddGaps();
    return std::move(left_);
  }

 private:
  void AddRecording(const whittle_session& session) {
    utsname host{};
    uname(&host);
    auto& recording = left_.evidence.recordings[left_.id];
    recording.source = "ebpf";
    recording.kernel = host.release;  // maps do not outlive their kernel
    recording.native = NativeAbi(host.machine).value_or(Abi::kX86_64);
    recording.target = TextOf(session.target);
    recording.refusals_watched = session.refusals_watched != 0;
    recording.started_ms = session.started_ms;
    recording.ended_ms = session.alive_ms;
    recording.epoch_ms = 1000;
    recording.epochs = 1;
  }

  void LearnUndecided() {
    std::map<uint64_t, std::string> paths;
    for (const auto& cgroup : kernel_.CgroupPaths()) paths[cgroup.key.value] = cgroup.path;
    for (const auto& [key, watched] : kernel_.WatchedCgroups()) {
      if (watched.decision != WHITTLE_UNDECIDED || owners_.contains(key)) continue;
      owners_[key] = paths[key];
      if (std::ranges::find(left_.undecided, paths[key]) == left_.undecided.end())
        left_.undecided.push_back(paths[key]);
    }
  }

  void ReadCalls() {
    for (uint32_t slot = WHITTLE_FIRST_SLOT; slot < kernel_.slot_end(); slot++) {
      const auto add = [&](uint32_t row, uint32_t index, uint64_t bits) {
        totals_.AddWord(slot, row, index, bits, Totals::When::kNow);
      };
      for (uint32_t parity = 0; parity < WHITTLE_PARITIES; parity++) {
        kernel_.ReadSlot(slot, parity, Kernel::Clear::kNo, add);
      }
      kernel_.ReadUnwritten(slot, add);
    }
    for (const auto& [key, count] : kernel_.Overflow()) {
      totals_.Add(key.slot, {AbiOfRow(key.row), key.number}, Totals::When::kNow);
    }
    for (const auto& [key, value] : kernel_.Candidates()) {
      // Of those that need it nobody can ask the filters any more; the recorder had asked about all but the
      // last.
      if (book_.Take(key, value) != DenialBook::Answer::kDenied) continue;
      totals_.Add(key.slot, {AbiOfRow(key.row), key.number, FateOfCandidate(key.kind)}, Totals::When::kNow);
    }
  }

  // Nothing if it is nobody's that was to be reported.
  std::optional<std::string> ContainerOf(uint64_t owner) const {
    if (owner == 0) return "?";
    const auto found = owners_.find(owner);
    if (found != owners_.end()) return found->second;
    return std::nullopt;
  }

  void AddSubjects() {
    for (const auto& [slot, calls] : totals_.calls()) {
      const auto subject = kernel_.Subject(slot).value_or(whittle_subject{});
      const auto container = ContainerOf(subject.key.owner);
      if (!container) continue;
      std::string executable = "?";
      if (subject.path_cut == 0 && subject.path_bytes != 0) {
        executable =
            PathFromComponents({subject.path, std::min<size_t>(subject.path_bytes, sizeof(subject.path))});
      }
      const bool workload = (subject.key.flags & WHITTLE_SUBJECT_WORKLOAD) != 0;
      const SlotSubject who{
          {*container, executable, workload ? evidence::Arrival::kWorkload : evidence::Arrival::kArrived},
          (subject.key.flags & WHITTLE_SUBJECT_UNDER_FILTER) != 0};
      AddToEvidence(left_.evidence, left_.id, who, calls);
      AddScripts(subject.key, who.subject);
    }
  }

  void AddScripts(const whittle_subject_key& key, const evidence::Subject& subject) {
    if (scripts_.empty()) scripts_ = kernel_.Scripts();
    for (const auto& script : scripts_) {
      whittle_subject_key of = script.subject;
      of.flags |= key.flags & WHITTLE_SUBJECT_UNDER_FILTER;
      if (memcmp(&of, &key, sizeof(key)) == 0) left_.evidence.scripts[subject].insert(TextOf(script.name));
    }
  }

  void AddGaps() {
    for (const auto& gap : KernelGaps()) {
      const uint64_t count = kernel_.counters().errors[gap.place];
      if (count != 0) left_.evidence.gaps.insert({left_.id, gap.kind, gap.detail, count});
    }
  }

  Kernel& kernel_;
  TakenOver left_;
  Totals totals_{1000};
  DenialBook book_{{}};
  std::map<uint64_t, std::string> owners_;  // of those that are reported, or may be
  std::vector<whittle_script_key> scripts_;
};

}  // namespace

Result<TakenOver> TakeOver(const std::string& pins) {
  const auto kernel = TRY(Kernel::OpenPinned(pins));
  return Reader(*kernel).Read();
}

}  // namespace whittle::record

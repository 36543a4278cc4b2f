// Audit records: the calls that a filter logged or refused. Calls that it allowed without a word are not
// there, and what was dropped shows as a hole in the serial numbers or in a line that says so.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "import/audit_loss.h"
#include "import/audit_record.h"
#include "import/audit_serials.h"
#include "import/audit_twins.h"
#include "import/format.h"
#include "import/registers.h"

namespace whittle::import {
namespace {

// The end of a log that the kernel printed: it prints ten records in five seconds and drops what comes then
// (printk_ratelimit). That it did, it says only before the next line that it prints.
class Burst {
 public:
  void See(int64_t ms, bool printed) {
    if (ms < latest_ms_) return;
    latest_ms_ = ms;
    count_ = printed ? count_ + 1 : 0;
    moments_[count_ % moments_.size()] = ms;
  }
  bool AtTheEnd() const {
    return count_ >= moments_.size() && latest_ms_ - std::ranges::min(moments_) <= kMs;
  }

 private:
  static constexpr int64_t kMs = 5000;

  std::array<int64_t, 10> moments_{};
  size_t count_ = 0;  // printed ones, since a record came by another way
  int64_t latest_ms_ = 0;
};

// Sightings of calls whose arguments evidence keeps. The record of the refusal does not have them; where the
// kernel audits the call itself, too, a SYSCALL record of the same number follows (with ausearch: stands
// before), which does.
class Waiting {
 public:
  explicit Waiting(Tally& tally) : tally_(tally) {}

  void Add(const AuditStamp& stamp, Tally::Calls& calls, const evidence::CallKey& call) {
    if (sightings_.size() >= kMost) Settle(0, {});
    sightings_.push_back({stamp, &calls, call});
    if (before_ && IsSame(*before_->stamp, stamp)) SettleBy(sightings_.size() - 1, *before_);
  }
  void Take(const AuditLine& record) {
    for (size_t i = 0; i < sightings_.size(); ++i) {
      if (IsSame(sightings_[i].stamp, *record.stamp)) return SettleBy(i, record);
    }
    before_ = record;
  }
  void End() {
    while (!sightings_.empty()) Settle(0, {});
  }

 private:
  // Records of so many calls may stand between the two.
  static constexpr size_t kMost = 32;

  static bool IsSame(const AuditStamp& a, const AuditStamp& b) {
    return a.serial == b.serial && a.ms == b.ms && a.node == b.node;
  }

  // Numbers may be the same by chance: of two machines, after a start.
  void SettleBy(size_t i, const AuditLine& record) {
    const auto& call = sightings_[i].call;
    const bool is_its = call.abi == record.call.abi && call.number == record.call.number;
    Settle(i, is_its ? std::span<const uint64_t>(record.registers) : std::span<const uint64_t>());
  }

  void Settle(size_t i, std::span<const uint64_t> registers) {
    auto& [stamp, calls, call] = sightings_[i];
    evidence::Arguments arguments;
    TakeRegisters(registers, call, arguments);
    tally_.See(*calls, call, stamp.ms, 1, &arguments);
    sightings_.erase(sightings_.begin() + static_cast<ptrdiff_t>(i));
  }

  struct Sighting {
    AuditStamp stamp;
    Tally::Calls* calls;
    evidence::CallKey call;
  };
  Tally& tally_;
  std::deque<Sighting> sightings_;
  std::optional<AuditLine> before_;  // the last record of a call of no sighting
};

// What the latest records said, by their numbers: where one has the number of others and says something else,
// it is of another machine, or the number was copied. Whatever is older than those kept, or one of too many,
// counts as read already.
class Latest {
 public:
  // Whether it is another one than those which had its number.
  bool Differs(const AuditLine& record) const {
    const Slot& slot = kept_[PlaceOf(record)];
    return IsIts(slot, record) && slot.count < kMost &&
           std::ranges::find(slot.said.begin(), slot.said.begin() + slot.count, SaidBy(record)) ==
               slot.said.begin() + slot.count;
  }
  void Keep(const AuditLine& record) {
    Slot& slot = kept_[PlaceOf(record)];
    if (!IsIts(slot, record)) slot = {record.stamp->serial, record.stamp->ms, NodeOf(record), 0, {}};
    if (slot.count < kMost) slot.said[slot.count++] = SaidBy(record);
  }

 private:
  static constexpr ptrdiff_t kMost = 4;
  using Said = std::pair<uint64_t, evidence::CallKey>;  // by which process, of which call
  struct Slot {
    uint64_t serial = 0;
    int64_t ms = 0;
    size_t node = 0;  // hashed
    ptrdiff_t count = 0;
    std::array<Said, kMost> said;
  };
  static Said SaidBy(const AuditLine& record) { return {record.pid, record.call}; }
  static size_t NodeOf(const AuditLine& record) { return std::hash<std::string>()(record.stamp->node); }
  static bool IsIts(const Slot& slot, const AuditLine& record) {
    constexpr int64_t kMostApartMs = 10'000;
    return slot.count > 0 && slot.serial == record.stamp->serial && slot.node == NodeOf(record) &&
           std::abs(slot.ms - record.stamp->ms) <= kMostApartMs;
  }
  size_t PlaceOf(const AuditLine& record) const { return record.stamp->serial % kept_.size(); }

  std::vector<Slot> kept_ = std::vector<Slot>(1024);
};

class AuditParser final : public Parser {
 public:
  AuditParser(Tally& tally, Abi native) : tally_(tally), native_(native), waiting_(tally), twins_(tally) {}

  void BeginFile(std::string_view) override {}
  void EndFile() override {}
  Understood Line(std::string_view line) override;
  void End() override;

 private:
  void TakeSeccomp(const AuditLine& record);
  void TakeLoss(std::string_view line);
  Tally::Calls& CallsOf(const std::string& executable);

  Tally& tally_;
  Abi native_;
  std::unordered_map<std::string, Tally::Calls*> calls_;  // of the tally, by executable
  Serials records_;                                       // of seccomp records: each counts once
  Serials all_;                                           // of every record: holes are losses
  Latest latest_;
  Waiting waiting_;
  Twins twins_;
  Burst burst_;
  uint64_t lost_ = 0;
  bool others_ = false;
  bool after_program_ = false;  // the last line that is not indented was a program's
};

void AuditParser::TakeSeccomp(const AuditLine& record) {
  if (record.big_endian) tally_.SeeBigEndian(record.call.abi);
  Tally::Calls& calls = CallsOf(record.executable);
  if (!record.stamp) return twins_.Unnumbered(record, calls);
  const int64_t ms = record.stamp->ms;
  all_.Add(record.stamp->node, ms, record.stamp->serial);
  const bool again = records_.Add(record.stamp->node, ms, record.stamp->serial) == Serials::Seen::kAgain;
  if (again && !latest_.Differs(record)) return;
  latest_.Keep(record);
  if (record.printed) twins_.Numbered(record);
  if (KeepsRegisters(record.call.abi, record.call.number)) {
    waiting_.Add(*record.stamp, calls, record.call);
  } else {
    tally_.See(calls, record.call, ms);
  }
}

Tally::Calls& AuditParser::CallsOf(const std::string& executable) {
  auto& calls = calls_[executable];
  if (calls == nullptr) calls = &tally_.Of({"-", executable, evidence::Arrival::kWorkload});
  return *calls;
}

// audit_lost is a running total, all others are counts of their own; one gap of a kind stands for all of
// them.
void AuditParser::TakeLoss(std::string_view line) {
  const auto loss = LossOf(line);
  if (!loss) return;
  const bool is_total = line.find("audit_lost=") != std::string_view::npos;
  const uint64_t count = is_total ? loss->count - std::min(loss->count, lost_) : loss->count;
  if (is_total) lost_ = std::max(lost_, loss->count);
  tally_.Lose(std::string(loss->kind), std::string(loss->detail), count);
}

Understood AuditParser::Line(std::string_view line) {
  auto record = ParseAuditLine(line, native_);
  // The journal indents further lines of a program's text.
  const bool goes_on = line.starts_with(' ') || line.starts_with('\t');
  if (!goes_on) after_program_ = record.kind == AuditLine::Kind::kForeign;
  if (goes_on && after_program_) {
    record.disowned = record.kind == AuditLine::Kind::kSeccomp || record.kind == AuditLine::Kind::kOther;
    record.kind = AuditLine::Kind::kForeign;
    record.stamp.reset();
  }
  if (record.stamp) burst_.See(record.stamp->ms, record.printed);
  switch (record.kind) {
    case AuditLine::Kind::kSeccomp:
      TakeSeccomp(record);
      return Understood::kYes;
    case AuditLine::Kind::kOther:
      others_ = true;
      if (record.stamp) all_.Add(record.stamp->node, record.stamp->ms, record.stamp->serial);
      if (record.stamp && !record.registers.empty()) waiting_.Take(record);
      TakeLoss(line);
      return Understood::kYes;
    case AuditLine::Kind::kForeign:
      if (record.disowned)
        tally_.Warn(
            "lines that read like records of calls were written by neither the kernel nor an audit daemon, "
            "as far as the log tells: not imported");
      TakeLoss(line);
      return Understood::kYes;
    case AuditLine::Kind::kBroken:
    case AuditLine::Kind::kUnknown:
      return Understood::kNo;
  }
  return Understood::kNo;
}

void AuditParser::End() {
  waiting_.End();
  tally_.Forget("serial-gap");
  const uint64_t missing = all_.Missing();
  if (missing > 0 && others_)
    tally_.Lose("serial-gap", "audit records between the first and the last are missing", missing);
  if (missing > 0 && !others_) {
    tally_.Lose(
        "serial-gap",
        "possible: serial numbers between the first and the last record are missing: lost, or records of "
        "other kinds that were cut out",
        missing);
  }
  tally_.Forget("burst");
  if (burst_.AtTheEnd()) {
    tally_.Lose(
        "burst",
        "possible: the log ends where the kernel prints no more records: ten in five seconds, and what "
        "came then is dropped");
  }
  if (all_.overrun())
    tally_.Lose("serial-gap", "possible: too many separate serial numbers to look for missing ones");
  if (twins_.End())
    tally_.Lose("no-serials", "possible: records without serial numbers do not show what was lost");
}

}  // namespace

bool LooksLikeAudit(std::string_view line) {
  const auto kind = ParseAuditLine(line, Abi::kX86_64).kind;
  return kind == AuditLine::Kind::kSeccomp || kind == AuditLine::Kind::kOther;
}

bool SaysItIsAudit(std::string_view line) { return ParseAuditLine(line, Abi::kX86_64).is_refusal; }

std::unique_ptr<Parser> MakeAudit(Tally& tally, const Settings& settings) {
  return std::make_unique<AuditParser>(tally, settings.native);
}

}  // namespace whittle::import

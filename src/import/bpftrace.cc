// Maps as bpftrace prints them at its end: "@[KEY, KEY]: VALUE", or JSON with -f json. A key is a call's name
// or number beside whatever else was counted by; which one it is shows the whole map: the column that names a
// probe or a function of a call in every row; else the one whose numbers are all numbers of calls; else the
// one of names. A map of bare numbers may as well be one of threads (@start[tid] = nsecs).
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "import/format.h"
#include "syscalls/table.h"

namespace whittle::import {
namespace {

constexpr size_t npos = std::string_view::npos;

struct MapRow {
  uint64_t line = 0;
  std::vector<std::string> keys;
  uint64_t count = 1;
};
using Maps = std::map<std::string, std::vector<MapRow>>;

struct Call {
  Abi abi;
  uint32_t number;
};

std::optional<Call> Named(Abi abi, std::string_view name) {
  const auto number = SyscallNumberOfFunction(abi, name);
  return number ? std::optional(Call{abi, *number}) : std::nullopt;
}

// "tracepoint:syscalls:sys_enter_openat", "kprobe:__x64_sys_openat", "__ia32_compat_sys_openat+5".
std::optional<Call> OfProbe(Abi native, std::string_view key) {
  struct Mark {
    std::string_view text;
    bool is_32_bit;
  };
  static constexpr std::array kMarks = {
      Mark{"sys_enter_", false},        Mark{"sys_exit_", false},    Mark{"__x64_sys_", false},
      Mark{"__arm64_sys_", false},      Mark{"__s390x_sys_", false}, Mark{"__riscv_sys_", false},
      Mark{"__ia32_compat_sys_", true}, Mark{"__ia32_sys_", true},   Mark{"__se_sys_", false},
      Mark{"__do_sys_", false},
  };
  const size_t colon = key.rfind(':');
  if (colon != npos) key.remove_prefix(colon + 1);
  key = key.substr(0, key.find('+'));
  for (const auto& mark : kMarks) {
    if (!key.starts_with(mark.text)) continue;
    const auto name = key.substr(mark.text.size());
    const bool other = mark.is_32_bit && native == Abi::kX86_64;
    return Named(other ? Abi::kI386 : native, name);
  }
  return std::nullopt;
}

bool HasName(const Call& call) { return SyscallName(call.abi, call.number).has_value(); }

// A number of the ABI's first `most`, or one with a name: larger ones are processes, times or the like.
std::optional<Call> OfNumberBelow(uint32_t most, Abi native, std::string_view key) {
  const auto value = ParseUnsigned(key);
  if (!value || *value > UINT32_MAX) return std::nullopt;
  const auto number = static_cast<uint32_t>(*value);
  const Call call{AbiOfNumber(native, number), number};
  const auto first = FirstNumber(call.abi);
  const bool is_small = number >= first && number - first < most;
  return is_small || HasName(call) ? std::optional(call) : std::nullopt;
}

std::optional<Call> OfNumber(Abi native, std::string_view key) { return OfNumberBelow(1024, native, key); }

// What no other key stands beside must be nearer to the calls that there are: 470 of them in 2025.
std::optional<Call> OfBareNumber(Abi native, std::string_view key) { return OfNumberBelow(512, native, key); }

bool IsNumberOfCall(Abi native, std::string_view key) {
  const auto call = OfNumber(native, key);
  return call && HasName(*call);
}

bool IsProbe(Abi native, std::string_view key) { return OfProbe(native, key).has_value(); }
bool IsName(Abi native, std::string_view key) { return SyscallNumber(native, key).has_value(); }

using Is = bool (*)(Abi native, std::string_view key);
bool EveryRowHas(const std::vector<MapRow>& rows, size_t column, Abi native, Is is) {
  return std::ranges::all_of(
      rows, [&](const MapRow& row) { return column < row.keys.size() && is(native, row.keys[column]); });
}

// "@[257]: 5" in every row.
bool AreBareNumbers(const std::vector<MapRow>& rows) {
  return std::ranges::all_of(
      rows, [](const MapRow& row) { return row.keys.size() == 1 && ParseUnsigned(row.keys.front()); });
}

// Why a map of bare numbers does not count calls; empty if it does. Threads have numbers of calls as well, if
// not only those; and who counts calls by probes does not count them by number, too. A number without a name
// may be a call of a later kernel or of another ABI.
std::string WhyNoCalls(Abi native, const std::vector<MapRow>& rows, bool others_name_calls) {
  if (others_name_calls) return "another map names the calls";
  const auto is_odd = [&](const MapRow& row) { return !OfBareNumber(native, row.keys[0]); };
  const auto is_call = [&](const MapRow& row) { return IsNumberOfCall(native, row.keys[0]); };
  const auto odd = std::ranges::find_if(rows, is_odd);
  if (odd != rows.end()) return fmt::format("{} is no call of {}", odd->keys[0], AbiName(native));
  return std::ranges::any_of(rows, is_call) ? "" : fmt::format("no key is a call of {}", AbiName(native));
}

// "@", "@syscalls", "@[a, b]: 5", "@us[read]: count 5, average 3", "@[read]: " above a histogram.
bool ParseRow(std::string_view line, uint64_t at, Maps& maps) {
  if (!line.starts_with('@')) return false;
  const size_t open = line.find('[');
  const size_t close = line.rfind("]:");
  if (open == npos || close == npos || close < open) return false;
  MapRow row;
  row.line = at;
  for (auto key : Split(line.substr(open + 1, close - open - 1), ',')) row.keys.emplace_back(Trim(key));
  auto value = Trim(line.substr(close + 2));
  if (value.starts_with("count ")) value.remove_prefix(6);
  row.count = ParseUnsigned(value.substr(0, value.find(','))).value_or(1);
  if (row.count > 0) maps[std::string(line.substr(0, open))].push_back(std::move(row));
  return true;
}

// {"type": "map", "data": {"@": {"head,257": 748}}}
bool ParseJson(std::string_view line, uint64_t at, Maps& maps, uint64_t& lost) {
  const auto root = json::Parse(line, "line");
  if (!root || !root->is(json::Kind::kObject)) return false;
  const auto* type = root->Find("type");
  const auto* data = root->Find("data");
  if (type == nullptr || data == nullptr) return false;
  const auto* events = type->text == "lost_events" ? data->Find("events") : nullptr;
  if (events != nullptr && events->is(json::Kind::kUnsigned)) lost += events->number;
  if (type->text == "attached_probes" || events != nullptr) return true;
  for (const auto& map : data->members) {
    for (const auto& entry : map.value.members) {
      MapRow row;
      row.line = at;
      for (const auto key : Split(entry.name, ',')) row.keys.emplace_back(Trim(key));
      if (entry.value.is(json::Kind::kUnsigned)) row.count = entry.value.number;
      if (row.count > 0) maps[map.name].push_back(std::move(row));
    }
  }
  return type->text == "map" || type->text == "hist" || type->text == "stats";
}

// "Attaching 2 probes...", "^C", a row of a histogram.
bool IsFrame(std::string_view line) {
  const bool histogram = (line.starts_with('[') || line.starts_with('(')) && line.ends_with('|');
  const bool heading = line.starts_with("Top ") || line.starts_with("Counting ");  // syscount.bt
  return line.starts_with("Attach") || line == "^C" || heading || histogram;
}

class BpftraceParser final : public Parser {
 public:
  BpftraceParser(Tally& tally, const Settings& settings) : tally_(tally), settings_(settings) {}

  Result<std::vector<Complaint>> Document(std::string_view text, const std::string& shown) override;
  void End() override;

 private:
  using Read = std::optional<Call> (*)(Abi native, std::string_view key);
  enum class Found { kOne, kNone, kSeveral };
  Found TakeMap(const std::vector<MapRow>& rows);
  Found TakeColumn(const std::vector<MapRow>& rows, Read read, Is is);
  bool NamesCalls(const std::vector<MapRow>& rows) const;
  void TakeMaps(const Maps& maps, std::vector<Complaint>& complaints);

  Tally& tally_;
  const Settings settings_;
  bool any_call_ = false;
  bool any_number_ = false;
};

// The rows' calls, if exactly one column has one in every row.
BpftraceParser::Found BpftraceParser::TakeColumn(const std::vector<MapRow>& rows, Read read, Is is) {
  std::optional<size_t> found;
  for (size_t column = 0; column < rows.front().keys.size(); ++column) {
    if (!EveryRowHas(rows, column, settings_.native, is)) continue;
    if (found) return Found::kSeveral;
    found = column;
  }
  if (!found) return Found::kNone;
  auto& calls = tally_.Of({"-", "?", evidence::Arrival::kWorkload});
  for (const auto& row : rows) {
    const auto call = read(settings_.native, row.keys[*found]);
    evidence::CallKey key{call->abi, call->number};
    key.under_filter = settings_.enforced != nullptr;
    tally_.See(calls, key, kUndated, row.count);
  }
  any_call_ = true;
  return Found::kOne;
}

BpftraceParser::Found BpftraceParser::TakeMap(const std::vector<MapRow>& rows) {
  const auto is_digits = [](Abi native, std::string_view key) { return OfNumber(native, key).has_value(); };
  const auto by_name = [](Abi native, std::string_view key) { return Named(native, key); };
  auto found = TakeColumn(rows, OfProbe, IsProbe);
  if (found != Found::kNone) return found;
  found = TakeColumn(rows, OfNumber, is_digits);
  if (found == Found::kSeveral) found = TakeColumn(rows, OfNumber, IsNumberOfCall);
  any_number_ = any_number_ || found == Found::kOne;
  return found != Found::kNone ? found : TakeColumn(rows, by_name, IsName);
}

// By probes: names without may be those of programs: mkdir, kill.
bool BpftraceParser::NamesCalls(const std::vector<MapRow>& rows) const {
  for (size_t column = 0; column < rows.front().keys.size(); ++column) {
    if (EveryRowHas(rows, column, settings_.native, IsProbe)) return true;
  }
  return false;
}

// A map of bare numbers that is not taken may be one of calls all the same: its rows are not passed over.
void BpftraceParser::TakeMaps(const Maps& maps, std::vector<Complaint>& complaints) {
  const bool any_names = std::ranges::any_of(maps, [&](const auto& map) { return NamesCalls(map.second); });
  for (const auto& [name, rows] : maps) {
    const auto complain = [&](const std::string& about) {
      for (const auto& row : rows) AddComplaint(complaints, row.line, [&] { return about; });
    };
    const auto why = AreBareNumbers(rows) ? WhyNoCalls(settings_.native, rows, any_names) : "";
    if (!why.empty()) {
      complain(fmt::format("map {} does not count calls ({})", Printable(name), why));
      continue;
    }
    const auto found = TakeMap(rows);
    if (found == Found::kSeveral)
      complain(fmt::format("which key of {} is the call's is not clear", Printable(name)));
    if (found != Found::kNone) continue;
    tally_.Warn(
        fmt::format("map {} does not count calls: {} rows were not imported", Printable(name), rows.size()));
  }
}

Result<std::vector<Complaint>> BpftraceParser::Document(std::string_view text, const std::string&) {
  std::vector<Complaint> complaints;
  Maps maps;
  uint64_t lost = 0;
  uint64_t at = 0;
  for (const auto whole : Lines(text)) {
    ++at;
    const auto line = Trim(whole.ends_with('\r') ? whole.substr(0, whole.size() - 1) : whole);
    if (line.starts_with("Top ")) tally_.Lose("truncated", "only the most frequent rows were printed");
    if (line.empty() || IsFrame(line)) continue;
    if (line.starts_with("Lost ") && line.ends_with(" events")) {
      lost += ParseUnsigned(Words(line)[1]).value_or(1);
      continue;
    }
    const bool known = line.starts_with('{') ? ParseJson(line, at, maps, lost) : ParseRow(line, at, maps);
    if (!known)
      AddComplaint(complaints, at, [&] { return fmt::format("'{}'", Printable(line.substr(0, 160))); });
  }
  if (lost > 0) tally_.Lose("ring-overrun", "bpftrace lost events", lost);
  if (!text.empty() && !text.ends_with('\n')) tally_.Lose("truncated", std::string(kNoEnd), 1);
  TakeMaps(maps, complaints);
  std::ranges::stable_sort(complaints, {}, &Complaint::line);
  return complaints;
}

void BpftraceParser::End() {
  if (!any_call_) return;
  tally_.Lose("late-attach", "possible: bpftrace watches what runs already: start-up calls may be missing");
  if (!any_number_) return;
  tally_.Lose("mixed-abi", fmt::format("possible: numbers of 32-bit processes are taken for {}'s",
                                       AbiName(settings_.native)));
}

}  // namespace

bool LooksLikeBpftrace(std::string_view line) {
  Maps maps;
  return ParseRow(line, 1, maps) || line.starts_with("{\"type\": \"map\"");
}

std::unique_ptr<Parser> MakeBpftrace(Tally& tally, const Settings& settings) {
  return std::make_unique<BpftraceParser>(tally, settings);
}

}  // namespace whittle::import

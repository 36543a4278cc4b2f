#include "evidence/evidence.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace whittle::evidence {
namespace {

constexpr std::array<std::string_view, 2> kArrivals = {"workload", "arrived"};
constexpr std::array<std::string_view, 5> kFates = {"allowed", "logged", "denied", "killed", "unknown"};
constexpr std::array<std::string_view, 4> kCloneFlags = {"unknown", "ordinary", "namespaces", "only-clone3"};

template <typename Enum, size_t N>
std::optional<Enum> Parse(const std::array<std::string_view, N>& names, std::string_view text) {
  const auto name = std::ranges::find(names, text);
  if (name == names.end()) return std::nullopt;
  return static_cast<Enum>(name - names.begin());
}

}  // namespace

std::string_view ArrivalName(Arrival arrival) { return kArrivals[static_cast<size_t>(arrival)]; }
std::string_view FateName(Fate fate) { return kFates[static_cast<size_t>(fate)]; }
std::optional<Arrival> ParseArrival(std::string_view text) { return Parse<Arrival>(kArrivals, text); }
std::optional<Fate> ParseFate(std::string_view text) { return Parse<Fate>(kFates, text); }
std::string_view CloneFlagsName(CloneFlags flags) { return kCloneFlags[static_cast<size_t>(flags)]; }
std::optional<CloneFlags> ParseCloneFlags(std::string_view text) {
  return Parse<CloneFlags>(kCloneFlags, text);
}

std::strong_ordering Gap::operator<=>(const Gap& other) const {
  return std::tie(recording, kind, detail) <=> std::tie(other.recording, other.kind, other.detail);
}

void AddGap(std::set<Gap>& gaps, Gap gap) {
  const auto known = gaps.find(gap);
  if (known != gaps.end()) {
    gap.count = std::max(gap.count, known->count);
    gaps.erase(known);
  }
  gaps.insert(std::move(gap));
}

namespace {

constexpr size_t kIdBytes = 128;
constexpr size_t kNumberBytes = 16;

bool MayStandInId(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-_.:").find(c) != std::string_view::npos;
}

}  // namespace

bool IsRecordingId(std::string_view id) {
  return !id.empty() && id.size() <= kIdBytes && std::ranges::all_of(id, MayStandInId);
}

std::string RecordingIdOf(std::string_view text) {
  std::string id(text.substr(0, kIdBytes - kNumberBytes));
  for (char& c : id) {
    if (!MayStandInId(c)) c = '-';
  }
  return id.empty() ? "-" : id;
}

}  // namespace whittle::evidence

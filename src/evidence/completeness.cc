// The ideas. Leaving one unit out: had unit t been the last one, it would have brought news exactly if it
// shows a call that no other unit shows. So the share of such units is, whatever calls come together, an
// unbiased estimate of the chance of news in the last of as many exchangeable units (Good 1953; for single
// calls it is Good and Turing's own). Its variance is Esty's (1983): news, plus twice the pairs of units that
// alone share a call. Epochs that follow each other are not exchangeable: rare calls come in bursts. Then a
// burst is what happens once, so the upper end takes everything that was seen within one half of the
// recording as seen once, and the variance is multiplied by how unevenly the news lie over its tenths.
//
// Chao's bound (1987) holds for any chances of calls, but calls that come together would count as many: what
// was seen in the same units counts as one. Each unseen group holds a call at least, so the bound stays one.
//
// Time: linear in the calls and their ranges of units.
#include "evidence/completeness.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "syscalls/table.h"

namespace whittle::evidence {
namespace {

constexpr double kTwoSided = 1.96;   // of 95 %; and what Student's quantile has more, divided by the
constexpr double kStudent = 2.37;    // degrees of freedom (the first term of its expansion)
constexpr double kOneSided = 1.645;  // of 95 %
constexpr uint32_t kBursts = 2;      // a burst is at most this part of a recording
constexpr size_t kParts = 10;        // of a recording, to see how even the news are
constexpr uint32_t kStretches = 64;  // for Chao's bound a recording is cut into so many at most

using UnitPair = std::pair<uint32_t, uint32_t>;

// Units that show what no other unit shows, and pairs of units that alone share a call.
struct Rare {
  std::set<uint32_t> alone;
  std::set<UnitPair> pairs;
};

// The first three different units of a call, each `width` of the incidence's.
std::vector<uint32_t> FirstUnits(const EpochSet& seen, uint32_t width) {
  std::vector<uint32_t> units;
  for (const auto& [first, last] : seen.ranges()) {
    for (uint32_t unit = first / width; unit <= last / width && units.size() < 3; ++unit) {
      if (units.empty() || units.back() != unit) units.push_back(unit);
    }
  }
  return units;
}

Rare FindRare(const Incidence& incidence, uint32_t width) {
  Rare rare;
  for (const auto& [call, seen] : incidence.seen) {
    const auto units = FirstUnits(seen, width);
    if (units.size() == 1) rare.alone.insert(units[0]);
    if (units.size() == 2) rare.pairs.emplace(units[0], units[1]);
  }
  return rare;
}

// The first units of what was seen within `window` units only.
std::set<uint32_t> Bursts(const Incidence& incidence, uint32_t window) {
  std::set<uint32_t> firsts;
  for (const auto& [call, seen] : incidence.seen) {
    if (!seen.empty() && seen.last() - seen.first() < window) firsts.insert(seen.first());
  }
  return firsts;
}

// How much more the number of news varies from part to part than it would if they came by chance; at least 1.
double Unevenness(const std::set<uint32_t>& news, uint64_t units) {
  const size_t parts = std::min<size_t>(kParts, units / 2);
  if (parts < 2 || news.empty()) return 1;
  std::array<double, kParts> counts{};
  for (const uint32_t unit : news) counts[unit * parts / units] += 1;
  const double mean = static_cast<double>(news.size()) / static_cast<double>(parts);
  double squares = 0;
  for (size_t i = 0; i < parts; ++i) squares += (counts[i] - mean) * (counts[i] - mean);
  return std::max(1.0, squares / static_cast<double>(parts - 1) / mean);
}

// Of a spread that was estimated from so many counts.
double Quantile(double counts) { return kTwoSided + kStudent / (counts - 1); }

// The upper end is that of a score interval, which is no point where nothing was rare: with no news in T
// units it is about 4 / T to 5 / T. It runs towards 1 as a chance does, by 1 - exp(-x).
Estimate Coverage(const Incidence& incidence, const Rare& rare) {
  const bool in_time = incidence.kind == UnitKind::kEpoch;
  const auto units = static_cast<double>(incidence.units);
  const double z = Quantile(in_time ? std::min(units, static_cast<double>(kParts)) : units);
  const auto window = in_time ? static_cast<uint32_t>(incidence.units / kBursts) : 1;
  const auto bursts = Bursts(incidence, std::max(window, 1u));
  const double uneven = in_time ? Unevenness(bursts, incidence.units) : 1;
  const auto alone = static_cast<double>(rare.alone.size());
  const auto once = static_cast<double>(bursts.size());
  const double pairs = 2 * static_cast<double>(rare.pairs.size());
  const double least = uneven * z * z;
  const double above = least / 2 + z * std::sqrt(uneven * (once + pairs) + uneven * least / 4);
  const double below = z * std::sqrt(uneven * (alone + pairs));
  const double news_high = once / units + 1 - std::exp(-above / units);
  const double news_low = (alone - below) / units;
  return {1 - alone / units, 1 - std::min(news_high, 1.0), 1 - std::max(news_low, 0.0)};
}

struct Chao2 {
  double unseen = 0;
  double variance = 0;
};

// The bias-corrected form: the plain one jumps where few calls were seen twice.
Chao2 EstimateUnseen(double units, double once, double twice) {
  const double a = (units - 1) / units;
  const double pairs = twice + 1;
  const double variance = a * once * (once - 1) / (2 * pairs) +
                          a * a * once * std::pow(2 * once - 1, 2) / (4 * pairs * pairs) +
                          a * a * once * once * twice * std::pow(once - 1, 2) / (4 * std::pow(pairs, 4));
  return {a * once * (once - 1) / (2 * pairs), variance};
}

// There are only so many calls: with many seen once and none twice the estimate would exceed them.
double CallsLeft(const Incidence& incidence) {
  std::set<Abi> abis;
  for (const auto& [call, units] : incidence.seen) abis.insert(call.first);
  double known = 0;
  for (const auto name : AllSyscallNames()) {
    for (const Abi abi : abis) known += SyscallNumber(abi, name) ? 1 : 0;
  }
  return std::max(known - static_cast<double>(incidence.seen.size()), 0.0);
}

void BoundUnseen(const Incidence& incidence, Completeness& result) {
  const bool in_time = incidence.kind == UnitKind::kEpoch;
  const auto width = in_time ? static_cast<uint32_t>((incidence.units + kStretches - 1) / kStretches) : 1;
  const auto stretches = static_cast<double>((incidence.units + width - 1) / width);
  const Rare rare = FindRare(incidence, width);
  const Chao2 chao = EstimateUnseen(stretches, static_cast<double>(rare.alone.size()),
                                    static_cast<double>(rare.pairs.size()));
  if (chao.unseen <= 0) return;
  const double left = CallsLeft(incidence);
  const double spread = std::sqrt(std::log(1 + chao.variance / (chao.unseen * chao.unseen)));
  result.chao2 = std::min(chao.unseen, left);
  result.unseen_at_least = static_cast<uint64_t>(std::min(chao.unseen / std::exp(kOneSided * spread), left));
}

// The kinds to show, the one to rely on first.
std::vector<UnitKind> Preference(const std::array<Incidence, 3>& all, std::string& why) {
  const uint64_t replicas = all[1].units;
  const uint64_t runs = all[2].units;
  if (runs >= kFewUnits) {
    why = fmt::format("{} runs are enough, and each counts from its start to its end", runs);
    return {UnitKind::kRun, UnitKind::kReplica, UnitKind::kEpoch};
  }
  if (replicas >= kFewUnits) {
    why =
        fmt::format("{} replicas are enough, and {} run{} not", replicas, runs, runs == 1 ? " is" : "s are");
    return {UnitKind::kReplica, UnitKind::kRun, UnitKind::kEpoch};
  }
  why = fmt::format("{} run{} too few to count by", runs, runs == 1 ? " is" : "s are");
  return {UnitKind::kEpoch, UnitKind::kReplica, UnitKind::kRun};
}

}  // namespace

std::optional<Completeness> EstimateCompleteness(const Incidence& incidence) {
  if (incidence.units < 2 || incidence.seen.empty()) return std::nullopt;
  Completeness result;
  result.kind = incidence.kind;
  result.units = incidence.units;
  result.starts = incidence.starts;
  for (const auto& [call, units] : incidence.seen) {
    const uint64_t count = units.count();
    (count == 0 ? result.ends_only : result.calls) += 1;
    result.once += count == 1 ? 1 : 0;
    result.twice += count == 2 ? 1 : 0;
  }
  const Rare rare = FindRare(incidence, 1);
  result.news = rare.alone.size();
  result.coverage = Coverage(incidence, rare);
  BoundUnseen(incidence, result);
  result.few_units = result.units < kFewUnits;
  return result;
}

Assessment AssessCompleteness(const Evidence& evidence) {
  const auto all = IncidencesOf(evidence);
  Assessment assessment;
  assessment.calls = all[0].seen.size();
  for (const UnitKind kind : Preference(all, assessment.why)) {
    const auto& incidence = all[static_cast<size_t>(kind)];
    if (kind == UnitKind::kReplica && incidence.units == all[2].units) continue;
    if (auto estimate = EstimateCompleteness(incidence)) assessment.by_kind.push_back(std::move(*estimate));
  }
  const bool instead = assessment.known() && assessment.best().kind != UnitKind::kEpoch;
  if (instead && assessment.best().few_units) assessment.why = "fewer than two epochs show its load";
  return assessment;
}

}  // namespace whittle::evidence

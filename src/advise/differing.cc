// The idea. Fix the architecture in the diagram of differences, and cut the numbers into the runs that go on
// alike: what is left is one small diagram over the arguments for each run, and runs that do the same share
// it. Each is read once: for each pair of verdicts in it, the condition that leads there.
//
// Cost: linear in the runs, plus reading each different small diagram.
#include "advise/differing.h"

#include <algorithm>
#include <cerrno>

#include "prove/node_map.h"
#include "syscalls/table.h"

namespace whittle::advise {
namespace {

using prove::Diagrams;
using prove::Node;
using prove::Region;
using prove::SideBySide;

constexpr size_t kMostRegions = 1 << 14;
constexpr size_t kReadingBudget = 1'000'000;
constexpr uint32_t kFarNumber = 0x3ffffff0;  // no kernel will have so many, and no filter names it

bool AllAlike(const std::vector<Region>& regions) {
  return std::ranges::all_of(regions, [&](const Region& region) { return region.node == regions[0].node; });
}

// What one side answers in a place.
class Side {
 public:
  Side(const SideBySide& sides, Node side, const Place& place) : diagrams_(*sides.diagrams) {
    const Node of_arch = diagrams_.Assume(side, prove::kArchWord, place.arch);
    regions_ = prove::Clip(prove::RegionsOf(diagrams_, of_arch, prove::kNumberWord, kMostRegions), place.abi);
  }

  std::optional<filter::Verdict> Whole() const {
    if (!AllAlike(regions_)) return std::nullopt;
    return VerdictAt(regions_.front().node);
  }

  // The answer to calls that the filter does not treat apart. Numbers far above all calls get it too, unless
  // they get ENOSYS: that may be runc's stub. Then it is what most numbers below the stub get that are no
  // call's, since nobody lists these, or else the most frequent refusal there.
  std::optional<filter::Verdict> Usual(Abi abi) const {
    const Region* far = RegionAt(kFarNumber | AbiBit(abi));
    const auto verdict = far == nullptr ? std::nullopt : VerdictAt(far->node);
    if (!verdict || verdict->action != profile::Action::kErrno || verdict->data != ENOSYS) return verdict;
    std::map<uint32_t, size_t> of_calls, of_holes;
    for (const auto& region : regions_) {
      const auto said = VerdictAt(region.node);
      if (!said) continue;
      for (uint32_t number = std::max(region.from, FirstNumber(abi));
           number < far->from && number <= std::min(region.to, FirstNumber(abi) + 1023); ++number) {
        const bool is_call = SyscallName(abi, number).has_value();
        if (is_call && Permits(said->action) > 0) continue;
        ++(is_call ? of_calls : of_holes)[profile::ReturnValue(said->action, said->data)];
      }
    }
    const auto& counts = of_holes.empty() ? of_calls : of_holes;
    if (counts.empty()) return verdict;
    const auto most = std::ranges::max_element(counts, {}, [](const auto& count) { return count.second; });
    return prove::VerdictOf(most->first);
  }

 private:
  const Region* RegionAt(uint32_t number) const {
    for (const auto& region : regions_) {
      if (region.from <= number && number <= region.to) return &region;
    }
    return nullptr;
  }

  std::optional<filter::Verdict> VerdictAt(Node node) const {
    if (node <= Diagrams::kTrue || !diagrams_.IsLeaf(node)) return std::nullopt;
    return prove::VerdictOf(prove::Canonical(diagrams_.VerdictOf(node)));
  }

  const Diagrams& diagrams_;
  std::vector<Region> regions_;
};

// A condition, and the smallest call that meets it.
struct Reading {
  Condition condition;
  filter::Data example{};
};

// The smallest words for which `when` is true; it is not false.
filter::Data SmallestOf(const Diagrams& diagrams, Node when) {
  filter::Data words{};
  while (!diagrams.IsLeaf(when)) {
    const bool no = diagrams.No(when) != Diagrams::kFalse;
    if (!no) words[static_cast<size_t>(diagrams.WordOf(when))] |= 1u << diagrams.BitOf(when);
    when = no ? diagrams.No(when) : diagrams.Yes(when);
  }
  return words;
}

// Reads conditions in a store of the order that they need; that of the sides, if it has it.
class Conditions {
 public:
  explicit Conditions(const SideBySide& sides) : sides_(sides) {
    if (sides.order != prove::Order::kByWord)
      own_ = std::make_unique<Diagrams>(prove::Order::kByWord, kReadingBudget);
  }

  const Reading& Of(Node when, bool big_endian) {
    const auto [place, is_new] = known_.try_emplace({when, big_endian});
    if (is_new) place->second = Read(when, big_endian);
    return place->second;
  }

 private:
  Reading Read(Node when, bool big_endian) {
    prove::NodeMap<Node> copied;
    const Node copy = Copy(when, big_endian, copied);
    Reading reading;
    reading.condition.complete = false;
    // What cannot be copied whole, in the time that there is, has an example all the same, if not the
    // smallest.
    if (Store().exhausted()) {
      reading.example = SmallestOf(*sides_.diagrams, when);
      return reading;
    }
    reading.example = SmallestOf(Store(), copy);
    reading.condition = ConditionOf(Store(), copy);
    for (size_t word = 2; big_endian && word < reading.example.size(); word += 2)
      std::swap(reading.example[word], reading.example[word + 1]);
    return reading;
  }

  Diagrams& Store() { return own_ ? *own_ : *sides_.diagrams; }

  // In the other store, with the halves of arguments where a little-endian ABI has them.
  Node Copy(Node node, bool big_endian, prove::NodeMap<Node>& copied) {
    if ((!own_ && !big_endian) || node <= Diagrams::kTrue) return node;
    if (const Node* found = copied.Find(node)) return *found;
    const Diagrams& from = *sides_.diagrams;
    const Node no = Copy(from.No(node), big_endian, copied);
    const Node yes = Copy(from.Yes(node), big_endian, copied);
    const int word = from.WordOf(node) ^ (big_endian ? 1 : 0);
    const Node copy = Store().Choose(Store().Bit(word, from.BitOf(node)), yes, no);
    copied.Add(node, copy);
    return copy;
  }

  const SideBySide& sides_;
  std::unique_ptr<Diagrams> own_;
  std::map<std::pair<Node, bool>, Reading> known_;
};

std::vector<Node> LeavesOf(const Diagrams& diagrams, Node start) {
  std::vector<Node> leaves;
  prove::NodeSet seen;
  const auto visit = [&](const auto& self, Node node) -> void {
    if (node <= Diagrams::kTrue || !seen.Add(node)) return;  // nothing, or nothing known
    if (diagrams.IsLeaf(node)) return leaves.push_back(node);
    self(self, diagrams.No(node));
    self(self, diagrams.Yes(node));
  };
  visit(visit, start);
  return leaves;
}

class Reader {
 public:
  Reader(const SideBySide& sides, Differences& out) : sides_(sides), conditions_(sides), out_(out) {}

  void Read(const Place& place) {
    const Node of_arch = sides_.diagrams->Assume(sides_.differences, prove::kArchWord, place.arch);
    if (of_arch == Diagrams::kFalse) return;
    const auto found = prove::RegionsOf(*sides_.diagrams, of_arch, prove::kNumberWord, kMostRegions);
    if (found.back().to != UINT32_MAX) out_.listed_all = false;
    std::map<Node, std::vector<Region>> by_node;
    std::vector<Node> order;
    for (const auto& region : prove::Clip(found, place.abi)) {
      auto& regions = by_node[region.node];
      if (regions.empty()) order.push_back(region.node);
      regions.push_back(region);
    }
    Usuals(place);
    for (const Node node : order) {
      if (node != Diagrams::kFalse) Split(place, node, by_node[node], by_node.size() == 1);
    }
  }

 private:
  // What each side usually answers there.
  void Usuals(const Place& place) {
    usual_first_ = usual_second_ = std::nullopt;
    if (!place.abi) return;
    const Side first(sides_, sides_.first, place);
    const Side second(sides_, sides_.second, place);
    usual_first_ = first.Usual(*place.abi);
    usual_second_ = second.Usual(*place.abi);
    const auto whole_first = first.Whole();
    const auto whole_second = second.Whole();
    const bool same = whole_first && Same(*whole_first, whole_second);
    if ((whole_first || whole_second) && !same) out_.whole.push_back({*place.abi, whole_first, whole_second});
  }

  // One difference for each pair of verdicts.
  void Split(const Place& place, Node node, const std::vector<Region>& regions, bool every) {
    Diagrams& diagrams = *sides_.diagrams;
    for (const Node pair : LeavesOf(diagrams, node)) {
      Difference difference;
      difference.place = place;
      difference.first = prove::VerdictOf(diagrams.VerdictOf(diagrams.First(pair)));
      difference.second = prove::VerdictOf(diagrams.VerdictOf(diagrams.Second(pair)));
      const Node when = node == pair ? Diagrams::kTrue : WhereLeafIs(diagrams, node, pair);
      if (diagrams.exhausted()) {
        out_.listed_all = false;
        return;
      }
      const Reading& reading = conditions_.Of(when, place.abi && IsBigEndian(*place.abi));
      difference.condition = reading.condition;
      difference.example = reading.example;
      difference.example[prove::kNumberWord] = regions.front().from;
      difference.example[prove::kArchWord] = place.arch;
      difference.regions = regions;
      difference.every = every && node == pair;
      difference.usual =
          node == pair && Same(difference.first, usual_first_) && Same(difference.second, usual_second_);
      out_.all.push_back(std::move(difference));
    }
  }

  static bool Same(const filter::Verdict& verdict, const std::optional<filter::Verdict>& other) {
    return other && verdict.action == other->action && verdict.data == other->data;
  }

  const SideBySide& sides_;
  Conditions conditions_;
  Differences& out_;
  std::optional<filter::Verdict> usual_first_, usual_second_;
};

// Architectures that only the filters know: each of which they do something else than of all others.
std::vector<Place> NamelessPlaces(const SideBySide& sides, bool& listed_all) {
  const auto regions = prove::RegionsOf(*sides.diagrams, sides.differences, prove::kArchWord, kMostRegions);
  if (regions.back().to != UINT32_MAX) listed_all = false;
  const Node unknown = sides.OfUnknownArch(sides.differences);
  std::vector<Place> places;
  for (const auto& region : regions) {
    const bool known = region.from == region.to &&
                       std::ranges::any_of(AllAbis(), [&](Abi abi) { return AuditArch(abi) == region.from; });
    if (!known && region.node != unknown) places.push_back({std::nullopt, region.from});
  }
  if (unknown != Diagrams::kFalse) places.push_back({std::nullopt, UINT32_MAX});
  return places;
}

}  // namespace

Differences DifferencesOf(const SideBySide& sides, Abi native) {
  Differences out;
  out.abis = prove::AbisToTellApart(sides, SiblingAbis(native));
  Reader reader(sides, out);
  for (const Abi abi : out.abis) reader.Read({abi, AuditArch(abi)});
  for (const auto& place : NamelessPlaces(sides, out.listed_all)) reader.Read(place);
  return out;
}

}  // namespace whittle::advise

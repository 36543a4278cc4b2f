// The idea. Differences with the same verdicts and the same words for their condition are one group. In a
// group each call has the set of ABIs on which it is so. Calls for which these are all the ABIs of the group
// that have the call are one change; others are one change for each set of ABIs.
#include <algorithm>
#include <bitset>
#include <tuple>

#include "advise/condition_text.h"
#include "advise/differing.h"
#include "syscalls/table.h"

namespace whittle::advise {
namespace {

using AbiSet = std::bitset<kAbiCount>;
using profile::Action;
using prove::kArchWord;
using prove::kNumberWord;

constexpr uint32_t kMostNamed = 1024;  // numbers from an ABI's first on that can have a name

// A call of one difference, which can be executed to see it.
struct Instance {
  const Difference* difference = nullptr;
  uint32_t number = 0;

  filter::Data Words() const {
    filter::Data words = difference->example;
    words[kNumberWord] = number;
    return words;
  }
  // The smaller one is shown.
  auto Order() const { return std::pair(difference->place.abi, number); }
};

struct Call {
  AbiSet abis;
  Instance first;
};

struct Numbers {
  std::vector<NumberRange> ranges;
  Instance first;
};

struct Group {
  std::map<std::string_view, Call> calls;
  std::map<Abi, Numbers> numbers;  // that have no name, for Which::kNumbers
  AbiSet abis;
  AbiSet low_halves;
  AbiSet only_up_to;
  Instance first;
  bool nameless = false;  // of architectures without a name
};

// What must be the same for differences to be one group.
struct Key {
  Which which;
  uint32_t first, second;
  std::string condition;
  bool complete;
  uint32_t nameless_arch;  // 0: it has an ABI
  auto operator<=>(const Key&) const = default;
};

uint32_t ValueOf(const filter::Verdict& verdict) {
  return profile::ReturnValue(verdict.action, verdict.data);
}

AbiSet Only(Abi abi) { return AbiSet().set(static_cast<size_t>(abi)); }

std::vector<Abi> List(const AbiSet& set) {
  std::vector<Abi> abis;
  for (const Abi abi : AllAbis()) {
    if (set.test(static_cast<size_t>(abi))) abis.push_back(abi);
  }
  return abis;
}

class Grouping {
 public:
  explicit Grouping(const Differences& differences) : compared_list_(differences.abis) {
    for (const Abi abi : compared_list_) compared_ |= Only(abi);
    for (const auto& difference : differences.all) Add(difference);
  }

  std::vector<Change> Changes() const {
    std::vector<Change> changes;
    for (const auto& [key, group] : groups_) {
      if (key.which == Which::kNamed) {
        AddNamed(key, group, changes);
      } else if (key.which == Which::kNumbers) {
        AddNumbers(key, group, changes);
      } else {
        AddWhole(key, group, changes);
      }
    }
    return changes;
  }

 private:
  void Add(const Difference& difference) {
    if (!difference.place.abi) return AddNameless(difference);
    const Abi abi = *difference.place.abi;
    const bool whole = difference.every || difference.usual;
    for (const auto& region : difference.regions) {
      const uint32_t first = FirstNumber(abi);
      for (uint64_t number = std::max(region.from, first);
           number <= std::min(region.to, first + kMostNamed - 1); ++number) {
        const auto name = SyscallName(abi, static_cast<uint32_t>(number));
        if (name) AddCall(difference, abi, *name, static_cast<uint32_t>(number));
      }
      if (!whole) AddUnnamed(difference, abi, region);
    }
    if (whole) {
      Group& group = GroupFor(difference, difference.every ? Which::kEvery : Which::kUnlisted, "", abi);
      if (!ReachesTheEnd(difference.regions, abi)) group.only_up_to |= Only(abi);
    }
  }

  Group& GroupFor(const Difference& difference, Which which, std::string_view call, std::optional<Abi> abi) {
    const auto words = WordsOf(difference.condition, abi.value_or(Abi::kX86_64), call);
    Key key{which,      ValueOf(difference.first),     ValueOf(difference.second),
            words.text, difference.condition.complete, abi ? 0 : difference.place.arch};
    const auto [place, is_new] = groups_.try_emplace(std::move(key));
    Group& group = place->second;
    if (is_new) group.first = {&difference, difference.regions.front().from};
    if (abi) {
      group.abis |= Only(*abi);
      if (words.low_halves) group.low_halves |= Only(*abi);
    }
    return group;
  }

  static bool ReachesTheEnd(const std::vector<prove::Region>& regions, Abi abi) {
    const uint32_t last = abi == Abi::kX32 ? 2 * kX32Bit - 1 : kX32Bit - 1;
    return std::ranges::any_of(
        regions, [&](const prove::Region& region) { return region.from <= last && last <= region.to; });
  }

  void AddCall(const Difference& difference, Abi abi, std::string_view name, uint32_t number) {
    const Which which = difference.every   ? Which::kEvery
                        : difference.usual ? Which::kUnlisted
                                           : Which::kNamed;
    Group& group = GroupFor(difference, which, which == Which::kNamed ? name : "", abi);
    const auto [call, is_new] = group.calls.try_emplace(name);
    if (is_new) call->second.first = {&difference, number};
    call->second.abis |= Only(abi);
  }

  // The numbers of a region that are no call's.
  void AddUnnamed(const Difference& difference, Abi abi, const prove::Region& region) {
    uint32_t from = region.from;
    bool open = false;
    const auto close = [&](uint32_t to) {
      if (open) NoteNumbers(difference, abi, {from, to});
      open = false;
    };
    const uint32_t last_named = std::min<uint64_t>(region.to, FirstNumber(abi) + uint64_t{kMostNamed} - 1);
    uint64_t number = region.from;
    for (; number <= last_named; ++number) {
      if (SyscallName(abi, static_cast<uint32_t>(number))) {
        close(static_cast<uint32_t>(number) - 1);
      } else if (!open) {
        open = true;
        from = static_cast<uint32_t>(number);
      }
    }
    if (number <= region.to && !open) {
      open = true;
      from = static_cast<uint32_t>(number);
    }
    close(region.to);
  }

  void NoteNumbers(const Difference& difference, Abi abi, NumberRange range) {
    Group& group = GroupFor(difference, Which::kNumbers, "", abi);
    const auto [numbers, is_new] = group.numbers.try_emplace(abi);
    if (is_new) numbers->second.first = {&difference, range.from};
    range = {range.from & ~AbiBit(abi), range.to & ~AbiBit(abi)};
    auto& ranges = numbers->second.ranges;
    if (!ranges.empty() && ranges.back().to + 1 == range.from) {
      ranges.back().to = range.to;
    } else {
      ranges.push_back(range);
    }
  }

  void AddNameless(const Difference& difference) {
    Group& group = GroupFor(difference, difference.every ? Which::kEvery : Which::kNumbers, "", std::nullopt);
    group.nameless = true;
    if (difference.every) return;
    Numbers& numbers = group.numbers[Abi::kX86_64];
    numbers.first = group.first;
    for (const auto& region : difference.regions) numbers.ranges.push_back({region.from, region.to});
  }

  static Change Begin(const Key& key, const Instance& example) {
    Change change;
    change.which = key.which;
    change.first = prove::VerdictOf(key.first);
    change.second = prove::VerdictOf(key.second);
    change.change = prove::ChangeBetween(change.first, change.second);
    change.permission = Permits(change.first.action) != Permits(change.second.action);
    change.condition = key.condition;
    change.complete = key.complete;
    change.example = example.Words();
    return change;
  }

  struct Bucket {
    std::vector<std::string> calls;
    bool everywhere = true;
    Instance first;
  };

  AbiSet Having(std::string_view name) const {
    AbiSet having;
    for (const Abi abi : compared_list_) {
      if (SyscallNumber(abi, name)) having |= Only(abi);
    }
    return having;
  }

  // Calls by the ABIs on which it is so. Those that are so wherever the group is and they exist are one.
  void AddNamed(const Key& key, const Group& group, std::vector<Change>& changes) const {
    std::map<unsigned long, Bucket> by_abis;
    for (const auto& [name, call] : group.calls) {
      const AbiSet having = Having(name);
      const AbiSet abis = call.abis == (having & group.abis) ? group.abis : call.abis;
      const auto [at, is_new] = by_abis.try_emplace(abis.to_ulong());
      Bucket& bucket = at->second;
      if (is_new || call.first.Order() < bucket.first.Order()) bucket.first = call.first;
      bucket.calls.emplace_back(name);
      bucket.everywhere = bucket.everywhere && call.abis == having;
    }
    for (auto& [abis, bucket] : by_abis) {
      Change change = Begin(key, bucket.first);
      change.calls = std::move(bucket.calls);
      change.abis = List(AbiSet(abis));
      change.everywhere = bucket.everywhere;
      change.low_halves = List(AbiSet(abis) & group.low_halves);
      changes.push_back(std::move(change));
    }
  }

  // ABIs in which the same numbers change are one.
  void AddNumbers(const Key& key, const Group& group, std::vector<Change>& changes) const {
    std::map<std::vector<NumberRange>, AbiSet> by_numbers;
    for (const auto& [abi, numbers] : group.numbers) by_numbers[numbers.ranges] |= Only(abi);
    for (const auto& [ranges, abis] : by_numbers) {
      const Abi abi = List(abis).front();
      Change change = Begin(key, group.numbers.at(abi).first);
      change.numbers = ranges;
      if (!group.nameless) {
        change.abis = List(abis);
        change.everywhere = abis == compared_;
        change.low_halves = List(abis & group.low_halves);
      }
      changes.push_back(std::move(change));
    }
  }

  void AddWhole(const Key& key, const Group& group, std::vector<Change>& changes) const {
    Change change = Begin(key, group.first);
    for (const auto& [name, call] : group.calls) change.calls.emplace_back(name);
    change.abis = List(group.abis);
    change.everywhere = group.abis == compared_;
    change.only_up_to = List(group.only_up_to);
    changes.push_back(std::move(change));
  }

  const std::vector<Abi>& compared_list_;
  AbiSet compared_;
  std::map<Key, Group> groups_;
};

}  // namespace

std::vector<Change> ChangesOf(const Differences& differences) {
  auto changes = Grouping(differences).Changes();
  std::ranges::stable_sort(changes, {}, [](const Change& change) {
    return std::tuple(change.change, !change.permission, change.which, change.abis.empty(),
                      change.calls.size() > 40, change.example[kNumberWord] & ~kX32Bit, change.abis);
  });
  return changes;
}

}  // namespace whittle::advise

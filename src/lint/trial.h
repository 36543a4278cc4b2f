// What a document comes to without one name of one entry. libseccomp leaves out rules, and orders the others,
// by all that it got: an entry that decides nothing may yet keep others out, or behind. Not thread safe.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "lint/covers.h"
#include "lint/subject.h"

namespace whittle::lint {

// What became of the rules of the document among those of a call.
class RulesAt {
 public:
  RulesAt(const filter::Meaning& meaning, size_t& looks_left);  // keeps pointers into the meaning

  // Some of what a call got of the rule has an effect.
  bool Alive(const std::vector<filter::FlatRule>& rules, int rule) const {
    return alive_.contains({&rules, rule});
  }
  // What makes all that it got superfluous; null if it got nothing.
  const Cover* CoverOf(const std::vector<filter::FlatRule>& rules, int rule) const;

 private:
  using Key = std::pair<const std::vector<filter::FlatRule>*, int>;

  void AddCover(const Key& key, const Cover& cover);

  std::set<Key> alive_;
  std::map<Key, Cover> covered_;
};

// What entries have of calls that share rules: what is multiplexed, and what it is reached through.
struct Family {
  std::vector<profile::Rule> rules;  // with names of the family only, each once, and without comments
  std::vector<size_t> entries;       // whose they are, ascending
  size_t price = 0;                  // of working out what they mean, in looks
};

// The document in such parts, each made when it is asked for.
class Families {
 public:
  explicit Families(const Subject& subject);  // must outlive it

  // Null if there are not enough looks to make it. The name is one of the document's that is known.
  Family* Of(std::string_view name, size_t& looks_left);
  filter::Meaning MeaningOf(Family& family, const profile::Target& target);

 private:
  struct Named {
    std::vector<std::string_view> names;
    std::optional<Family> made;
  };
  struct Listed {
    size_t entry, index;  // where the name stands
    std::string_view name;
    auto operator<=>(const Listed&) const = default;
  };

  bool Make(Named& named, size_t& looks_left);
  bool AddTo(Family& family, const Listed& listed) const;
  void ReadFrame();

  const Subject& subject_;
  std::optional<profile::Document> frame_;  // all but the entries, once it was read
  size_t price_of_frame_ = 0;
  std::map<std::string_view, Named> families_;
};

// Tries it, at one place.
class Trial {
 public:
  Trial(Families& families, const Place& place, size_t& looks_left)
      : families_(families), place_(place), looks_left_(looks_left) {}

  // Surely; false if there are not enough looks to tell.
  bool ChangesNothing(size_t entry, std::string_view name);

 private:
  struct Whole {
    Whole(filter::Meaning of, size_t& looks_left) : meaning(std::move(of)), rules_at(meaning, looks_left) {}
    Whole(const Whole&) = delete;
    Whole& operator=(const Whole&) = delete;
    const filter::Meaning meaning;
    const RulesAt rules_at;
  };

  const Whole* WholeOf(Family& family);
  filter::Meaning MeaningWithout(Family& family, size_t index, std::string_view name);

  Families& families_;
  const Place& place_;
  size_t& looks_left_;
  std::map<const Family*, Whole> wholes_;
};

}  // namespace whittle::lint

// What becomes of each entry for each of its names: rules for one call get in each other's way. Who wins is
// read off the compiled meaning. Pure; thread safe once it is made.
#pragma once

#include <cstddef>
#include <map>
#include <string_view>
#include <vector>

#include "lint/subject.h"

namespace whittle::lint {

// What became of a rule for one of its names, over all places.
struct Fate {
  bool alive = false;      // decides about some call somewhere
  bool lost = false;       // is left out somewhere because another one wins
  int winner = -1;         // that one
  bool whatever = false;   // which asks nothing
  bool wider = false;      // or less than this one
  bool same = true;        // the winner does the same, and asks for as much
  bool redundant = false;  // is dropped since it does what the default does ...
  bool overruled = false;  // ... and another one, without conditions, then decides: `winner`

  bool Shadowed() const { return !alive && (overruled || (lost && !same)); }
  bool Repeats() const { return !alive && !overruled && lost && same; }
  bool Redundant() const { return !alive && !overruled && !lost && redundant; }
};

class Fates {
 public:
  // Where not enough looks are left all that is not known counts as needed.
  Fates(const Subject& subject, size_t& looks_left);  // the subject must outlive it

  // By the entry's names, each once.
  const std::map<std::string_view, Fate>& of(size_t rule) const { return fates_[rule]; }

 private:
  std::vector<std::map<std::string_view, Fate>> fates_;
};

}  // namespace whittle::lint

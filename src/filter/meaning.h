// What a document means for a target: the answer to every call, before any instruction exists. The compiler
// lowers this; Decide() is its plain reading, and a random test holds the two against each other. Pure;
// thread safe (values). Steps: loader.h, runtime.h, library.h.
#pragma once

#include <vector>

#include "filter/compile.h"
#include "filter/library.h"
#include "filter/runtime.h"

namespace whittle::filter {

struct Decision {
  profile::Action action = profile::Action::kKillProcess;
  uint16_t data = 0;
  int rule = -1;
  Quirk quirk = Quirk::kNone;
};
// What a filter returns for it.
inline uint32_t ReturnOf(const Decision& decision) {
  return profile::ReturnValue(decision.action, decision.data);
}

struct Meaning {
  Compiled::State state = Compiled::State::kFiltered;
  std::string why;    // of a state that is not kFiltered
  std::string where;  // the place in the document that it is about
  std::vector<AbiRules> abis;
  std::map<Abi, uint32_t> stub_above;
  bool stub_at_zero = false;
  Decision stub;         // the answer above
  Decision otherwise;    // the default action
  Decision foreign_abi;  // for ABIs that are not in `abis`
  std::vector<Note> notes;
  std::string oversized;  // why no filter can hold it all, and it does not say all of it; else empty
};

Meaning MeaningOf(const profile::Document& document, const profile::Target& target);

// The members that the loader ignores, each once.
std::vector<std::string> IgnoredMembers(const Meaning& meaning);

// What decides about a number of an ABI: a decision that no argument changes, or rules to be asked in order.
struct Resolution {
  Decision decision;                             // if `rules` is null; else for calls that no rule matches
  const std::vector<FlatRule>* rules = nullptr;  // lives as long as the meaning
  bool narrow = false;                           // the rules see the low 32 bits of arguments only
};
// `meaning.state` must be kFiltered. x86_64 and x32 are told apart by bit 30 of the number, whatever `abi`
// says.
Resolution Resolve(const Meaning& meaning, Abi abi, uint32_t number);

// The answer to one call; `meaning.state` must be kFiltered.
Decision Decide(const Meaning& meaning, const Call& call);

}  // namespace whittle::filter

// A profile call by call, for formats that list calls. Pure; thread safe.
#pragma once

#include <string>
#include <vector>

#include "export/export.h"
#include "filter/meaning.h"

namespace whittle::exporting {

struct ListedCall {
  std::string name;
  uint32_t number = 0;
  std::vector<filter::FlatRule> rules;  // asked in this order; none: `answers` has one
  filter::Decision otherwise;           // what no rule decides
  // All that are possible, each once; by arguments if several. Rules that match no call, whatever they look
  // like, add none.
  std::vector<filter::Decision> answers;
  int rule = -1;  // of the document that speaks of the call
};

// What the target makes of the profile, but for runc's ENOSYS for calls that are newer than the profile:
// formats that list calls are read by others than runc, and calls to come are not theirs to list.
filter::Meaning WithoutStub(const Source& source);

// Every call of an ABI that has a name, by name.
Result<std::vector<ListedCall>> CallsOf(const Source& source, const filter::Meaning& meaning, Abi abi);

// True if some of the answers, or all, let the call pass (ALLOW, LOG).
bool SomePass(const ListedCall& call);
bool AllPass(const ListedCall& call);

}  // namespace whittle::exporting

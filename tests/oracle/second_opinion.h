// The real libseccomp's opinion of a document: the filter that it makes of the rules that a runtime would
// give it. In a child with a deadline, since some documents keep it busy without end. Not thread safe (fork).
#pragma once

#include <map>

#include "filter/program.h"
#include "profile/document.h"
#include "profile/target.h"

namespace whittle::oracle {

struct Opinion {
  enum class Kind { kTaken, kRefused, kNoAnswer };  // kNoAnswer: the deadline passed, or the child died
  Kind kind = Kind::kNoAnswer;
  filter::Program program;             // kTaken
  std::map<Abi, uint32_t> last_known;  // the largest number that the library has for a name of the document

  filter::Verdict Ask(const filter::Call& call) const { return filter::Evaluate(program, call); }
};

// What the installed library makes of it for the native architecture of the target, whatever this machine is.
// Names, conditions and redundant rules are treated as runc treats them, which asks from 1.2 on for a binary
// tree; its stub is not there. The document lists architectures that the library knows.
Opinion AskLibseccomp(const profile::Document& document, const profile::Target& target);

}  // namespace whittle::oracle

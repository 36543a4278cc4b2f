// Which published flaws of the kernel a filter closes, as far as they are in our table (data/cves.csv). Pure;
// thread safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "advise/surface.h"
#include "base/result.h"
#include "optimize/judge.h"
#include "syscalls/facts.h"

namespace whittle::advise {

// From the best to the worst.
enum class Closed {
  kClosed,      // the call is refused on every ABI, or the machine has none of that name
  kByArgument,  // it passes for some arguments, not for those that the flaw needs
  kDepends,     // it passes for some arguments, and which the flaw needs is not known, or they pass in part;
                // or it does not, and io_uring does its work
  kOpen,        // it passes, at least with what the flaw needs
};
std::string_view ClosedName(Closed closed);  // "closed", "closed-by-argument", "depends", "open"

struct Way {
  CvePair pair;
  Closed closed = Closed::kOpen;
  bool by_ring = false;  // it is no better closed than that because io_uring does the work of the call
};

// A flaw is as open as the most open call that is named for it: that all of them must be closed is the
// cautious reading, since the table does not say whether a flaw needs them all.
struct Flaw {
  std::string_view cve;
  Closed closed = Closed::kClosed;
  bool published = false;  // a source names the call that this rests on
  std::vector<Way> ways;
};

// All of the table, by CVE.
Result<std::vector<Flaw>> FlawsUnder(const optimize::Judge& judge, const Surface& surface);

// Whether a condition on its arguments can close the way, in words: "yes: ...", "no: ...", "not known: ...".
std::string ArgumentRuleText(Abi abi, const CvePair& pair);

}  // namespace whittle::advise

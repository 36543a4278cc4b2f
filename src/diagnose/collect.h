// The facts of a container of this host: what its engine, /proc, the kernel's log and kept refusals tell.
// Starts, stops and changes nothing. Not thread safe: it reads files and asks engines.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advise/allow.h"
#include "base/result.h"
#include "container/engines.h"
#include "diagnose/facts.h"
#include "diagnose/kept.h"

namespace whittle::diagnose {

struct Question {
  std::string container;          // name, id or prefix of one; empty: only a message or a profile
  std::string profile;            // a file to judge in place of what the engine keeps; empty: none
  std::string message;            // what the engine said, where the user has it; empty: what it keeps
  std::vector<std::string> from;  // files of refusals
  std::string kept_folder = kept::kFolder;
};

// Errors: kBadInput if no engine and no kept file knows the container, or a file is malformed; kNotPossible
// if no engine answers and nothing else tells of it.
Result<Facts> CollectFacts(const Question& question, const container::Engines& engines);

// The same without a container: `target` is what loads the profile.
Result<Facts> FactsOfProfile(const Question& question, const profile::Target& target);

// The profile that is in force in a container, and what it is loaded by; nothing if the engines do not tell,
// or no filter is.
std::optional<advise::InForce> ProfileInForce(const std::string& container,
                                              const container::Engines& engines);

// Reads a profile as the user or engine has it into `facts`: the document, or why there is none.
void TakeProfileText(const std::string& text, const std::string& file, ProfileFacts& facts);

// The part of the kernel's log that concerns the container: seccomp's records that are likely its, and
// whether it was killed for want of memory. Pure. `now_ms` bounds the life of one that still runs.
void TakeKernelLog(const std::vector<std::string>& lines, int64_t now_ms, Facts& facts);

}  // namespace whittle::diagnose

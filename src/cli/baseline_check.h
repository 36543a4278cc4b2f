// `whittle baseline --check`: the runtime of this host against the one that a profile was made for.
#pragma once

#include <string>

#include "base/result.h"

namespace whittle::cli {

struct BaselineCheck {
  std::string profile;   // a file; empty: only the runtimes are compared
  std::string made_for;  // "runc-1.1.5"; empty: what the profile says
  std::string measured;  // a table of the host's runtime; empty: what is known
  std::string engine;    // which engine's runtime; empty: the first one that answers
  std::string runtime;   // a name that the engine knows, or "runc:1.3.3", which asks nobody
  bool json = false;
};

// kYes if no container breaks as far as was measured, else kNo.
Result<int> CheckBaseline(const BaselineCheck& check);

}  // namespace whittle::cli

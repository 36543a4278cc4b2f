// The command lines of the engines' own clients. Thread safe.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "container/container.h"

namespace whittle::container {

struct ClientCall {
  const EngineInfo& engine;
  std::string runtime;  // a name of the engine's list; empty: its default
};

// The words up to and including `run`: the client's path, the address of the engine that was asked (so that
// client and library never speak to different ones), the runtime. Of several docker clients in PATH the first
// is taken that the daemon understands. Errors: kNotPossible if there is no client, and for
// containerd, whose `ctr run` takes other words.
Result<std::vector<std::string>> ClientRunWords(const ClientCall& call);

// The same for other verbs: the client's path and address, nothing else.
Result<std::vector<std::string>> ClientWords(const EngineInfo& engine);

}  // namespace whittle::container

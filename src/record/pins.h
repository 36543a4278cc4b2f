// Where the maps of a recorder are pinned, so that they outlive it if it is killed: a file system of our own
// (every mount of bpffs is another one, and pins go with it), which stays mounted. Needs root; thread safe.
//
//   /run/whittle/bpf/FILE/RECORDING/MAP
//
// FILE stands for the file that the recording ends in: who records into it next finds what a killed one left.
// Pins of maps only, never of programs: those end with the recorder, so that nothing goes on that nobody
// reads.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace whittle::record {

// The folder for recordings into `file` (which need not exist yet), made and mounted if it is not there.
// Errors: kNotPossible.
Result<std::string> PinFolder(const std::string& file);

// Where this process' recorder pins its maps, in such a folder; yet to be made.
std::string NewPins(const std::string& folder);

// The folders of the recorders that left something there.
std::vector<std::string> PinsIn(const std::string& folder);

// What recorders that do not run any more left, into whatever file they recorded. Empty for who may not look.
struct LeftPins {
  std::string path;
  pid_t pid = 0;
  int64_t started_ms = 0;  // wall clock
};
std::vector<LeftPins> LeftByKilled();

// Removes a recorder's pins with their folder, and the folder above if that is empty now. What nobody else
// holds is freed.
void RemovePins(const std::string& pins);

}  // namespace whittle::record

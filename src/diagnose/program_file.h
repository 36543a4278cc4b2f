// The file of a container's program, found in the folders that its root file system is made of, whether it
// runs or not. Needs the right to read the engine's store. Thread safe.
#pragma once

#include <optional>
#include <string>

#include "container/container.h"
#include "syscalls/abi.h"

namespace whittle::diagnose {

struct ProgramFile {
  enum class State {
    kUnknown,   // the store tells no folders, or they cannot be read
    kMissing,   // not there; without a path: in none of the usual folders of PATH
    kUnusable,  // a folder, or nobody may execute it
    kThere,
  } state = State::kUnknown;
  std::string path;        // as the container sees it, symbolic links followed; empty if it is not known
  std::optional<Abi> abi;  // of an ELF file; nothing for scripts and others
  // Of an ELF file: whether it is linked dynamically, so that the loader maps libraries first.
  std::optional<bool> dynamic;
};

ProgramFile FindProgramFile(const container::ContainerInfo& info);

// The ABI that the first bytes of an ELF file tell; nothing if it is none, or of a machine not known here.
std::optional<Abi> AbiOfElf(std::string_view head);
// Whether an ELF file names a loader (PT_INTERP); nothing if it is none of 64 bits and little endian, or its
// program headers are not among these first bytes.
std::optional<bool> IsDynamicElf(std::string_view head);

}  // namespace whittle::diagnose

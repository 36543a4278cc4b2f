#include "import/registers.h"

#include "syscalls/table.h"

namespace whittle::import {

bool KeepsRegisters(Abi abi, uint32_t number) {
  return evidence::KeepsArguments(abi, number) || SyscallName(abi, number) == "clone";
}

void TakeRegisters(std::span<const uint64_t> registers, evidence::CallKey& call,
                   evidence::Arguments& arguments) {
  if (SyscallName(call.abi, call.number) != "clone") {
    arguments = evidence::Arguments::OfRegisters(call.abi, call.number, registers);
    return;
  }
  const size_t flags = evidence::CloneFlagsArgument(call.abi);
  if (flags < registers.size()) call.clone_flags = evidence::CloneFlagsOf(registers[flags]);
}

}  // namespace whittle::import

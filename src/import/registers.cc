#include "import/registers.h"

#include <array>
#include <optional>

#include "syscalls/table.h"

namespace whittle::import {

namespace {

bool IsClone(Abi abi, uint32_t number) {
  static const auto numbers = [] {
    std::array<std::optional<uint32_t>, kAbiCount> made;
    for (size_t i = 0; i < kAbiCount; ++i) made[i] = SyscallNumber(static_cast<Abi>(i), "clone");
    return made;
  }();
  return numbers[static_cast<size_t>(abi)] == number;
}

}  // namespace

bool KeepsRegisters(Abi abi, uint32_t number) {
  return evidence::KeepsArguments(abi, number) || IsClone(abi, number);
}

void TakeRegisters(std::span<const uint64_t> registers, evidence::CallKey& call,
                   evidence::Arguments& arguments) {
  if (!IsClone(call.abi, call.number)) {
    arguments = evidence::Arguments::OfRegisters(call.abi, call.number, registers);
    return;
  }
  const size_t flags = evidence::CloneFlagsArgument(call.abi);
  if (flags < registers.size()) call.clone_flags = evidence::CloneFlagsOf(registers[flags]);
}

}  // namespace whittle::import

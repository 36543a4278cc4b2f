// What libseccomp's rules for socketcall and ipc ask. It makes one of every rule for a socket or IPC call,
// the companion: argument 0 becomes the selector, and the other conditions stay as they are, though what they
// ask now is a register of socketcall or ipc, which mostly holds something else. Pure; thread safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "lint/subject.h"

namespace whittle::lint {

// Refers to the meaning that it was found in.
struct Companion {
  const filter::FlatRule* flat = nullptr;
  Abi abi = Abi::kI386;
  uint32_t number = 0;
  std::string_view through;  // "socketcall", "ipc"
  std::string_view call;     // that the selector stands for
};

// Arguments from 1 on that the companion asks another register for.
std::vector<uint32_t> Misplaced(const Companion& companion);
// A program can reach what it lets pass: its registers can be as it asks.
bool CanBeMet(const Place& place, const Companion& companion);
// A program can make the call that it refuses, by other values of misplaced registers.
bool CanBeAvoided(const Place& place, const Companion& companion);
// Some misplaced register may have a value that it does not ask for, whatever else the filter says.
bool LeavesSomething(const Companion& companion);

}  // namespace whittle::lint

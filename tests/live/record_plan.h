// Random plans for record_calls, with the truth about them: which calls the program will make.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "syscalls/abi.h"

namespace whittle::record {

using CallSet = std::set<std::pair<Abi, uint32_t>>;

struct Plan {
  std::vector<std::string> words;  // arguments of record_calls
  CallSet first;                   // of the program itself
  CallSet second;                  // of the copy that it executes; empty if it executes none
};

// A plan of about `size` named calls from main, threads, children, daemons and children in namespaces of
// their own; with a `copy`, some children execute that, and it ends in executing it.
Plan RandomPlan(std::mt19937& random, int size, const std::string& copy);

// Calls that one may make with -1 as every argument without harm: they fail, or change nothing that matters.
bool IsHarmless(Abi abi, uint32_t number);

// A random call of that kind, now and then with a number that no call has.
std::pair<Abi, uint32_t> RandomCall(std::mt19937& random);
// "n:39", "i:20", "x:39".
std::string CallWord(const std::pair<Abi, uint32_t>& call);

}  // namespace whittle::record

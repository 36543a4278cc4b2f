// What is known about a call besides its number: what it is about, what it is worth to an attacker, in which
// published flaws it is a step, what else does its job, who does without it. Pure; thread safe. Sources:
// data/groups.csv, data/risk.csv, data/cves.csv, data/equivalents.csv, data/detours.csv,
// data/does_without.csv.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "syscalls/abi.h"

namespace whittle {

// True if `abi` is among `abis` as tables of facts name them: "all", "32", "64", or names with blanks
// between.
bool AbisInclude(std::string_view abis, Abi abi);

// The groups, in the order in which profiles list them: "files", "network", ...
std::span<const std::string_view> SyscallGroups();
// The call's group; "administration" for a name that is not known.
std::string_view SyscallGroup(std::string_view name);

struct Risk {
  int level = 0;            // 3: a usual way out; 2: helps an attack; 1: widens the surface
  std::string_view reason;  // "reads other processes' memory"
};
std::optional<Risk> SyscallRisk(std::string_view name);

// A call that is a step of a published way to a flaw; not necessarily enough for it.
struct CvePair {
  std::string_view cve;
  std::string_view call;
  bool published = false;  // the source names the call; else it was concluded from the description
  std::string_view source;
  // What the flaw needs of the call's arguments: kNeedsNamespaces, kNeedsMemory, or the family of a socket;
  // empty: not known.
  std::string_view argument;
};
inline constexpr std::string_view kNeedsNamespaces = "namespaces";  // flags that make one
inline constexpr std::string_view kNeedsMemory = "memory";          // what lies where no filter looks
std::span<const CvePair> CvePairs();
std::vector<CvePair> CvePairsOf(std::string_view call);

// What libraries use in the place of `call` (empty: any program may): a portable profile that allows `call`
// allows `also`, too.
struct Equivalent {
  std::string_view call, also;
  std::string_view abis;   // that have use for it: "all", "32", "64", or names with blanks between
  bool same_power = true;  // else it can do more than the call, and no profile allows it for that
  std::string_view reason;
};
std::span<const Equivalent> Equivalents();

// Another call for the job of `call`.
struct Alternative {
  std::string_view call, also;
  bool back = true;  // `call` does the job of `also`, too
  std::string_view reason;
};
// What reaches the same end, though no library takes it for the other: for warnings.
std::span<const Alternative> Detours();
// By it the kernel does the work of calls that are not made, so that no filter sees their arguments.
inline constexpr std::string_view kRing = "io_uring_setup";
bool RingDoes(std::string_view call);

// A call that a program was measured to do without: with this answer to it and everything else let pass, its
// load gave the same answers.
struct Dispensable {
  std::string_view call;
  std::string_view program;  // the name of the executable's file
  Abi abi = Abi::kX86_64;
  std::string_view answer;                // "EPERM", "ENOSYS"
  uint32_t error = 0;                     // the same as a number
  std::vector<std::string_view> instead;  // what it calls then
  std::vector<std::string_view> moot;     // what it calls no more then
  std::string_view measured;              // "nodejs 20.20.2"
};
std::span<const Dispensable> Dispensables();
// Null if that was not measured. `executable`: a path.
const Dispensable* DispensableFor(std::string_view call, std::string_view executable, Abi abi,
                                  uint32_t error);

}  // namespace whittle

// Evidence to profile: an ordered list of passes, one file each under passes/. Every call of the result has a
// reason, and every reason stands in a comment of the profile. Pure; thread safe. The passes and their why:
// docs/generate.md.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "evidence/evidence.h"
#include "optimize/baseline.h"
#include "profile/document.h"
#include "profile/target.h"

namespace whittle::optimize {

enum class Level {
  kStrict,    // what was seen, and what it takes to run at all
  kPortable,  // also what another libc, kernel or architecture uses for the same job
};

// What happens to a call that is not allowed.
enum class Deny {
  kErrno,  // it fails with EPERM (with ENOSYS where programs have a fallback)
  kLog,    // it succeeds and is logged: for trying a profile, not for protection
  kKill,   // the process is killed
};

// Conditions on the arguments of calls.
enum class Arguments {
  kOff,   // none
  kSafe,  // only such as hold for every program that does not ask for more: the flags of clone
  kAll,   // and the values that were seen, of calls of which the evidence tells them
};

// What becomes of calls that were refused when they were recorded, and never let pass.
enum class Refusals { kKeep, kAllow };

Result<Level> ParseLevel(std::string_view text);          // kUsage
Result<Deny> ParseDeny(std::string_view text);            // kUsage
Result<Arguments> ParseArguments(std::string_view text);  // kUsage

struct Options {
  Level level = Level::kStrict;
  Deny deny = Deny::kErrno;
  profile::Target target;
  Arguments arguments = Arguments::kSafe;
  // What a filter refused when it was recorded is allowed, too: the user's word, not the default.
  Refusals refusals = Refusals::kKeep;
  std::optional<Baseline> baseline = std::nullopt;  // of the runtime; nothing: what is known for the target
};

// Why a call is allowed. Where several hold, the first is given.
enum class Origin {
  kWorkload,    // it was seen
  kEssential,   // a recording can miss it: by chance, or because nobody sees it
  kRuntime,     // the runtime itself needs it at a start
  kEquivalent,  // another way to do what an allowed call does
};

struct Grant {
  Origin origin = Origin::kWorkload;
  std::set<std::string> users;  // kWorkload: the executables that were seen to make it
  std::string because;          // else: a sentence
  std::string instead_of;       // kEquivalent: the call that it stands for
};

// A call that the workload was not seen to make, and that others use for the same job.
struct Suggestion {
  enum class Standing {
    kPortable,  // not allowed here; the portable level does
    kNever,     // no level allows it for that: it can do more
    kAllowed,   // allowed already, for another reason
  };
  std::string call;  // that is allowed; empty: for any program
  std::string also;
  std::string because;
  Standing standing = Standing::kPortable;
};

// A call that the evidence shows and that no profile can allow on the target.
struct Unnameable {
  Abi abi = Abi::kX86_64;
  uint32_t number = 0;
  std::string why;
  auto operator<=>(const Unnameable&) const = default;
};

struct Generated {
  profile::Document document;
  std::map<std::string, Grant> grants;  // by name of the call
  // Calls that are allowed with these arguments only; Arguments::kAll.
  std::map<std::string, evidence::Arguments> narrowed;
  bool clone_narrowed = false;   // clone is allowed only without flags that make namespaces
  bool clone3_replaced = false;  // clone3 was seen and is answered ENOSYS, so that libcs take clone
  // Evidence of several machines only: by the native ABI of each, what it was not seen to make there, and is
  // open since another machine's programs need it.
  std::map<Abi, std::set<std::string>> opened_elsewhere;
  std::vector<Suggestion> suggestions;
  std::set<std::string> answered_enosys;                     // not allowed; the answer is ENOSYS
  std::set<std::pair<Abi, uint32_t>> refused_when_recorded;  // and never let pass: not allowed here
  std::set<Unnameable> unnameable;
  std::vector<std::string> warnings;       // one line each
  std::vector<std::string> not_exercised;  // phases of its life, and how it is brought through each
  uint64_t verified = 0;                   // observations that the self-check ran through the filter

  uint64_t Count(Origin origin) const;
};

// The native ABI of the machines that serve an ABI: i386 -> x86_64.
Abi MachineOf(Abi abi);
// Those on which the workload was seen, as their native ABIs.
std::set<Abi> MachinesOf(const evidence::Evidence& evidence);
// What was seen on such machines only. Errors: kBadInput if the workload was seen on others only.
Result<evidence::Evidence> OfMachine(evidence::Evidence evidence, Abi native);
// A doubt about evidence of other machines only, of which nothing follows for this one; else empty.
std::string OtherMachineText(const evidence::Evidence& evidence, Abi native);

// Errors: kBadInput if the evidence holds no workload; kNotPossible if the target would install no filter
// from any document; kInternal if the result does not let the evidence pass (a bug of ours).
Result<Generated> Generate(const evidence::Evidence& evidence, const Options& options);

}  // namespace whittle::optimize

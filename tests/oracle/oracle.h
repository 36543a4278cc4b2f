// What a seccomp document means for a target, worked out slowly and obviously: the judge of the compiler.
//
// Written from the specifications (OCI runtime-spec, linux/seccomp.h, libseccomp(3)), from what moby,
// containers/common, runc, crun and libseccomp do, and from docs/targets.md; not from src/filter, with which
// it shares no code but the types of a parsed document and of a call. Where the two differ, one of them is
// wrong. Four steps, one file each:
//   loader.cc      docker, podman or a plain OCI reader makes a runtime configuration of the document
//   runtime.cc     runc, crun or Whittle itself asks for rules
//   library.cc     libseccomp keeps the rules of one ABI
//   oracle.cc      a call is answered
// Pure but for names.cc, which reads data/*.csv once; thread safe after that.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "filter/program.h"
#include "habit.h"
#include "profile/document.h"
#include "profile/target.h"

namespace whittle::oracle {

enum class State { kFiltered, kUnconfined, kRefused };

struct Answer {
  profile::Action action = profile::Action::kKillThread;
  uint16_t data = 0;
  bool operator==(const Answer&) const = default;
};

// Thrown inside the oracle, caught by Meaning: there is no filter.
struct NoFilter {
  State state;
  std::string why;
};

// --- loader.cc: the runtime configuration, `linux.seccomp` of the runtime-spec ---
struct ConfiguredRule {
  std::optional<std::vector<std::string>> names;  // nothing: no such member
  profile::Action action = profile::Action::kAllow;
  std::optional<uint32_t> errno_return;
  std::vector<profile::Condition> conditions;
};
struct Configuration {
  std::optional<profile::Action> default_action;
  std::optional<uint32_t> default_errno_return;
  std::vector<std::string> architectures;
  std::vector<std::string> flags;
  std::string listener_path;
  std::vector<ConfiguredRule> rules;
};
Configuration Load(const profile::Document& document, const profile::Target& target, HabitCounts& habits);

// --- runtime.cc: what is asked of the library ---
struct Request {
  std::string name;
  Answer answer;
  std::vector<profile::Condition> conditions;  // all must hold
};
struct Requests {
  Answer otherwise;
  std::vector<Abi> abis;  // the native one first
  std::vector<Request> rules;
  std::map<Abi, uint32_t> last_known;  // runc: numbers beyond are answered ENOSYS
  uint16_t enosys = 38;
  bool zero_is_unknown = false;  // runc on s390
};
Requests Ask(const Configuration& configuration, const profile::Target& target, HabitCounts& habits);

// --- library.cc: the rules of one ABI by number, in the order in which they are asked ---
struct KeptRule {
  Answer answer;
  std::vector<profile::Condition> conditions;
  size_t place = 0;  // in the order of requests
  bool companion = false;
};
struct KeptCalls {
  std::map<uint32_t, std::vector<KeptRule>> calls;
  bool narrow = false;  // only the low 32 bits of arguments are compared
};
KeptCalls Keep(const Requests& requests, Abi abi, const profile::Target& target, HabitCounts& habits);

// --- names.cc ---
// The call's number on the ABI if that version of libseccomp knows the name at all; -1 if the ABI lacks the
// call; nothing if the library does not know the name.
std::optional<int64_t> LibraryNumber(const std::string& name, Abi abi, const profile::Version& version);
// The number that socketcall or ipc takes for the call, on ABIs that have those: {"socketcall", 1}.
struct Multiplexer {
  std::string name;
  uint32_t selector;
};
std::optional<Multiplexer> MultiplexerOf(const std::string& name, Abi abi);

// --- oracle.cc ---
class Meaning {
 public:
  Meaning(const profile::Document& document, const profile::Target& target);
  State state() const { return state_; }
  const std::string& why() const { return why_; }
  // `state()` must be kFiltered.
  Answer Ask(const filter::Call& call);
  const HabitCounts& habits() const { return habits_; }

 private:
  const KeptCalls* CallsOf(Abi abi, uint32_t number) const;

  State state_ = State::kFiltered;
  std::string why_;
  Requests requests_;
  std::map<Abi, KeptCalls> abis_;
  HabitCounts habits_{};
};

}  // namespace whittle::oracle

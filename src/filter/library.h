// Third step: rules as libseccomp keeps them, per ABI and call, in the order in which they are asked.
//
// What it does with rules for one call (measured with 2.5.4, see docs/targets.md): an unconditional rule
// replaces every conditional one, before or after it, and the first unconditional rule stays. Of conditional
// rules, those that look at a higher argument are asked first, then equalities (EQ, NE, MASKED_EQ) before
// LT/LE before GT/GE, then larger constants first (LT/LE: smaller first). A rule whose conditions begin with
// all those of an earlier one is ignored, and so is one that has them all and the same action. The same
// conditions with two actions, or a later rule that is the beginning of an earlier one and has another
// action, are refused. On 32-bit ABIs, x32 and mips64n32 only the low halves are compared. Pure; thread safe
// (values). Costs: linear in the rules of a call for each rule added.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "filter/loader.h"
#include "filter/quirk.h"
#include "profile/document.h"
#include "profile/library_names.h"
#include "syscalls/abi.h"

namespace whittle::filter {

// True if the ABI reaches this socket or IPC call through socketcall or ipc as well.
bool IsMultiplexed(Abi abi, std::string_view name);
// By which call it is reached there, and what that one's first argument must be.
struct Multiplexer {
  std::string_view through;  // "socketcall", "ipc"
  uint32_t selector;
};
std::optional<Multiplexer> MultiplexerOf(Abi abi, std::string_view name);
// The inverse: the call that socketcall or ipc makes for that first argument.
std::optional<std::string_view> MultiplexedBy(std::string_view through, uint64_t selector);
// All that some ABI reaches so.
std::vector<std::string_view> MultiplexedCalls();

// One rule for one call: what runtimes make of a rule of the document.
struct Addition {
  profile::LibraryName name;
  profile::Action action = profile::Action::kAllow;
  uint16_t data = 0;
  std::vector<profile::Condition> conditions;
  int rule = -1;
  Quirk quirk = Quirk::kNone;
};

struct FlatRule {
  std::vector<profile::Condition> conditions;  // all must hold, by index; empty: always
  profile::Action action = profile::Action::kAllow;
  uint16_t data = 0;
  int rule = -1;
  Quirk quirk = Quirk::kNone;
};

// The rules of one ABI. Who compiles decides whether companions are added and clashes refused.
class AbiRules {
 public:
  enum class Habits { kLibseccomp, kPlain };
  AbiRules(Abi abi, Habits habits) : abi_(abi), habits_(habits) {}

  // Nothing, or why the library refuses the rule. Of a rule that another one shadows nothing is kept.
  OrStop<void> Add(const Addition& addition);
  // After the last Add: brings the rules of each call into the order in which they are asked.
  void Finish();

  Abi abi() const { return abi_; }
  // By number, as it stands in seccomp_data.nr; the rules of a call in the order in which they are asked.
  const std::map<uint32_t, std::vector<FlatRule>>& calls() const { return calls_; }
  // True if conditions see the low 32 bits of arguments only.
  bool narrow() const;
  // Which call has more rules, or rule more conditions, than a filter may have instructions: each needs
  // one. More rules than that are counted, but not kept. Empty if there is none.
  std::string Oversized() const;

 private:
  OrStop<void> AddTo(std::vector<FlatRule>& rules, FlatRule rule);
  OrStop<bool> MakeRoomFor(std::vector<FlatRule>& rules, const FlatRule& rule) const;
  OrStop<void> AddCompanion(const Addition& addition, FlatRule rule);
  FlatRule Normalize(const Addition& addition) const;

  Abi abi_;
  Habits habits_;
  std::map<uint32_t, std::vector<FlatRule>> calls_;
  std::map<std::string, std::vector<FlatRule>> lacking_;  // of calls that the ABI lacks
  std::unordered_set<std::string> kept_;  // rules with conditions, as bytes: repetitions are found quickly
  std::unordered_map<const void*, size_t> left_out_;  // by the list that they are not in
};

}  // namespace whittle::filter

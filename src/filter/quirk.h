// The habits of loaders, runtimes and libseccomp that make a filter differ from the document: one row each,
// named, so that `simulate --explain` and docs/targets.md speak of the same things. Pure; thread safe.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace whittle::filter {

enum class Quirk : uint8_t {
  kNone,             // a rule of the document, as written
  kDefaultAction,    // no rule: the default
  kForeignAbi,       // an ABI that the document does not list
  kEnosysStub,       // runc: newer than every call that the document names
  kCompanion,        // libseccomp: socketcall/ipc opened by a rule for what they multiplex
  kSplitConditions,  // runc, crun: two conditions on one argument are alternatives
  kRedundantRule,    // runc, crun: a rule whose action is the default's is dropped
  kUnknownName,      // libseccomp does not know the name: the rule is lost for it
  kIgnoredMember,    // the loader does not know a member and ignores it
  kNotSelected,      // includes/excludes: the rule is not for this target
  kSixConditions,    // crun: the seventh condition and those behind it are lost
  kShadowedRule,     // libseccomp: an earlier or an unconditional rule for the call wins
  kNarrowArguments,  // libseccomp: on 32-bit ABIs only the low half of arguments and constants counts
  kMaskedValue,      // libseccomp: bits of valueTwo outside the mask are dropped
  kAskedLater,       // libseccomp: conditional rules are asked in an order of its own
};

struct QuirkRow {
  Quirk quirk;
  std::string_view name;  // "enosys-stub"
  std::string_view who;   // "runc >= 1.0.0-rc93"
  std::string_view text;  // one sentence for a person
};

const QuirkRow& Describe(Quirk quirk);
std::span<const QuirkRow> AllQuirks();

}  // namespace whittle::filter

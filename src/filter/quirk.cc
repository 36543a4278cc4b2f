#include "filter/quirk.h"

#include <array>

namespace whittle::filter {
namespace {

constexpr std::array<QuirkRow, 15> kRows = {{
    {Quirk::kNone, "rule", "", "a rule of the document decides"},
    {Quirk::kDefaultAction, "default-action", "",
     "no rule of the filter applies to the call: the default action"},
    {Quirk::kForeignAbi, "foreign-abi", "libseccomp",
     "the document does not list the ABI: its calls are killed, whatever the default action says"},
    {Quirk::kEnosysStub, "enosys-stub", "runc >= 1.0.0-rc93",
     "the number is above every call that the document names for the ABI: ENOSYS, before the filter is "
     "asked"},
    {Quirk::kCompanion, "companion", "libseccomp",
     "a rule for a socket or IPC call also opens socketcall or ipc for it on this ABI; what it said of "
     "argument 0 is lost"},
    {Quirk::kSplitConditions, "split-conditions", "runc, crun",
     "two conditions on one argument: each condition of the rule becomes a rule of its own (OR instead of "
     "AND)"},
    {Quirk::kRedundantRule, "redundant-rule", "runc, crun",
     "the rule does what the default action does and is dropped, so it protects nothing from other rules"},
    {Quirk::kUnknownName, "unknown-name", "runc, crun, libseccomp",
     "this libseccomp does not know the name: the rule is lost for it"},
    {Quirk::kIgnoredMember, "ignored-member", "loaders", "this loader ignores the member"},
    {Quirk::kNotSelected, "not-selected", "docker, podman",
     "includes or excludes keep the rule from this target"},
    {Quirk::kSixConditions, "six-conditions", "crun < 1.30",
     "crun reads six conditions of a rule; those behind them are lost"},
    {Quirk::kShadowedRule, "shadowed-rule", "libseccomp",
     "an unconditional rule for the call, or an earlier one with the same conditions, wins"},
    {Quirk::kNarrowArguments, "narrow-arguments", "libseccomp",
     "on this ABI only the low 32 bits of arguments and constants are compared"},
    {Quirk::kMaskedValue, "masked-value", "libseccomp", "bits of valueTwo outside the mask are dropped"},
    {Quirk::kAskedLater, "asked-later", "libseccomp",
     "conditional rules for a call are asked in an order of libseccomp's own, and another one comes first"},
}};

constexpr bool InOrder() {
  for (size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<size_t>(kRows[i].quirk) != i) return false;
  }
  return true;
}
static_assert(InOrder());

}  // namespace

const QuirkRow& Describe(Quirk quirk) { return kRows[static_cast<size_t>(quirk)]; }
std::span<const QuirkRow> AllQuirks() { return kRows; }

}  // namespace whittle::filter

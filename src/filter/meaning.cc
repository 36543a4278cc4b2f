#include "filter/meaning.h"

#include <algorithm>

namespace whittle::filter {
namespace {

using profile::Action;

Meaning Stopped(const profile::Document& document, const Stop& stop, std::vector<Note> notes) {
  Meaning meaning;
  meaning.where = PlaceText(document, stop.place);
  meaning.state = stop.state;
  meaning.why = stop.why;
  meaning.notes = std::move(notes);
  return meaning;
}

const AbiRules* RulesOf(const Meaning& meaning, Abi abi) {
  const auto found = std::ranges::find(meaning.abis, abi, &AbiRules::abi);
  return found == meaning.abis.end() ? nullptr : &*found;
}

// x86-64 and x32 share one AUDIT_ARCH: bit 30 of the number tells them apart.
Abi AbiOf(Abi abi, uint32_t number) {
  if (abi != Abi::kX86_64 && abi != Abi::kX32) return abi;
  return (number & kX32Bit) != 0 ? Abi::kX32 : Abi::kX86_64;
}

bool Stubbed(const Meaning& meaning, Abi abi, uint32_t number) {
  const auto stub = meaning.stub_above.find(abi);
  if (stub == meaning.stub_above.end()) return false;
  const bool s390 = abi == Abi::kS390 || abi == Abi::kS390x;
  return number > stub->second || (meaning.stub_at_zero && s390 && number == 0);
}

// libseccomp takes every number from bit 30 on as x32's. Where that is not listed it is a foreign ABI's, but
// for -1, by which tracers skip a call.
const AbiRules* RulesFor(const Meaning& meaning, Abi abi, uint32_t number) {
  if (abi != Abi::kX86_64 && abi != Abi::kX32) return RulesOf(meaning, abi);
  const AbiRules* x32 = RulesOf(meaning, Abi::kX32);
  if (number < kX32Bit || (x32 == nullptr && number == UINT32_MAX)) return RulesOf(meaning, Abi::kX86_64);
  return x32;
}

}  // namespace

Meaning MeaningOf(const profile::Document& document, const profile::Target& target) {
  Meaning meaning;
  const auto loaded = LoadForRuntime(document, target, meaning.notes);
  if (!loaded) return Stopped(document, loaded.error(), std::move(meaning.notes));
  const auto rules = ApplyRuntime(*loaded, target, meaning.notes);
  if (!rules) return Stopped(document, rules.error(), std::move(meaning.notes));
  meaning.otherwise = {rules->default_action, rules->default_data, -1, Quirk::kDefaultAction};
  meaning.foreign_abi = {Action::kKillThread, 0, -1, Quirk::kForeignAbi};
  meaning.stub_above = rules->stub_above;
  meaning.stub_at_zero = rules->stub_at_zero;
  meaning.stub = {Action::kErrno, rules->stub_errno, -1, Quirk::kEnosysStub};
  meaning.oversized = rules->oversized;
  for (const Abi abi : rules->abis) {
    AbiRules& flat = meaning.abis.emplace_back(abi, rules->habits);
    for (const auto& addition : rules->additions) {
      if (const auto added = flat.Add(addition); !added) {
        return Stopped(document, added.error(), std::move(meaning.notes));
      }
    }
    flat.Finish();
    if (meaning.oversized.empty()) meaning.oversized = flat.Oversized();
  }
  return meaning;
}

Resolution Resolve(const Meaning& meaning, Abi named_abi, uint32_t number) {
  const Abi abi = AbiOf(named_abi, number);
  if (Stubbed(meaning, abi, number)) return {meaning.stub, nullptr, false};
  const AbiRules* rules = RulesFor(meaning, abi, number);
  if (rules == nullptr) return {meaning.foreign_abi, nullptr, false};
  const auto call = rules->calls().find(number);
  if (call == rules->calls().end()) return {meaning.otherwise, nullptr, false};
  return {meaning.otherwise, &call->second, rules->narrow()};
}

Decision Decide(const Meaning& meaning, const Call& call) {
  const Resolution resolution = Resolve(meaning, call.abi, call.number);
  if (resolution.rules == nullptr) return resolution.decision;
  for (const auto& rule : *resolution.rules) {
    const bool matches = std::ranges::all_of(rule.conditions, [&](const auto& condition) {
      const uint64_t argument = call.arguments[condition.index];
      return condition.Matches(resolution.narrow ? argument & UINT32_MAX : argument);
    });
    if (matches) return {rule.action, rule.data, rule.rule, rule.quirk};
  }
  return resolution.decision;
}

}  // namespace whittle::filter

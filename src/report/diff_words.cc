#include <fmt/core.h>

#include "base/text.h"
#include "prove/side_by_side.h"
#include "report/diff.h"

namespace whittle::report {
namespace {

using advise::Change;

std::string Text(const filter::Verdict& verdict) {
  return profile::VerdictText(verdict.action, verdict.data);
}

}  // namespace

std::string_view ChangeName(prove::Change change) {
  constexpr std::string_view kNames[] = {"looser", "tighter", "other"};
  return kNames[static_cast<size_t>(change)];
}

std::string_view YesNo(std::optional<bool> yes) {
  if (!yes) return "undecided";
  return *yes ? "yes" : "no";
}

std::string VerdictsText(const Change& change) { return Text(change.first) + " -> " + Text(change.second); }

std::string ChangeSentence(const Change& change, size_t most_names) {
  std::string calls = CallsText(change, most_names);
  const int before = advise::Permits(change.first.action);
  const int after = advise::Permits(change.second.action);
  if (before == 0 && change.second.action == profile::Action::kAllow)
    return fmt::format("B also allows {} (A: {})", calls, Text(change.first));
  if (change.first.action == profile::Action::kAllow && after == 0) {
    // "No longer every" could be read as "some still".
    constexpr std::string_view kEvery = "every ";
    if (calls.starts_with(kEvery)) calls.replace(0, kEvery.size(), "any ");
    return fmt::format("B no longer allows {} ({})", calls, Text(change.second));
  }
  return fmt::format("{}: {}", calls, VerdictsText(change));
}

std::string PlaceText(const Change& change) {
  if (change.abis.empty()) {
    const uint32_t arch = change.example[prove::kArchWord];
    return arch == UINT32_MAX ? "on any other architecture" : fmt::format("on architecture {:#x}", arch);
  }
  const auto list = [](const std::vector<Abi>& abis) {
    std::vector<std::string> names;
    for (const Abi abi : abis) names.emplace_back(AbiName(abi));
    return Join(names, ", ");
  };
  std::string text = change.everywhere ? "" : "on " + list(change.abis);
  if (!change.low_halves.empty())
    text += fmt::format("{}by the low 32 bits on {}", text.empty() ? "" : "; ", list(change.low_halves));
  return text;
}

}  // namespace whittle::report

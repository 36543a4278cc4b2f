// Rules for one call that get in each other's way.
#include <fmt/core.h>

#include <algorithm>
#include <functional>

#include "lint/fates.h"
#include "lint/rules.h"

namespace whittle::lint {
namespace {

// Why an entry is never effective: all that is said behind "entry N wins".
std::string_view ReasonOf(const Fate& fate) {
  if (fate.overruled) return "";
  return fate.whatever ? " (the first one without conditions does, and it does over all with)"
                       : " (it decides wherever the conditions of this one hold)";
}

// Of a rule as a whole where all its names share the fate, else of each name.
void Report(const Subject& subject, Sink& sink, Severity severity, const auto& wanted, const auto& message) {
  const Fates& fates = subject.fates();
  for (size_t i = 0; i < subject.document()->rules.size(); ++i) {
    const auto& of = fates.of(i);
    const auto& calls = subject.CallsOf(i);
    if (of.empty()) continue;
    const auto is_wanted = [&](const auto& call) { return std::invoke(wanted, call.second); };
    if (std::ranges::all_of(of, is_wanted)) {
      sink.Add(severity, At(i), message(of.at(calls.front()), Listed(calls, 3)));
      continue;
    }
    for (size_t j = 0; j < calls.size(); ++j) {
      const Fate& fate = of.at(calls[j]);
      if (std::invoke(wanted, fate)) sink.Add(severity, subject.AtCall(i, j), message(fate, calls[j]));
    }
  }
}

}  // namespace

void CheckShadowedRule(const Subject& subject, Sink& sink) {
  Report(subject, sink, Severity::kWarning, &Fate::Shadowed, [](const Fate& fate, const std::string& names) {
    return fmt::format("never effective for {}: {}entry {} wins{}", names,
                       fate.overruled ? "it does what the default does, so runtimes drop it, and " : "",
                       fate.winner, ReasonOf(fate));
  });
}

void CheckDuplicateRule(const Subject& subject, Sink& sink) {
  Report(subject, sink, Severity::kInfo, &Fate::Repeats, [](const Fate& fate, const std::string& names) {
    return fmt::format("entry {} says the same of {} already{}", fate.winner, names,
                       fate.wider ? ", and its conditions hold wherever the ones here do" : "");
  });
}

void CheckRedundantRule(const Subject& subject, Sink& sink) {
  const bool allows = subject.deny_list();
  Report(subject, sink, Severity::kInfo, &Fate::Redundant, [&](const Fate&, const std::string& names) {
    return fmt::format("does for {} what the default does: runtimes drop it, so it {}", names,
                       allows ? "changes nothing" : "protects from nothing");
  });
}

}  // namespace whittle::lint

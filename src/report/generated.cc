#include "report/generated.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "report/summary.h"

namespace whittle::report {

using optimize::Origin;

namespace {

std::string NamesOf(const optimize::Generated& generated, Origin origin) {
  std::string names;
  for (const auto& [call, grant] : generated.grants) {
    if (grant.origin == origin) names += (names.empty() ? "" : " ") + call;
  }
  return names;
}

std::string ReasonOf(const optimize::Suggestion& suggestion) {
  using Standing = optimize::Suggestion::Standing;
  switch (suggestion.standing) {
    case Standing::kPortable:
      return suggestion.because;
    case Standing::kAllowed:
      return suggestion.also + " is allowed already";
    case Standing::kNever:
      return fmt::format("{} is allowed by no level: {}", suggestion.also, suggestion.because);
  }
  return "";
}

}  // namespace

std::string GeneratedText(const optimize::Generated& generated) {
  std::string text = fmt::format(
      "allowed: {}: {} seen, {} that a recording can miss, {} that only the runtime needs, {} "
      "equivalents\n",
      Counted(generated.grants.size(), "call"), generated.Count(Origin::kWorkload),
      generated.Count(Origin::kEssential), generated.Count(Origin::kRuntime),
      generated.Count(Origin::kEquivalent));
  if (generated.Count(Origin::kEssential) != 0) {
    text += fmt::format("not seen, always allowed (why: in the profile's comments): {}\n",
                        NamesOf(generated, Origin::kEssential));
  }
  for (const auto& [call, grant] : generated.grants) {
    if (grant.origin != Origin::kEquivalent) continue;
    text += fmt::format("  {} for {}: {}\n", call,
                        grant.instead_of.empty() ? "any program" : grant.instead_of, grant.because);
  }
  for (const auto& [machine, calls] : generated.opened_elsewhere) {
    text += fmt::format(
        "open on {} though seen on other machines only, since names have no architecture (--one-arch): {}\n",
        AbiName(machine), Join(std::vector(calls.begin(), calls.end()), " "));
  }
  if (generated.clone_narrowed) {
    text +=
        fmt::format("clone: allowed without flags that make namespaces{}\n",
                    generated.clone3_replaced ? "; clone3 is answered ENOSYS, so that libcs take clone" : "");
  }
  text += fmt::format("self-check: {} run through the compiled filter, none refused{}\n",
                      Counted(generated.verified, "observation"),
                      generated.unnameable.empty() ? "" : " but those that no profile can allow");
  for (const auto& warning : generated.warnings) text += "warning: " + warning + "\n";
  if (!generated.not_exercised.empty()) {
    text += "not known to be exercised: what only these need is refused\n";
    for (const auto& phase : generated.not_exercised) text += "  " + phase + "\n";
  }
  return text;
}

std::string SuggestionsText(const optimize::Generated& generated) {
  std::map<std::string, std::pair<std::string, std::vector<std::string>>> lines;
  for (const auto& suggestion : generated.suggestions) {
    auto& [calls, reasons] = lines[suggestion.call.empty() ? "any program" : suggestion.call];
    calls += " " + suggestion.also;
    const std::string reason = ReasonOf(suggestion);
    if (std::ranges::find(reasons, reason) == reasons.end()) reasons.push_back(reason);
  }
  std::string text =
      "suggestions, not observed: what other libcs, kernels and architectures use for the same job (--level "
      "portable allows it)\n";
  for (const auto& [call, line] : lines) {
    text += fmt::format("  {} ->{} (not observed; {})\n", call, line.first, Join(line.second, "; "));
  }
  return text;
}

}  // namespace whittle::report

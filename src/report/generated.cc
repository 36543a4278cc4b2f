#include "report/generated.h"

#include <fmt/core.h>

#include "report/summary.h"

namespace whittle::report {

using optimize::Origin;

std::string GeneratedText(const optimize::Generated& generated) {
  std::string text = fmt::format(
      "allowed: {}: {} seen, {} that every program may need, {} that only the runtime needs, {} "
      "equivalents\n",
      Counted(generated.grants.size(), "call"), generated.Count(Origin::kWorkload),
      generated.Count(Origin::kEssential), generated.Count(Origin::kRuntime),
      generated.Count(Origin::kEquivalent));
  for (const auto& [call, grant] : generated.grants) {
    if (grant.origin != Origin::kEquivalent) continue;
    text += fmt::format("  {} for {}: {}\n", call, grant.instead_of, grant.because);
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
  return text;
}

}  // namespace whittle::report

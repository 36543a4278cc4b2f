#include "cli/counts_flags.h"

#include <fmt/core.h>

#include "cli/verb.h"
#include "evidence/counts.h"
#include "report/summary.h"

namespace whittle::cli {

Flag AddCountsFlags(Flags flags, CountsFlags& counts) {
  const Flag wanted = flags.Switch("--counts", counts.wanted,
                                   "one line a call: ABI, call, in how many of the runs it was seen: 2/3");
  flags
      .Option("--per", counts.per,
              "count runs, or replicas: each container of a run (default: what there are several of)")
      .OneOf({"run", "replica"})
      .Needs(wanted);
  return wanted;
}

Result<int> PrintCounts(const evidence::Evidence& evidence, const CountsFlags& flags, bool as_json) {
  auto per = evidence::UsualCount(evidence);
  if (flags.per == "run") per = evidence::UnitKind::kRun;
  if (flags.per == "replica") per = evidence::UnitKind::kReplica;
  const auto counts = CountCalls(evidence, per);
  fmt::print("{}", as_json ? json::Write(CountsJson(counts)) : CountLines(counts));
  fmt::print(stderr, "counted over {}, as they were before merging\n",
             report::Counted(counts.of.size(), UnitName(per)));
  return kYes;
}

}  // namespace whittle::cli

// The table of verbs. To add one: write src/cli/NAME.cc with `Verb NameVerb()`, declare and list it here.
#include "cli/verb.h"

namespace whittle::cli {

Verb ConvertVerb();
Verb DenialsVerb();
Verb DoctorVerb();
Verb SimulateVerb();
Verb ProveVerb();
Verb DiffVerb();
Verb ExplainVerb();
Verb GenerateVerb();
Verb ImportVerb();
Verb LintVerb();
Verb MergeVerb();
Verb RecommendVerb();
Verb RecordVerb();
Verb ReportVerb();
Verb ShowVerb();
Verb VerifyVerb();
Verb RunVerb();
Verb ProfileVerb();
Verb BaselineVerb();
Verb SyscallsVerb();
Verb InspectVerb();
Verb DisasmVerb();
Verb ResolveVerb();
Verb WhyVerb();

const std::vector<Verb>& Verbs() {
  static const std::vector<Verb> verbs = {
      DoctorVerb(),   RecordVerb(),   DenialsVerb(), ImportVerb(),  SimulateVerb(), ShowVerb(),
      MergeVerb(),    GenerateVerb(), VerifyVerb(),  ReportVerb(),  RunVerb(),      ProfileVerb(),
      BaselineVerb(), SyscallsVerb(), ProveVerb(),   InspectVerb(), DisasmVerb(),   ResolveVerb(),
      DiffVerb(),     LintVerb(),     ExplainVerb(), WhyVerb(),     ConvertVerb(),  RecommendVerb(),
  };
  return verbs;
}

}  // namespace whittle::cli

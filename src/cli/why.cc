// `whittle why`: why a container does not work, as one answer.
#include <fmt/core.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/target_flags.h"
#include "cli/verb.h"
#include "container/engines.h"
#include "diagnose/collect.h"
#include "diagnose/diagnose.h"
#include "diagnose/show.h"

namespace whittle::cli {
namespace {

struct Options {
  diagnose::Question question;
  bool json = false;
  TargetFlags target;
};

Result<void> CheckUsage(const Options& options) {
  const auto& question = options.question;
  if (!question.container.empty() || !question.message.empty() || !question.profile.empty()) return {};
  return Fail(ErrorCode::kUsage, "expected a container, or --message or --profile where none was made");
}

// "-" is standard input; what a terminal wrapped is one message.
Result<std::string> MessageText(const std::string& given) {
  return given == "-" ? TRY(ReadFile("-")) : given;
}

Result<diagnose::Facts> Collect(const Options& options) {
  diagnose::Question question = options.question;
  question.message = TRY(MessageText(question.message));
  if (question.container.empty()) {
    const auto chosen = TRY(ChooseTarget(options.target));
    return diagnose::FactsOfProfile(question, chosen.target);
  }
  auto facts = TRY(diagnose::CollectFacts(question, container::Engines::Find()));
  if (options.target.Given() && facts.target) {
    const auto base = [&]() -> Result<ChosenTarget> {
      return ChosenTarget{*facts.target, "the container's"};
    };
    facts.target = TRY(ChooseTarget(options.target, base)).target;
  }
  return facts;
}

Result<int> Run(const Options& options) {
  TRY(CheckUsage(options));
  const auto facts = TRY(Collect(options));
  const auto diagnosis = TRY(diagnose::Diagnose(facts));
  if (options.json) {
    fmt::print("{}", json::Write(diagnose::DiagnosisJson(diagnosis)));
  } else {
    fmt::print("{}", diagnose::DiagnosisText(diagnosis));
  }
  return diagnosis.causes.empty() ? kNo : kYes;
}

}  // namespace

Verb WhyVerb() {
  return {
      "why", "why a container does not work: the profile, the runtime under it, or something else",
      "  sudo whittle why web\n"
      "  docker run ... 2>&1 | tee log; whittle why --message - < log\n"
      "  whittle why --profile web.json --runtime crun:1.8.1 --loader docker\n\n"
      "Exit code: 0 a cause was found, 1 nothing wrong was, 3 there is no such container.",
      [](Flags flags) {
        auto options = std::make_shared<Options>();
        auto& question = options->question;
        flags.Positional("container", question.container,
                         "its name or id: running, ended, never started, or gone if refusals were kept");
        flags.Option("--message", question.message,
                     "what the engine said where it made no container; - is standard input");
        flags.Option("--profile", question.profile,
                     "the profile that was meant (default: what the engine keeps with the container)");
        flags.Option("--from", question.from,
                     "refusals: a denials file, what 'denials --json' or 'run --result' wrote, or "
                     "evidence; several are taken together");
        flags.Option("--kept", question.kept_folder, "the folder of kept refusals (docs/format-denials.md)")
            .ShowDefault();
        flags.Switch("--json", options->json, "as JSON (docs/why.md)");
        AddTargetFlags(flags, options->target);
        return [options] { return Run(*options); };
      }};
}

}  // namespace whittle::cli

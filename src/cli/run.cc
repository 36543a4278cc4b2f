// `whittle run`: a command or a container under a profile, and what the profile refused meanwhile.
#include <fmt/core.h>

#include <filesystem>
#include <set>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/verb.h"
#include "container/run.h"
#include "evidence/evidence.h"
#include "filter/other_version.h"
#include "optimize/verify.h"
#include "profile/document.h"
#include "report/under_profile.h"
#include "syscalls/table.h"

namespace whittle::cli {
namespace {

struct Options {
  std::string profile;
  std::string image;
  std::string engine;
  std::string runtime;
  std::string evidence;
  std::string result;
  bool json = false;
  std::vector<std::string> engine_arguments;
};

// The workload's calls that the profile lets pass and has the kernel log.
Result<std::set<std::string>> LoggedCalls(const optimize::Judge& judge,
                                          const container::RunOutcome& outcome) {
  std::set<std::string> logged;
  for (const auto& [subject, seen] : outcome.evidence.subjects) {
    if (subject.arrival != evidence::Arrival::kWorkload) continue;
    for (const auto& [key, observation] : seen) {
      if (!key.under_filter || evidence::Refused(key.fate)) continue;
      const auto answer = TRY(judge.Ask(key.abi, key.number));
      if (answer.verdict == "LOG") logged.insert(SyscallText(key.abi, key.number));
    }
  }
  return logged;
}

json::Value ResultJson(const container::RunOutcome& outcome, const report::UnderProfile& run) {
  json::Value value = report::UnderProfileJson(run);
  value.Set("exit_code", int64_t{outcome.exit_code});
  value.Set("target", outcome.target.Text());
  return value;
}

Result<void> WriteResults(const Options& options, const container::RunOutcome& outcome,
                          const report::UnderProfile& run) {
  const std::string result = json::Write(ResultJson(outcome, run));
  if (options.json) fmt::print("{}", result);
  if (!options.result.empty()) TRY(WriteFile(options.result, result));
  if (options.evidence.empty()) return {};
  if (!outcome.unwatched.empty()) {
    return Fail(ErrorCode::kNotPossible,
                fmt::format("no evidence was written to {}: {}", options.evidence, outcome.unwatched));
  }
  return WriteFile(options.evidence, evidence::Write(outcome.evidence));
}

container::Output OutputOf(const Options& options) {
  return options.json ? container::Output::kStandardError : container::Output::kOurs;
}

Result<container::ImageRun> ImageRunOf(const Options& options) {
  container::ImageRun run;
  if (!options.engine.empty()) run.engine = TRY(container::ParseEngineKind(options.engine));
  run.runtime = options.runtime;
  run.image = options.image;
  run.engine_arguments = options.engine_arguments;
  run.command = CommandTail();
  run.output = OutputOf(options);
  // A pipe has been read already: the engine gets a copy then.
  std::error_code none;
  if (std::filesystem::is_regular_file(options.profile, none)) run.profile_file = options.profile;
  return run;
}

Result<container::RunOutcome> Start(const profile::Document& document, const Options& options) {
  if (options.image.empty()) return container::RunCommand(document, CommandTail(), OutputOf(options));
  const auto run = TRY(ImageRunOf(options));
  return container::RunImage(document, run);
}

Result<void> CheckUsage(const Options& options) {
  const bool extra = !options.engine_arguments.empty();
  for (const auto& word : options.engine_arguments) {
    for (const char* ours : {"--profile", "--image", "--engine", "--evidence", "--result", "--json"}) {
      if (word != ours && !word.starts_with(std::string(ours) + "=")) continue;
      return Fail(
          ErrorCode::kUsage,
          fmt::format("{} stands among the engine's arguments: put it before the first of them", ours));
    }
  }
  if (options.image.empty() && extra) {
    return Fail(ErrorCode::kUsage,
                fmt::format("unexpected '{}': a command stands after '--', and an engine's arguments "
                            "need --image",
                            Printable(options.engine_arguments.front())));
  }
  if (options.image.empty() && CommandTail().empty()) {
    return Fail(ErrorCode::kUsage,
                "nothing to run: expected '-- COMMAND...' or '--image REF' (see 'whittle run --help')");
  }
  return {};
}

Result<int> Run(const Options& options) {
  TRY(CheckUsage(options));
  const auto document = TRY(profile::ReadProfile(options.profile));
  const auto outcome = TRY(Start(document, options));
  const auto judge = TRY(optimize::Judge::Create(document, outcome.target));
  const std::string other = filter::OtherVersionText(document, outcome.target);
  if (!other.empty()) fmt::print(stderr, "whittle: warning: {}\n", other);
  for (const auto& warning : judge.compiled().warnings)
    fmt::print(stderr, "whittle: warning: {}\n", Printable(warning));
  const report::UnderProfile run{options.profile, outcome.unwatched, outcome.denials, outcome.evidence,
                                 TRY(LoggedCalls(judge, outcome))};
  const std::string text = report::UnderProfileText(run);
  for (const auto line : Lines(text)) fmt::print(stderr, "whittle: {}\n", line);
  TRY(WriteResults(options, outcome, run));
  return outcome.exit_code;
}

void DefineOptions(Flags flags, Options& options) {
  flags.Option("--profile", options.profile, "the profile: a file, '-', or a name such as docker-default")
      .Required();
  flags.Option("--image", options.image,
               "run this image in a container; other words go to the engine, in their order");
  flags.Option("--engine", options.engine, "docker or podman (default: docker if it answers)");
  flags.Option("--runtime", options.runtime, "the engine's runtime, by name (default: the engine's)");
  flags.Option("--evidence", options.evidence, "write what was recorded meanwhile to this file (needs root)");
  flags.Option("--result", options.result, "write exit code and refusals to this file, as JSON");
  flags.Switch("--json", options.json,
               "print them on standard output, as JSON; what runs has its output on standard error then");
  flags.FromFirstOtherWord(options.engine_arguments);
}

}  // namespace

Verb RunVerb() {
  return {"run", "run a command or a container under a profile, and say what it refused",
          "  whittle run --profile web.json -- /usr/sbin/nginx -g 'daemon off;'\n"
          "  whittle run --profile web.json --image nginx:1.22 --name web --network host -- nginx -g 'daemon "
          "off;'\n\n"
          "Order: our options first; from the first word that is none of them on, all goes to 'docker run' "
          "(or podman's)\n"
          "before the image; what follows '--' is the command, after the image.\n"
          "Without an image the filter is loaded by whittle itself, which needs CAP_SYS_ADMIN or sets "
          "no_new_privs.\n"
          "Exit code: that of the command (128 + signal); if nothing could be started, 2 to 5 with an "
          "'error:' line.\n"
          "As root refusals are watched and listed at the end.",
          [](Flags flags) {
            auto options = std::make_shared<Options>();
            DefineOptions(flags, *options);
            return [options] { return Run(*options); };
          },
          Verb::Tail::kCommand};
}

}  // namespace whittle::cli

// `whittle run`: a command or a container under a profile, and what the profile refused meanwhile.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <set>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/verb.h"
#include "container/run.h"
#include "evidence/evidence.h"
#include "profile/action.h"
#include "profile/document.h"
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
  CLI::App* app = nullptr;  // its remaining words are the engine's
};

std::string CallText(const filter::Call& call) {
  std::string arguments;
  for (const uint64_t one : call.arguments)
    arguments += fmt::format("{}{:#x}", arguments.empty() ? "" : ", ", one);
  return fmt::format("{}({})", SyscallText(call.abi, call.number), arguments);
}

std::string AnswerText(const record::Denial& denial) {
  if (denial.fate == evidence::Fate::kKilled) return "killed";
  return profile::ErrnoName(static_cast<uint32_t>(std::abs(denial.errno_value)));
}

size_t DifferentCalls(const evidence::Evidence& evidence) {
  std::set<std::pair<Abi, uint32_t>> calls;
  for (const auto& [subject, seen] : evidence.subjects) {
    if (subject.arrival != evidence::Arrival::kWorkload) continue;
    for (const auto& [key, observation] : seen) calls.emplace(key.abi, key.number);
  }
  return calls.size();
}

// Workload calls that no filter looked at: the profile was not in force for them.
size_t UnfilteredCalls(const evidence::Evidence& evidence) {
  size_t count = 0;
  for (const auto& [subject, seen] : evidence.subjects) {
    if (subject.arrival != evidence::Arrival::kWorkload) continue;
    for (const auto& [key, observation] : seen) count += key.under_filter ? 0 : 1;
  }
  return count;
}

void PrintDenials(const container::RunOutcome& outcome) {
  if (!outcome.unwatched.empty()) {
    fmt::print(stderr, "whittle: refusals were not watched: {}\n", outcome.unwatched);
    return;
  }
  const size_t calls = DifferentCalls(outcome.evidence);
  if (outcome.denials.empty() && calls == 0) {
    fmt::print(stderr,
               "whittle: no call of a workload was seen: nothing ran, or it ended before its first call\n");
  } else if (outcome.denials.empty()) {
    fmt::print(stderr,
               "whittle: nothing was refused ({} different calls, watched from the first to the last)\n",
               calls);
  } else {
    fmt::print(stderr, "whittle: refused ({} different calls in all):\n", calls);
  }
  for (const auto& denial : outcome.denials) {
    fmt::print(stderr, "  {:>6}x  {}  {}  {}  {}\n", denial.count, AbiName(denial.call.abi),
               CallText(denial.call), AnswerText(denial), Printable(denial.subject.executable));
  }
  for (const auto& gap : outcome.evidence.gaps) {
    fmt::print(stderr, "whittle: the watch has a gap: {}\n", Printable(gap.detail));
  }
  if (const size_t free = UnfilteredCalls(outcome.evidence); free > 0) {
    fmt::print(stderr, "whittle: warning: {} calls of the workload were made under no filter\n", free);
  }
}

json::Value DenialJson(const record::Denial& denial) {
  std::vector<json::Value> arguments;
  for (const uint64_t one : denial.call.arguments) arguments.emplace_back(one);
  return json::Object({{"container", denial.subject.container},
                       {"executable", denial.subject.executable},
                       {"abi", AbiName(denial.call.abi)},
                       {"call", SyscallText(denial.call.abi, denial.call.number)},
                       {"arguments", json::Array(std::move(arguments))},
                       {"fate", evidence::FateName(denial.fate)},
                       {"errno", int64_t{std::abs(denial.errno_value)}},
                       {"count", denial.count}});
}

std::string ResultJson(const container::RunOutcome& outcome) {
  std::vector<json::Value> refused;
  for (const auto& denial : outcome.denials) refused.push_back(DenialJson(denial));
  return json::Write(json::Object({{"exit_code", int64_t{outcome.exit_code}},
                                   {"target", outcome.target.Text()},
                                   {"watched", outcome.unwatched.empty()},
                                   {"unwatched_because", outcome.unwatched},
                                   {"different_calls", uint64_t{DifferentCalls(outcome.evidence)}},
                                   {"refused", json::Array(std::move(refused))}}));
}

Result<void> WriteResults(const Options& options, const container::RunOutcome& outcome) {
  if (!options.result.empty()) TRY(WriteFile(options.result, ResultJson(outcome)));
  if (options.evidence.empty()) return {};
  if (!outcome.unwatched.empty()) {
    return Fail(ErrorCode::kNotPossible,
                fmt::format("no evidence was written to {}: {}", options.evidence, outcome.unwatched));
  }
  return WriteFile(options.evidence, evidence::Write(outcome.evidence));
}

Result<container::ImageRun> ImageRunOf(const Options& options) {
  container::ImageRun run;
  if (!options.engine.empty()) run.engine = TRY(container::ParseEngineKind(options.engine));
  run.runtime = options.runtime;
  run.image = options.image;
  run.engine_arguments = options.app->remaining();
  run.command = CommandTail();
  // A pipe has been read already: the engine gets a copy then.
  std::error_code none;
  if (std::filesystem::is_regular_file(options.profile, none)) run.profile_file = options.profile;
  return run;
}

Result<container::RunOutcome> Start(const Options& options) {
  const auto document = TRY(profile::ReadProfile(options.profile));
  if (options.image.empty()) return container::RunCommand(document, CommandTail());
  const auto run = TRY(ImageRunOf(options));
  return container::RunImage(document, run);
}

Result<void> CheckUsage(const Options& options) {
  const bool extra = !options.app->remaining().empty();
  for (const auto& word : options.app->remaining()) {
    for (const char* ours : {"--profile", "--image", "--engine", "--evidence", "--result"}) {
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
                            Printable(options.app->remaining().front())));
  }
  if (options.image.empty() && CommandTail().empty()) {
    return Fail(ErrorCode::kUsage,
                "nothing to run: expected '-- COMMAND...' or '--image REF' (see 'whittle run --help')");
  }
  return {};
}

Result<int> Run(const Options& options) {
  TRY(CheckUsage(options));
  const auto outcome = TRY(Start(options));
  PrintDenials(outcome);
  TRY(WriteResults(options, outcome));
  return outcome.exit_code;
}

void DefineOptions(CLI::App& app, Options& options) {
  options.app = &app;
  app.prefix_command();
  app.add_option("--profile", options.profile, "the profile: a file, '-', or a name such as docker-default")
      ->required();
  app.add_option("--image", options.image,
                 "run this image in a container; other words go to the engine, in their order");
  app.add_option("--engine", options.engine, "docker or podman (default: docker if it answers)");
  app.add_option("--runtime", options.runtime, "the engine's runtime, by name (default: the engine's)");
  app.add_option("--evidence", options.evidence,
                 "write what was recorded meanwhile to this file (needs root)");
  app.add_option("--result", options.result, "write exit code and refusals to this file, as JSON");
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
          [](CLI::App& app) {
            auto options = std::make_shared<Options>();
            DefineOptions(app, *options);
            return [options] { return Run(*options); };
          },
          Verb::Tail::kCommand};
}

}  // namespace whittle::cli

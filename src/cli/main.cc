#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "base/text.h"
#include "cli/verb.h"
#include "cli/version.h"

namespace whittle::cli {
namespace {

int PrintError(const Error& error) {
  // Names of files and containers are part of messages, and hostile.
  fmt::print(stderr, "error: {}\n", Printable(error.message));
  return static_cast<int>(error.code);
}

// CLI11 says what is wrong, in the user's own words; we add where to look and our exit code.
int PrintUsageError(const CLI::App& app, const CLI::ParseError& error) {
  const auto verbs = app.get_subcommands();
  const std::string verb = verbs.empty() ? "" : " " + verbs.front()->get_name();
  fmt::print(stderr, "error: {} (see 'whittle{} --help')\n", Printable(error.what()), verb);
  return static_cast<int>(ErrorCode::kUsage);
}

int Run(CLI::App& app, const std::vector<std::pair<CLI::App*, std::function<Result<int>()>>>& runs) {
  for (const auto& [parsed, run] : runs) {
    if (!parsed->parsed()) continue;
    const auto code = run();
    if (!code) return PrintError(code.error());
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return *code;
    return PrintError({ErrorCode::kBadInput, "standard output: cannot be written"});
  }
  fmt::print("{}", app.help());
  return static_cast<int>(ErrorCode::kUsage);
}

std::vector<std::string>& MutableCommandTail() {
  static std::vector<std::string> tail;
  return tail;
}

// Cuts the command line at the first "--" if its verb takes a command, so that no option of the command's is
// ours.
int CutTail(int argc, char** argv) {
  if (argc < 2) return argc;
  const auto& verbs = Verbs();
  const auto verb = std::ranges::find(verbs, argv[1], &Verb::name);
  if (verb == verbs.end() || verb->tail == Verb::Tail::kNone) return argc;
  for (int i = 2; i < argc; ++i) {
    if (std::string_view(argv[i]) != "--") continue;
    MutableCommandTail().assign(argv + i + 1, argv + argc);
    return i;
  }
  return argc;
}

}  // namespace

const std::vector<std::string>& CommandTail() { return MutableCommandTail(); }

int Main(int argc, char** argv) {
  CLI::App app("The smallest seccomp profile that still lets a container work, recorded, proven and run.",
               "whittle");
  app.set_version_flag("--version", "whittle " + std::string(kVersion));
  app.require_subcommand(0, 1);
  app.failure_message(CLI::FailureMessage::simple);
  std::vector<std::pair<CLI::App*, std::function<Result<int>()>>> runs;
  for (const auto& verb : Verbs()) {
    CLI::App* sub = app.add_subcommand(verb.name, verb.summary);
    sub->footer("Example:\n" + verb.example);
    runs.emplace_back(sub, verb.define(*sub));
  }
  const int count = CutTail(argc, argv);
  try {
    app.parse(count, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForVersion& version) {
    return app.exit(version);
  } catch (const CLI::ParseError& error) {
    return PrintUsageError(app, error);
  }
  return Run(app, runs);
}

}  // namespace whittle::cli

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <system_error>

#include "base/text.h"
#include "cli/verb.h"
#include "cli/version.h"
#include "report/table.h"

namespace whittle::cli {
namespace {

int PrintError(const Error& error) {
  // Names of files and containers are part of messages, and hostile.
  std::fputs(fmt::format("error: {}\n", Printable(error.message)).c_str(), stderr);
  return static_cast<int>(error.code);
}

int Run(const std::function<Result<int>()>& run) {
  try {
    const auto code = run();
    if (!code) return PrintError(code.error());
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return *code;
  } catch (const std::system_error&) {
    // fmt::print() throws where a text is longer than the buffer, and the disk is full.
  }
  return PrintError({ErrorCode::kBadInput, "standard output: cannot be written"});
}

void FitTerminal() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) report::FitTerminal(size.ws_col);
}

std::vector<std::string>& MutableCommandTail() {
  static std::vector<std::string> tail;
  return tail;
}

// The first word that is no flag, of which whittle itself has none that takes a value; nothing if no verb is
// called so.
const Verb* WantedVerb(int argc, char** argv) {
  if (argc < 2) return nullptr;
  const auto word = std::find_if(argv + 1, argv + argc, [](const char* text) { return text[0] != '-'; });
  if (word == argv + argc) return nullptr;
  const auto verb = std::ranges::find(Verbs(), *word, &Verb::name);
  return verb == Verbs().end() ? nullptr : &*verb;
}

// Cuts the command line at the first "--" if its verb takes a command, so that no option of the command's is
// ours.
int CutTail(const Verb* verb, int argc, char** argv) {
  if (verb == nullptr || verb->tail == Verb::Tail::kNone || argv[1] != verb->name) return argc;
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
  CommandLine line("whittle",
                   "The smallest seccomp profile that still lets a container work, recorded, proven and run.",
                   "whittle " + std::string(kVersion));
  const Verb* wanted = WantedVerb(argc, argv);
  std::function<Result<int>()> run;
  for (const auto& verb : Verbs()) {
    Flags flags = line.AddVerb(verb.name, verb.summary);
    if (&verb != wanted) continue;  // listed only: every start pays for what is defined
    flags.Footer("Example:\n" + verb.example);
    run = verb.define(flags);
  }
  const int count = CutTail(wanted, argc, argv);
  const auto parsed = line.Parse(count, argv);
  if (!parsed) return PrintError(parsed.error());
  if (!*parsed) return kYes;
  FitTerminal();
  if (run) return Run(run);
  fmt::print("{}", line.Help());
  return static_cast<int>(ErrorCode::kUsage);
}

}  // namespace whittle::cli

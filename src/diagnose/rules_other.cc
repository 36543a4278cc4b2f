// What is not seccomp's fault, and must not be blamed on it.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

#include "base/text.h"
#include "diagnose/rules.h"
#include "profile/action.h"
#include "syscalls/purpose.h"

namespace whittle::diagnose {
namespace {

using profile::Action;

void MemoryRule(const Case& c, Causes& causes) {
  const bool engine = c.facts.info && c.facts.info->out_of_memory;
  if (!engine && !c.facts.out_of_memory) return;
  Cause cause{Kind::kOutOfMemory,
              Certainty::kCertain,
              "the kernel killed it: it wanted more memory than it may have",
              {engine ? "the engine noticed (OOMKilled)" : "the kernel's log says so"},
              "give it more memory (--memory), or less to do",
              {}};
  if (c.stage == Stage::kRuns) cause.certainty = Certainty::kPossible;
  causes.push_back(std::move(cause));
}

void ProgramRule(const Case& c, Causes& causes) {
  if (!c.message || !c.message->kind) return;
  const Kind kind = *c.message->kind;
  Cause cause{kind, Certainty::kCertain, "", {"the engine says: " + Quoted(c.facts.error)}, "", {}};
  const std::string program = c.facts.info && !c.facts.info->command.empty()
                                  ? Quoted(c.facts.info->command.front())
                                  : std::string("the program");
  if (kind == Kind::kProgramMissing) {
    cause.what = fmt::format("the image has no {}", program);
    cause.change = "look at the command's spelling, PATH, the image, and what mounts hide";
  } else if (kind == Kind::kProgramUnusable) {
    cause.what = fmt::format("{} cannot be executed", program);
    cause.change = "look at its rights (x), whether it is a file, and whether it is made for this machine";
  } else if (kind == Kind::kEngine) {
    cause.what = "the engine could not prepare the container: its image, mounts, user or network";
  } else if (kind == Kind::kHostRights) {
    cause.what = "the engine has not the rights to make the container";
  } else {
    return;
  }
  causes.push_back(std::move(cause));
}

// podman keeps no message of a start that failed: the image itself is looked at.
void FileRule(const Case& c, Causes& causes) {
  const bool missing = c.facts.program == ProgramFile::State::kMissing;
  if (c.stage != Stage::kNeverStarted || c.message ||
      (!missing && c.facts.program != ProgramFile::State::kUnusable))
    return;
  const std::string program = Quoted(c.facts.info->command.front());
  Cause cause{missing ? Kind::kProgramMissing : Kind::kProgramUnusable, Certainty::kLikely, "", {}, "", {}};
  cause.what =
      missing ? fmt::format("the image has no {}", program) : fmt::format("{} cannot be executed", program);
  cause.because.emplace_back(missing
                                 ? "it is not in the container's file system, nor in what is mounted there"
                                 : "it is a folder, or nobody may execute it");
  cause.change = "look at the command's spelling, PATH, the image, and what mounts hide";
  causes.push_back(std::move(cause));
}

// A shell's 126 and 127.
void ShellRule(const Case& c, Causes& causes) {
  const int code = c.exit_code();
  if (c.stage != Stage::kEnded || (code != 126 && code != 127)) return;
  for (const auto& line : c.facts.log) {
    if (line.find("not found") == std::string::npos && ErrorNamed(line) != ENOENT && code == 127) continue;
    causes.push_back(
        {code == 127 ? Kind::kProgramMissing : Kind::kProgramUnusable,
         code == 127 ? Certainty::kCertain : Certainty::kLikely,
         code == 127 ? "a program that it calls is not there" : "a program that it calls cannot be executed",
         {"its log says: " + Quoted(line), fmt::format("exit code {} is how a shell says so", code)},
         "look at the command's spelling, PATH and the image",
         {}});
    return;
  }
}

bool IsRoot(const std::string& user) {
  return user.empty() || user == "0" || user == "root" || user.starts_with("0:");
}

Cause NoCapability(const Case& c, const FailedCall& failed, const std::string& capability) {
  const std::string& call = failed.calls.front();
  return {Kind::kCapability,
          Certainty::kLikely,
          fmt::format("it lacks {}, which {} wants", capability, call),
          {"its log says: " + Quoted(failed.line),
           c.filters() ? fmt::format("the profile lets {} pass", call) : "no filter is in force",
           fmt::format("{} is not among the container's capabilities", capability)},
          fmt::format("--cap-add {}, if that is meant", capability.substr(4)),
          {call}};
}

Cause NoPermission(const Case& c, const FailedCall& failed) {
  Cause cause{Kind::kPermission,
              failed.calls.empty() ? Certainty::kPossible : Certainty::kLikely,
              fmt::format("a right is missing ({}), and the profile does not refuse the call",
                          profile::ErrnoName(failed.error)),
              {"its log says: " + Quoted(failed.line)},
              "",
              {}};
  if (failed.calls.empty())
    cause.what = fmt::format("a right is missing ({})", profile::ErrnoName(failed.error));
  if (c.filters() && !failed.calls.empty())
    cause.because.push_back("the profile gives no such answer to " + Join(failed.calls, ", "));
  if (!c.filters() && !c.facts.profile.ignored.empty())
    cause.because.push_back("no filter is in force: " + c.facts.profile.ignored);
  if (c.facts.info && !IsRoot(c.facts.info->user))
    cause.because.push_back(fmt::format("it runs as {}, not as root", Quoted(c.facts.info->user)));
  cause.change = "look at the user, the owners and modes of files, read-only mounts, AppArmor and SELinux";
  return cause;
}

// Whether the profile may be what the line complains of.
Result<bool> MayBeTheFilter(const Case& c, const FailedCall& failed) {
  for (const auto& call : failed.calls) {
    const auto answer = TRY(AnswerFor(c, call));
    if (answer && answer->kind != optimize::Answer::Kind::kAllowed && answer->error == failed.error)
      return true;
  }
  return false;
}

// Complaints of a right, about calls that the profile lets pass.
Result<void> RightsRule(const Case& c, Causes& causes) {
  if (c.stage != Stage::kEnded || c.exit_code() == 0) return {};
  for (const auto& line : c.facts.log) {
    const auto failed = FailedCallIn(line);
    if (!failed || (failed->error != EPERM && failed->error != EACCES && failed->error != EROFS)) continue;
    if (const auto capability = TRY(MissingCapability(c, *failed)); !capability.empty()) {
      causes.push_back(NoCapability(c, *failed, capability));
      return {};
    }
    if (TRY(MayBeTheFilter(c, *failed))) continue;
    causes.push_back(NoPermission(c, *failed));
    return {};
  }
  return {};
}

std::string SignalText(int signal) {
  constexpr std::pair<int, std::string_view> kNames[] = {
      {1, "SIGHUP"}, {2, "SIGINT"}, {3, "SIGQUIT"}, {4, "SIGILL"},   {5, "SIGTRAP"},  {6, "SIGABRT"},
      {7, "SIGBUS"}, {8, "SIGFPE"}, {9, "SIGKILL"}, {11, "SIGSEGV"}, {13, "SIGPIPE"}, {15, "SIGTERM"}};
  for (const auto& [number, name] : kNames) {
    if (number == signal) return std::string(name);
  }
  return fmt::format("signal {}", signal);
}

void SignalRule(const Case& c, Causes& causes) {
  constexpr int kLastSignal = 64;
  const int signal = c.exit_code() - 128;
  if (c.stage != Stage::kEnded || signal < 1 || signal > kLastSignal || c.exit_code() == kSigsysExit) return;
  const bool outside = signal == 9 || signal == 15 || signal == 2 || signal == 1;
  // A program that does not expect an error may run into a fault, or end itself by SIGABRT.
  Cause cause{outside ? Kind::kKilled : Kind::kCrashed,
              outside || !MayRefuseInSilence(c) ? Certainty::kLikely : Certainty::kPossible,
              outside ? fmt::format("{} ended it: somebody stopped or killed it", SignalText(signal))
                      : fmt::format("it crashed ({})", SignalText(signal)),
              {fmt::format("exit code {} is 128 + {}; a filter sends SIGSYS (159) and no other",
                           c.exit_code(), signal)},
              outside ? "look who stopped it: the user, a deadline, or the kernel for want of memory (dmesg)"
                      : "look at the program; a core dump tells where",
              {}};
  causes.push_back(std::move(cause));
}

void ExitRule(const Case& c, Causes& causes) {
  const int code = c.exit_code();
  if (c.stage != Stage::kEnded || code == 0 || code == kSigsysExit || code > 128) return;
  Cause cause{Kind::kEndedByItself,
              causes.empty() && !MayRefuseInSilence(c) ? Certainty::kLikely : Certainty::kPossible,
              fmt::format("it ended by itself, with exit code {}", code),
              {},
              "",
              {}};
  cause.because.emplace_back(c.refused.empty() && !c.facts.watched.empty()
                                 ? "its refusals were watched, and there were none"
                                 : "nothing in its end, its log or the kernel's speaks of the filter");
  if (!c.facts.log.empty()) cause.because.push_back("its log ends: " + Quoted(c.facts.log.back()));
  cause.change = "the program's own messages say why";
  causes.push_back(std::move(cause));
}

bool IsSilent(Action action) {
  return action == Action::kErrno || action == Action::kTrace || action == Action::kNotify;
}

}  // namespace

bool MayRefuseInSilence(const Case& c) {
  const ProfileFacts& profile = c.facts.profile;
  if (!c.facts.watched.empty() || !profile.ignored.empty() ||
      profile.given == ProfileFacts::Given::kUnconfined)
    return false;
  if (!profile.document) return profile.given == ProfileFacts::Given::kDefault;  // engines' own answer errors
  return c.filters() && (IsSilent(profile.document->default_action) ||
                         std::ranges::any_of(profile.document->rules,
                                             [](const auto& rule) { return IsSilent(rule.action); }));
}

Result<std::string> MissingCapability(const Case& c, const FailedCall& failed) {
  const auto& info = c.facts.info;
  const bool known = c.filters() || !c.facts.profile.ignored.empty() ||
                     c.facts.profile.given == ProfileFacts::Given::kUnconfined;
  if (!info || !known || failed.calls.empty() || failed.error != EPERM) return std::string();
  const std::string capability(SyscallCapability(failed.calls.front()));
  if (capability.empty() || !IsRoot(info->user) || info->privileged ||
      info->capabilities.contains(capability))
    return std::string();
  const auto answer = TRY(AnswerFor(c, failed.calls.front()));
  const bool passes = !answer || answer->kind == optimize::Answer::Kind::kAllowed;
  return passes ? capability : std::string();
}

Result<void> OtherRules(const Case& c, Causes& causes) {
  MemoryRule(c, causes);
  ProgramRule(c, causes);
  FileRule(c, causes);
  ShellRule(c, causes);
  TRY(RightsRule(c, causes));
  if (causes.empty() || causes.front().kind != Kind::kOutOfMemory) SignalRule(c, causes);
  ExitRule(c, causes);
  return {};
}

}  // namespace whittle::diagnose

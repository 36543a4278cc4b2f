// Calls of the workload. Whoever watched knows them; else the exit code, the kernel's log and what the
// programs said are held against the profile.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/text.h"
#include "diagnose/rules.h"
#include "filter/meaning.h"
#include "syscalls/table.h"

namespace whittle::diagnose {
namespace {

using optimize::Answer;
using profile::Action;

// What nearly every program calls before its own first instruction does anything.
constexpr std::array<std::string_view, 17> kFirstCalls = {"brk",
                                                          "arch_prctl",
                                                          "access",
                                                          "openat",
                                                          "open",
                                                          "read",
                                                          "fstat",
                                                          "newfstatat",
                                                          "mmap",
                                                          "close",
                                                          "pread64",
                                                          "mprotect",
                                                          "set_tid_address",
                                                          "set_robust_list",
                                                          "rseq",
                                                          "prlimit64",
                                                          "munmap"};

std::string WhoText(const RefusedCall& refused) {
  std::string text = Quoted(refused.executable.empty() ? refused.command : refused.executable);
  if (!refused.stack.empty()) text += ", at " + Printable(refused.stack.front());
  return text;
}

std::string SeenText(const Case& c, const RefusedCall& refused) {
  const bool audit = refused.source == RefusedCall::Source::kAudit;
  return fmt::format("{}: {}{}() {}{} {}", audit ? "the kernel's log" : Printable(c.facts.watched),
                     refused.abi == c.facts.target.value_or(profile::Target{}).arch
                         ? ""
                         : std::string(AbiName(refused.abi)) + " ",
                     refused.call,
                     refused.fate == evidence::Fate::kKilled ? "ended its caller" : "was refused to",
                     refused.count > 1 ? fmt::format(" {} times", refused.count) : "", WhoText(refused));
}

void AddOnce(std::vector<std::string>& names, const std::string& name) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

// The ABIs that the filter has rules for.
bool Filters(const Case& c, Abi abi) {
  if (!c.filters()) return true;
  const auto meaning = filter::MeaningOf(*c.facts.profile.document, *c.facts.target);
  return std::ranges::any_of(meaning.abis, [&](const auto& rules) { return rules.abi() == abi; });
}

bool EndedBySigsys(const Case& c) { return c.stage == Stage::kEnded && c.exit_code() == kSigsysExit; }

const std::string* SigsysLine(const Case& c) {
  const auto found = std::ranges::find_if(c.facts.log, [](const auto& line) { return TellsOfSigsys(line); });
  return found == c.facts.log.end() ? nullptr : &*found;
}

// A program of another ABI than the profile lists.
bool ArchitectureRule(const Case& c, Causes& causes) {
  std::optional<Abi> abi = EndedBySigsys(c) ? c.facts.program_abi : std::nullopt;
  for (const auto& refused : c.refused) {
    if (!refused.arrived && refused.fate == evidence::Fate::kKilled && !Filters(c, refused.abi))
      abi = refused.abi;
  }
  if (!abi || Filters(c, *abi)) return false;
  Cause cause{
      Kind::kArchitectureMissing,
      Certainty::kCertain,
      fmt::format("the program makes {} calls, and the profile does not list that architecture: whoever "
                  "makes one is killed",
                  AbiName(*abi)),
      {},
      "",
      {}};
  if (c.facts.program_abi == abi)
    cause.because.push_back(fmt::format("the program's file is of {}", AbiName(*abi)));
  for (const auto& refused : c.refused) {
    if (refused.abi == abi) cause.because.push_back(SeenText(c, refused));
  }
  if (EndedBySigsys(c)) cause.because.emplace_back("it ended by SIGSYS (exit code 159)");
  cause.change = fmt::format("add \"{}\" to the profile's architectures", ScmpArchName(*abi));
  causes.push_back(std::move(cause));
  return true;
}

// What somebody saw being refused to the workload.
bool SeenRules(const Case& c, Causes& causes) {
  constexpr size_t kShown = 10;
  Cause cause{Kind::kWorkloadRefused, Certainty::kLikely, "", {}, "", {}};
  const auto is_own = [&](const RefusedCall& refused) { return !refused.arrived && Filters(c, refused.abi); };
  const auto kills = [&](const RefusedCall& refused) {
    return is_own(refused) && refused.fate == evidence::Fate::kKilled;
  };
  const bool killed = std::ranges::any_of(c.refused, kills);  // then the others did not matter
  for (auto refused = c.refused.rbegin(); refused != c.refused.rend(); ++refused) {
    if (!is_own(*refused) || (killed && !kills(*refused))) continue;
    AddOnce(cause.calls, refused->call);
    if (cause.because.size() < kShown) AddOnce(cause.because, SeenText(c, *refused));
  }
  if (cause.calls.empty()) return false;
  const bool sure = killed && EndedBySigsys(c);
  bool said = false;
  for (const auto& line : c.facts.log) {
    const auto failed = FailedCallIn(line);
    if (!failed) continue;
    for (const auto& call : cause.calls) {
      if (std::ranges::find(failed->calls, call) == failed->calls.end() || said) continue;
      said = true;
      cause.because.push_back("its log says: " + Quoted(line));
    }
  }
  if (sure || said) cause.certainty = Certainty::kCertain;
  if (c.stage == Stage::kEnded && c.exit_code() == 0) cause.certainty = Certainty::kPossible;
  cause.what = fmt::format("the workload was {} {}", killed ? "killed by the filter for" : "refused",
                           Join(cause.calls, ", "));
  cause.change = AllowChange(c, cause.calls);
  causes.push_back(std::move(cause));
  return true;
}

bool EndsTheCaller(const Answer& answer) {
  return answer.kind != Answer::Kind::kAllowed && (answer.verdict.find("KILL") != std::string::npos ||
                                                   answer.verdict.find("TRAP") != std::string::npos);
}

bool EndsTheCaller(Action action) {
  return action == Action::kKillProcess || action == Action::kKillThread || action == Action::kTrap;
}

std::string FileName(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

// Which call it may have been that a program was killed for.
struct Killers {
  std::vector<std::string> calls;
  bool are_all = false;  // no others end their caller
};

// Every call that ends its caller, where those are named one by one: a filter that kills for all it does not
// name has no end of them.
Result<std::vector<std::string>> NamedKillers(const Case& c) {
  std::vector<std::string> killers, trapping;
  if (EndsTheCaller(c.facts.profile.document->default_action)) return killers;
  for (const auto& rule : c.facts.profile.document->rules) {
    for (const auto& call : rule.names) {
      const auto answer = TRY(AnswerFor(c, call));
      if (!answer || !EndsTheCaller(*answer)) continue;
      AddOnce(killers, call);
      if (answer->verdict.find("TRAP") != std::string::npos) AddOnce(trapping, call);
    }
  }
  // The kernel records whom KILL ended, and says nothing of TRAP.
  return c.facts.kernel_log && !trapping.empty() ? trapping : killers;
}

// Those that the command line names, else those with which every program begins.
Result<std::vector<std::string>> UsualKillers(const Case& c) {
  std::vector<std::string> calls, named;
  if (c.facts.info) {
    for (const auto& word : c.facts.info->command) {
      for (const auto piece : Words(word)) {
        for (const auto& call : CallsMeantBy(FileName(piece))) named.push_back(call);
      }
    }
  }
  for (const auto& call : named) {
    const auto answer = TRY(AnswerFor(c, call));
    if (answer && EndsTheCaller(*answer)) AddOnce(calls, call);
  }
  for (const auto call : kFirstCalls) {
    const auto answer = TRY(AnswerFor(c, std::string(call)));
    if (answer && EndsTheCaller(*answer)) AddOnce(calls, std::string(call));
  }
  const auto exit = TRY(AnswerFor(c, "exit_group"));
  if (exit && EndsTheCaller(*exit)) AddOnce(calls, "exit_group");
  return calls;
}

Result<Killers> LikelyKillers(const Case& c) {
  constexpr size_t kFew = 6;
  if (!c.filters()) return Killers{};
  auto named = TRY(NamedKillers(c));
  if (!named.empty() && named.size() <= kFew) return Killers{std::move(named), true};
  return Killers{TRY(UsualKillers(c)), false};
}

std::string ForWhichCall(const Killers& killers) {
  if (killers.calls.empty()) return ", for a call that nobody recorded";
  if (!killers.are_all) return "; probably for " + Join(killers.calls, ", ");
  return (killers.calls.size() == 1 ? "; by exclusion for " : "; by exclusion for one of ") +
         Join(killers.calls, ", ");
}

// SIGSYS, and nobody watched: that a filter did it is certain, for which call is not.
Result<void> SigsysRule(const Case& c, Causes& causes) {
  const std::string* line = SigsysLine(c);
  if (!EndedBySigsys(c) && line == nullptr) return {};
  if (EndedBySigsys(c) && !c.needed.empty()) return {};  // the runtime never came so far
  const auto killers = TRY(LikelyKillers(c));
  Cause cause;
  cause.kind = Kind::kWorkloadRefused;
  cause.certainty = EndedBySigsys(c) ? Certainty::kCertain : Certainty::kLikely;
  cause.calls = killers.calls;
  cause.what =
      fmt::format("a process of the workload was killed by the filter (SIGSYS){}", ForWhichCall(killers));
  if (EndedBySigsys(c))
    cause.because.emplace_back("exit code 159 is 128 + 31: SIGSYS, which the filter sends");
  if (line != nullptr) cause.because.push_back("its log says: " + Quoted(*line));
  for (const auto& call : cause.calls) {
    if (const auto answer = TRY(AnswerFor(c, call))) cause.because.push_back(AnswerText(*answer, call));
  }
  if (killers.are_all) {
    cause.because.emplace_back(
        c.facts.kernel_log
            ? "the profile ends the caller for no other call without a record in the kernel's log, where "
              "there is none"
            : "the profile ends the caller for no other call");
  }
  cause.change = cause.calls.empty()
                     ? "whittle run --profile PROFILE --image IMAGE names the call; so does a watch that is "
                       "kept (whittle denials --keep)"
                     : AllowChange(c, cause.calls);
  causes.push_back(std::move(cause));
  return {};
}

// Refused with just the error that the program complains of.
bool Fits(const Answer& answer, uint32_t error) {
  if (answer.kind == Answer::Kind::kAllowed) return false;
  if (answer.error == error) return true;
  return answer.verdict == profile::VerdictText(Action::kNotify, 0) && error == ENOSYS;
}

// A line of the log that complains of a call which the profile refuses with that error.
Result<void> ComplaintRule(const Case& c, Causes& causes) {
  Cause cause{Kind::kWorkloadRefused, Certainty::kLikely, "", {}, "", {}};
  bool listener = false;
  bool otherwise = false;  // explained: the call that is named first passes, and wants a capability
  for (const auto& line : c.facts.log) {
    const auto failed = FailedCallIn(line);
    if (!failed) continue;
    bool quoted = false;
    for (const auto& call : failed->calls) {
      const auto answer = TRY(AnswerFor(c, call));
      if (!answer || !Fits(*answer, failed->error)) continue;
      listener = listener || answer->verdict == profile::VerdictText(Action::kNotify, 0);
      AddOnce(cause.calls, call);
      otherwise = otherwise || !TRY(MissingCapability(c, *failed)).empty();
      if (!quoted) cause.because.push_back("its log says: " + Quoted(line));
      quoted = true;
      AddOnce(cause.because, AnswerText(*answer, call));
    }
  }
  if (cause.calls.empty()) return {};
  if (otherwise || (c.stage == Stage::kEnded && c.exit_code() == 0)) cause.certainty = Certainty::kPossible;
  if (listener) {
    cause.kind = Kind::kNoListener;
    cause.what =
        fmt::format("the profile asks a listener about {}, and none answers", Join(cause.calls, ", "));
    cause.change =
        "name the listener's socket in listenerPath (docker from 23.0 on, podman), or give those calls "
        "another action";
  } else {
    cause.what = fmt::format("the workload is refused {} by the profile", Join(cause.calls, ", "));
    cause.change = AllowChange(c, cause.calls);
  }
  causes.push_back(std::move(cause));
  return {};
}

// A program whose exit is refused runs on into what stands behind the call.
Result<void> ExitRule(const Case& c, Causes& causes) {
  constexpr int kSegfault = 139, kIllegal = 132, kTrap = 133;
  const int code = c.exit_code();
  if (c.stage != Stage::kEnded || (code != kSegfault && code != kIllegal && code != kTrap)) return {};
  const auto answer = TRY(AnswerFor(c, "exit_group"));
  if (!answer || answer->kind != Answer::Kind::kRefused) return {};
  Cause cause{Kind::kWorkloadRefused,
              Certainty::kLikely,
              "the profile refuses exit_group: the program cannot end and crashes behind the call",
              {fmt::format("exit code {} is a crash", code), AnswerText(*answer, "exit_group")},
              AllowChange(c, {"exit_group"}),
              {"exit_group"}};
  causes.push_back(std::move(cause));
  return {};
}

}  // namespace

Result<void> WorkloadRules(const Case& c, Causes& causes) {
  if (c.stage == Stage::kNeverStarted || c.stage == Stage::kHangs) return {};
  if (ArchitectureRule(c, causes)) return {};
  if (SeenRules(c, causes)) return {};
  TRY(SigsysRule(c, causes));
  if (!TRY(StartRules(c, causes))) TRY(ComplaintRule(c, causes));
  return ExitRule(c, causes);
}

}  // namespace whittle::diagnose

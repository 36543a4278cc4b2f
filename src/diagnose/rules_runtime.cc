// The runtime's own calls: between the loading of the filter and the workload's execve it is as confined as
// the workload, and a profile that was made of the workload's calls alone forgets it.
#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "diagnose/rules.h"

namespace whittle::diagnose {
namespace {

using optimize::RefusedRow;

// What the engine or the log says of the runtime's own failure, as far as it is known.
struct Said {
  std::optional<MessageMeaning> meaning;
  std::string words;
};

Said WhatWasSaid(const Case& c) {
  if (c.message) return {c.message, c.facts.error};
  // A runtime that failed after the start was reported writes into the container's log: few lines, no others.
  constexpr size_t kFewLines = 2;
  if (c.facts.log.size() > kFewLines) return {};
  for (const auto& line : c.facts.log) {
    auto meaning = MeaningOfMessage(line, c.runtime);
    if (meaning && meaning->kind == Kind::kRuntimeRefused) return {std::move(meaning), line};
  }
  return {};
}

// Refusals of the runtime that somebody saw.
const RefusedCall* SeenRefusal(const Case& c) {
  const auto found = std::ranges::find_if(c.refused, &RefusedCall::arrived);
  return found == c.refused.end() ? nullptr : &*found;
}

// Which of the refused calls stopped the start: what was seen, what the message is about, else the first one
// in the order of a start, or the last one if the engine says that it had started.
std::string CallThatFailed(const Case& c, const Said& said) {
  if (const auto* seen = SeenRefusal(c)) return seen->call;
  const auto is_refused = [&](const std::string& call) {
    return std::ranges::any_of(c.needed, [&](const auto& row) { return row.first.call == call; });
  };
  if (said.meaning && said.meaning->kind == Kind::kRuntimeRefused) {
    for (const auto& call : said.meaning->calls) {
      if (is_refused(call)) return call;
    }
  }
  const auto& row = c.stage == Stage::kEnded ? c.needed.back() : c.needed.front();
  return row.first.call;
}

std::string EffectText(const std::string& verdict) {
  if (verdict.starts_with("KILL_THREAD"))
    return "the thread that asks is killed without a word, and whoever waits for it waits for ever";
  if (verdict.starts_with("KILL_PROCESS")) return "its process is killed by SIGSYS, without a message";
  if (verdict.starts_with("TRAP")) return "it gets SIGSYS and dies";
  if (verdict.starts_with("ERRNO")) return "it gets an error and gives up";
  return "it is not let pass";
}

// An end that fits a runtime's failure: what it exits with, or what a killed process leaves.
bool EndFits(int exit_code) {
  constexpr int kFitting[] = {1, 126, 127, 128, 139, kSigsysExit, 255};
  return std::ranges::find(kFitting, exit_code) != std::end(kFitting);
}

Certainty HowSure(const Case& c, const Said& said) {
  const bool other = said.meaning && said.meaning->kind && *said.meaning->kind != Kind::kRuntimeRefused;
  if (other) return Certainty::kPossible;
  if (c.stage == Stage::kEnded && !said.meaning && c.facts.log.size() > 2) return Certainty::kPossible;
  if (SeenRefusal(c) != nullptr || c.stage == Stage::kHangs) return Certainty::kCertain;
  return c.baseline.doubt.empty() ? Certainty::kCertain : Certainty::kLikely;
}

void AddProofs(const Case& c, const Said& said, const RefusedRow& row, Cause& cause) {
  if (!said.words.empty()) cause.because.push_back("what was said: " + Quoted(said.words));
  if (const auto* seen = SeenRefusal(c)) {
    cause.because.push_back(fmt::format("seen: {} {} {}", seen->call,
                                        seen->fate == evidence::Fate::kKilled ? "killed" : "was refused to",
                                        Quoted(seen->command.empty() ? seen->executable : seen->command)));
  }
  if (c.stage == Stage::kHangs) {
    cause.because.push_back(fmt::format(
        "process {} ({}) is dead by its filter (Seccomp: 3) while other threads of it wait: the start hangs",
        c.facts.process->pid, Printable(c.facts.process->command)));
  }
  cause.because.push_back(AnswerText(row.second, row.first.call) + ": " + EffectText(row.second.verdict));
  if (row.first.starts > 0) {
    cause.because.push_back(fmt::format(
        "measured on {}: {} is made in {} of {} starts{}, {}", c.baseline.measured, row.first.call,
        row.first.seen, row.first.starts, row.first.no_new_privs ? " with no_new_privs" : "",
        row.first.need == optimize::Need::kNeeded ? "and a start without it fails"
                                                  : "and some without it fail"));
  }
  if (!c.baseline.doubt.empty()) cause.because.push_back("the runtime's calls: " + c.baseline.doubt);
}

const RefusedRow& RowOf(const std::vector<RefusedRow>& rows, const std::string& call) {
  const auto found = std::ranges::find_if(rows, [&](const auto& row) { return row.first.call == call; });
  return found == rows.end() ? rows.front() : *found;
}

Cause StartRefused(const Case& c, const Said& said) {
  const std::string failed = CallThatFailed(c, said);
  const RefusedRow& row = RowOf(c.needed, failed);
  Cause cause;
  cause.kind = Kind::kRuntimeRefused;
  cause.certainty = HowSure(c, said);
  const auto step = StepOf(c.runtime, failed);
  cause.what =
      fmt::format("{} itself needs {}{}, and the profile refuses it: it fails before the workload runs",
                  c.runtime_text, failed, step ? fmt::format(" ({})", step->step) : "");
  AddProofs(c, said, row, cause);
  cause.calls.push_back(failed);
  for (const auto& [other, answer] : c.needed) {
    if (other.call != failed) cause.calls.push_back(other.call);
  }
  if (cause.calls.size() > 1) {
    cause.because.push_back("refused, and needed as well: " +
                            Join(std::vector(cause.calls.begin() + 1, cause.calls.end()), " "));
  }
  auto allow = cause.calls;
  for (const auto& [other, answer] : c.sometimes) allow.push_back(other.call);
  cause.change = AllowChange(c, allow);
  return cause;
}

// A call without which some starts fail: Go's runtime makes it at any moment.
Cause SometimesRefused(const Case& c, const Said& said) {
  Cause cause;
  cause.kind = Kind::kRuntimeRefused;
  cause.certainty = Certainty::kLikely;
  const RefusedRow& row = c.sometimes.front();
  for (const auto& [other, answer] : c.sometimes) cause.calls.push_back(other.call);
  cause.what =
      fmt::format("{} itself makes {} in some starts, and the profile refuses it: such a start fails",
                  c.runtime_text, Join(cause.calls, ", "));
  AddProofs(c, said, row, cause);
  cause.change = AllowChange(c, cause.calls);
  return cause;
}

// Which runtime a refused call was made by: "runc". Where the engine could not be asked any more, what made
// the call calls itself so: "runc:[2:INIT]", "/usr/sbin/runc". Empty if nobody tells.
std::string RuntimeOf(const Case& c, const RefusedCall& refused) {
  const std::string& told = c.facts.info->runtime;  // "runc 1.1.5"
  for (const std::string& text : {told, refused.command, refused.executable}) {
    for (const char* name : {"crun", "runc"}) {
      if (text.find(name) != text.npos) return name;
    }
  }
  return told.substr(0, told.find(' '));
}

// A container that is gone, whose workload never came to make a call: what was refused to the runtime that
// set it up is why. Runtimes get along without some calls, but not without those of a known step.
const RefusedCall* FatalRefusal(const Case& c) {
  if (c.facts.workload_seen || !c.facts.seen_from_start) return nullptr;
  const auto first = [&](const auto& is) -> const RefusedCall* {
    const auto found =
        std::ranges::find_if(c.refused, [&](const auto& one) { return one.arrived && is(one); });
    return found == c.refused.end() ? nullptr : &*found;
  };
  if (const auto* killed = first([](const auto& one) { return one.fate == evidence::Fate::kKilled; })) {
    return killed;
  }
  if (const auto* step =
          first([&](const auto& one) { return StepOf(RuntimeOf(c, one), one.call).has_value(); })) {
    return step;
  }
  return SeenRefusal(c);
}

void GoneAtItsStart(const Case& c, Causes& causes) {
  if (c.stage != Stage::kUnknown || c.judge || !c.facts.info) return;
  const auto* refused = FatalRefusal(c);
  if (refused == nullptr) return;
  const std::string runtime = RuntimeOf(c, *refused);
  const std::string text = c.facts.info->runtime.empty() ? runtime : c.facts.info->runtime;
  const bool killed = refused->fate == evidence::Fate::kKilled;
  const auto step = StepOf(runtime, refused->call);
  Cause cause;
  cause.kind = Kind::kRuntimeRefused;
  cause.certainty = killed || step ? Certainty::kCertain : Certainty::kLikely;
  cause.what = fmt::format("{} itself {} {}{}: it failed before the workload ran",
                           text.empty() ? "the runtime" : Printable(text),
                           killed ? "was killed by the filter for" : "was refused", refused->call,
                           step ? fmt::format(" ({})", step->step) : "");
  cause.because.push_back(fmt::format(
      "{}: {} {} {}", Printable(c.facts.watched), refused->call, killed ? "killed" : "was refused to",
      Quoted(refused->command.empty() ? refused->executable : refused->command)));
  cause.because.emplace_back("no call of the workload was seen, and the watch was there from its start on");
  cause.calls.push_back(refused->call);
  cause.change = AllowChange(c, cause.calls);
  causes.push_back(std::move(cause));
}

// The runtime names a step that the profile has nothing against.
Cause NotByTheProfile(const Case& c, const MessageMeaning& meaning) {
  constexpr uint32_t kNotPermitted = 1, kNoAccess = 13;
  const bool rights = meaning.error == kNotPermitted || meaning.error == kNoAccess;
  Cause cause;
  cause.kind = rights ? Kind::kHostRights : Kind::kEngine;
  cause.certainty = Certainty::kLikely;
  cause.what = fmt::format("the runtime failed where it {}, and no filter refuses that", meaning.step);
  cause.because.push_back("the engine says: " + Quoted(c.facts.error));
  cause.because.push_back(c.filters() ? fmt::format("the profile lets {} pass", Join(meaning.calls, ", "))
                          : c.facts.profile.ignored.empty()
                              ? "no filter is known to be in force"
                              : "no filter is in force: " + c.facts.profile.ignored);
  cause.change =
      rights
          ? "the engine, or this host, lacks a right that the container was promised (a capability, a user "
            "namespace): look at what the daemon may do, or ask for less"
          : "";
  return cause;
}

// The message is all there is: no profile to ask.
Cause StepRefused(const Case& c, const MessageMeaning& meaning) {
  Cause cause;
  cause.kind = Kind::kRuntimeRefused;
  cause.certainty = Certainty::kLikely;
  cause.calls = meaning.calls;
  cause.what = fmt::format(
      "the runtime failed before the workload ran, where it {}: so it does when a profile refuses it {}",
      meaning.step, Join(meaning.calls, " or "));
  cause.because.push_back("what was said: " + Quoted(c.facts.error));
  cause.change = AllowChange(c, meaning.calls) + "; give --profile FILE to be sure";
  return cause;
}

bool Contains(const std::vector<RefusedRow>& rows, const std::vector<std::string>& calls) {
  return std::ranges::any_of(
      rows, [&](const auto& row) { return std::ranges::find(calls, row.first.call) != calls.end(); });
}

void ExecRules(const Case& c, Causes& causes) {
  if (c.of_exec.empty() || c.stage != Stage::kRuns || !c.needed.empty()) return;
  Cause cause{Kind::kRuntimeRefused, Certainty::kPossible, "", {}, "", {}};
  for (const auto& [row, answer] : c.of_exec) cause.calls.push_back(row.call);
  cause.what = fmt::format(
      "'exec' into it and health checks may fail: {} makes {} for them, and the profile refuses that",
      c.runtime_text, Join(cause.calls, ", "));
  cause.because.push_back("the container itself runs");
  cause.change = AllowChange(c, cause.calls);
  causes.push_back(std::move(cause));
}

}  // namespace

void RuntimeRules(const Case& c, Causes& causes) {
  const Said said = WhatWasSaid(c);
  const bool step = said.meaning && said.meaning->kind == Kind::kRuntimeRefused;
  const bool nothing_to_ask = !c.judge && c.facts.profile.ignored.empty() &&
                              c.facts.profile.given != ProfileFacts::Given::kUnconfined;
  if (step && nothing_to_ask && c.stage == Stage::kNeverStarted) {
    causes.push_back(StepRefused(c, *said.meaning));
    return;
  }
  if (step && c.stage == Stage::kNeverStarted && !Contains(c.needed, said.meaning->calls)) {
    causes.push_back(NotByTheProfile(c, *said.meaning));
    return;
  }
  ExecRules(c, causes);
  GoneAtItsStart(c, causes);
  if (c.stage == Stage::kRuns) return;
  if (c.stage == Stage::kEnded && !EndFits(c.exit_code())) return;
  if (!c.needed.empty()) {
    causes.push_back(StartRefused(c, said));
  } else if (!c.sometimes.empty() && c.stage != Stage::kEnded && said.meaning && !said.meaning->kind) {
    causes.push_back(SometimesRefused(c, said));
  }
}

}  // namespace whittle::diagnose

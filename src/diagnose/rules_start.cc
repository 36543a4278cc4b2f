// Calls without which no program starts: whoever made a profile of what a program was seen to want may have
// left them out, and what libcs say then names neither a call nor a filter.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

#include "base/text.h"
#include "diagnose/log_line.h"
#include "diagnose/rules.h"
#include "syscalls/purpose.h"

namespace whittle::diagnose {
namespace {

using optimize::Answer;

struct MessageRow {
  std::string_view of, message, calls;
};
constexpr MessageRow kMessages[] = {
#include "start_messages.inc"
};

constexpr size_t kFewLines = 2;  // a program that says more has started

struct Refusals {
  std::vector<std::string> calls;  // those that the profile does not let pass whatever their arguments
  std::vector<std::string> texts;  // its answers to them
  bool all = true;                 // it lets none of the calls pass, with no arguments
  std::vector<uint32_t> errors;    // that they get
};

Result<Refusals> RefusalsAmong(const Case& c, std::string_view calls) {
  Refusals refusals;
  for (const auto call : Split(calls, ' ')) {
    const std::string name(call);
    const auto answer = TRY(AnswerFor(c, name));
    if (!answer) continue;
    refusals.all = refusals.all && answer->kind == Answer::Kind::kRefused;
    if (answer->kind == Answer::Kind::kAllowed) continue;
    refusals.calls.push_back(name);
    refusals.errors.push_back(answer->error);
    refusals.texts.push_back(AnswerText(*answer, name));
  }
  refusals.all = refusals.all && !refusals.calls.empty();
  return refusals;
}

void AddOnce(std::vector<std::string>& to, const std::vector<std::string>& more) {
  for (const auto& one : more) {
    if (std::ranges::find(to, one) == to.end()) to.push_back(one);
  }
}

// Whether the error that a line names is what the calls get. That memory is short is what a libc makes of
// any.
bool Fits(const Refusals& refusals, std::string_view line) {
  const uint32_t error = ErrorNamed(line);
  return error == 0 || error == ENOMEM || std::ranges::find(refusals.errors, error) != refusals.errors.end();
}

// A line of the log that a libc or a language's runtime writes for want of a call.
Result<bool> MessageRule(const Case& c, Causes& causes) {
  Cause cause{Kind::kWorkloadRefused, Certainty::kLikely, "", {}, "", {}};
  for (const auto& line : c.facts.log) {
    const std::string small = LowerCase(line);
    for (const auto& row : kMessages) {
      if (!cause.calls.empty() || small.find(row.message) == std::string::npos) continue;
      const auto refusals = TRY(RefusalsAmong(c, row.calls));
      if (refusals.calls.empty()) continue;
      cause.calls = refusals.calls;
      cause.because.push_back("its log says: " + Quoted(line));
      AddOnce(cause.because, refusals.texts);
      cause.because.push_back(
          fmt::format("so {} says that it does not get {}", row.of, Join(cause.calls, " or ")));
      if (!Fits(refusals, line)) {
        cause.certainty = Certainty::kPossible;
      } else if (refusals.all && c.stage == Stage::kEnded) {
        cause.certainty = Certainty::kCertain;
      }
    }
  }
  if (cause.calls.empty()) return false;
  if (c.stage == Stage::kEnded && c.exit_code() == 0) cause.certainty = Certainty::kPossible;
  cause.what = fmt::format("the program cannot start, or not get on: the profile refuses it {}",
                           Join(cause.calls, ", "));
  cause.change = AllowChange(c, cause.calls);
  causes.push_back(std::move(cause));
  return true;
}

// No message, and a profile under which such programs cannot start.
Result<void> NeedsRule(const Case& c, Causes& causes) {
  const bool ended = c.stage == Stage::kEnded;
  const bool only_asked = c.stage == Stage::kUnknown && !c.facts.info;  // nothing was started
  if (ended ? c.exit_code() == 0 || c.exit_code() == kSigsysExit || c.facts.log.size() > kFewLines
            : !only_asked)
    return {};
  Cause cause{Kind::kWorkloadRefused, Certainty::kLikely, "", {}, "", {}};
  bool every = false;
  std::vector<std::string> steps;
  for (const auto& row : StartNeeds()) {
    if (row.programs == "dynamic" && !c.facts.program_dynamic.value_or(true)) continue;
    const auto refusals = TRY(RefusalsAmong(c, row.calls));
    if (!refusals.all) continue;
    every = every || row.programs == "every";
    AddOnce(cause.calls, refusals.calls);
    AddOnce(cause.because, refusals.texts);
    steps.push_back(fmt::format("{} ({})", row.step, Join(refusals.calls, " or ")));
  }
  if (cause.calls.empty()) return {};
  if (ended && !every && !c.facts.program_dynamic) cause.certainty = Certainty::kPossible;
  cause.what =
      fmt::format("no program{} can start under the profile: it refuses {}",
                  every ? " of glibc, musl or Go" : " that is linked dynamically", Join(cause.calls, ", "));
  cause.because.push_back(fmt::format("a program's start {}", Join(steps, ", ")));
  cause.change = AllowChange(c, cause.calls);
  causes.push_back(std::move(cause));
  return {};
}

}  // namespace

Result<bool> StartRules(const Case& c, Causes& causes) {
  if (!c.filters()) return false;
  if (TRY(MessageRule(c, causes))) return true;
  const size_t before = causes.size();
  TRY(NeedsRule(c, causes));
  return causes.size() != before;
}

}  // namespace whittle::diagnose

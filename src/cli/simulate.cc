// `whittle simulate`: what a profile, or the filters of a living process, answer to a call. Needs no kernel.
#include <fmt/core.h>

#include <algorithm>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/call_words.h"
#include "cli/filter_source.h"
#include "cli/simulation.h"
#include "cli/target_flags.h"
#include "cli/verb.h"
#include "filter/call_text.h"
#include "filter/compile.h"
#include "profile/selector_names.h"
#include "syscalls/arguments.h"
#include "syscalls/table.h"

namespace whittle::cli {
namespace {

using filter::Compiled;
using filter::NumberedCall;
using Answer = Simulation::Answer;

struct Options {
  std::string profile;
  std::string calls_file;
  std::string abi;
  bool explain = false;
  bool json = false;
  TargetFlags target;
  std::vector<std::string> words;  // of a call
};

Result<std::vector<NumberedCall>> CallsOf(const Options& options, Abi native) {
  const Abi abi = TRY(AbiOrNative(options.abi, native));
  if (!options.calls_file.empty()) {
    if (!options.words.empty()) return Fail(ErrorCode::kUsage, "give a call or --calls FILE, not both");
    return filter::ParseCalls(TRY(ReadFile(options.calls_file)), options.calls_file, abi);
  }
  if (options.words.empty())
    return Fail(ErrorCode::kUsage, "give a call, or --calls FILE (see 'whittle simulate --help')");
  const std::string text = CallText(options.words);
  return std::vector<NumberedCall>{TRY(filter::ParseQuestion(text, abi))};
}

// What the call takes, and what was given beyond: a filter may look at that as well.
size_t ShownArguments(const filter::Call& call) {
  size_t given = call.arguments.size();
  while (given > 0 && call.arguments[given - 1] == 0) --given;
  return std::max<size_t>(given, ArgumentCount(call.abi, call.number));
}

json::Value AnswerJson(const NumberedCall& numbered, const Answer& answer, bool filtered) {
  const auto& call = numbered.call;
  if (numbered.asks == NumberedCall::Asks::kLoad) {
    return json::Object(
        {{"abi", AbiName(call.abi)}, {"call", "load"}, {"verdict", answer.text}, {"why", answer.why}});
  }
  std::vector<json::Value> arguments;
  for (size_t i = 0; i < ShownArguments(call); ++i)
    arguments.emplace_back(fmt::format("{:#x}", call.arguments[i]));
  json::Value value = json::Object();
  value.Set("abi", AbiName(call.abi));
  value.Set("call", SyscallText(call.abi, call.number));
  value.Set("number", call.number);
  value.Set("arguments", json::Array(std::move(arguments)));
  value.Set("verdict", answer.text);
  if (filtered) value.Set("steps", answer.verdict.steps);
  if (answer.filter > 0) value.Set("filter", answer.filter);
  if (answer.rule >= 0) value.Set("rule", answer.rule);
  value.Set("why", answer.why);
  std::vector<json::Value> losers;
  for (const auto& loser : answer.losers) {
    losers.push_back(json::Object({{"rule", loser.rule}, {"habit", filter::Describe(loser.habit).name}}));
  }
  value.Set("losers", json::Array(std::move(losers)));
  return value;
}

Result<void> PrintJson(const Options& options, const std::string& target, const Simulation& simulation,
                       const std::vector<NumberedCall>& calls) {
  constexpr std::string_view kStates[] = {"filtered", "unconfined", "refused"};
  const Compiled& compiled = simulation.compiled();
  std::vector<json::Value> answers;
  for (const auto& call : calls) {
    answers.push_back(
        AnswerJson(call, TRY(simulation.Ask(call)), compiled.state == Compiled::State::kFiltered));
  }
  json::Value value = json::Object();
  value.Set("profile", options.profile);
  if (!target.empty()) value.Set("target", target);
  value.Set("state", kStates[static_cast<size_t>(compiled.state)]);
  if (!compiled.why.empty()) value.Set("why", compiled.why);
  value.Set("answers", json::Array(std::move(answers)));
  fmt::print("{}", json::Write(value));
  return {};
}

Result<void> PrintText(const Options& options, const Simulation& simulation,
                       const std::vector<NumberedCall>& calls) {
  for (const auto& call : calls) {
    const Answer answer = TRY(simulation.Ask(call));
    const bool load = call.asks == NumberedCall::Asks::kLoad;
    if (options.explain) {
      fmt::print("{}\t{}\t{}\n", answer.text, load ? call.text : filter::CallText(call.call),
                 Printable(answer.why));
    } else {
      fmt::print("{}\n", answer.text);
    }
  }
  return {};
}

void PrintNotes(const FilterSource& source, const ChosenTarget& chosen, const Simulation& simulation) {
  const Compiled& compiled = simulation.compiled();
  if (source.needs_target())
    fmt::print(stderr, "target: {} ({})\n", chosen.target.Text(), Printable(chosen.why));
  if (source.document) {
    WarnOfOtherVersion(*source.document, chosen.target);
    for (const auto& warning : source.document->warnings)
      fmt::print(stderr, "warning: {}\n", Printable(warning));
    for (const auto& name : profile::UnknownNames(*source.document))
      fmt::print(stderr, "warning: {}\n", Printable(name));
    for (const auto& name : profile::UnknownSelectorTexts(*source.document))
      fmt::print(stderr, "warning: {}\n", Printable(name));
  }
  for (const auto& warning : compiled.warnings) fmt::print(stderr, "warning: {}\n", Printable(warning));
  for (const auto& member : compiled.ignored) {
    fmt::print(stderr, "note: {} {} ignores {}\n", LoaderName(chosen.target.loader),
               chosen.target.loader_version.Text(), member);
  }
  if (!compiled.why.empty()) fmt::print(stderr, "note: {}\n", Printable(compiled.LocatedWhy()));
}

Result<int> Run(const Options& options) {
  TRY(CheckCallWords(options.words, "simulate"));
  const FilterSource source =
      TRY(OpenFilterSource(options.profile, profile::Reading::kAsRuntimes, Objects::kAsAnEngine));
  const ChosenTarget chosen = TRY(ChooseTarget(options.target));
  const auto calls = TRY(CallsOf(options, chosen.target.arch));
  const bool load = std::ranges::find(calls, NumberedCall::Asks::kLoad, &NumberedCall::asks) != calls.end();
  const Simulation simulation = TRY(Simulation::Of(
      source, chosen.target, load ? Simulation::TooLarge::kRefused : Simulation::TooLarge::kError));
  PrintNotes(source, chosen, simulation);
  if (options.json) {
    TRY(PrintJson(options, source.needs_target() ? chosen.target.Text() : "", simulation, calls));
  } else {
    TRY(PrintText(options, simulation, calls));
  }
  return kYes;
}

}  // namespace

Verb SimulateVerb() {
  return {
      "simulate", "what a profile, or a living process' filter, answers to a call",
      "  whittle simulate web.json openat -100 0x7f00 0\n"
      "  whittle simulate docker-default --calls calls.txt --explain\n"
      "  whittle simulate pid:1234 mount\n"
      "  whittle simulate web.json --loader oci --runtime runc --runtime-version 1.1.5 --cap none clone3\n"
      "  whittle simulate stack=container.json,inner.json prctl\n"
      "A calls file has one call a line, like: x86_64 socket(40, 1, 0)  or  i386 #102(1); the line \"load\" "
      "asks whether "
      "the runtime takes the profile: OK or REFUSED",
      [](Flags flags) {
        auto options = std::make_shared<Options>();
        flags
            .Positional("profile", options->profile,
                        "a file, -, a name (docker-default, ...), pid:N or container:NAME")
            .Required();
        flags.Option("--calls", options->calls_file, "a file with one call a line (- for standard input)");
        flags.Option("--abi", options->abi,
                     "the ABI of calls that name none (default: the target's native one)");
        flags.Switch("--explain", options->explain, "add the call and the rule or habit that decided");
        flags.Switch("--json", options->json, "one JSON document");
        AddTargetFlags(flags, options->target);
        flags.OtherWords(options->words);
        return [options] { return Run(*options); };
      }};
}

}  // namespace whittle::cli

// `whittle disasm`: a filter's instructions with names, what it answers to every call, or the way that one
// call takes through it.
#include <fmt/core.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "cli/call_words.h"
#include "cli/disasm_cost.h"
#include "cli/filter_source.h"
#include "cli/target_flags.h"
#include "cli/verb.h"
#include "filter/call_text.h"
#include "filter/disassemble.h"
#include "inspect/json.h"
#include "prove/answers.h"
#include "syscalls/table.h"

namespace whittle::cli {
namespace {

using filter::Call;
using filter::Program;
using json::Value;

struct Options {
  std::string source;
  std::string abi;
  bool calls = false;
  bool cost = false;
  bool json = false;
  TargetFlags target;
  std::vector<std::string> words;  // of a call
};

// The filters to show, and the machine that they are for.
struct Filters {
  std::vector<Program> programs;
  Abi native = Abi::kX86_64;
  profile::Version kernel;
};

Result<Filters> Load(const Options& options) {
  const auto source = TRY(OpenFilterSource(options.source, profile::Reading::kAsRuntimes));
  const auto chosen = TRY(ChooseTarget(options.target));
  if (source.needs_target())
    fmt::print(stderr, "target: {} ({})\n", chosen.target.Text(), Printable(chosen.why));
  return Filters{TRY(ProgramsOf(source, chosen.target)), chosen.target.arch, chosen.target.kernel};
}

// A part of the instructions of one filter: those of a path, or all.
std::vector<filter::Line> LinesOf(const Program& program, const std::vector<uint32_t>* path) {
  auto lines = filter::Disassemble(program);
  if (path == nullptr) return lines;
  std::vector<filter::Line> taken;
  for (const uint32_t at : *path) taken.push_back(lines[at]);
  return taken;
}

// One of the tests of the number that a linear filter makes in vain, before it comes to the call.
bool IsVainTest(const filter::Line& line, const filter::Line* next) {
  return line.no && next != nullptr && next->index == *line.no && line.meaning.starts_with("nr == ");
}

void PrintPath(const Program& program, const std::vector<uint32_t>& path) {
  constexpr size_t kWorthFolding = 3;
  const auto lines = LinesOf(program, &path);
  for (size_t i = 0; i < lines.size(); ++i) {
    size_t end = i;
    while (end < lines.size() && IsVainTest(lines[end], end + 1 < lines.size() ? &lines[end + 1] : nullptr))
      ++end;
    if (end - i > kWorthFolding) {
      fmt::print("      ({} tests of nr that do not hold)\n", end - i);
      i = end;
    }
    fmt::print("{}\n", filter::LineText(lines[i]));
  }
}

std::string FilterHead(size_t index, const Filters& filters) {
  return fmt::format("filter {} of {}, {} instructions", index + 1, filters.programs.size(),
                     filters.programs[index].size());
}

void PrintInstructions(const Filters& filters) {
  for (size_t i = 0; i < filters.programs.size(); ++i) {
    fmt::print("{}{}:\n", i == 0 ? "" : "\n", FilterHead(i, filters));
    for (const auto& line : filter::Disassemble(filters.programs[i]))
      fmt::print("{}\n", Printable(filter::LineText(line)));
  }
}

// The kernel asks the newest filter first.
void PrintWay(const Filters& filters, const Call& call) {
  for (size_t i = filters.programs.size(); i-- > 0;) {
    const auto& program = filters.programs[i];
    const auto verdict = filter::Evaluate(program, call);
    const auto path = filter::PathOf(program, call);
    fmt::print("  {}: {} after {} of them\n", FilterHead(i, filters),
               filter::AnswerText(verdict.action, verdict.data), path.size());
    PrintPath(program, path);
  }
}

Value LineJson(const Program& program, const filter::Line& line) {
  const auto& in = program[line.index];
  Value value = json::Object({{"index", line.index},
                              {"code", uint32_t{in.code}},
                              {"jt", uint32_t{in.jt}},
                              {"jf", uint32_t{in.jf}},
                              {"k", in.k},
                              {"text", line.code}});
  if (line.yes) value.Set("yes", *line.yes);
  if (line.no) value.Set("no", *line.no);
  value.Set("meaning", line.meaning);
  return value;
}

Value InstructionsJson(const Filters& filters) {
  std::vector<Value> all;
  for (const auto& program : filters.programs) {
    std::vector<Value> lines;
    for (const auto& line : filter::Disassemble(program)) lines.push_back(LineJson(program, line));
    all.push_back(json::Array(std::move(lines)));
  }
  return json::Object({{"filters", json::Array(std::move(all))}});
}

Value WayJson(const Filters& filters, const Call& call) {
  std::vector<Value> paths;
  for (const auto& program : filters.programs) {
    std::vector<Value> path;
    for (const uint32_t at : filter::PathOf(program, call)) path.emplace_back(at);
    paths.push_back(json::Array(std::move(path)));
  }
  const auto verdict = filter::EvaluateStacked(filters.programs, call);
  return json::Object({{"call", filter::CallText(call)},
                       {"verdict", profile::VerdictText(verdict.action, verdict.data)},
                       {"paths", json::Array(std::move(paths))}});
}

// How many instructions the call costs at most, over its examples.
uint32_t StepsOf(const prove::Outcomes& outcomes) {
  uint32_t steps = 0;
  for (const auto& outcome : outcomes.possible) steps = std::max(steps, outcome.steps);
  return steps;
}

void PrintCalls(const prove::Oracle& oracle, std::span<const Abi> abis) {
  for (const Abi abi : abis) {
    for (const auto& call : prove::AnswersOf(oracle, abi).calls) {
      const auto& outcomes = call.outcomes;
      const std::string words = prove::WordsText(outcomes.words);
      fmt::print("{}\t{}\t{}\t{}\t{}\n", AbiName(abi), call.name, prove::OutcomesText(outcomes),
                 words.empty() ? "-" : words, StepsOf(outcomes));
    }
  }
}

Value CallsJson(const prove::Oracle& oracle, std::span<const Abi> abis) {
  std::vector<Value> calls;
  for (const Abi abi : abis) {
    for (const auto& call : prove::AnswersOf(oracle, abi).calls) {
      calls.push_back(json::Object({{"abi", AbiName(abi)},
                                    {"call", call.name},
                                    {"number", call.number},
                                    {"steps", StepsOf(call.outcomes)},
                                    {"answers", inspect::OutcomesJson(call.outcomes)}}));
    }
  }
  return json::Object({{"calls", json::Array(std::move(calls))}});
}

// A call without arguments stands for all of them: one way to each answer.
std::vector<Call> Examples(const prove::Outcomes& outcomes) {
  std::vector<Call> examples;
  for (const auto& outcome : outcomes.possible) examples.push_back(outcome.example);
  return examples;
}

std::string AllAnswersText(const Call& call, const prove::Outcomes& outcomes) {
  return fmt::format(
      "{} {}: {}{}", AbiName(call.abi), SyscallText(call.abi, call.number), prove::OutcomesText(outcomes),
      outcomes.always() ? ", whatever the arguments" : ", by " + prove::WordsText(outcomes.words));
}

Result<int> ShowCall(const Options& options, const Filters& filters, const std::string& text) {
  const Abi abi = TRY(AbiOrNative(options.abi, filters.native));
  const Call call = TRY(filter::ParseCall(text, abi));
  const auto oracle = TRY(prove::Oracle::Create(filters.programs));
  const auto outcomes = oracle.Of(call.abi, call.number);
  const bool whole = text.find('(') != std::string::npos;
  const auto calls = whole ? std::vector<Call>{call} : Examples(outcomes);
  if (options.json) {
    std::vector<Value> ways;
    for (const auto& one : calls) ways.push_back(WayJson(filters, one));
    Value value = json::Object({{"answers", inspect::OutcomesJson(outcomes)}});
    value.Set("ways", json::Array(std::move(ways)));
    fmt::print("{}", json::Write(value));
    return kYes;
  }
  if (!whole) fmt::print("{}\n\n", AllAnswersText(call, outcomes));
  for (const auto& one : calls) {
    const auto verdict = filter::EvaluateStacked(filters.programs, one);
    fmt::print("{}: {}\n", filter::CallText(one), filter::AnswerText(verdict.action, verdict.data));
    PrintWay(filters, one);
  }
  return kYes;
}

Result<int> ShowCalls(const Options& options, const Filters& filters) {
  const auto oracle = TRY(prove::Oracle::Create(filters.programs));
  const Abi one = TRY(AbiOrNative(options.abi, filters.native));
  const auto abis = options.abi.empty() ? SiblingAbis(filters.native) : std::span(&one, 1);
  options.json ? fmt::print("{}", json::Write(CallsJson(oracle, abis))) : PrintCalls(oracle, abis);
  return kYes;
}

Result<int> ShowCosts(const Options& options, const Filters& filters) {
  const auto oracle = TRY(prove::Oracle::Create(filters.programs));
  const Abi one = TRY(AbiOrNative(options.abi, filters.native));
  const auto abis = options.abi.empty() ? SiblingAbis(filters.native) : std::span(&one, 1);
  const CostQuestion question{filters.programs, abis, filters.kernel, filters.native};
  options.json ? fmt::print("{}", json::Write(CostsJson(question, oracle))) : PrintCosts(question, oracle);
  return kYes;
}

Result<int> Run(const Options& options) {
  TRY(CheckCallWords(options.words, "disasm"));
  if ((options.calls || options.cost) && !options.words.empty())
    return Fail(ErrorCode::kUsage,
                fmt::format("give a call or {}, not both", options.calls ? "--calls" : "--cost"));
  if (options.calls && options.cost) return Fail(ErrorCode::kUsage, "give --calls or --cost, not both");
  const Filters filters = TRY(Load(options));
  if (filters.programs.empty())
    fmt::print(stderr, "note: {}: there is no filter, so every call is let through\n",
               Printable(options.source));
  if (!options.words.empty()) return ShowCall(options, filters, CallText(options.words));
  if (options.calls) return ShowCalls(options, filters);
  if (options.cost) return ShowCosts(options, filters);
  options.json ? fmt::print("{}", json::Write(InstructionsJson(filters))) : PrintInstructions(filters);
  return kYes;
}

}  // namespace

Verb DisasmVerb() {
  return {"disasm", "a filter's instructions with names, or the way of one call through them",
          "  whittle disasm web.json\n  sudo whittle disasm container:web clone\n"
          "  sudo whittle disasm pid:1234 --calls\n  whittle disasm filter.bpf socket 40 1 0\n"
          "  whittle disasm web.json --cost --kernel 5.10\n"
          "A filter file holds struct sock_filter, 8 bytes each. In a listing, > marks where a jump arrives.",
          [](Flags flags) {
            auto options = std::make_shared<Options>();
            flags
                .Positional("source", options->source,
                            "a profile, a raw filter, -, docker-default, pid:N or container:NAME")
                .Required();
            flags.Switch("--calls", options->calls, "what it answers to every call, one line each");
            flags.Switch(
                "--cost", options->cost,
                "which calls the kernel serves from its cache, how many instructions the others run");
            flags.Option("--abi", options->abi,
                         "the ABI of calls (default: the machine's, or all with --calls and --cost)");
            flags.Switch("--json", options->json, "one JSON document (docs/inspect.md)");
            AddTargetFlags(flags, options->target);
            flags.OtherWords(options->words);
            return [options] { return Run(*options); };
          }};
}

}  // namespace whittle::cli

#include "report/denial.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

#include "advise/allow.h"
#include "base/text.h"
#include "filter/call_text.h"
#include "report/under_profile.h"
#include "syscalls/arguments.h"
#include "syscalls/constants.h"
#include "syscalls/table.h"

namespace whittle::report {
namespace {

using record::Denial;
using record::Refusal;

constexpr size_t kLongestCall = 200;
constexpr size_t kMostFrames = 24;  // of a stack, on the screen
constexpr int kReportVersion = 1;

std::vector<std::string> ArgumentTexts(const filter::Call& call) {
  const std::string plain = filter::ArgumentsText(call);
  std::vector<std::string> texts;
  if (plain.empty()) return texts;
  const std::string name = SyscallText(call.abi, call.number);
  for (const auto argument : Split(plain, ',')) {
    const auto index = static_cast<uint32_t>(texts.size());
    texts.push_back(
        ConstantText(call.abi, name, index, call.arguments[index]).value_or(std::string(Trim(argument))));
  }
  return texts;
}

// "argument 2", "arguments 1 and 2": those that filters looked at; empty if the number decided alone.
std::string DecidersText(const Denial& denial) {
  std::vector<std::string> deciders;
  for (size_t argument = 0; argument < 6; argument++) {
    if ((denial.judgement.words >> (4 + 2 * argument) & 3) != 0) deciders.push_back(std::to_string(argument));
  }
  if (deciders.empty()) return "";
  return fmt::format("argument{} {}", deciders.size() == 1 ? "" : "s", Join(deciders, " and "));
}

std::string FilterText(const Denial& denial) {
  const auto& judged = denial.judgement;
  if (!judged.action) return "its filters could not be asked: which one answered what is not known";
  std::string text = AnswerText(denial);
  if (judged.filter >= 0 && judged.filters > 1) {
    text += fmt::format(", by filter {} of {} (1 was installed first)", judged.filter + 1, judged.filters);
  } else if (judged.filter < 0) {
    text += ", by a filter that is gone";
  }
  const std::string deciders = DecidersText(denial);
  if (!deciders.empty()) text += ", because of " + deciders;
  return text;
}

std::string NextText(const Denial& denial) {
  std::string text;
  for (const auto& next : denial.next) {
    text += (text.empty() ? "" : ", ") + SyscallText(next.abi, next.number);
  }
  return text;
}

std::string WhoText(const Denial& denial) {
  const char* whose = denial.subject.arrival == evidence::Arrival::kWorkload ? "" : ", not of the workload";
  const std::string thread = denial.tid == denial.pid ? "" : fmt::format(", thread {}", denial.tid);
  const std::string where = denial.subject.container == "-" ? "" : Printable(denial.subject.container) + ": ";
  return fmt::format("{}{} ({}, pid {}{}{})", where, Printable(denial.command),
                     Printable(denial.subject.executable), denial.pid, thread, whose);
}

void AddLine(std::string& text, std::string_view label, const std::string& what) {
  if (!what.empty()) text += fmt::format("  {:<8}{}\n", label, what);
}

void AddStack(std::string& text, const Denial& denial) {
  const auto& stack = denial.stack;
  for (size_t i = 0; i < stack.size() && i < kMostFrames; i++) {
    AddLine(text, i == 0 ? "stack" : "", FrameText(stack[i]));
  }
  if (stack.size() > kMostFrames) AddLine(text, "", fmt::format("and {} more", stack.size() - kMostFrames));
}

// Its end is no way to go on.
bool WentOn(const Denial& denial) {
  return std::ranges::any_of(denial.next, [](const record::NextCall& next) {
    const std::string name = SyscallText(next.abi, next.number);
    return name != "exit" && name != "exit_group";
  });
}

// The runtime that made the call itself, on its way into the container: "runc"; empty if a program made it.
std::string RuntimeOf(const Denial& denial) {
  if (denial.subject.arrival == evidence::Arrival::kWorkload) return "";
  const std::string& path = denial.subject.executable;
  const std::string file = path.substr(path.rfind('/') + 1);
  for (const char* runtime : {"runc", "crun"}) {
    if (file == runtime || denial.command == runtime ||
        denial.command.starts_with(std::string(runtime) + ":["))
      return runtime;
  }
  return "";
}

advise::Allowance AllowanceOf(const Denial& denial, const advise::InForce* profile) {
  const auto& judged = denial.judgement;
  return advise::AllowanceFor({denial.call, judged.action, judged.words, denial.errno_value,
                               std::max(judged.filters, 1u), WentOn(denial), RuntimeOf(denial)},
                              profile);
}

// A gap's text without what names one cgroup or container among many: "the calls of cgroup * were left out".
std::string Shape(std::string_view detail) {
  constexpr size_t kId = 12;
  std::vector<std::string> words;
  for (const auto word : Split(detail, ' ')) {
    size_t digits = 0, longest = 0;
    for (const char c : word) {
      digits = std::isxdigit(static_cast<unsigned char>(c)) != 0 ? digits + 1 : 0;
      longest = std::max(longest, digits);
    }
    words.emplace_back(longest >= kId || word.starts_with('/') ? "*" : word);
  }
  return Join(words, " ");
}

json::Value FrameJson(const symbols::Frame& frame) {
  return json::Object({{"address", frame.address},
                       {"module", frame.module},
                       {"offset", frame.offset},
                       {"function", frame.function},
                       {"into", frame.into},
                       {"source", frame.source},
                       {"line", frame.line},
                       {"text", FrameText(frame)}});
}

json::Value FilterJson(const Denial& denial) {
  json::Value deciders = json::Array();
  for (int argument = 0; argument < 6; argument++) {
    if ((denial.judgement.words >> (4 + 2 * argument) & 3) != 0) deciders.items.emplace_back(argument);
  }
  return json::Object({{"index", denial.judgement.filter},
                       {"count", denial.judgement.filters},
                       {"deciding_arguments", std::move(deciders)}});
}

}  // namespace

std::string RefusedCallText(const Denial& denial) {
  const std::string name = SyscallText(denial.call.abi, denial.call.number);
  std::string text = fmt::format("{}({})", name, Join(ArgumentTexts(denial.call), ", "));
  if (denial.call.abi != Abi::kX86_64) text = fmt::format("{} {}", AbiName(denial.call.abi), text);
  if (text.size() > kLongestCall) text = text.substr(0, kLongestCall - 4) + "...)";
  return text;
}

std::string AnswerText(const Denial& denial) {
  if (!denial.judgement.action) return "unknown";
  return profile::VerdictText(*denial.judgement.action, denial.judgement.data);
}

std::string DenialLine(const Denial& denial) {
  const bool refused = evidence::Refused(denial.fate);
  return fmt::format("{} {} x {}: {}, {}", refused ? "refused" : "logged", denial.count,
                     RefusedCallText(denial), RefusalText(denial), WhoText(denial));
}

std::string DenialText(const Denial& denial, const advise::InForce* profile) {
  std::string text = DenialLine(denial) + "\n";
  AddLine(text, "filter", FilterText(denial));
  AddStack(text, denial);
  AddLine(text, "then", NextText(denial));
  const auto advice = AllowanceOf(denial, profile);
  AddLine(text, "wanted", "to " + advice.wanted);
  AddLine(text, "matters", advice.matters);
  AddLine(text, "allow", advice.rule);
  AddLine(text, "", advice.note);
  AddLine(text, "risk", advice.risk);
  return text;
}

json::Value DenialJson(const Denial& denial, const advise::InForce* profile) {
  json::Value arguments = json::Array(), texts = json::Array(), stack = json::Array(), next = json::Array();
  const uint32_t count = ArgumentCount(denial.call.abi, denial.call.number);
  for (uint32_t i = 0; i < count; ++i) arguments.items.emplace_back(denial.call.arguments[i]);
  for (const auto& text : ArgumentTexts(denial.call)) texts.items.emplace_back(text);
  for (const auto& frame : denial.stack) stack.items.push_back(FrameJson(frame));
  for (const auto& call : denial.next) {
    next.items.push_back(
        json::Object({{"abi", AbiName(call.abi)}, {"call", SyscallText(call.abi, call.number)}}));
  }
  const bool error = denial.refusal == Refusal::kError;
  const auto advice = AllowanceOf(denial, profile);
  return json::Object({{"container", denial.subject.container},
                       {"executable", denial.subject.executable},
                       {"arrival", evidence::ArrivalName(denial.subject.arrival)},
                       {"command", denial.command},
                       {"pid", int64_t{denial.pid}},
                       {"tid", int64_t{denial.tid}},
                       {"abi", AbiName(denial.call.abi)},
                       {"call", SyscallText(denial.call.abi, denial.call.number)},
                       {"number", denial.call.number},
                       {"arguments", std::move(arguments)},
                       {"argument_texts", std::move(texts)},
                       {"instruction_pointer", denial.call.instruction_pointer},
                       {"fate", evidence::FateName(denial.fate)},
                       {"action", denial.judgement.action ? AnswerText(denial) : ""},
                       {"filter", FilterJson(denial)},
                       {"got", RefusalText(denial)},
                       {"errno", error ? profile::ErrnoName(static_cast<uint32_t>(denial.errno_value)) : ""},
                       {"count", denial.count},
                       {"first_ms", denial.first_ms},
                       {"last_ms", denial.last_ms},
                       {"next", std::move(next)},
                       {"stack", std::move(stack)},
                       {"wanted", advice.wanted},
                       {"matters", advice.matters},
                       {"rule", advice.rule},
                       {"note", advice.note},
                       {"risk", advice.risk}});
}

json::Value DenialsJson(std::span<const Denial> denials, const evidence::Evidence& evidence,
                        const InForceFor& profile_for) {
  json::Value all = json::Array(), gaps = json::Array();
  for (const auto& denial : denials) all.items.push_back(DenialJson(denial, profile_for(denial)));
  for (const auto& gap : evidence.gaps) {
    gaps.items.push_back(json::Object({{"kind", gap.kind}, {"detail", gap.detail}, {"count", gap.count}}));
  }
  return json::Object({{"format", "whittle-denials-report"},
                       {"version", kReportVersion},
                       {"complete", evidence.complete()},
                       {"denials", std::move(all)},
                       {"gaps", std::move(gaps)}});
}

std::vector<std::string> FoldedGaps(const evidence::Evidence& evidence) {
  struct Fold {
    std::string kind, shape, detail;  // of the first one
    uint64_t gaps = 0, count = 0;
  };
  std::vector<Fold> folds;
  for (const auto& gap : evidence.gaps) {
    const std::string shape = Shape(gap.detail);
    const auto found = std::ranges::find_if(
        folds, [&](const Fold& fold) { return fold.kind == gap.kind && fold.shape == shape; });
    Fold& fold = found == folds.end() ? folds.emplace_back(Fold{gap.kind, shape, gap.detail}) : *found;
    ++fold.gaps;
    fold.count += gap.count;
  }
  std::vector<std::string> lines;
  for (const auto& fold : folds) {
    std::string line = Printable(fold.detail);
    if (fold.count > fold.gaps) line += fmt::format(" ({})", fold.count);
    if (fold.gaps > 1 && fold.shape != fold.detail) line += fmt::format(" (and {} more such)", fold.gaps - 1);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace whittle::report

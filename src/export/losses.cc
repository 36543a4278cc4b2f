#include "export/losses.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "syscalls/table.h"

namespace whittle::exporting {
namespace {

constexpr size_t kNamesShown = 12;

std::string_view ChangeText(prove::Change change) {
  switch (change) {
    case prove::Change::kLooser:
      return "looser";
    case prove::Change::kTighter:
      return "tighter";
    case prove::Change::kOther:
      break;
  }
  return "other";
}

filter::Verdict VerdictOf(const filter::Decision& decision) { return {decision.action, decision.data, 0}; }

bool Same(const filter::Decision& a, const filter::Decision& b) {
  return filter::ReturnOf(a) == filter::ReturnOf(b);
}

std::string AnswersText(const std::vector<filter::Decision>& answers) {
  std::vector<std::string> texts;
  for (const auto& answer : answers) texts.push_back(AnswerText(answer));
  return Join(texts, " or ") + (answers.size() > 1 ? ", by arguments" : "");
}

std::string WithRule(std::string call, int rule) {
  return rule < 0 ? call : fmt::format("{} (/syscalls/{})", call, rule);
}

// The rule that speaks of a call, also where it is the default that answers.
int RuleOf(const filter::Meaning& meaning, const prove::Difference& difference) {
  if (!difference.abi) return -1;
  const auto resolution = filter::Resolve(meaning, *difference.abi, difference.number);
  if (resolution.rules != nullptr && !resolution.rules->empty()) return resolution.rules->front().rule;
  return resolution.decision.rule;
}

}  // namespace

std::string AnswerText(const filter::Decision& answer) {
  return profile::VerdictText(answer.action, answer.data);
}

void Losses::Add(prove::Change change, const std::string& where, const std::string& wanted,
                 const std::string& given, std::string call) {
  auto& calls = calls_[{change, where, wanted, given}];
  if (std::ranges::find(calls, call) == calls.end()) calls.push_back(std::move(call));
}

void Losses::Compare(Abi abi, const std::string& call, const std::vector<filter::Decision>& wanted,
                     const filter::Decision& given, int rule) {
  // The most important one is said where several are true: a hole before a hindrance.
  std::optional<prove::Change> change;
  for (const auto& answer : wanted) {
    if (Same(answer, given)) continue;
    const auto one = prove::ChangeBetween(VerdictOf(answer), VerdictOf(given));
    if (!change || one < *change) change = one;
  }
  if (!change) return;
  Add(*change, std::string(AbiName(abi)), AnswersText(wanted), AnswerText(given), WithRule(call, rule));
}

void Losses::Add(const prove::Proof& proof, const filter::Meaning& wanted) {
  for (const auto& difference : proof.differences) {
    const std::string where = difference.abi ? std::string(AbiName(*difference.abi)) : "other ABIs";
    std::string call = "calls without a name";
    if (difference.abi && SyscallName(*difference.abi, difference.number))
      call = WithRule(SyscallText(*difference.abi, difference.number), RuleOf(wanted, difference));
    const auto text = [](const filter::Verdict& verdict) {
      return profile::VerdictText(verdict.action, verdict.data);
    };
    Add(difference.change, where, text(difference.first),
        text(difference.second) + (difference.every_argument ? "" : " for some arguments"), std::move(call));
  }
  for (const auto& undecided : proof.undecided)
    lines_.push_back("undecided: " + prove::UndecidedText(undecided));
}

void Losses::AddMembersForRuntimes(const profile::Document& flat) {
  if (!flat.flags.empty()) {
    lines_.push_back(fmt::format("flags: {}: whoever loads the filter has to give them to seccomp(2)",
                                 Printable(Join(flat.flags, ", "))));
  }
  if (!flat.listener_path.empty())
    lines_.push_back("listenerPath: nobody gets the descriptor of SCMP_ACT_NOTIFY");
  if (!flat.listener_metadata.empty()) lines_.push_back("listenerMetadata: nobody is told it");
}

std::vector<std::string> Losses::Lines() const {
  std::vector<std::string> lines = lines_;
  for (const auto& [kind, calls] : calls_) {
    const auto& [change, where, wanted, given] = kind;
    const size_t shown = std::min(calls.size(), kNamesShown);
    std::string names = Join(std::span(calls).first(shown), ", ");
    if (shown < calls.size()) names += fmt::format(" and {} more", calls.size() - shown);
    lines.push_back(
        fmt::format("{}: {}: {}: {} instead of {}", ChangeText(change), where, names, given, wanted));
  }
  return lines;
}

Result<std::vector<std::string>> LostOnTheWay(const Source& source, profile::Document document,
                                              const profile::Target& target) {
  document.decided_by_containerd = false;  // a file is nobody's own
  const auto got = TRY(filter::Compile(document, target));
  if (got.state != filter::Compiled::State::kFiltered) {
    return Fail(ErrorCode::kNotPossible,
                fmt::format("{} would not take what the format can hold: {}", target.Text(), got.why));
  }
  prove::Options options;
  const auto siblings = SiblingAbis(target.arch);
  options.abis.assign(siblings.begin(), siblings.end());
  const auto proof =
      TRY(prove::Compare(std::span(&source.compiled.program, 1), std::span(&got.program, 1), options));
  Losses losses;
  losses.Add(proof, *source.compiled.meaning);
  return losses.Lines();
}

}  // namespace whittle::exporting

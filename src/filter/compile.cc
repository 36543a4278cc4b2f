#include "filter/compile.h"

#include <fmt/core.h>

#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "filter/library_size.h"
#include "filter/lower.h"
#include "filter/meaning.h"
#include "syscalls/table.h"

namespace whittle::filter {
namespace {

// The rule with the most conditions is what a person can shrink.
std::string LargestRule(const profile::Document& document) {
  const auto largest = std::ranges::max_element(
      document.rules, {}, [](const profile::Rule& rule) { return rule.conditions.size(); });
  if (largest == document.rules.end() || largest->conditions.empty()) return "list fewer calls";
  return fmt::format("shrink /syscalls/{}/args, {}:{}:{}, which has {} conditions",
                     largest - document.rules.begin(), document.file, largest->at.line, largest->at.column,
                     largest->conditions.size());
}

std::unexpected<Error> TooLarge(const profile::Document& document, const std::string& size) {
  return Fail(ErrorCode::kBadInput,
              fmt::format("{}: the filter would have {} instructions, the kernel takes at most {}: {}",
                          document.file.empty() ? "profile" : document.file, size, kMaxInstructions,
                          LargestRule(document)));
}

Result<Program> LowerChecked(const profile::Document& document, const Meaning& meaning, PassSet passes) {
  if (meaning.oversized) return TooLarge(document, fmt::format("more than {}", kMaxInstructions));
  Program program = Lower(meaning, passes);
  // What the shorter layout can save.
  constexpr size_t kNearly = kMaxInstructions + kMaxInstructions / 8;
  if (program.size() > kMaxInstructions && program.size() < kNearly)
    program = Lower(meaning, passes, Halving::kShort);
  if (program.size() > kMaxInstructions) return TooLarge(document, std::to_string(program.size()));
  if (const auto valid = Validate(program); !valid) {
    return Fail(ErrorCode::kInternal, "the compiler made an invalid filter: " + valid.error().message);
  }
  return program;
}

// Why rules that name a call did not reach the filter: by name of the call, the first reason.
using NotesByCall = std::unordered_map<std::string_view, const Note*>;

NotesByCall IndexNotes(const Meaning& meaning, const profile::Document& document) {
  NotesByCall first;
  for (const auto& note : meaning.notes) {
    if (note.rule < 0 || note.quirk == Quirk::kShadowedRule) continue;
    const auto& rule = document.rules[static_cast<size_t>(note.rule)];
    const bool whole_rule = note.quirk == Quirk::kNotSelected || note.quirk == Quirk::kIgnoredMember;
    if (!whole_rule) {
      first.try_emplace(note.what, &note);
      continue;
    }
    for (const auto& name : rule.names) first.try_emplace(name, &note);
    first.try_emplace(rule.legacy_name, &note);
  }
  return first;
}

std::string NoteFor(const NotesByCall& notes, const Call& call) {
  const auto name = SyscallName(call.abi, call.number);
  const auto found = name ? notes.find(*name) : notes.end();
  if (found == notes.end()) return "";
  const Note& note = *found->second;
  const auto& row = Describe(note.quirk);
  const std::string member = note.quirk == Quirk::kIgnoredMember ? " (" + note.what + ")" : "";
  return fmt::format("; rule {} names it, but {}: {}{}", note.rule, row.name, row.text, member);
}

// A bound that costs nothing: most documents are far below it.
bool SurelyFits(const Meaning& meaning) {
  constexpr size_t kMostForACondition = 8;
  constexpr size_t kBesides = 512;
  size_t bound = kBesides;
  for (const auto& rules : meaning.abis) {
    for (const auto& [number, of_call] : rules.calls()) {
      ++bound;
      for (const auto& rule : of_call) bound += kMostForACondition * rule.conditions.size();
    }
  }
  return bound <= kMaxInstructions;
}

// Runtimes have libseccomp make the filter, and what it makes can be longer than ours.
std::vector<std::string> SizeWarnings(const profile::Document& document, const profile::Target& target,
                                      const Meaning& meaning) {
  if (target.runtime == profile::Runtime::kNone || SurelyFits(meaning)) return {};
  const size_t size = EstimateLibraryInstructions(meaning);
  if (size <= kMaxInstructions) return {};
  return {fmt::format(
      "{}: libseccomp, which {} uses, makes about {} instructions of it, the kernel takes at most {}, "
      "so no container would start: {}",
      document.file.empty() ? "profile" : document.file, RuntimeName(target.runtime), size, kMaxInstructions,
      LargestRule(document))};
}

std::string QuirkText(const Decision& decision, const std::vector<std::string>& ignored) {
  if (decision.quirk == Quirk::kNone) return "";
  const auto& row = Describe(decision.quirk);
  std::string text = fmt::format("{}: {}", row.name, row.text);
  const bool other_errno = std::ranges::find(ignored, "defaultErrnoRet") != ignored.end();
  if (decision.quirk == Quirk::kDefaultAction && other_errno) text += "; this loader ignores defaultErrnoRet";
  return text;
}

}  // namespace

Result<Compiled> Compile(const profile::Document& document, const profile::Target& target, PassSet passes) {
  const Meaning meaning = MeaningOf(document, target);
  Compiled compiled;
  compiled.state = meaning.state;
  compiled.why = meaning.why;
  compiled.ignored = IgnoredMembers(meaning);
  if (meaning.state != Compiled::State::kFiltered) return compiled;
  compiled.program = TRY(LowerChecked(document, meaning, passes));
  compiled.warnings = SizeWarnings(document, target, meaning);
  return compiled;
}

std::vector<std::string> IgnoredMembers(const Meaning& meaning) {
  std::vector<std::string> ignored;
  for (const auto& note : meaning.notes) {
    if (note.quirk != Quirk::kIgnoredMember) continue;
    if (std::ranges::find(ignored, note.what) == ignored.end()) ignored.push_back(note.what);
  }
  return ignored;
}

struct Explainer::Parts {
  profile::Document document;
  Meaning meaning;
  Program program;
  NotesByCall notes;  // of the meaning, by names of the document
  std::vector<std::string> ignored;
};

Explainer::Explainer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Explainer::~Explainer() = default;
Explainer::Explainer(Explainer&&) noexcept = default;
Explainer& Explainer::operator=(Explainer&&) noexcept = default;

Result<Explainer> Explainer::Create(const profile::Document& document, const profile::Target& target) {
  auto parts = std::make_unique<Parts>(Parts{document, MeaningOf(document, target), {}, {}, {}});
  if (parts->meaning.state != Compiled::State::kFiltered) {
    return Fail(ErrorCode::kBadInput,
                fmt::format("{}: there is no filter: {}", document.file, parts->meaning.why));
  }
  parts->program = TRY(LowerChecked(document, parts->meaning, PassSet::All()));
  parts->notes = IndexNotes(parts->meaning, parts->document);
  parts->ignored = IgnoredMembers(parts->meaning);
  return Explainer(std::move(parts));
}

Result<Explanation> Explainer::Explain(const Call& call) const {
  const Decision decision = Decide(parts_->meaning, call);
  Explanation explanation{Evaluate(parts_->program, call), decision.rule,
                          QuirkText(decision, parts_->ignored)};
  if (explanation.verdict.action != decision.action ||
      (profile::CarriesData(decision.action) && explanation.verdict.data != decision.data)) {
    return Fail(ErrorCode::kInternal, "the filter does not do what the document means: please report it");
  }
  if (decision.quirk == Quirk::kDefaultAction) explanation.quirk += NoteFor(parts_->notes, call);
  return explanation;
}

Result<Explanation> Explain(const profile::Document& document, const profile::Target& target,
                            const Call& call) {
  const auto explainer = TRY(Explainer::Create(document, target));
  return explainer.Explain(call);
}

}  // namespace whittle::filter

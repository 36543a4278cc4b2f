#include "filter/compile.h"

#include <fmt/core.h>

#include <algorithm>

#include "filter/library_size.h"
#include "filter/lower.h"
#include "filter/meaning.h"
#include "filter/too_large.h"

namespace whittle::filter {
namespace {

// "FILE:LINE:COLUMN: POINTER: what: what to do".
std::string SizeText(const profile::Document& document, const std::string& what) {
  const Largest largest = LargestPart(document);
  return fmt::format("{}: {}: {}", PlaceText(document, largest.place), what, largest.advice);
}

std::unexpected<Error> TooLarge(const profile::Document& document, const std::string& size) {
  const std::string what = fmt::format("the filter would have {}, the kernel takes at most {}",
                                       size, kMaxInstructions);
  return Fail(ErrorCode::kBadInput, SizeText(document, what));
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
  return {SizeText(document,
                   fmt::format("libseccomp, which {} uses, makes about {} instructions of the document, the "
                               "kernel takes at most {}, so no container would start",
                               RuntimeName(target.runtime), size, kMaxInstructions))};
}

}  // namespace

Result<Program> ProgramOf(const Meaning& meaning, const profile::Document& document, PassSet passes) {
  if (!meaning.oversized.empty())
    return TooLarge(document, fmt::format("more than {} instructions ({})", kMaxInstructions, meaning.oversized));
  Program program = Lower(meaning, passes);
  // What the shorter layout can save.
  constexpr size_t kNearly = kMaxInstructions + kMaxInstructions / 8;
  if (program.size() > kMaxInstructions && program.size() < kNearly)
    program = Lower(meaning, passes, Halving::kShort);
  if (program.size() > kMaxInstructions) return TooLarge(document, fmt::format("{} instructions", program.size()));
  if (const auto valid = Validate(program); !valid) {
    return Fail(ErrorCode::kInternal, "the compiler made an invalid filter: " + valid.error().message);
  }
  return program;
}

Result<Compiled> Compile(const profile::Document& document, const profile::Target& target, PassSet passes) {
  Compiled compiled;
  compiled.meaning = std::make_shared<const Meaning>(MeaningOf(document, target));
  const Meaning& meaning = *compiled.meaning;
  compiled.state = meaning.state;
  compiled.why = meaning.why;
  compiled.where = meaning.where;
  compiled.ignored = IgnoredMembers(meaning);
  if (meaning.state != Compiled::State::kFiltered) return compiled;
  compiled.program = TRY(ProgramOf(meaning, document, passes));
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

}  // namespace whittle::filter

// What profiles and filters answer to calls, and why: for `simulate`. Pure but for notes on standard error;
// not thread safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/filter_source.h"
#include "filter/call_text.h"
#include "filter/compile.h"
#include "filter/explain.h"

namespace whittle::cli {

class Simulation {
 public:
  struct Answer {
    std::string text;  // "ERRNO(38)"
    filter::Verdict verdict;
    size_t filter = 0;  // of stacked ones, counted from 1: which decided; 0: there is one only
    int rule = -1;      // of that one's document
    std::string why;
    std::vector<filter::Loser> losers;
  };

  // What a document comes to that is too large to load: an error, or refused, if that is the question.
  enum class TooLarge : uint8_t { kError, kRefused };

  // `source` must outlive it. Errors: as ProgramsOf().
  static Result<Simulation> Of(const FilterSource& source, const profile::Target& target, TooLarge too_large);

  // Of one document; else what there is of it to say.
  const filter::Compiled& compiled() const { return compiled_; }

  // Errors: kInternal if a filter does not do what its document means.
  Result<Answer> Ask(const filter::NumberedCall& question) const;

 private:
  // One filter of a stack.
  struct Layer {
    std::string name;
    const profile::Document* document = nullptr;  // null: a filter as it is
    std::optional<filter::Explainer> explainer;   // of the document
  };

  Result<void> AddLayers(const FilterSource& source, const profile::Target& target);
  // `compiled` is null for a filter as it is.
  Result<void> AddLayer(const FilterSource& source, filter::Program program,
                        const filter::Compiled* compiled);
  Answer AskLoad() const;
  size_t DeciderOf(const filter::Verdict& verdict, const filter::Call& call) const;
  Result<Answer> AskLayer(const Layer& layer, const filter::Call& call) const;

  filter::Compiled compiled_;
  std::vector<filter::Program> programs_;  // first installed first
  std::vector<Layer> layers_;              // of each program
};

}  // namespace whittle::cli

// Importing: logs, traces and lists of calls become evidence, as if a recorder had seen them. Streams: memory
// depends on what is different in a file, not on its length. Same input, same bytes; importing twice is
// importing once. Not thread safe. Formats, and what each can and cannot know: docs/import.md.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "evidence/evidence.h"
#include "import/envelope.h"
#include "import/format.h"
#include "import/tally.h"

namespace whittle::import {

// Text in pieces to one parser, line by line or as a whole.
class Importer {
 public:
  // `format` must outlive it.
  Importer(const Format& format, const Settings& settings);

  // `shown` names the file in messages; `name` is what parsers and the recording are told (no folders);
  // `in_envelopes`: ComesInEnvelopes().
  void BeginFile(const std::string& shown, const std::string& name, bool in_envelopes = false);
  void Feed(std::string_view bytes);
  // What was fed without a last newline is a line, too. Errors: kBadInput if it is no document of this
  // format; logs never fail.
  Result<void> EndFile();

  const Format& format() const { return *format_; }
  uint64_t lines() const { return lines_; }
  uint64_t not_understood() const { return not_understood_; }
  // The first few lines that were not understood, "FILE:LINE: ...".
  const std::vector<std::string>& complaints() const { return complaints_; }
  const Tally& tally() const { return *tally_; }

  // The evidence so far. `salt` tells runs apart that look the same.
  evidence::Evidence Build(const std::string& salt);

 private:
  void FeedLines(std::string_view bytes);
  size_t TakeBytes(std::string_view bytes);
  void TakeLine(std::string_view line);
  void TakeInside(const Envelope::Inside& inside);
  bool IsComment(std::string_view line) const;
  void TakeContent(std::string_view line);
  Result<void> TakeDocument();
  void Complain(std::string_view line);
  void Show(uint64_t line, std::string_view why);

  const Format* format_;
  Settings settings_;
  std::unique_ptr<Tally> tally_;
  std::unique_ptr<Parser> parser_;
  std::set<std::string> names_;
  std::string shown_;
  std::optional<Envelope> envelope_;  // if the lines of this file are in envelopes
  std::string rest_;                  // of a line whose end has not come; or a document so far
  bool skipping_ = false;             // the rest of a line that is too long
  uint64_t line_ = 0;                 // in this file
  uint64_t lines_ = 0;
  uint64_t not_understood_ = 0;
  std::vector<std::string> complaints_;
};

struct Options {
  std::string format;  // empty: found by looking
  Settings settings;
  bool under_filter = false;  // a filter was in force while the input was made: the evidence is not complete
};

// A row of what was seen, over all files: whose, what, and how often.
using Rows = std::map<std::pair<evidence::Subject, evidence::CallKey>, Row>;

struct Imported {
  evidence::Evidence evidence;
  Rows rows;
  std::set<std::string> formats;
  uint64_t lines = 0;
  uint64_t not_understood = 0;
  std::vector<std::string> complaints;
  std::set<std::string> warnings;
};

// Errors: kBadInput for a file that is missing, or of no known format.
Result<Imported> ImportFiles(const std::vector<std::string>& paths, const Options& options);

// What was read so far, with the warnings that concern any evidence; for one importer that still goes on.
Imported Finish(Importer& importer, const std::string& salt, const Options& options);

}  // namespace whittle::import

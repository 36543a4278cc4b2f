// What an importer is: a parser of lines and a row in the table of formats. To add one: write NAME.cc with a
// `MakeNAME` and a `LooksLikeNAME`, and add its row in formats.cc. A parser never fails: a line that it does
// not understand is counted and shown by the caller. Not thread safe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "import/tally.h"
#include "syscalls/abi.h"

namespace whittle::import {

// What a filter that was in force while the input was made says of a call, whatever its arguments.
struct Enforced {
  enum class Kind { kAllows, kRefuses, kDepends } kind = Kind::kAllows;
  uint32_t error = 0;  // of kRefuses: the errno that the caller sees; 0 if it sees none (killed, trapped)
};
using AskEnforced = std::function<Enforced(Abi abi, uint32_t number)>;

// What the parsers are told beside the text.
struct Settings {
  Abi native = Abi::kX86_64;
  AskEnforced enforced;  // empty: nobody knows of a filter
};

enum class Understood { kYes, kNo };

class Parser {
 public:
  virtual ~Parser() = default;
  // A file begins: its name without folders. Called once for each, before its lines.
  virtual void BeginFile(std::string_view name) = 0;
  // One line without its end, never empty.
  virtual Understood Line(std::string_view line) = 0;
  // The end of the file that began last.
  virtual void EndFile() = 0;
  // The end of all files: what is still held back goes into the tally. May be called again after more lines.
  virtual void End() = 0;
};

// How several files belong together.
enum class Files {
  kOneLog,   // pieces of one log, in any order, perhaps overlapping: one recording
  kRunEach,  // a run each: a recording each
};

struct Format {
  std::string_view name;    // of --format
  std::string_view what;    // for people
  std::string_view source;  // Recording::source
  Files files = Files::kRunEach;
  bool (*looks)(std::string_view line) = nullptr;
  std::unique_ptr<Parser> (*make)(Tally& tally, const Settings& settings) = nullptr;
};

std::span<const Format> Formats();
// Errors: kUsage, with the names that there are.
Result<const Format*> FindFormat(std::string_view name);
// The format of which most lines of `start`, the beginning of a file, are. Errors: kBadInput if there is
// none; the message knows Whittle's own documents and a few others that are no evidence.
Result<const Format*> DetectFormat(std::string_view start, const std::string& file);

bool LooksLikeAudit(std::string_view line);
bool LooksLikeJournal(std::string_view line);
bool LooksLikeStrace(std::string_view line);
bool LooksLikeCalls(std::string_view line);
std::unique_ptr<Parser> MakeAudit(Tally& tally, const Settings& settings);
std::unique_ptr<Parser> MakeJournal(Tally& tally, const Settings& settings);
std::unique_ptr<Parser> MakeStrace(Tally& tally, const Settings& settings);
std::unique_ptr<Parser> MakeCalls(Tally& tally, const Settings& settings);

}  // namespace whittle::import

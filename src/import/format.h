// What an importer is: a parser and a row in the table of formats. To add one: write NAME.cc with a
// `MakeNAME` and a `LooksLikeNAME`, and add its row in formats.cc. A log is read line by line and never
// fails: a line that is not understood is counted and shown by the caller. A document is read as a whole. Not
// thread safe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "import/tally.h"
#include "profile/target.h"
#include "syscalls/abi.h"

namespace whittle::import {

// What a filter that was in force while the input was made says of a call, whatever its arguments.
struct Enforced {
  enum class Kind { kAllows, kRefuses, kDepends } kind = Kind::kAllows;
  // Of kRefuses: the errno that the caller sees; 0 if it sees none (killed, trapped). Of kDepends: one that
  // it may see beside EPERM, where nobody is there to decide (traced, notified).
  uint32_t error = 0;
};
using AskEnforced = std::function<Enforced(Abi abi, uint32_t number)>;

// What the parsers are told beside the text.
struct Settings {
  Abi native = Abi::kX86_64;
  AskEnforced enforced;  // empty: nobody knows of a filter
  // What gives profiles their meaning, asked only when one is read; empty: docker and runc on this ABI.
  std::function<Result<profile::Target>()> target;
};

enum class Understood { kYes, kNo };

// A line of a document that was not understood, and why.
struct Complaint {
  uint64_t line = 0;  // one-based
  std::string why;
  uint64_t more = 0;  // lines behind it that are not understood either, and not told of
};

// Of very many the first are told; the others are counted. `why` makes the text, where it is told.
template <typename Why>
void AddComplaint(std::vector<Complaint>& complaints, uint64_t line, Why why) {
  constexpr size_t kTold = 100;
  if (complaints.size() < kTold) {
    complaints.push_back({line, why()});
  } else {
    ++complaints.back().more;
  }
}

class Parser {
 public:
  virtual ~Parser() = default;
  // A file begins: its name without folders. Called once for each, before its lines.
  virtual void BeginFile(std::string_view) {}
  // Of formats that are read line by line: one line without its end, never empty.
  virtual Understood Line(std::string_view) { return Understood::kNo; }
  // An empty line.
  virtual void Blank() {}
  // Of the next bytes of the file those that belong to a text of any lines, whose length was told: how many.
  // 0: a line follows.
  virtual size_t Bytes(std::string_view) { return 0; }
  // Of formats that are read as a whole: the file, whose name in messages is `shown`. Errors: kBadInput if it
  // is no such document.
  virtual Result<std::vector<Complaint>> Document(std::string_view /*text*/, const std::string& /*shown*/) {
    return std::vector<Complaint>();
  }
  // The end of the file that began last.
  virtual void EndFile() {}
  // The end of all files: what is still held back goes into the tally. May be called again after more lines.
  virtual void End() {}
};

// How several files belong together.
enum class Files {
  kOneLog,   // pieces of one log, in any order, perhaps overlapping: one recording
  kRunEach,  // a run each: a recording each
};

enum class Reading { kLines, kWhole };

struct Format {
  std::string_view name;    // of --format
  std::string_view what;    // for people
  std::string_view source;  // Recording::source
  Files files = Files::kRunEach;
  Reading reading = Reading::kLines;
  // Whether a line is one of this format.
  bool (*looks)(std::string_view line) = nullptr;
  std::unique_ptr<Parser> (*make)(Tally& tally, const Settings& settings) = nullptr;
  // Whether its lines count whoever wrote them to a syslog.
  bool opens_syslog = true;
  // Whether it shows all calls of what it watches: one without any did not watch.
  bool traces = false;
  // Whether a line says that it is one of this format, though it cannot be read (cut, of a machine that
  // nobody knows). Asked only of files in which no line is of any format.
  bool (*claims)(std::string_view line) = nullptr;
};

std::span<const Format> Formats();
// Errors: kUsage, with the names that there are.
Result<const Format*> FindFormat(std::string_view name);
// The format of which most lines of `start`, the beginning of a file, are, or say that they are. Errors:
// kBadInput if there is none; the message knows Whittle's own documents and a few others that are no
// evidence.
Result<const Format*> DetectFormat(std::string_view start, const std::string& file);
// May begin a file; it is no part of the text.
inline constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
// Whether more lines of `start` are of that format without what logs put around each (envelope.h).
bool ComesInEnvelopes(std::string_view start, const Format& format);

bool LooksLikeAudit(std::string_view line);
bool SaysItIsAudit(std::string_view line);
bool LooksLikeJournal(std::string_view line);
bool LooksLikeDmesg(std::string_view line);
bool LooksLikeStrace(std::string_view line);
bool LooksLikePerf(std::string_view line);
bool LooksLikeEvents(std::string_view line);
bool LooksLikeSysdig(std::string_view line);
bool LooksLikeBpftrace(std::string_view line);
bool LooksLikeProfile(std::string_view line);
bool LooksLikeSystemd(std::string_view line);
bool LooksLikeMinijail(std::string_view line);
bool LooksLikeCalls(std::string_view line);
std::unique_ptr<Parser> MakeAudit(Tally& tally, const Settings& settings);
std::unique_ptr<Parser> MakeJournal(Tally& tally, const Settings& settings);
std::unique_ptr<Parser> MakeDmesg(Tally& tally, const Settings& settings);
std::unique_ptr<Parser> MakeStrace(Tally& tally, const Settings& settings);
std::unique_ptr<Parser> MakePerf(Tally& tally, const Settings& settings);
std::unique_ptr<Parser> MakeEvents(Tally& tally, const Settings& settings);
std::unique_ptr<Parser> MakeSysdig(Tally& tally, const Settings& settings);
std::unique_ptr<Parser> MakeBpftrace(Tally& tally, const Settings& settings);
std::unique_ptr<Parser> MakeProfile(Tally& tally, const Settings& settings);
std::unique_ptr<Parser> MakeSystemd(Tally& tally, const Settings& settings);
std::unique_ptr<Parser> MakeMinijail(Tally& tally, const Settings& settings);
std::unique_ptr<Parser> MakeCalls(Tally& tally, const Settings& settings);

}  // namespace whittle::import

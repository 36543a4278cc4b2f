// The table of `strace -c`, one for each mode of the processor that was used, with the columns that -U chose.
// With -C it follows the trace that it sums up, so its rows are kept until that has been read. Not thread
// safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "import/format.h"
#include "import/strace_words.h"

namespace whittle::import {

class StraceTable {
 public:
  explicit StraceTable(const Settings& settings) : settings_(settings) {}

  // True if the line belongs to such a table.
  bool Line(std::string_view line) { return (seen_ || !EndsAsCallsDo(line)) && Take(line); }
  struct Row {
    Resolved call;
    uint64_t count = 0;
  };
  // A file ends: whether inside of a table, whose last line is missing then.
  bool EndsInside() { return std::exchange(inside_, false); }
  // By mode and name.
  using Rows = std::map<std::pair<Abi, std::string>, Row>;
  // The rows since the last time.
  Rows TakeRows() { return std::exchange(rows_, {}); }
  // "% time     seconds  usecs/call     calls    errors syscall", or other columns in another order.
  static bool IsHeader(std::string_view line);

 private:
  // Asked of every line of a trace: "... = 0", "... <0.000010>", "... (Operation not permitted)".
  static bool EndsAsCallsDo(std::string_view line) {
    const char last = line.empty() ? '\0' : line.back();
    return last == '>' || last == ')' || IsDigit(last);
  }
  bool Take(std::string_view line);
  bool TakeRow(std::string_view line);

  const Settings& settings_;
  Rows rows_;
  bool inside_ = false;
  bool seen_ = false;
  Abi abi_ = Abi::kX86_64;
  bool abi_named_ = false;
  // Which word of a row is what; rows without errors lack that word.
  struct Columns {
    size_t count = 0;
    std::optional<size_t> name, calls, errors;
  };
  static std::optional<Columns> ParseHeader(std::string_view line);
  Columns columns_;
};

// "32 bit", "64 bit", "x32": the ABI that strace means on that machine. Nothing if it has none.
std::optional<Abi> AbiOfMode(std::string_view mode, Abi native);

}  // namespace whittle::import

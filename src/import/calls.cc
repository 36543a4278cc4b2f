// The plain list of calls: `[ABI] CALL [FATE] [count=N] [exe=PATH] [container=NAME]`, one a line, CALL being
// a name or #NUMBER; and the lines of `whittle show --calls`, which have tabs. docs/import.md
#include <set>
#include <vector>

#include "base/text.h"
#include "import/format.h"
#include "syscalls/table.h"

namespace whittle::import {
namespace {

using evidence::Fate;

struct Entry {
  evidence::Subject subject = {"-", "?", evidence::Arrival::kWorkload};
  evidence::CallKey key;
  uint64_t count = 1;
};

std::optional<uint32_t> NumberOf(Abi abi, std::string_view text) {
  if (text == "#-1") return UINT32_MAX;  // what a tracer writes to skip a call
  const auto number = ParseSyscall(abi, text);
  if (number && abi == Abi::kX32) return *number | kX32Bit;
  return number;
}

// A fate other than "allowed" and "unknown" is a filter's doing.
void SetFate(Entry& entry, Fate fate) {
  entry.key.fate = fate;
  entry.key.under_filter = fate == Fate::kLogged || evidence::Refused(fate);
}

// A word may stand once: of two fates, or two counts, neither can be believed.
std::string_view KindOf(std::string_view word) {
  return evidence::ParseFate(word) ? "fate" : word.substr(0, word.find('='));
}

bool TakeWord(Entry& entry, std::string_view word) {
  if (const auto fate = evidence::ParseFate(word)) {
    SetFate(entry, *fate);
    return true;
  }
  const size_t equals = word.find('=');
  if (equals == std::string_view::npos || equals + 1 == word.size()) return false;
  const auto name = word.substr(0, equals);
  const auto value = word.substr(equals + 1);
  if (name == "exe") entry.subject.executable = value;
  if (name == "container") entry.subject.container = value;
  if (name == "exe" || name == "container") return true;
  const auto count = name == "count" ? ParseUnsigned(value) : std::nullopt;
  entry.count = count.value_or(0);
  return count.has_value() && *count > 0 && *count <= INT64_MAX;
}

std::optional<Entry> ParseWords(std::string_view line, Abi native) {
  const auto words = Words(line);
  if (words.empty()) return std::nullopt;
  Entry entry;
  const auto abi = words.size() > 1 ? ParseAbi(words[0]) : std::nullopt;
  entry.key.abi = abi.value_or(native);
  const size_t at = abi ? 1 : 0;
  const auto number = NumberOf(entry.key.abi, words[at]);
  if (!number) return std::nullopt;
  entry.key.abi = AbiOfNumber(entry.key.abi, *number);
  entry.key.number = *number;
  std::set<std::string_view> given;
  for (size_t i = at + 1; i < words.size(); ++i) {
    if (!given.insert(KindOf(words[i])).second || !TakeWord(entry, words[i])) return std::nullopt;
  }
  return entry;
}

// CONTAINER \t EXECUTABLE \t ABI \t CALL \t FATE
std::optional<Entry> ParseTabs(std::string_view line) {
  const auto cells = Split(line, '\t');
  if (cells.size() != 5 || cells[0].empty() || cells[1].empty()) return std::nullopt;
  const auto abi = ParseAbi(cells[2]);
  const auto number = abi ? NumberOf(*abi, cells[3]) : std::nullopt;
  const auto fate = evidence::ParseFate(cells[4]);
  if (!number || !fate) return std::nullopt;
  Entry entry{{std::string(cells[0]), std::string(cells[1])}, {AbiOfNumber(*abi, *number), *number}, 1};
  SetFate(entry, *fate);
  return entry;
}

std::optional<Entry> Parse(std::string_view line, Abi native) {
  if (line.find('\t') != std::string_view::npos) {
    if (auto entry = ParseTabs(line)) return entry;
  }
  return ParseWords(line, native);
}

class CallsParser final : public Parser {
 public:
  CallsParser(Tally& tally, Abi native) : tally_(tally), native_(native) {}

  void BeginFile(std::string_view) override {}
  void EndFile() override {}
  void End() override {}

  Understood Line(std::string_view line) override {
    const auto entry = Parse(line, native_);
    if (!entry) return Understood::kNo;
    const bool too_long =
        entry->subject.executable.size() > kMaxName || entry->subject.container.size() > kMaxName;
    if (too_long) return Understood::kNo;
    tally_.See(tally_.Of(entry->subject), entry->key, kUndated, entry->count);
    return Understood::kYes;
  }

 private:
  static constexpr size_t kMaxName = 4096;  // longer text has no place in evidence

  Tally& tally_;
  Abi native_;
};

}  // namespace

bool LooksLikeCalls(std::string_view line) { return Parse(line, Abi::kX86_64).has_value(); }

std::unique_ptr<Parser> MakeCalls(Tally& tally, const Settings& settings) {
  return std::make_unique<CallsParser>(tally, settings.native);
}

}  // namespace whittle::import

// As both read it: minijail0, which wants blanks around an operator and none in a value, and
// compile_seccomp_policy, to which blanks do not matter.
#include "import/minijail_grammar.h"

#include <charconv>

#include "base/text.h"
#include "import/strace_words.h"

namespace whittle::import {
namespace {

constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kUpperOrDigit = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

// What is left of a text, token by token; blanks between them are passed over.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(Trim(text)) {}

  bool AtEnd() const { return rest_.empty(); }
  // Was there nothing where something had to be?
  bool WasCut() const { return was_cut_; }
  void Need() { was_cut_ = was_cut_ || AtEnd(); }
  bool At(std::string_view token) const { return rest_.starts_with(token); }
  bool Take(std::string_view token) {
    if (!At(token)) return false;
    Skip(token.size());
    return true;
  }
  // Letters, digits and '_', with a minus in front or without; empty if there are none.
  std::string_view TakeWord() {
    Need();
    size_t end = At("-") ? 1 : 0;
    while (end < rest_.size() && (IsLetter(rest_[end]) || IsDigit(rest_[end]) || rest_[end] == '_')) ++end;
    const auto word = rest_.substr(0, end);
    Skip(end);
    return word;
  }

 private:
  void Skip(size_t size) { rest_ = Trim(rest_.substr(size)); }

  std::string_view rest_;
  bool was_cut_ = false;
};

// As strtol(3) reads it: "17", "-1", "0x1f", octal "017".
std::optional<uint64_t> NumberIn(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  const bool is_octal = !is_hex && text.size() > 1 && text.starts_with('0');
  if (is_hex) text.remove_prefix(2);
  uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, is_hex ? 16 : is_octal ? 8 : 10);
  if (error != std::errc() || stop != end) return std::nullopt;
  return is_negative ? 0 - value : value;
}

// minijail takes the names in capitals out of the headers.
bool LooksLikeConstant(std::string_view word) {
  return !word.empty() && kUpper.find(word.front()) != kUpper.npos &&
         word.find_first_not_of(kUpperOrDigit) == word.npos;
}

bool TakeArgument(Reader& reader, MinijailTest& test) {
  const auto word = reader.TakeWord();
  if (word.size() != 4 || !word.starts_with("arg") || word[3] < '0' || word[3] > '5') return false;
  test.argument = static_cast<uint32_t>(word[3] - '0');
  return true;
}

bool TakeOperator(Reader& reader, MinijailTest& test) {
  if (reader.At("&&")) return false;
  for (const std::string_view symbol : {"==", "!=", "<=", ">=", "<", ">", "&"}) {
    test.op = symbol;
    if (reader.Take(symbol)) return true;
  }
  test.op = reader.TakeWord();
  return test.op == "in";
}

bool TakeWordOfValue(Reader& reader, MinijailTest& test) {
  constexpr size_t kMostNames = 64;  // no argument has as many
  const auto word = reader.TakeWord();
  if (const auto number = NumberIn(word)) {
    test.numbers |= *number;
    return true;
  }
  if (!LooksLikeConstant(word)) return false;
  if (test.names.size() < kMostNames) {
    test.names.push_back(word);
  } else {
    test.has_plain_value = false;
  }
  return true;
}

// "1", "O_RDONLY|O_CLOEXEC", "~(PROT_EXEC|0x10)". In a loop, since a text may have any number of parentheses.
bool TakeValue(Reader& reader, MinijailTest& test) {
  size_t open = 0;
  while (true) {
    if (reader.Take("~")) test.has_plain_value = false;
    if (reader.Take("(")) {
      ++open;
      continue;
    }
    if (!TakeWordOfValue(reader, test)) return false;
    while (open > 0 && reader.Take(")")) --open;
    if (open > 0) reader.Need();
    if (reader.At("||") || !reader.Take("|")) return open == 0;
  }
}

std::optional<MinijailTests> TakeTests(Reader& reader) {
  constexpr size_t kMostTests = 4096;
  MinijailTests tests(1);
  size_t taken = 0;
  while (true) {
    MinijailTest test;
    if (!TakeArgument(reader, test) || !TakeOperator(reader, test) || !TakeValue(reader, test)) {
      return std::nullopt;
    }
    if (++taken <= kMostTests) tests.back().push_back(std::move(test));
    if (reader.Take("&&")) continue;
    if (!reader.Take("||")) break;
    if (taken < kMostTests) tests.emplace_back();
  }
  if (taken > kMostTests) tests.clear();
  return reader.AtEnd() ? std::optional(std::move(tests)) : std::nullopt;
}

}  // namespace

std::optional<MinijailTests> ParseMinijailTests(std::string_view text) {
  Reader reader(text);
  return TakeTests(reader);
}

bool BeginsMinijailTests(std::string_view text) {
  Reader reader(text);
  return TakeTests(reader) || reader.WasCut();
}

bool IsMinijailErrno(std::string_view text) {
  constexpr uint64_t kMostErrno = 4095;
  // Second names of errors, which a list by number does not have.
  if (text == "EWOULDBLOCK" || text == "EDEADLOCK" || text == "ENOTSUP") return true;
  if (const auto number = NumberIn(text)) return *number <= kMostErrno && !text.starts_with('-');
  return ErrnoNumber(text) != 0;
}

}  // namespace whittle::import

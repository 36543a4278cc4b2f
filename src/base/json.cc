#include "base/json.h"

#include <fmt/core.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/text.h"

namespace whittle::json {
namespace {

using Parser = nlohmann::json;

// Feeds the parser and counts what it took, since its events carry no position.
struct CountingIterator {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  const char* at = nullptr;
  const char** furthest = nullptr;

  const char& operator*() const { return *at; }
  CountingIterator& operator++() {
    ++at;
    if (furthest != nullptr) *furthest = at;
    return *this;
  }
  bool operator==(const CountingIterator& other) const { return at == other.at; }
  bool operator!=(const CountingIterator& other) const { return at != other.at; }
};

// Turns offsets into lines and columns in one pass over the text, since offsets only grow.
class LineCounter {
 public:
  explicit LineCounter(std::string_view text) : text_(text) {}
  Position At(size_t offset) {
    for (; next_ < offset && next_ < text_.size(); ++next_) {
      if (text_[next_] == '\n') {
        ++line_;
        line_start_ = next_ + 1;
      }
    }
    return {line_, static_cast<uint32_t>(offset - line_start_ + 1)};
  }

 private:
  std::string_view text_;
  size_t next_ = 0;
  size_t line_start_ = 0;
  uint32_t line_ = 1;
};

Position PositionOf(std::string_view text, size_t offset) {
  return LineCounter(text).At(std::min(offset, text.size()));
}

// The parser quotes what it read last, which may be megabytes.
std::string Cut(std::string text) {
  constexpr size_t kLongest = 200;
  if (text.size() > kLongest)
    text = text.substr(0, kLongest / 2) + " ... " + text.substr(text.size() - kLongest / 2);
  return text;
}

// What the library says behind its own name for the error: "[json.exception.parse_error.101] parse error at
// line 1, column 2: ..." has a place that we tell ourselves, "[json.exception.out_of_range.406] number
// overflow ..." has none.
std::string WithoutJargon(std::string text) {
  const size_t name_end = text.starts_with('[') ? text.find("] ") : std::string::npos;
  if (name_end != std::string::npos) text.erase(0, name_end + 2);
  const size_t colon = text.starts_with("parse error") ? text.find(": ") : std::string::npos;
  return colon == std::string::npos ? text : text.substr(colon + 2);
}

class TreeBuilder : public nlohmann::json_sax<Parser> {
 public:
  TreeBuilder(std::string_view text, const Limits& limits, const char* const* furthest)
      : text_(text), limits_(limits), furthest_(furthest), lines_(text) {}

  bool null() override { return Add(Value()); }
  bool boolean(bool value) override { return Add(Value(value)); }
  bool number_integer(number_integer_t value) override { return Add(Value(static_cast<int64_t>(value))); }
  bool number_unsigned(number_unsigned_t value) override { return Add(Value(static_cast<uint64_t>(value))); }
  bool number_float(number_float_t value, const string_t& digits) override {
    Value real(value);
    // A whole number of more than 64 bits keeps its digits.
    if (digits.find_first_not_of("-0123456789") == string_t::npos) real.text = digits;
    return Add(std::move(real));
  }
  bool string(string_t& value) override { return Add(Value(std::move(value))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return Open(Kind::kObject); }
  bool start_array(std::size_t) override { return Open(Kind::kArray); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(string_t& name) override {
    const Position at = TokenPosition();
    open_.back()->members.push_back(Member{std::move(name), at, Value()});
    value_due_ = true;
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    error_offset_ = position > 0 ? position - 1 : 0;
    error_ = Cut(WithoutJargon(error.what()));
    return false;
  }

  Value& root() { return root_; }
  const std::string& error() const { return error_; }
  // True if the text may be JSON, but is more than is taken.
  bool over_limit() const { return over_limit_; }
  size_t error_offset() const { return error_offset_; }
  // What the parser was in when it stopped.
  std::string ErrorPointer() const {
    std::string pointer;
    for (const Value* open : open_) {
      const bool innermost = open == open_.back();
      if (open->kind == Kind::kArray) {
        if (!innermost) pointer += PointerStep(open->items.size() - 1);
      } else if (!innermost || value_due_) {
        pointer += PointerStep(open->members.back().name);
      }
    }
    return pointer.empty() ? "/" : pointer;
  }

 private:
  // The token that caused this event starts after the one before it and the punctuation between them.
  Position TokenPosition() {
    size_t start = token_end_;
    while (start < text_.size() && std::string_view(" \t\r\n,:").find(text_[start]) != std::string_view::npos)
      ++start;
    token_end_ = static_cast<size_t>(*furthest_ - text_.data());
    return lines_.At(start);
  }

  Value* Place(Value value) {
    value_due_ = false;
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Value& parent = *open_.back();
    if (parent.kind == Kind::kArray) return &parent.items.emplace_back(std::move(value));
    parent.members.back().value = std::move(value);
    return &parent.members.back().value;
  }

  bool Refuse(std::string error) {
    over_limit_ = true;
    error_ = std::move(error);
    error_offset_ = token_end_ > 0 ? token_end_ - 1 : 0;
    return false;
  }

  bool Add(Value value) {
    value.at = TokenPosition();
    if (++count_ > limits_.values)
      return Refuse(fmt::format("more than {} values are not taken", limits_.values));
    Place(std::move(value));
    return true;
  }

  bool Open(Kind kind) {
    Value value;
    value.kind = kind;
    value.at = TokenPosition();
    if (open_.size() >= limits_.depth)
      return Refuse(fmt::format("nested deeper than {} levels, which is not taken", limits_.depth));
    if (++count_ > limits_.values)
      return Refuse(fmt::format("more than {} values are not taken", limits_.values));
    open_.push_back(Place(std::move(value)));
    return true;
  }

  bool Close() {
    TokenPosition();
    open_.pop_back();
    return true;
  }

  std::string_view text_;
  Limits limits_;
  const char* const* furthest_;
  LineCounter lines_;
  size_t token_end_ = 0;
  Value root_;
  std::vector<Value*> open_;  // stable: a parent's vector does not grow while a child is open
  size_t count_ = 0;
  bool value_due_ = false;  // a name was read, its value not yet
  bool over_limit_ = false;
  std::string error_;
  size_t error_offset_ = 0;
};

// What most likely happened, for the mistakes that users make.
std::string LikelyCause(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "the file is empty: expected a JSON object";
  if (text.starts_with("\xef\xbb\xbf"))
    return "the file starts with a byte order mark: save it as UTF-8 without one";
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
    return "the file starts with the byte order mark of UTF-16: save it as UTF-8 without one";
  return "";
}

// Where the parser stopped at a closing bracket because of the comma before it, that comma.
std::optional<size_t> TrailingComma(std::string_view text, size_t error_offset) {
  if (error_offset >= text.size() || (text[error_offset] != '}' && text[error_offset] != ']'))
    return std::nullopt;
  const size_t before = text.substr(0, error_offset).find_last_not_of(" \t\r\n");
  if (before == std::string_view::npos || text[before] != ',') return std::nullopt;
  return before;
}

// The parser takes a NUL byte for the end of the text, and calls the end of the document "end of input".
std::string SyntaxError(std::string_view text, const TreeBuilder& builder) {
  const size_t offset = builder.error_offset();
  if (offset < text.size() && text[offset] == '\0') return "a NUL byte";
  if (builder.error().ends_with("expected end of input")) return "text behind the document's end";
  return builder.error();
}

void WriteString(std::string& out, const std::string& text) {
  out += Parser(text).dump(-1, ' ', false, Parser::error_handler_t::replace);
}

void WriteValue(std::string& out, const Value& value, Style style, size_t depth);

template <typename Range, typename WriteOne>
void WriteList(std::string& out, char open, char close, const Range& range, Style style, size_t depth,
               WriteOne one) {
  const std::string line_break = style == Style::kIndented ? "\n" : "";
  const size_t step = style == Style::kIndented ? 2 : 0;
  out += open;
  bool first = true;
  for (const auto& element : range) {
    out += first ? line_break : "," + line_break;
    first = false;
    out.append((depth + 1) * step, ' ');
    one(element);
  }
  if (!first) out += line_break + std::string(depth * step, ' ');
  out += close;
}

void WriteValue(std::string& out, const Value& value, Style style, size_t depth) {
  switch (value.kind) {
    case Kind::kNull:
      out += "null";
      break;
    case Kind::kBoolean:
      out += value.boolean ? "true" : "false";
      break;
    case Kind::kInteger:
      out += std::to_string(value.integer);
      break;
    case Kind::kUnsigned:
      out += std::to_string(value.number);
      break;
    case Kind::kReal:
      out += value.text.empty() ? Parser(value.real).dump() : value.text;
      break;
    case Kind::kString:
      WriteString(out, value.text);
      break;
    case Kind::kArray:
      WriteList(out, '[', ']', value.items, style, depth,
                [&](const Value& item) { WriteValue(out, item, style, depth + 1); });
      break;
    case Kind::kObject:
      WriteList(out, '{', '}', value.members, style, depth, [&](const Member& member) {
        WriteString(out, member.name);
        out += style == Style::kIndented ? ": " : ":";
        WriteValue(out, member.value, style, depth + 1);
      });
      break;
  }
}

}  // namespace

Value::Value(int64_t value) : kind(value < 0 ? Kind::kInteger : Kind::kUnsigned) {
  if (value < 0) {
    integer = value;
  } else {
    number = static_cast<uint64_t>(value);
  }
}

const Value* Value::Find(std::string_view name) const {
  for (auto member = members.rbegin(); member != members.rend(); ++member) {
    if (member->name == name) return &member->value;
  }
  return nullptr;
}

void Value::Set(std::string name, Value value) {
  members.push_back(Member{std::move(name), {}, std::move(value)});
}

Value Object(std::initializer_list<std::pair<std::string, Value>> members) {
  Value value;
  value.kind = Kind::kObject;
  for (const auto& [name, member] : members) value.Set(name, member);
  return value;
}

Value Array(std::vector<Value> items) {
  Value value;
  value.kind = Kind::kArray;
  value.items = std::move(items);
  return value;
}

Result<Value> Parse(std::string_view text, const std::string& name, const Limits& limits) {
  if (text.size() > limits.bytes) {
    return Fail(ErrorCode::kBadInput, fmt::format("{}: larger than {} bytes", name, limits.bytes));
  }
  const std::string cause = LikelyCause(text);
  if (!cause.empty()) return FailAt(name, {1, 1}, cause);
  const char* furthest = text.data();
  TreeBuilder builder(text, limits, &furthest);
  const CountingIterator begin{text.data(), &furthest};
  const CountingIterator end{text.data() + text.size(), nullptr};
  if (Parser::sax_parse(begin, end, &builder)) {
    // The parser takes a NUL byte for the end of the text.
    if (const size_t nul = text.find('\0'); nul != text.npos)
      return FailAt(name, PositionOf(text, nul), "/: not valid JSON: a NUL byte behind the document");
    return std::move(builder.root());
  }
  const std::string where = builder.ErrorPointer() + ": ";
  if (const auto comma = TrailingComma(text, builder.error_offset())) {
    return FailAt(name, PositionOf(text, *comma),
                  where + "not valid JSON: a comma after the last entry, remove it");
  }
  const Position at = PositionOf(text, builder.error_offset());
  if (builder.over_limit()) return FailAt(name, at, where + builder.error());
  return FailAt(name, at, where + "not valid JSON: " + SyntaxError(text, builder));
}

bool BeginsAsJson(std::string_view text) {
  const auto body = Trim(text);
  return body.starts_with('{') || body.starts_with('[');
}

std::string Write(const Value& value, Style style) {
  std::string out;
  WriteValue(out, value, style, 0);
  if (style == Style::kIndented) out += '\n';
  return out;
}

std::string_view KindText(Kind kind) {
  switch (kind) {
    case Kind::kNull:
      return "null";
    case Kind::kBoolean:
      return "true or false";
    case Kind::kInteger:
      return "a negative number";
    case Kind::kUnsigned:
      return "a number";
    case Kind::kReal:
      return "a fraction";
    case Kind::kString:
      return "a string";
    case Kind::kArray:
      return "an array";
    case Kind::kObject:
      return "an object";
  }
  return "a value";
}

std::string PointerStep(std::string_view name) {
  std::string step = "/";
  for (const char c : Quotable(name)) {
    if (c == '~') {
      step += "~0";
    } else if (c == '/') {
      step += "~1";
    } else {
      step += c;
    }
  }
  return step;
}

std::string PointerStep(size_t index) { return fmt::format("/{}", index); }

std::string Quotable(std::string_view text) {
  constexpr size_t kLongest = 80;
  if (text.size() <= kLongest) return Printable(text);
  // Not in the middle of a character.
  size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return Printable(text.substr(0, end)) + "...";
}

std::unexpected<Error> FailAt(const std::string& name, Position at, const std::string& message) {
  return Fail(ErrorCode::kBadInput, fmt::format("{}:{}:{}: {}", name, at.line, at.column, message));
}

}  // namespace whittle::json

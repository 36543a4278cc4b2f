// JSON documents that remember where each value stood, so that an error can name file, line, column and
// field. Reading is nlohmann's parser behind limits on size and depth; writing is stable: same value, same
// bytes. Pure; thread safe.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace whittle::json {

// One-based. {0, 0} for a value that was made, not read.
struct Position {
  uint32_t line = 0;
  uint32_t column = 0;
};

enum class Kind { kNull, kBoolean, kInteger, kUnsigned, kReal, kString, kArray, kObject };

struct Member;

struct Value {
  Kind kind = Kind::kNull;
  Position at;
  union {
    uint64_t number = 0;  // kUnsigned: zero or above
    int64_t integer;      // kInteger: a negative number
    double real;          // kReal
    bool boolean;         // kBoolean
  };
  std::string text;             // kString
  std::vector<Value> items;     // kArray
  std::vector<Member> members;  // kObject, in the order of the document; a name may stand twice

  Value();
  Value(bool value);
  Value(double value);
  Value(std::string value);
  Value(std::string_view value);
  Value(const char* value);
  Value(uint64_t value);
  Value(int64_t value);
  Value(int value);
  Value(uint32_t value);

  bool is(Kind wanted) const { return kind == wanted; }
  // The member of that name (the last one, as Go reads it), or null.
  const Value* Find(std::string_view name) const;
  // Appends a member; for writing.
  void Set(std::string name, Value value);
};

struct Member {
  std::string name;
  Position at;
  Value value;
};

// Here, where Member is complete: clang wants that of a vector's element in constructors.
inline Value::Value() = default;
inline Value::Value(bool value) : kind(Kind::kBoolean), boolean(value) {}
inline Value::Value(double value) : kind(Kind::kReal), real(value) {}
inline Value::Value(std::string value) : kind(Kind::kString), text(std::move(value)) {}
inline Value::Value(std::string_view value) : kind(Kind::kString), text(value) {}
inline Value::Value(const char* value) : kind(Kind::kString), text(value) {}
inline Value::Value(uint64_t value) : kind(Kind::kUnsigned), number(value) {}
inline Value::Value(int value) : Value(static_cast<int64_t>(value)) {}
inline Value::Value(uint32_t value) : Value(static_cast<uint64_t>(value)) {}

Value Object(std::initializer_list<std::pair<std::string, Value>> members = {});
Value Array(std::vector<Value> items = {});

// What a hostile document may cost. A value takes about 110 bytes of memory however short it is in the text.
struct Limits {
  size_t bytes = size_t{256} << 20;
  size_t depth = 64;
  size_t values = size_t{16} << 20;
};

// Reads one document; anything but white space after it is an error. `name` stands in messages.
// Errors: kBadInput, "NAME:LINE:COLUMN: POINTER: what, and the likely cause". POINTER is where the reader
// was: the member whose value broke, or what holds the broken part; "/" for the document itself.
Result<Value> Parse(std::string_view text, const std::string& name, const Limits& limits = {});

// An object or a list begins here. YAML may begin so, too.
bool BeginsAsJson(std::string_view text);

enum class Style { kIndented, kCompact };

// Ends with a newline in the indented style. Bytes that are not UTF-8 become U+FFFD.
std::string Write(const Value& value, Style style = Style::kIndented);

// The kind as a person says it: "a string", "an object".
std::string_view KindText(Kind kind);

// A step of a JSON pointer (RFC 6901): the name with ~0 and ~1 for ~ and /, or the index. Hostile names are
// made printable and cut.
std::string PointerStep(std::string_view name);
std::string PointerStep(size_t index);

// Text of a document as a message may quote it: printable, and cut where it is long.
std::string Quotable(std::string_view text);

// "NAME:LINE:COLUMN: message" as a kBadInput failure.
std::unexpected<Error> FailAt(const std::string& name, Position at, const std::string& message);

}  // namespace whittle::json

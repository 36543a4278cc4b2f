// Reads members of an engine's answer and keeps the first complaint, so that a parser reads like a table.
// Internal to answers*.cc; not thread safe.
#pragma once

#include <fmt/core.h>

#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace whittle::container {

// Far below what an engine sends for real, far above what a container can have.
inline constexpr json::Limits kAnswerLimits{.bytes = size_t{64} << 20, .depth = 32};

class AnswerReader {
 public:
  using Kind = json::Kind;
  using Value = json::Value;
  using Path = std::initializer_list<std::string_view>;

  AnswerReader(const Value& root, const std::string& source) : root_(root), source_(source) {}

  std::string Text(Path path) {
    const Value* value = Get(path, Kind::kString);
    return value == nullptr ? "" : value->text;
  }
  bool Flag(Path path) {
    const Value* value = Get(path, Kind::kBoolean);
    return value != nullptr && value->boolean;
  }
  // A number that fits an int; negative ones (exit codes) included.
  int Number(Path path) {
    const Value* value = Walk(path);
    if (value == nullptr) return 0;
    if (value->is(Kind::kInteger) && value->integer >= std::numeric_limits<int>::min()) {
      return static_cast<int>(value->integer);
    }
    if (value->is(Kind::kUnsigned) && value->number <= std::numeric_limits<int>::max()) {
      return static_cast<int>(value->number);
    }
    Complain(path, "a small number", *value);
    return 0;
  }
  std::vector<std::string> Texts(Path path) {
    std::vector<std::string> out;
    const Value* value = Get(path, Kind::kArray);
    if (value == nullptr) return out;
    for (const auto& item : value->items) {
      if (item.is(Kind::kString)) {
        out.push_back(item.text);
      } else {
        Complain(path, "strings", item);
      }
    }
    return out;
  }
  const Value* Get(Path path, Kind wanted) {
    const Value* value = Walk(path);
    if (value == nullptr || value->is(wanted)) return value;
    Complain(path, json::KindText(wanted), *value);
    return nullptr;
  }
  void Fault(const std::string& message) {
    if (error_.empty()) error_ = fmt::format("{}: {}", source_, message);
  }
  Result<void> status() const {
    if (error_.empty()) return {};
    return Fail(ErrorCode::kBadInput, error_);
  }

 private:
  // Null where a member is missing or null: Go writes null for what is empty.
  const Value* Walk(Path path) {
    const Value* value = &root_;
    for (const auto name : path) {
      if (!value->is(Kind::kObject)) {
        Complain(path, "an object on the way", *value);
        return nullptr;
      }
      value = value->Find(name);
      if (value == nullptr || value->is(Kind::kNull)) return nullptr;
    }
    return value;
  }
  void Complain(Path path, std::string_view wanted, const Value& value) {
    std::string name;
    for (const auto part : path) name += (name.empty() ? "" : ".") + std::string(part);
    Fault(fmt::format("member {}: expected {}, found {}", name, wanted, json::KindText(value.kind)));
  }

  const Value& root_;
  std::string source_;
  std::string error_;
};

}  // namespace whittle::container

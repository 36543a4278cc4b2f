#include "evidence/fields.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "evidence/text_value.h"

namespace whittle::evidence {

Result<Fields> Fields::Of(const json::Value& value, const std::string& file, std::string where) {
  if (!value.is(json::Kind::kObject)) {
    return json::FailAt(file, value.at,
                        fmt::format("{}: expected an object, found {}", where, json::KindText(value.kind)));
  }
  return Fields(value, file, std::move(where));
}

std::unexpected<Error> Fields::Fail(json::Position at, const std::string& message) const {
  return json::FailAt(*file_, at, where_ + ": " + message);
}

Result<const json::Value*> Fields::Any(std::string_view name) {
  asked_.push_back(name);
  const json::Value* found = nullptr;
  for (const auto& member : value_->members) {
    if (member.name != name) continue;
    if (found != nullptr) return Fail(member.at, fmt::format("field '{}' stands twice", name));
    found = &member.value;
  }
  if (found == nullptr) return Fail(value_->at, fmt::format("field '{}' is missing", name));
  return found;
}

Result<const json::Value*> Fields::Of(std::string_view name, json::Kind kind) {
  const auto* value = TRY(Any(name));
  if (value->is(kind)) return value;
  return Fail(value->at, fmt::format("field '{}': expected {}, found {}", name, json::KindText(kind),
                                     json::KindText(value->kind)));
}

Result<const json::Value*> Fields::Optional(std::string_view name, json::Kind kind) {
  asked_.push_back(name);
  return value_->Find(name) == nullptr ? nullptr : TRY(Of(name, kind));
}

Result<std::string> Fields::Text(std::string_view name) {
  const auto* value = TRY(Any(name));
  return ReadText(*value, *file_, fmt::format("{}: field '{}'", where_, name));
}

Result<bool> Fields::Boolean(std::string_view name) { return TRY(Of(name, json::Kind::kBoolean))->boolean; }

Result<uint64_t> Fields::Number(std::string_view name, uint64_t limit) {
  const auto* value = TRY(Of(name, json::Kind::kUnsigned));
  if (value->number <= limit) return value->number;
  return Fail(value->at, fmt::format("field '{}': {} is above the largest possible value, {}", name,
                                     value->number, limit));
}

Result<void> Fields::NothingElse() const {
  for (const auto& member : value_->members) {
    if (std::ranges::find(asked_, member.name) != asked_.end()) continue;
    const auto nearest = Nearest(member.name, asked_);
    return Fail(member.at, fmt::format("unknown field '{}'{}", Printable(member.name),
                                       nearest ? fmt::format(", did you mean '{}'?", *nearest) : ""));
  }
  return {};
}

}  // namespace whittle::evidence

// A JSON object read field by field: each must be there, have its type, and stand once; what is left over is
// unknown. Errors name file, line, column, field and what was expected. Not thread safe (a reader of one
// object).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace whittle::evidence {

class Fields {
 public:
  // `where` says in messages what the object is: "recording 'a'". Errors: kBadInput if it is no object.
  static Result<Fields> Of(const json::Value& value, const std::string& file, std::string where);

  Result<const json::Value*> Any(std::string_view name);
  Result<const json::Value*> Of(std::string_view name, json::Kind kind);
  // nullptr if it is not there.
  Result<const json::Value*> Optional(std::string_view name, json::Kind kind);
  Result<std::string> Text(std::string_view name);
  Result<bool> Boolean(std::string_view name);
  // A whole number of at most `limit`.
  Result<uint64_t> Number(std::string_view name, uint64_t limit = UINT64_MAX);
  // The object itself.
  const json::Value& object() const { return *value_; }
  // Fails if the object has members that nobody asked for.
  Result<void> NothingElse() const;

  std::unexpected<Error> Fail(json::Position at, const std::string& message) const;

 private:
  Fields(const json::Value& value, const std::string& file, std::string where)
      : value_(&value), file_(&file), where_(std::move(where)) {}

  const json::Value* value_;
  const std::string* file_;
  std::string where_;
  std::vector<std::string_view> asked_;
};

}  // namespace whittle::evidence

#include "report/attacks.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/json.h"

namespace whittle::report {
namespace {

using json::Kind;
using json::Value;

Result<std::string> Text(const Value& object, std::string_view name, const std::string& file) {
  const Value* value = object.Find(name);
  if (value != nullptr && value->is(Kind::kString)) return value->text;
  return json::FailAt(file, value == nullptr ? object.at : value->at,
                      fmt::format("an attempt needs '{}', a string", name));
}

Result<Attack> ReadAttack(const Value& object, const std::string& file) {
  constexpr std::array<std::string_view, 4> kOutcomes = {"refused", "succeeded", "failed", "killed"};
  if (!object.is(Kind::kObject)) return json::FailAt(file, object.at, "expected an attempt, an object");
  Attack attack;
  attack.name = TRY(Text(object, "name", file));
  attack.call = TRY(Text(object, "call", file));
  attack.outcome = TRY(Text(object, "outcome", file));
  if (std::ranges::find(kOutcomes, attack.outcome) == kOutcomes.end()) {
    return json::FailAt(file, object.Find("outcome")->at,
                        "'outcome': expected 'refused', 'succeeded', 'failed' or 'killed'");
  }
  if (const Value* error = object.Find("error"); error != nullptr && error->is(Kind::kString))
    attack.error = error->text;
  return attack;
}

}  // namespace

Result<std::vector<Attack>> ReadAttacks(std::string_view text, const std::string& file) {
  const auto list = TRY(json::Parse(text, file));
  if (!list.is(Kind::kArray)) return json::FailAt(file, list.at, "expected a list of attempts");
  std::vector<Attack> attacks;
  for (const auto& item : list.items) attacks.push_back(TRY(ReadAttack(item, file)));
  return attacks;
}

}  // namespace whittle::report

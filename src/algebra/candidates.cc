#include "algebra/candidates.h"

#include <algorithm>
#include <optional>

namespace whittle::algebra {
namespace {

using profile::Condition;
using profile::Operator;

constexpr size_t kMaxBodies = 200;

Body BodyOf(const filter::FlatRule& rule) { return {rule.conditions, rule.action, rule.data}; }

std::vector<Body> BodiesOf(const std::vector<filter::FlatRule>& rules) {
  std::vector<Body> bodies;
  for (const auto& rule : rules) bodies.push_back(BodyOf(rule));
  return bodies;
}

std::optional<Condition> AsMasked(const Condition& condition) {
  if (condition.op == Operator::kMaskedEqual) return condition;
  if (condition.op == Operator::kEqual)
    return Condition{condition.index, Operator::kMaskedEqual, UINT64_MAX, condition.value};
  return std::nullopt;
}

// Both as one condition, which is all that runtimes take of one argument; an empty list of one that never
// holds; nothing if it cannot be written.
std::optional<std::vector<Condition>> Both(const Condition& a, const Condition& b) {
  if (a == b) return std::vector{a};
  const auto first = AsMasked(a);
  const auto second = AsMasked(b);
  if (!first || !second) return std::nullopt;
  if (((first->value_two ^ second->value_two) & first->value & second->value) != 0)
    return std::vector<Condition>{};
  const uint64_t mask = first->value | second->value;
  const uint64_t value = first->value_two | second->value_two;
  if (mask == UINT64_MAX) return std::vector{Condition{a.index, Operator::kEqual, value, 0}};
  return std::vector{Condition{a.index, Operator::kMaskedEqual, mask, value}};
}

enum class Meet : uint8_t { kWritten, kNever, kUnwritable };

// Holds where both hold.
Meet MeetOf(const Body& a, const Body& b, Body& both) {
  both = a;
  both.action = std::min(a.action, b.action);
  both.data = a.action <= b.action ? a.data : b.data;
  for (const auto& condition : b.conditions) {
    const auto same = std::ranges::find(both.conditions, condition.index, &Condition::index);
    if (same == both.conditions.end()) {
      both.conditions.push_back(condition);
      continue;
    }
    const auto joined = Both(*same, condition);
    if (!joined) return Meet::kUnwritable;
    if (joined->empty()) return Meet::kNever;
    *same = joined->front();
  }
  std::ranges::sort(both.conditions, {}, &Condition::index);
  return Meet::kWritten;
}

std::optional<std::vector<Body>> Pairwise(const std::vector<Body>& first, const std::vector<Body>& second) {
  std::vector<Body> bodies;
  for (const auto& a : first) {
    for (const auto& b : second) {
      Body both;
      const Meet meet = MeetOf(a, b, both);
      if (meet == Meet::kUnwritable || bodies.size() > kMaxBodies) return std::nullopt;
      if (meet == Meet::kWritten) bodies.push_back(std::move(both));
    }
  }
  return bodies;
}

std::vector<Body> Tidy(const std::vector<Body>& bodies, const Answer& otherwise) {
  std::vector<Body> tidy;
  for (const auto& body : bodies) {
    const bool is_default = body.action == otherwise.action && body.data == otherwise.data;
    if (!is_default && std::ranges::find(tidy, body) == tidy.end()) tidy.push_back(body);
  }
  return tidy;
}

}  // namespace

std::vector<std::vector<Body>> Candidates(const std::vector<std::vector<filter::FlatRule>>& rules,
                                          const Answer& otherwise) {
  std::vector<std::vector<Body>> candidates;
  std::vector<Body> all;
  std::optional<std::vector<Body>> meets;
  for (const auto& part : rules) {
    const auto bodies = BodiesOf(part);
    all.insert(all.end(), bodies.begin(), bodies.end());
    if (bodies.empty()) continue;
    candidates.push_back(Tidy(bodies, otherwise));
    meets = meets ? Pairwise(*meets, bodies) : bodies;
    if (!meets) meets = std::vector<Body>{};
  }
  candidates.push_back(Tidy(all, otherwise));
  if (meets) candidates.push_back(Tidy(*meets, otherwise));
  std::erase_if(candidates, [](const auto& bodies) { return bodies.size() > kMaxBodies; });
  // The shortest that has the meaning is the one to read.
  std::ranges::stable_sort(candidates, {}, [](const auto& bodies) { return bodies.size(); });
  return candidates;
}

}  // namespace whittle::algebra

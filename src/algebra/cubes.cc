#include "algebra/cubes.h"

#include <array>

#include "filter/formula.h"

namespace whittle::algebra {
namespace {

using prove::Diagrams;
using prove::Node;

constexpr size_t kMaxCubes = 80;  // a 64-bit "not equal" has 64
constexpr uint32_t kFirstArgumentWord = 4;
constexpr uint32_t kArguments = 6;

class Paths {
 public:
  Paths(const Diagrams& diagrams, Abi abi, const Answer& otherwise)
      : diagrams_(diagrams), abi_(abi), otherwise_(otherwise) {}

  bool Walk(Node node) {
    if (bodies_.size() > kMaxCubes) return false;
    if (diagrams_.IsLeaf(node)) {
      Note(AnswerOf(diagrams_.VerdictOf(node)));
      return true;
    }
    const auto word = static_cast<size_t>(diagrams_.WordOf(node));
    if (word < kFirstArgumentWord) return false;
    const uint32_t bit = 1u << diagrams_.BitOf(node);
    masks_[word] |= bit;
    const bool no = Walk(diagrams_.No(node));
    values_[word] |= bit;
    const bool yes = no && Walk(diagrams_.Yes(node));
    values_[word] &= ~bit;
    masks_[word] &= ~bit;
    return yes;
  }

  std::vector<Body> Take() { return std::move(bodies_); }

 private:
  void Note(const Answer& answer) {
    if (IsDefault(answer, otherwise_)) return;
    Body body{{}, answer.action, answer.data};
    for (uint32_t index = 0; index < kArguments; ++index) {
      const auto words = filter::WordsOfArgument(index, abi_);
      const uint64_t mask = uint64_t{masks_[words.high]} << 32 | masks_[words.low];
      const uint64_t value = uint64_t{values_[words.high]} << 32 | values_[words.low];
      if (mask == 0) continue;
      if (mask == UINT64_MAX) {
        body.conditions.push_back({index, profile::Operator::kEqual, value, 0});
      } else {
        body.conditions.push_back({index, profile::Operator::kMaskedEqual, mask, value});
      }
    }
    bodies_.push_back(std::move(body));
  }

  const Diagrams& diagrams_;
  Abi abi_;
  Answer otherwise_;
  std::array<uint32_t, prove::kWords> masks_{};
  std::array<uint32_t, prove::kWords> values_{};
  std::vector<Body> bodies_;
};

}  // namespace

bool IsDefault(const Answer& answer, const Answer& otherwise) {
  return answer.action == otherwise.action && (answer.by_default || answer.data == otherwise.data);
}

std::optional<std::vector<Body>> CubesOf(const Diagrams& diagrams, Node node, Abi abi,
                                         const Answer& otherwise) {
  Paths paths(diagrams, abi, otherwise);
  if (!paths.Walk(node)) return std::nullopt;
  auto bodies = paths.Take();
  if (bodies.size() > kMaxCubes) return std::nullopt;
  return bodies;
}

}  // namespace whittle::algebra

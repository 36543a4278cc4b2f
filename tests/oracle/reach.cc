// The instruction is replaced by a return of a value that no filter returns: a call reaches it exactly if the
// changed filter's diagram has a way to that leaf.
#include "reach.h"

#include <set>

#include "prove/meaning.h"

namespace whittle::oracle {
namespace {

constexpr uint32_t kMark = 0x12345678;
constexpr size_t kNodes = 4'000'000;

// Follows the diagram to the marked leaf, setting the bits that it asks for. False if there is none below.
bool Find(const prove::Diagrams& diagrams, prove::Node node, std::set<prove::Node>& dead,
          filter::Data& data) {
  if (diagrams.IsLeaf(node)) return !diagrams.IsPair(node) && diagrams.VerdictOf(node) == kMark;
  if (dead.count(node) != 0) return false;
  const auto word = static_cast<size_t>(diagrams.WordOf(node));
  const uint32_t bit = 1u << diagrams.BitOf(node);
  if (Find(diagrams, diagrams.No(node), dead, data)) return true;
  data[word] |= bit;
  if (Find(diagrams, diagrams.Yes(node), dead, data)) return true;
  data[word] &= ~bit;
  dead.insert(node);
  return false;
}

}  // namespace

std::optional<filter::Data> DataReaching(const filter::Program& program, size_t instruction) {
  filter::Program marked = program;
  marked[instruction] = {BPF_RET | BPF_K, 0, 0, kMark};
  prove::Diagrams diagrams(prove::Order::kByWord, kNodes);
  const prove::Node root = prove::MeaningOf(diagrams, marked);
  filter::Data data{};
  std::set<prove::Node> dead;
  if (diagrams.exhausted() || !Find(diagrams, root, dead, data)) return std::nullopt;
  return data;
}

}  // namespace whittle::oracle

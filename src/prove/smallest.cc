// The idea: of the calls that end in the leaf, keep those whose first bit is 0, if there are any, else those
// whose first bit is 1; then the same for the next bit, in the order of calls. What is kept is never empty,
// and in the end it is one call. Whether there are any is asked of the diagram as it is, children before
// parents, with the bits that are known so far. Cost: one visit of each node for each bit that the diagram
// asks.
#include "prove/smallest.h"

#include <unordered_map>
#include <vector>

namespace whittle::prove {
namespace {

constexpr int kOrder[kWords] = {1, 0, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14, 3, 2};

class Search {
 public:
  Search(const Diagrams& diagrams, Node start, Node leaf) : diagrams_(diagrams), leaf_(leaf) { Take(start); }

  size_t nodes() const { return nodes_.size(); }
  bool Asks(int word, int bit) const { return asked_[Place(word, bit)] != 0; }
  void Set(int word, int bit, bool value) { known_[Place(word, bit)] = value ? Known::kOne : Known::kZero; }

  // True if some call with the bits that are set so far ends in the leaf.
  bool Any() {
    for (auto& node : nodes_) {
      if (node.leaf) continue;
      const Known known = known_[node.place];
      node.ends_there = (known != Known::kOne && nodes_[node.no].ends_there) ||
                        (known != Known::kZero && nodes_[node.yes].ends_there);
    }
    return nodes_.back().ends_there;
  }

 private:
  enum class Known : uint8_t { kOpen, kZero, kOne };
  struct Visited {
    bool leaf;
    bool ends_there;
    uint16_t place;
    uint32_t no;
    uint32_t yes;
  };

  static size_t Place(int word, int bit) { return static_cast<size_t>(word * kWordBits + bit); }

  // Children before parents: the start is the last one.
  uint32_t Take(Node node) {
    if (const auto taken = taken_.find(node); taken != taken_.end()) return taken->second;
    Visited visited{true, node == leaf_, 0, 0, 0};
    if (!diagrams_.IsLeaf(node)) {
      const size_t place = Place(diagrams_.WordOf(node), diagrams_.BitOf(node));
      asked_[place] = 1;
      const uint32_t no = Take(diagrams_.No(node));
      const uint32_t yes = Take(diagrams_.Yes(node));
      visited = {false, false, static_cast<uint16_t>(place), no, yes};
    }
    const auto index = static_cast<uint32_t>(nodes_.size());
    nodes_.push_back(visited);
    taken_.emplace(node, index);
    return index;
  }

  const Diagrams& diagrams_;
  Node leaf_;
  std::vector<Visited> nodes_;
  std::unordered_map<Node, uint32_t> taken_;
  std::vector<uint8_t> asked_ = std::vector<uint8_t>(kWords * kWordBits);
  std::vector<Known> known_ = std::vector<Known>(kWords * kWordBits, Known::kOpen);
};

}  // namespace

std::optional<filter::Data> SmallestCall(const Diagrams& diagrams, Node node, Node leaf, size_t& steps_left) {
  Search search(diagrams, node, leaf);
  filter::Data call{};
  for (const int word : kOrder) {
    for (int bit = kWordBits - 1; bit >= 0; --bit) {
      if (!search.Asks(word, bit)) continue;
      if (search.nodes() > steps_left) return std::nullopt;
      steps_left -= search.nodes();
      search.Set(word, bit, false);
      if (search.Any()) continue;
      search.Set(word, bit, true);
      call[static_cast<size_t>(word)] |= 1u << bit;
    }
  }
  return call;
}

}  // namespace whittle::prove

// A filter before it is instructions: a decision graph, free of loops. What several ways lead to exists once
// if who builds it uses one node for it, or if the graph shares equal parts (pass share-parts). Not thread
// safe while it grows; otherwise pure.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "filter/formula.h"

namespace whittle::filter {

class Graph {
 public:
  enum class Sharing { kNone, kEqualParts };
  explicit Graph(Sharing sharing) : sharing_(sharing) {}

  using Id = uint32_t;
  struct Node {
    bool returns = false;
    uint32_t value = 0;  // of a return
    WordTest test;
    Id yes = 0;
    Id no = 0;
    bool operator==(const Node&) const = default;
  };

  Id Return(uint32_t value) { return Make({true, value, {}, 0, 0}); }
  Id Test(const WordTest& test, Id yes, Id no) { return yes == no ? yes : Make({false, 0, test, yes, no}); }
  const Node& at(Id id) const { return nodes_[id]; }
  size_t size() const { return nodes_.size(); }
  // Whether two nodes are known to answer alike; parts that are not shared are not looked into.
  bool SameAnswer(Id a, Id b) const {
    return a == b || (nodes_[a].returns && nodes_[b].returns && nodes_[a].value == nodes_[b].value);
  }

 private:
  Id Make(const Node& node) {
    const auto id = static_cast<Id>(nodes_.size());
    if (sharing_ == Sharing::kEqualParts) {
      const auto [place, added] = known_.try_emplace(node, id);
      if (!added) return place->second;
    }
    nodes_.push_back(node);
    return id;
  }

  struct HashOfNode {
    size_t operator()(const Node& node) const {
      const uint64_t asked = uint64_t{node.test.value} << 32 | node.test.mask;
      const uint64_t kind = uint64_t{node.value} << 16 | node.test.word << 8 |
                            static_cast<uint64_t>(node.test.op) << 1 | uint64_t{node.returns};
      uint64_t hash = 0;
      for (const uint64_t part : {asked, uint64_t{node.yes} << 32 | node.no, kind}) {
        hash = (hash ^ part) * 0x9e3779b97f4a7c15ull;
        hash ^= hash >> 32;
      }
      return hash;
    }
  };

  Sharing sharing_;
  std::vector<Node> nodes_;
  std::unordered_map<Node, Id, HashOfNode> known_;
};

}  // namespace whittle::filter

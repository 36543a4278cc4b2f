// From a decision graph to instructions. The graph is shared (equal parts exist once) and free of loops.
//
// The assembler writes the program backwards, so every target of a jump is already in place and its distance
// known. Jumps of a test reach 255 instructions; where a target is further away, a copy of the return, or a
// long jump, is put in between. A word that the accumulator already holds is not loaded again. Cost: linear
// in the graph. Pure; thread safe (values).
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "filter/formula.h"
#include "filter/program.h"

namespace whittle::filter {

class Graph {
 public:
  using Id = uint32_t;
  struct Node {
    bool returns = false;
    uint32_t value = 0;  // of a return
    WordTest test;
    Id yes = 0;
    Id no = 0;
    auto operator<=>(const Node&) const = default;
  };

  Id Return(uint32_t value) { return Make({true, value, {}, 0, 0}); }
  Id Test(const WordTest& test, Id yes, Id no) { return yes == no ? yes : Make({false, 0, test, yes, no}); }
  const Node& at(Id id) const { return nodes_[id]; }
  size_t size() const { return nodes_.size(); }

 private:
  Id Make(const Node& node) {
    const auto [place, added] = known_.try_emplace(node, static_cast<Id>(nodes_.size()));
    if (added) nodes_.push_back(node);
    return place->second;
  }
  std::vector<Node> nodes_;
  std::map<Node, Id> known_;
};

// The program that follows the graph from `root`. Not checked for length.
Program Assemble(const Graph& graph, Graph::Id root);

}  // namespace whittle::filter

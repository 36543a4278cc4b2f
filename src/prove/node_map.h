// A value for each of some nodes: what walks over diagrams remember. Quicker than the standard maps, since
// walks are short and many. Not thread safe.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "prove/diagram.h"

namespace whittle::prove {

template <typename Value>
class NodeMap {
 public:
  // The node's value, or null. Valid until the next one is added.
  Value* Find(Node node) {
    Place& place = places_[PlaceOf(node)];
    return place.used ? &place.value : nullptr;
  }

  // False if the node has a value already: it keeps that.
  bool Add(Node node, Value value) {
    if (2 * (count_ + 1) > places_.size()) Grow();
    Place& place = places_[PlaceOf(node)];
    if (place.used) return false;
    place = {node, true, std::move(value)};
    ++count_;
    return true;
  }

 private:
  static constexpr size_t kFirstPlaces = 64;

  struct Place {
    Node node = 0;
    bool used = false;
    Value value{};
  };

  // Where it is, or else where it belongs.
  size_t PlaceOf(Node node) const {
    const size_t mask = places_.size() - 1;
    size_t at = (node * 0x9e3779b97f4a7c15ull >> 32) & mask;
    while (places_[at].used && places_[at].node != node) at = (at + 1) & mask;
    return at;
  }

  void Grow() {
    std::vector<Place> old(2 * places_.size());
    old.swap(places_);
    for (auto& place : old) {
      if (place.used) places_[PlaceOf(place.node)] = std::move(place);
    }
  }

  std::vector<Place> places_ = std::vector<Place>(kFirstPlaces);
  size_t count_ = 0;
};

// Nodes that a walk has seen.
class NodeSet {
 public:
  // False if it is in the set already.
  bool Add(Node node) { return seen_.Add(node, {}); }

 private:
  struct Nothing {};
  NodeMap<Nothing> seen_;
};

}  // namespace whittle::prove

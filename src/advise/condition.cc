// The idea. A diagram asks all bits of one argument, then all of the next. Cut between arguments, it is a
// tree of few branches: "argument 0 is one of these: go on here; one of those: go on there". Each way to true
// is a clause. Clauses are disjoint then, and say more than they need: "arg0 == 2, or arg0 != 2 and
// arg1 == 5". So each literal is left out if what remains still implies the whole, and each clause that the
// others cover.
//
// Why it is correct: every step is checked by implication between diagrams, and in the end the clauses are
// made into a diagram again, from the words that are printed, and must be the diagram that was to be said.
// The complement is tried as well, and the shorter one taken. Cost: a bound on clauses; a diagram with more
// ways to true is said in part, and known to be.
#include "advise/condition.h"

#include <algorithm>
#include <optional>
#include <ranges>

#include "prove/node_map.h"

namespace whittle::advise {
namespace {

using prove::Diagrams;
using prove::Node;

constexpr size_t kMostWays = 24;    // that are simplified
constexpr size_t kMostClauses = 4;  // that a person still reads

// A clause while it is worked on.
struct Part {
  int quantity;
  Node set;
};
using Way = std::vector<Part>;

// What is asked last first, so that nothing is built twice.
Node NodeOfWay(Diagrams& diagrams, const Way& way) {
  Node all = Diagrams::kTrue;
  for (const auto& part : std::views::reverse(way)) all = diagrams.And(part.set, all);
  return all;
}

class Cut {
 public:
  explicit Cut(Diagrams& diagrams) : diagrams_(diagrams) {}

  // The ways from `node` to true, up to kMostWays; false if there are more.
  bool Ways(Node node, const Way& before, std::vector<Way>& ways) {
    if (node == Diagrams::kFalse) return true;
    if (node == Diagrams::kTrue) {
      if (ways.size() == kMostWays) return false;
      ways.push_back(before);
      return true;
    }
    const int quantity = QuantityOf(diagrams_.WordOf(node));
    std::vector<Node> exits;
    prove::NodeSet seen;
    Exits(node, quantity, exits, seen);
    for (const Node exit : exits) {
      Way way = before;
      prove::NodeMap<Node> known;
      way.push_back({quantity, Select(node, quantity, exit, known)});
      if (diagrams_.exhausted() || !Ways(exit, way, ways)) return false;
    }
    return true;
  }

 private:
  bool Inside(Node node, int quantity) const {
    return !diagrams_.IsLeaf(node) && QuantityOf(diagrams_.WordOf(node)) == quantity;
  }

  // Where the questions about one quantity end, but for false.
  void Exits(Node node, int quantity, std::vector<Node>& exits, prove::NodeSet& seen) const {
    if (node == Diagrams::kFalse || !seen.Add(node)) return;
    if (!Inside(node, quantity)) return exits.push_back(node);
    Exits(diagrams_.No(node), quantity, exits, seen);
    Exits(diagrams_.Yes(node), quantity, exits, seen);
  }

  // True where they end in `exit`.
  Node Select(Node node, int quantity, Node exit, prove::NodeMap<Node>& known) {
    if (!Inside(node, quantity)) return node == exit ? Diagrams::kTrue : Diagrams::kFalse;
    if (const Node* found = known.Find(node)) return *found;
    const Node no = Select(diagrams_.No(node), quantity, exit, known);
    const Node yes = Select(diagrams_.Yes(node), quantity, exit, known);
    const Node selected = diagrams_.Ask(diagrams_.WordOf(node), diagrams_.BitOf(node), yes, no);
    known.Add(node, selected);
    return selected;
  }

  Diagrams& diagrams_;
};

void DropLiterals(Diagrams& diagrams, Way& way, Node when) {
  for (size_t at = 0; at < way.size();) {
    Way less = way;
    less.erase(less.begin() + static_cast<std::ptrdiff_t>(at));
    if (diagrams.Implies(NodeOfWay(diagrams, less), when)) {
      way = std::move(less);
    } else {
      ++at;
    }
  }
}

// Drops what the other ways cover, the longest ones first.
void DropWays(Diagrams& diagrams, std::vector<Way>& ways) {
  std::ranges::stable_sort(ways, std::greater{}, &Way::size);
  std::vector<Node> nodes, from_here = {Diagrams::kFalse};
  for (const auto& way : ways) nodes.push_back(NodeOfWay(diagrams, way));
  for (const Node node : std::views::reverse(nodes)) from_here.push_back(diagrams.Or(node, from_here.back()));
  std::vector<Way> kept;
  Node before = Diagrams::kFalse;  // of those that are kept
  for (size_t at = 0; at < ways.size(); ++at) {
    const Node behind = from_here[ways.size() - at - 1];
    if (diagrams.Implies(nodes[at], diagrams.Or(before, behind))) continue;
    before = diagrams.Or(before, nodes[at]);
    kept.push_back(std::move(ways[at]));
  }
  ways = std::move(kept);
  std::ranges::stable_sort(
      ways, {}, [](const Way& way) { return std::pair(way.size(), way.empty() ? 0 : way.front().quantity); });
}

Clause ClauseOf(Diagrams& diagrams, const Way& way) {
  Clause clause;
  for (const auto& part : way) {
    for (auto& values : ValuesOf(diagrams, part.set)) clause.push_back({part.quantity, std::move(values)});
  }
  return clause;
}

bool Complete(const Clause& clause) {
  return std::ranges::all_of(clause, [](const Literal& literal) { return literal.values.complete(); });
}

Node NodeOf(Diagrams& diagrams, const Clause& clause) {
  Node all = Diagrams::kTrue;
  for (const auto& literal : std::views::reverse(clause))
    all = diagrams.And(NodeOf(diagrams, literal.values, literal.quantity), all);
  return all;
}

Condition Say(Diagrams& diagrams, Node when, bool unless) {
  std::vector<Way> ways;
  Condition condition;
  condition.unless = unless;
  condition.complete = Cut(diagrams).Ways(when, {}, ways);
  // Of a single way, which is the whole, nothing can be left out: its literals are of different quantities.
  if (condition.complete && ways.size() > 1) {
    for (auto& way : ways) DropLiterals(diagrams, way, when);
    DropWays(diagrams, ways);
  }
  if (ways.size() > kMostClauses) {
    ways.resize(kMostClauses);
    condition.complete = false;
  }
  for (const auto& way : ways) {
    condition.clauses.push_back(ClauseOf(diagrams, way));
    condition.complete = condition.complete && Complete(condition.clauses.back());
  }
  return condition;
}

// A list of values that is cut off says less than the truth where it lists what is in, and more where it
// lists what is out: such a clause is no case of the whole, and is not listed.
void KeepTrueClauses(Diagrams& diagrams, Condition& condition, Node when) {
  std::erase_if(condition.clauses, [&](const Clause& clause) {
    const bool true_of_all = diagrams.Implies(NodeOf(diagrams, clause), when);
    if (!true_of_all) condition.complete = false;
    return !true_of_all;
  });
}

size_t CostOf(const Condition& condition) {
  constexpr size_t kIncomplete = 1000;
  constexpr size_t kUnless = 2;
  constexpr size_t kDoubleNegation = 3;
  size_t cost = (condition.complete ? 0 : kIncomplete) + (condition.unless ? kUnless : 0);
  for (const auto& clause : condition.clauses) {
    for (const auto& literal : clause) {
      cost += literal.values.Cost();
      if (condition.unless && literal.values.all_but) cost += kDoubleNegation;
    }
    ++cost;
  }
  return cost;
}

}  // namespace

Condition ConditionOf(Diagrams& diagrams, Node when) {
  if (when == Diagrams::kTrue) return {{Clause{}}, false, true};
  Condition condition = Say(diagrams, when, false);
  Node said = when;
  constexpr size_t kShort = 8;
  const bool short_enough =
      condition.complete && condition.clauses.size() == 1 && CostOf(condition) <= kShort;
  if (!short_enough) {
    const Node otherwise = diagrams.Not(when);
    if (Condition unless = Say(diagrams, otherwise, true); CostOf(unless) < CostOf(condition)) {
      condition = std::move(unless);
      said = otherwise;
    }
  }
  const bool exact = condition.complete && NodeOf(diagrams, condition) == when;
  if (!exact) {
    KeepTrueClauses(diagrams, condition, said);
    condition.complete = false;
  }
  if (diagrams.exhausted()) return {{}, false, false};
  return condition;
}

Node NodeOf(Diagrams& diagrams, const Condition& condition) {
  Node any = Diagrams::kFalse;
  for (const auto& clause : condition.clauses) any = diagrams.Or(any, NodeOf(diagrams, clause));
  return condition.unless ? diagrams.Not(any) : any;
}

Node WhereLeafIs(Diagrams& diagrams, Node node, Node leaf) {
  prove::NodeMap<Node> known;
  const auto visit = [&](const auto& self, Node at) -> Node {
    if (diagrams.IsLeaf(at)) return at == leaf ? Diagrams::kTrue : Diagrams::kFalse;
    if (const Node* found = known.Find(at)) return *found;
    const Node no = self(self, diagrams.No(at));
    const Node yes = self(self, diagrams.Yes(at));
    const Node where = diagrams.Ask(diagrams.WordOf(at), diagrams.BitOf(at), yes, no);
    known.Add(at, where);
    return where;
  };
  return visit(visit, node);
}

}  // namespace whittle::advise

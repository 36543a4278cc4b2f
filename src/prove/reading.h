// The symbolic run of a filter: what it answers from chosen instructions on, as decision diagrams. Pure; not
// thread safe.
//
// The idea. A filter is loop-free: control only moves forward. A first pass, forward, finds with which
// contents of the registers each instruction can be reached; contents are numbers that depend on the call.
// A second pass, backward, finds what the program answers from each of these points: a return is a leaf, a
// branch asks its condition and goes on in one of two points that are known already. No path is ever followed
// twice, and no path is enumerated.
//
// Why it is correct. By induction from the last instruction: the diagram of a point is the verdict of a run
// that starts there, for every call. Points that no call reaches may be visited too; that costs time only.
//
// Cost. One point for each instruction and each distinct contents of its *live* cells: for filters of
// libseccomp, runc and ours about one an instruction. A bound on points keeps odd programs from exploding:
// beyond it, the store is exhausted.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "filter/program.h"
#include "prove/diagram.h"
#include "prove/flow.h"
#include "prove/number.h"

namespace whittle::prove {

class Reading {
 public:
  // The program must be as filter::Validate() wants it, and outlive this.
  Reading(Diagrams& diagrams, std::span<const sock_filter> program);

  using Point = uint32_t;
  // A run that starts at an instruction, with zero in all cells.
  Point Start(size_t at) { return Reach(at, {}); }
  // After all starts, once.
  void Run();
  // The answers of a run from there on. If the store is exhausted, they mean nothing.
  Node MeaningOf(Point start) const { return points_[start].meaning; }

 private:
  static constexpr Point kNone = UINT32_MAX;
  // Contents by number in a table: 0 is the constant zero.
  using Cells = std::array<uint32_t, kCells>;
  struct HashOfCells {
    size_t operator()(const Cells& cells) const;
  };

  // An instruction with given contents of its live cells.
  struct Visit {
    const Cells* cells = nullptr;      // before it
    Point next = kNone;                // of the same instruction
    Node condition = Diagrams::kTrue;  // of going on to `yes`
    // Stands for `condition`, if it is there: both ways are open.
    std::optional<Diagrams::Comparison> comparison;
    Node killed = Diagrams::kFalse;  // divisions by zero end here
    Point yes = kNone;
    Point no = kNone;
    Node meaning = Diagrams::kFalse;

    bool MayHold() const { return comparison || condition != Diagrams::kFalse; }
    bool MayFail() const { return comparison || condition != Diagrams::kTrue; }
  };

  uint32_t Intern(const Number& number);
  uint32_t InternWord(int word);
  Point Reach(size_t at, const Cells& cells);
  void Forward(size_t at, Point point);
  Node Backward(const sock_filter& in, const Visit& visit);
  std::optional<Diagrams::Comparison> ComparisonOf(const sock_filter& in, const Cells& cells) const;
  const Number& Get(const Cells& cells, size_t cell) const { return contents_[cells[cell]].number; }
  Number Operand(const sock_filter& in, const Cells& cells) const;
  Node Condition(const sock_filter& in, const Cells& cells);
  uint32_t Written(const sock_filter& in, const Cells& cells, Node& killed);
  Number Load(const sock_filter& in, const Cells& cells);
  Number Compute(const sock_filter& in, const Cells& cells, Node& killed);
  Number Calculate(const sock_filter& in, const Cells& cells, Node& killed);
  Node Returned(const sock_filter& in, const Cells& cells);
  Node ReturnedFrom(const Number& a, size_t bit, uint32_t value);

  struct Contents {
    Number number;
    int word;  // of the call that it is; -1: none
  };

  Diagrams& diagrams_;
  Arithmetic arithmetic_;
  std::span<const sock_filter> program_;
  std::vector<CellSet> live_;
  std::vector<Visit> points_;
  std::vector<Point> first_;                                    // by instruction
  std::unordered_map<Cells, uint32_t, HashOfCells> all_cells_;  // each distinct one, by number
  std::unordered_map<uint64_t, Point> known_;                   // points by instruction and cells
  std::map<Number, uint32_t> numbers_;
  std::vector<Contents> contents_;
  std::array<uint32_t, kWords> words_{};  // the contents that are a word; 0: none yet
};

}  // namespace whittle::prove

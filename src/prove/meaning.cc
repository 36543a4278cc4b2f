// The idea. A filter is loop-free: control only moves forward. A first pass, forward, finds with which
// contents of the registers each instruction can be reached; contents are numbers that depend on the call.
// A second pass, backward, finds what the program answers from each of these points: a return is a leaf, a
// branch asks its condition and goes on in one of two points that are known already. No path is ever followed
// twice, and no path is enumerated.
//
// Why it is correct. By induction from the last instruction: the diagram of a point is the verdict of a run
// that starts there, for every call. Points that no call reaches may be visited too; that costs time only.
//
// Cost. One point for each instruction and each distinct contents of its *live* registers: for filters of
// libseccomp, runc and ours about one an instruction. A bound on points keeps odd programs from exploding.
#include "prove/meaning.h"

#include <linux/seccomp.h>

#include <algorithm>
#include <map>
#include <optional>

#include "prove/number.h"

namespace whittle::prove {
namespace {

constexpr size_t kPointsPerInstruction = 16;
constexpr size_t kPointsBesides = 4096;
constexpr size_t kActionShift = 16;
constexpr uint32_t kDataBytes = sizeof(seccomp_data);

// Where the registers stand among the cells.
constexpr size_t kA = BPF_MEMWORDS;
constexpr size_t kX = BPF_MEMWORDS + 1;
constexpr size_t kCells = BPF_MEMWORDS + 2;

// Contents by number in a table: 0 is the constant zero.
using Cells = std::array<uint32_t, kCells>;
using CellSet = uint32_t;  // a bit for each cell

bool ReadsOperandX(const sock_filter& in) {
  const uint16_t kind = BPF_CLASS(in.code);
  return (kind == BPF_ALU && BPF_OP(in.code) != BPF_NEG && BPF_SRC(in.code) == BPF_X) ||
         (kind == BPF_JMP && BPF_OP(in.code) != BPF_JA && BPF_SRC(in.code) == BPF_X);
}

CellSet ReadBy(const sock_filter& in) {
  CellSet cells = ReadsOperandX(in) ? 1u << kX : 0;
  switch (BPF_CLASS(in.code)) {
    case BPF_LD:
    case BPF_LDX:
      return BPF_MODE(in.code) == BPF_MEM ? 1u << in.k : 0;
    case BPF_ST:
      return 1u << kA;
    case BPF_STX:
      return 1u << kX;
    case BPF_ALU:
      return cells | 1u << kA;
    case BPF_JMP:
      return BPF_OP(in.code) == BPF_JA ? 0 : cells | 1u << kA;
    case BPF_RET:
      return BPF_RVAL(in.code) == BPF_A ? 1u << kA : 0;
    default:
      return BPF_MISCOP(in.code) == BPF_TAX ? 1u << kA : 1u << kX;
  }
}

// The cell that it writes, if any.
std::optional<size_t> WrittenBy(const sock_filter& in) {
  switch (BPF_CLASS(in.code)) {
    case BPF_LD:
    case BPF_ALU:
      return kA;
    case BPF_LDX:
      return kX;
    case BPF_ST:
    case BPF_STX:
      return in.k;
    case BPF_MISC:
      return BPF_MISCOP(in.code) == BPF_TAX ? kX : kA;
    default:
      return std::nullopt;
  }
}

// Where control may go from an instruction that is no return: twice the same where there is no choice.
struct Next {
  size_t yes;
  size_t no;
};
Next NextOf(size_t at, const sock_filter& in) {
  if (BPF_CLASS(in.code) != BPF_JMP) return {at + 1, at + 1};
  if (BPF_OP(in.code) == BPF_JA) return {at + 1 + in.k, at + 1 + in.k};
  return {at + 1 + in.jt, at + 1 + in.jf};
}

// Which cells still matter before each instruction.
std::vector<CellSet> LiveCells(std::span<const sock_filter> program) {
  std::vector<CellSet> live(program.size());
  for (size_t at = program.size(); at-- > 0;) {
    const sock_filter& in = program[at];
    CellSet after = 0;
    if (BPF_CLASS(in.code) != BPF_RET) {
      const Next next = NextOf(at, in);
      after = live[next.yes] | live[next.no];
    }
    if (const auto written = WrittenBy(in)) after &= ~(1u << *written);
    live[at] = after | ReadBy(in);
  }
  return live;
}

class Reading {
 public:
  Reading(Diagrams& diagrams, std::span<const sock_filter> program)
      : diagrams_(diagrams), arithmetic_(diagrams), program_(program), live_(LiveCells(program)) {
    (void)Intern(Arithmetic::Constant(0));
  }

  Node Meaning() {
    points_.resize(program_.size());
    Reach(0, Cells{});
    for (size_t at = 0; at < program_.size(); ++at) Forward(at);
    for (size_t at = program_.size(); at-- > 0;) Backward(at);
    return points_[0].begin()->second.meaning;
  }

 private:
  // An instruction with given contents of its live cells.
  struct Point {
    Node condition = Diagrams::kTrue;  // of going on to `yes`
    // Stands for `condition`, if it is there: both ways are open.
    std::optional<Diagrams::Comparison> comparison;
    Node killed = Diagrams::kFalse;  // divisions by zero end here
    Cells cells{};                   // afterwards
    Node meaning = Diagrams::kFalse;
  };

  uint32_t Intern(const Number& number) {
    const auto [at, is_new] = numbers_.try_emplace(number, static_cast<uint32_t>(contents_.size()));
    if (is_new) contents_.push_back(number);
    return at->second;
  }

  Point& PointOf(size_t at, Cells cells) {
    for (size_t cell = 0; cell < kCells; ++cell) {
      if ((live_[at] >> cell & 1) == 0) cells[cell] = 0;
    }
    return points_[at][cells];
  }

  void Reach(size_t at, const Cells& cells) {
    const size_t before = points_[at].size();
    PointOf(at, cells);
    count_ += points_[at].size() - before;
    if (count_ > kPointsPerInstruction * program_.size() + kPointsBesides) diagrams_.Exhaust();
  }

  void Forward(size_t at) {
    const sock_filter& in = program_[at];
    for (auto& [cells, point] : points_[at]) {
      if (diagrams_.exhausted() || BPF_CLASS(in.code) == BPF_RET) return;
      point.cells = cells;
      if (const auto written = WrittenBy(in))
        point.cells[*written] =
            LoadsWord(in) ? InternWord(static_cast<int>(in.k / 4)) : Intern(Compute(in, cells, point));
      if (BPF_CLASS(in.code) == BPF_JMP && BPF_OP(in.code) != BPF_JA) {
        point.comparison = ComparisonOf(in, cells);
        if (!point.comparison) point.condition = Condition(in, cells);
      }
      const Next next = NextOf(at, in);
      if (MayHold(point)) Reach(next.yes, point.cells);
      if (MayFail(point)) Reach(next.no, point.cells);
    }
  }

  void Backward(size_t at) {
    const sock_filter& in = program_[at];
    for (auto& [cells, point] : points_[at]) {
      if (diagrams_.exhausted()) return;
      point.meaning = BPF_CLASS(in.code) == BPF_RET ? Returned(in, cells) : After(at, in, point);
    }
  }

  Node After(size_t at, const sock_filter& in, const Point& point) {
    const Next next = NextOf(at, in);
    const auto meaning = [&](size_t target) { return PointOf(target, point.cells).meaning; };
    const Node yes = MayHold(point) ? meaning(next.yes) : Diagrams::kFalse;
    const Node no = MayFail(point) ? meaning(next.no) : Diagrams::kFalse;
    const Node lives = point.comparison ? diagrams_.Choose(*point.comparison, yes, no)
                                        : diagrams_.Choose(point.condition, yes, no);
    return diagrams_.Choose(point.killed, diagrams_.Verdict(SECCOMP_RET_KILL_THREAD), lives);
  }

  static bool MayHold(const Point& point) { return point.comparison || point.condition != Diagrams::kFalse; }
  static bool MayFail(const Point& point) { return point.comparison || point.condition != Diagrams::kTrue; }

  // Where a jump compares a word of the call with a constant, and both may come out.
  std::optional<Diagrams::Comparison> ComparisonOf(const sock_filter& in, const Cells& cells) const {
    const auto word = words_.find(cells[kA]);
    if (BPF_SRC(in.code) == BPF_X || word == words_.end()) return std::nullopt;
    using Relation = Diagrams::Comparison::Relation;
    switch (BPF_OP(in.code)) {
      case BPF_JEQ:
        return Diagrams::Comparison{word->second, Relation::kEqual, in.k};
      case BPF_JGT:
        if (in.k == UINT32_MAX) return std::nullopt;
        return Diagrams::Comparison{word->second, Relation::kGreater, in.k};
      case BPF_JGE:
        if (in.k == 0) return std::nullopt;
        return Diagrams::Comparison{word->second, Relation::kGreaterOrEqual, in.k};
      default:
        return std::nullopt;
    }
  }

  const Number& Get(const Cells& cells, size_t cell) const { return contents_[cells[cell]]; }

  Number Operand(const sock_filter& in, const Cells& cells) const {
    return BPF_SRC(in.code) == BPF_X ? Get(cells, kX) : Arithmetic::Constant(in.k);
  }

  Node Condition(const sock_filter& in, const Cells& cells) {
    const Number& a = Get(cells, kA);
    const Number b = Operand(in, cells);
    switch (BPF_OP(in.code)) {
      case BPF_JEQ:
        return arithmetic_.Equal(a, b);
      case BPF_JGT:
        return arithmetic_.Greater(a, b);
      case BPF_JGE:
        return arithmetic_.GreaterOrEqual(a, b);
      default:
        return arithmetic_.Meet(a, b);
    }
  }

  Number Load(const sock_filter& in, const Cells& cells) {
    switch (BPF_MODE(in.code)) {
      case BPF_LEN:
        return Arithmetic::Constant(kDataBytes);
      case BPF_MEM:
        return Get(cells, in.k);
      default:
        return Arithmetic::Constant(in.k);
    }
  }

  // Contents that are a word of the call.
  uint32_t InternWord(int word) {
    const uint32_t contents = Intern(arithmetic_.Word(word));
    words_[contents] = word;
    return contents;
  }

  static bool LoadsWord(const sock_filter& in) {
    return BPF_CLASS(in.code) == BPF_LD && BPF_MODE(in.code) == BPF_ABS;
  }

  // What the instruction writes.
  Number Compute(const sock_filter& in, const Cells& cells, Point& point) {
    switch (BPF_CLASS(in.code)) {
      case BPF_LD:
      case BPF_LDX:
        return Load(in, cells);
      case BPF_STX:
        return Get(cells, kX);
      case BPF_MISC:
        return Get(cells, BPF_MISCOP(in.code) == BPF_TAX ? kA : kX);
      case BPF_ALU:
        return Calculate(in, cells, point);
      default:
        return Get(cells, kA);  // BPF_ST
    }
  }

  Number Calculate(const sock_filter& in, const Cells& cells, Point& point) {
    const Number& a = Get(cells, kA);
    if (BPF_OP(in.code) == BPF_NEG) return arithmetic_.Subtract(Arithmetic::Constant(0), a);
    const Number b = Operand(in, cells);
    switch (BPF_OP(in.code)) {
      case BPF_ADD:
        return arithmetic_.Add(a, b);
      case BPF_SUB:
        return arithmetic_.Subtract(a, b);
      case BPF_MUL:
        return arithmetic_.Multiply(a, b);
      case BPF_DIV:
        point.killed = arithmetic_.Equal(b, Arithmetic::Constant(0));
        return arithmetic_.Divide(a, b);
      case BPF_AND:
        return arithmetic_.And(a, b);
      case BPF_OR:
        return arithmetic_.Or(a, b);
      case BPF_XOR:
        return arithmetic_.Xor(a, b);
      case BPF_LSH:
        return arithmetic_.ShiftLeft(a, b);
      default:
        return arithmetic_.ShiftRight(a, b);  // BPF_RSH
    }
  }

  Node Returned(const sock_filter& in, const Cells& cells) {
    if (BPF_RVAL(in.code) != BPF_A) return diagrams_.Verdict(in.k);
    const Number& a = Get(cells, kA);
    return ReturnedFrom(a, kWordBits, 0);
  }

  // A leaf for each value that the bits below `bit` can make of `value`; where the action has no use for
  // data, they do not matter.
  Node ReturnedFrom(const Number& a, size_t bit, uint32_t value) {
    if (diagrams_.exhausted()) return Diagrams::kFalse;
    const bool action_known = bit <= kActionShift;
    if (bit == 0 || (action_known && !profile::CarriesData(profile::ActionOf(value))))
      return diagrams_.Verdict(value);
    const Node is_set = a[bit - 1];
    const Node no = is_set == Diagrams::kTrue ? Diagrams::kFalse : ReturnedFrom(a, bit - 1, value);
    const Node yes =
        is_set == Diagrams::kFalse ? Diagrams::kFalse : ReturnedFrom(a, bit - 1, value | 1u << (bit - 1));
    return diagrams_.Choose(is_set, yes, no);
  }

  Diagrams& diagrams_;
  Arithmetic arithmetic_;
  std::span<const sock_filter> program_;
  std::vector<CellSet> live_;
  std::vector<std::map<Cells, Point>> points_;  // by instruction
  size_t count_ = 0;
  std::map<Number, uint32_t> numbers_;
  std::vector<Number> contents_;
  std::map<uint32_t, int> words_;  // which contents are which word of the call
};

}  // namespace

Node MeaningOf(Diagrams& diagrams, std::span<const sock_filter> program) {
  const Node meaning = Reading(diagrams, program).Meaning();
  return diagrams.exhausted() ? Diagrams::kFalse : meaning;
}

Node MeaningOf(Diagrams& diagrams, std::span<const filter::Program> programs) {
  Node all = diagrams.Verdict(SECCOMP_RET_ALLOW);
  for (const auto& program : programs) {
    all = diagrams.Combine(Diagrams::Join::kStack, all, MeaningOf(diagrams, program));
    if (diagrams.exhausted()) return Diagrams::kFalse;
  }
  return all;
}

}  // namespace whittle::prove

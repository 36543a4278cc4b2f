#include "prove/reading.h"

#include <linux/seccomp.h>

#include <algorithm>
#include <bit>

#include "profile/action.h"

namespace whittle::prove {
namespace {

constexpr size_t kPointsPerInstruction = 16;
constexpr size_t kPointsBesides = 4096;
constexpr size_t kActionShift = 16;
constexpr uint32_t kDataBytes = sizeof(seccomp_data);
constexpr int kNoWord = -1;

}  // namespace

size_t Reading::HashOfCells::operator()(const Cells& cells) const {
  uint64_t hash = 0;
  for (const uint32_t contents : cells) hash = (hash ^ contents) * 0x9e3779b97f4a7c15ull;
  return hash ^ hash >> 32;
}

Reading::Reading(Diagrams& diagrams, std::span<const sock_filter> program)
    : diagrams_(diagrams),
      arithmetic_(diagrams),
      program_(program),
      live_(LiveCells(program)),
      first_(program.size(), kNone) {
  points_.reserve(program.size());
  known_.reserve(program.size());
  (void)Intern(Arithmetic::Constant(0));
}

void Reading::Run() {
  for (size_t at = 0; at < program_.size(); ++at) {
    for (Point point = first_[at]; point != kNone && !diagrams_.exhausted(); point = points_[point].next)
      Forward(at, point);
  }
  for (size_t at = program_.size(); at-- > 0;) {
    for (Point point = first_[at]; point != kNone && !diagrams_.exhausted(); point = points_[point].next)
      points_[point].meaning = Backward(program_[at], points_[point]);
  }
}

uint32_t Reading::Intern(const Number& number) {
  const auto [at, is_new] = numbers_.try_emplace(number, static_cast<uint32_t>(contents_.size()));
  if (is_new) contents_.push_back({number, kNoWord});
  return at->second;
}

uint32_t Reading::InternWord(int word) {
  uint32_t& contents = words_[static_cast<size_t>(word)];
  if (contents == 0) {
    contents = Intern(arithmetic_.Word(word));
    contents_[contents].word = word;
  }
  return contents;
}

// What is not live any more does not tell points apart.
Reading::Point Reading::Reach(size_t at, const Cells& cells) {
  Cells live{};
  for (CellSet left = live_[at]; left != 0; left &= left - 1) {
    const auto cell = static_cast<size_t>(std::countr_zero(left));
    live[cell] = cells[cell];
  }
  const auto [of_cells, new_cells] = all_cells_.try_emplace(live, static_cast<uint32_t>(all_cells_.size()));
  const auto made = static_cast<Point>(points_.size());
  const auto [known, is_new] = known_.try_emplace(uint64_t{at} << 32 | of_cells->second, made);
  if (!is_new) return known->second;
  if (points_.size() > kPointsPerInstruction * program_.size() + kPointsBesides) diagrams_.Exhaust();
  Visit& visit = points_.emplace_back();
  visit.cells = &of_cells->first;
  visit.next = first_[at];
  first_[at] = made;
  return made;
}

void Reading::Forward(size_t at, Point point) {
  const sock_filter& in = program_[at];
  if (IsReturn(in)) return;
  Visit visit = points_[point];
  Cells after = *visit.cells;
  if (const auto written = WrittenBy(in)) after[*written] = Written(in, *visit.cells, visit.killed);
  if (IsBranch(in)) {
    visit.comparison = ComparisonOf(in, *visit.cells);
    if (!visit.comparison) visit.condition = Condition(in, *visit.cells);
  }
  const Next next = NextOf(at, in);
  if (visit.MayHold()) visit.yes = Reach(next.yes, after);
  if (visit.MayFail()) visit.no = Reach(next.no, after);
  points_[point] = visit;
}

Node Reading::Backward(const sock_filter& in, const Visit& visit) {
  if (IsReturn(in)) return Returned(in, *visit.cells);
  const Node yes = visit.MayHold() ? points_[visit.yes].meaning : Diagrams::kFalse;
  const Node no = visit.MayFail() ? points_[visit.no].meaning : Diagrams::kFalse;
  const Node lives = visit.comparison ? diagrams_.Choose(*visit.comparison, yes, no)
                                      : diagrams_.Choose(visit.condition, yes, no);
  if (visit.killed == Diagrams::kFalse) return lives;
  return diagrams_.Choose(visit.killed, diagrams_.Verdict(SECCOMP_RET_KILL_THREAD), lives);
}

// Where a jump compares a word of the call with a constant, and both may come out.
std::optional<Diagrams::Comparison> Reading::ComparisonOf(const sock_filter& in, const Cells& cells) const {
  const int word = contents_[cells[kA]].word;
  if (BPF_SRC(in.code) == BPF_X || word < 0) return std::nullopt;
  using Relation = Diagrams::Comparison::Relation;
  switch (BPF_OP(in.code)) {
    case BPF_JEQ:
      return Diagrams::Comparison{word, Relation::kEqual, in.k};
    case BPF_JGT:
      if (in.k == UINT32_MAX) return std::nullopt;
      return Diagrams::Comparison{word, Relation::kGreater, in.k};
    case BPF_JGE:
      if (in.k == 0) return std::nullopt;
      return Diagrams::Comparison{word, Relation::kGreaterOrEqual, in.k};
    default:
      return std::nullopt;
  }
}

Number Reading::Operand(const sock_filter& in, const Cells& cells) const {
  return BPF_SRC(in.code) == BPF_X ? Get(cells, kX) : Arithmetic::Constant(in.k);
}

Node Reading::Condition(const sock_filter& in, const Cells& cells) {
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

// The contents that the instruction writes.
uint32_t Reading::Written(const sock_filter& in, const Cells& cells, Node& killed) {
  return LoadsWord(in) ? InternWord(static_cast<int>(in.k / 4)) : Intern(Compute(in, cells, killed));
}

Number Reading::Load(const sock_filter& in, const Cells& cells) {
  switch (BPF_MODE(in.code)) {
    case BPF_LEN:
      return Arithmetic::Constant(kDataBytes);
    case BPF_MEM:
      return Get(cells, in.k);
    default:
      return Arithmetic::Constant(in.k);
  }
}

Number Reading::Compute(const sock_filter& in, const Cells& cells, Node& killed) {
  switch (BPF_CLASS(in.code)) {
    case BPF_LD:
    case BPF_LDX:
      return Load(in, cells);
    case BPF_STX:
      return Get(cells, kX);
    case BPF_MISC:
      return Get(cells, BPF_MISCOP(in.code) == BPF_TAX ? kA : kX);
    case BPF_ALU:
      return Calculate(in, cells, killed);
    default:
      return Get(cells, kA);  // BPF_ST
  }
}

Number Reading::Calculate(const sock_filter& in, const Cells& cells, Node& killed) {
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
      killed = arithmetic_.Equal(b, Arithmetic::Constant(0));
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

Node Reading::Returned(const sock_filter& in, const Cells& cells) {
  if (BPF_RVAL(in.code) != BPF_A) return diagrams_.Verdict(in.k);
  const Number& a = Get(cells, kA);
  return ReturnedFrom(a, kWordBits, 0);
}

// A leaf for each value that the bits below `bit` can make of `value`; where the action has no use for
// data, they do not matter.
Node Reading::ReturnedFrom(const Number& a, size_t bit, uint32_t value) {
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

}  // namespace whittle::prove

#include "z3_semantics.h"

#include <linux/seccomp.h>

#include <vector>

namespace whittle::prove::testing {
namespace {

using z3::expr;

// What an instruction finds.
struct State {
  expr reached;
  expr a;
  expr x;
  std::vector<expr> memory;
};

class Symbolic {
 public:
  Symbolic(z3::context& context, const z3::expr_vector& words, std::span<const sock_filter> program)
      : context_(context), words_(words), program_(program), states_(program.size()) {}

  expr Returned() {
    expr answer = Value(SECCOMP_RET_KILL_PROCESS);
    states_[0] =
        State{context_.bool_val(true), Value(0), Value(0), std::vector<expr>(BPF_MEMWORDS, Value(0))};
    for (size_t at = 0; at < program_.size(); ++at) {
      if (!states_[at]) continue;
      Step(at, *states_[at], answer);
    }
    return answer.simplify();
  }

 private:
  expr Value(uint32_t value) { return context_.bv_val(value, 32); }

  static expr Either(const expr& condition, const expr& yes, const expr& no) {
    return z3::eq(yes, no) ? yes : z3::ite(condition, yes, no);
  }

  void Enter(size_t at, const State& state) {
    if (!states_[at]) {
      states_[at] = state;
      return;
    }
    State& known = *states_[at];
    known.a = Either(state.reached, state.a, known.a);
    known.x = Either(state.reached, state.x, known.x);
    for (size_t word = 0; word < BPF_MEMWORDS; ++word)
      known.memory[word] = Either(state.reached, state.memory[word], known.memory[word]);
    known.reached = known.reached || state.reached;
  }

  void Branch(size_t at, const State& state, const expr& holds) {
    const sock_filter& in = program_[at];
    State yes = state;
    State no = state;
    yes.reached = (state.reached && holds).simplify();
    no.reached = (state.reached && !holds).simplify();
    Enter(at + 1 + in.jt, yes);
    Enter(at + 1 + in.jf, no);
  }

  void Step(size_t at, State state, expr& answer) {
    const sock_filter& in = program_[at];
    const expr operand = BPF_SRC(in.code) == BPF_X ? state.x : Value(in.k);
    switch (in.code) {
      case BPF_RET | BPF_K:
        answer = z3::ite(state.reached, Value(in.k), answer);
        return;
      case BPF_RET | BPF_A:
        answer = z3::ite(state.reached, state.a, answer);
        return;
      case BPF_JMP | BPF_JA:
        return Enter(at + 1 + in.k, state);
      case BPF_JMP | BPF_JEQ | BPF_K:
      case BPF_JMP | BPF_JEQ | BPF_X:
        return Branch(at, state, state.a == operand);
      case BPF_JMP | BPF_JGT | BPF_K:
      case BPF_JMP | BPF_JGT | BPF_X:
        return Branch(at, state, z3::ugt(state.a, operand));
      case BPF_JMP | BPF_JGE | BPF_K:
      case BPF_JMP | BPF_JGE | BPF_X:
        return Branch(at, state, z3::uge(state.a, operand));
      case BPF_JMP | BPF_JSET | BPF_K:
      case BPF_JMP | BPF_JSET | BPF_X:
        return Branch(at, state, (state.a & operand) != Value(0));
      case BPF_LD | BPF_W | BPF_ABS:
        state.a = words_[static_cast<int>(in.k / 4)];
        break;
      case BPF_LD | BPF_W | BPF_LEN:
        state.a = Value(sizeof(seccomp_data));
        break;
      case BPF_LDX | BPF_W | BPF_LEN:
        state.x = Value(sizeof(seccomp_data));
        break;
      case BPF_LD | BPF_IMM:
        state.a = Value(in.k);
        break;
      case BPF_LDX | BPF_IMM:
        state.x = Value(in.k);
        break;
      case BPF_LD | BPF_MEM:
        state.a = state.memory[in.k];
        break;
      case BPF_LDX | BPF_MEM:
        state.x = state.memory[in.k];
        break;
      case BPF_ST:
        state.memory[in.k] = state.a;
        break;
      case BPF_STX:
        state.memory[in.k] = state.x;
        break;
      case BPF_MISC | BPF_TAX:
        state.x = state.a;
        break;
      case BPF_MISC | BPF_TXA:
        state.a = state.x;
        break;
      case BPF_ALU | BPF_NEG:
        state.a = -state.a;
        break;
      default:
        Calculate(in, operand, state, answer);
    }
    state.a = state.a.simplify();
    Enter(at + 1, state);
  }

  void Calculate(const sock_filter& in, const expr& operand, State& state, expr& answer) {
    const expr shift = operand & Value(31);
    switch (BPF_OP(in.code)) {
      case BPF_ADD:
        state.a = state.a + operand;
        break;
      case BPF_SUB:
        state.a = state.a - operand;
        break;
      case BPF_MUL:
        state.a = state.a * operand;
        break;
      case BPF_DIV: {
        const expr zero = operand == Value(0);
        answer = z3::ite(state.reached && zero, Value(SECCOMP_RET_KILL_THREAD), answer);
        state.reached = (state.reached && !zero).simplify();
        state.a = z3::udiv(state.a, operand);
        break;
      }
      case BPF_AND:
        state.a = state.a & operand;
        break;
      case BPF_OR:
        state.a = state.a | operand;
        break;
      case BPF_XOR:
        state.a = state.a ^ operand;
        break;
      case BPF_LSH:
        state.a = z3::shl(state.a, shift);
        break;
      default:
        state.a = z3::lshr(state.a, shift);
    }
  }

  z3::context& context_;
  const z3::expr_vector& words_;
  std::span<const sock_filter> program_;
  std::vector<std::optional<State>> states_;
};

// The order in which a call is smaller than another (prove.h), without architecture and number.
constexpr int kRest[] = {5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14, 3, 2};

}  // namespace

Z3Calls::Z3Calls(unsigned steps) : words_(context_), steps_(steps) {
  for (int word = 0; word < 16; ++word)
    words_.push_back(context_.bv_const(("word" + std::to_string(word)).c_str(), 32));
}

// What a process sees of a return value (kernel/seccomp.c): an action that is none kills the process, data
// that nobody reads do not count, an errno is at most 4095.
expr Z3Calls::Seen(std::span<const sock_filter> program) {
  const expr returned = Symbolic(context_, words_, program).Returned();
  const auto value = [&](uint32_t number) { return context_.bv_val(number, 32); };
  const expr action = returned & value(SECCOMP_RET_ACTION_FULL);
  const expr data = returned & value(SECCOMP_RET_DATA);
  const auto is = [&](uint32_t wanted) { return action == value(wanted); };
  const expr no_data = is(SECCOMP_RET_KILL_THREAD) || is(SECCOMP_RET_USER_NOTIF) || is(SECCOMP_RET_LOG) ||
                       is(SECCOMP_RET_ALLOW);
  const expr error = value(SECCOMP_RET_ERRNO) | z3::ite(z3::ugt(data, value(4095)), value(4095), data);
  const expr with_data = is(SECCOMP_RET_TRAP) || is(SECCOMP_RET_TRACE);
  return z3::ite(
      no_data, action,
      z3::ite(is(SECCOMP_RET_ERRNO), error, z3::ite(with_data, returned, value(SECCOMP_RET_KILL_PROCESS))));
}

// A call as one number: the smaller, the earlier.
expr Z3Calls::Place(const filter::Data* call) {
  z3::expr_vector parts(context_);
  const auto add = [&](int word) {
    parts.push_back(call == nullptr ? words_[word] : context_.bv_val((*call)[static_cast<size_t>(word)], 32));
  };
  add(1);
  add(0);
  for (const int word : kRest) add(word);
  return z3::concat(parts);
}

Opinion Z3Calls::Ask(const expr& question) {
  z3::solver solver(context_, "QF_BV");
  solver.set("rlimit", steps_);
  solver.add(question);
  switch (solver.check()) {
    case z3::unsat:
      return Opinion::kNo;
    case z3::unknown:
      return Opinion::kGaveUp;
    case z3::sat:
      break;
  }
  const z3::model model = solver.get_model();
  for (size_t word = 0; word < example_.size(); ++word) {
    const expr value = model.eval(words_[static_cast<int>(word)], true);
    example_[word] = static_cast<uint32_t>(value.get_numeral_uint64());
  }
  return Opinion::kYes;
}

Opinion Z3Calls::Differ(const filter::Program& first, const filter::Program& second) {
  return Ask(Seen(first) != Seen(second));
}

// The kernel compares actions as signed numbers.
Opinion Z3Calls::Looser(const filter::Program& first, const filter::Program& second) {
  const expr mask = context_.bv_val(SECCOMP_RET_ACTION_FULL, 32);
  return Ask((Seen(second) & mask) > (Seen(first) & mask));
}

Opinion Z3Calls::GetsBefore(const filter::Program& first, const filter::Program& second,
                            uint32_t first_answer, uint32_t second_answer, const filter::Data& call) {
  const auto value = [&](uint32_t number) { return context_.bv_val(number, 32); };
  const expr here = words_[1] == value(call[1]) && words_[0] == value(call[0]);
  return Ask(here && Seen(first) == value(first_answer) && Seen(second) == value(second_answer) &&
             z3::ult(Place(nullptr), Place(&call)));
}

}  // namespace whittle::prove::testing

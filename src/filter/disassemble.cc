#include "filter/disassemble.h"

#include <fmt/core.h>
#include <linux/seccomp.h>

#include <array>

#include "syscalls/table.h"

namespace whittle::filter {
namespace {

constexpr size_t kMaxExpression = 48;  // longer ones are called A or X
constexpr std::string_view kNumber = "nr";
constexpr std::string_view kArch = "arch";

// What is known at an instruction, as text; "A", "X", "M[3]" where nothing is.
struct Known {
  bool reached = false;
  std::string a = "0";
  std::string x = "0";
  std::array<std::string, BPF_MEMWORDS> memory;
  std::optional<uint32_t> arch;

  void MergeWith(const Known& other) {
    if (!reached) {
      *this = other;
      return;
    }
    if (a != other.a) a = "A";
    if (x != other.x) x = "X";
    for (size_t i = 0; i < memory.size(); ++i) {
      if (memory[i] != other.memory[i]) memory[i] = fmt::format("M[{}]", i);
    }
    if (arch != other.arch) arch.reset();
  }
};

std::string WordName(uint32_t offset) {
  constexpr std::string_view kHeads[] = {kNumber, kArch, "ip.low", "ip.high"};
  const uint32_t word = offset / 4;
  if (word < std::size(kHeads)) return std::string(kHeads[word]);
  return fmt::format("args[{}].{}", (word - 4) / 2, word % 2 == 0 ? "low" : "high");
}

std::optional<Abi> AbiOf(uint32_t arch, uint32_t number) {
  if (arch == AuditArch(Abi::kX86_64)) return (number & kX32Bit) != 0 ? Abi::kX32 : Abi::kX86_64;
  for (const Abi abi : AllAbis()) {
    if (AuditArch(abi) == arch) return abi;
  }
  return std::nullopt;
}

// A constant beside what it is compared with. The x32 bit alone is read(2) only where equality is asked for.
std::string Constant(const Known& known, uint32_t value, bool ordered) {
  if (known.a == kArch) {
    const auto abi = AbiOf(value, 0);
    return abi ? std::string(AbiName(*abi)) : fmt::format("{:#x}", value);
  }
  if (known.a != kNumber) return fmt::format("{:#x}", value);
  if (value == kX32Bit && ordered) return "the x32 bit";
  if (value == UINT32_MAX) return "-1";
  if (!known.arch) return fmt::format("{} (any ABI)", value);
  const auto abi = AbiOf(*known.arch, value);
  if (!abi) return fmt::format("{}", value);
  return fmt::format("{} ({})", SyscallText(*abi, value), AbiName(*abi));
}

std::string Short(std::string expression, std::string_view otherwise) {
  return expression.size() <= kMaxExpression ? expression : std::string(otherwise);
}

std::string_view OperatorOf(uint16_t code) {
  switch (BPF_OP(code)) {
    case BPF_ADD:
      return "+";
    case BPF_SUB:
      return "-";
    case BPF_MUL:
      return "*";
    case BPF_DIV:
      return "/";
    case BPF_AND:
      return "&";
    case BPF_OR:
      return "|";
    case BPF_XOR:
      return "^";
    case BPF_LSH:
      return "<<";
    default:
      return ">>";
  }
}

std::string_view AluName(uint16_t code) {
  switch (BPF_OP(code)) {
    case BPF_ADD:
      return "add";
    case BPF_SUB:
      return "sub";
    case BPF_MUL:
      return "mul";
    case BPF_DIV:
      return "div";
    case BPF_AND:
      return "and";
    case BPF_OR:
      return "or";
    case BPF_XOR:
      return "xor";
    case BPF_LSH:
      return "lsh";
    case BPF_RSH:
      return "rsh";
    default:
      return "neg";
  }
}

std::string Operand(const sock_filter& in) {
  return BPF_SRC(in.code) == BPF_X ? "x" : fmt::format("{:#x}", in.k);
}

class Writer {
 public:
  explicit Writer(std::span<const sock_filter> program) : program_(program), known_(program.size()) {}

  std::vector<Line> Run() {
    lines_.resize(program_.size());
    known_.front().reached = true;
    for (uint32_t at = 0; at < program_.size(); ++at) {
      lines_[at].index = at;
      Write(at);
    }
    return std::move(lines_);
  }

 private:
  void Write(uint32_t at) {
    const sock_filter& in = program_[at];
    Known& known = known_[at];
    switch (BPF_CLASS(in.code)) {
      case BPF_LD:
        return Load(at, "ld", known.a);
      case BPF_LDX:
        return Load(at, "ldx", known.x);
      case BPF_ST:
        return Store(at, "st", known.a);
      case BPF_STX:
        return Store(at, "stx", known.x);
      case BPF_ALU:
        return Compute(at);
      case BPF_JMP:
        return Jump(at);
      case BPF_RET:
        return Return(at);
      default:
        return Move(at);
    }
  }

  void Behind(uint32_t at, const Known& known) {
    if (at < known_.size() && known.reached) known_[at].MergeWith(known);
  }

  // What is next anyway is no target worth a mark.
  void JumpTo(uint32_t from, uint32_t to, const Known& known) {
    if (to != from + 1) lines_[to].target = true;
    Behind(to, known);
  }

  void Load(uint32_t at, std::string_view name, std::string& target) {
    const sock_filter& in = program_[at];
    switch (BPF_MODE(in.code)) {
      case BPF_ABS:
        lines_[at].code = fmt::format("{} [{}]", name, in.k);
        target = WordName(in.k);
        break;
      case BPF_LEN:
        lines_[at].code = fmt::format("{} len", name);
        target = fmt::format("{}", sizeof(seccomp_data));
        break;
      case BPF_MEM:
        lines_[at].code = fmt::format("{} M[{}]", name, in.k);
        target = known_[at].memory[in.k];
        break;
      default:
        lines_[at].code = fmt::format("{} {:#x}", name, in.k);
        target = fmt::format("{:#x}", in.k);
    }
    lines_[at].meaning = target;
    Behind(at + 1, known_[at]);
  }

  void Store(uint32_t at, std::string_view name, const std::string& source) {
    const uint32_t word = program_[at].k;
    lines_[at].code = fmt::format("{} M[{}]", name, word);
    lines_[at].meaning = source;
    known_[at].memory[word] = source;
    Behind(at + 1, known_[at]);
  }

  void Move(uint32_t at) {
    Known& known = known_[at];
    const bool to_x = BPF_MISCOP(program_[at].code) == BPF_TAX;
    (to_x ? known.x : known.a) = to_x ? known.a : known.x;
    lines_[at].code = to_x ? "tax" : "txa";
    lines_[at].meaning = known.a;
    Behind(at + 1, known);
  }

  void Compute(uint32_t at) {
    const sock_filter& in = program_[at];
    Known& known = known_[at];
    const std::string left = known.a.find(' ') == std::string::npos ? known.a : "(" + known.a + ")";
    if (BPF_OP(in.code) == BPF_NEG) {
      lines_[at].code = "neg";
      known.a = Short("-" + left, "A");
    } else {
      lines_[at].code = fmt::format("{} {}", AluName(in.code), Operand(in));
      const std::string right = BPF_SRC(in.code) == BPF_X ? known.x : fmt::format("{:#x}", in.k);
      known.a = Short(fmt::format("{} {} {}", left, OperatorOf(in.code), right), "A");
    }
    lines_[at].meaning = known.a;
    Behind(at + 1, known);
  }

  std::string TestText(const sock_filter& in, const Known& known) const {
    const std::string right =
        BPF_SRC(in.code) == BPF_X ? known.x : Constant(known, in.k, BPF_OP(in.code) != BPF_JEQ);
    switch (BPF_OP(in.code)) {
      case BPF_JEQ:
        return fmt::format("{} == {}", known.a, right);
      case BPF_JGT:
        return fmt::format("{} > {}", known.a, right);
      case BPF_JGE:
        return fmt::format("{} >= {}", known.a, right);
      default:
        return fmt::format("{} & {}", known.a, right);
    }
  }

  void Jump(uint32_t at) {
    const sock_filter& in = program_[at];
    Line& line = lines_[at];
    if (BPF_OP(in.code) == BPF_JA) {
      line.code = "ja";
      line.yes = at + 1 + in.k;
      return JumpTo(at, *line.yes, known_[at]);
    }
    constexpr std::string_view kNames[] = {"jeq", "jgt", "jge", "jset"};
    line.code = fmt::format("{} {}", kNames[(BPF_OP(in.code) >> 4) - 1], Operand(in));
    line.yes = at + 1 + in.jt;
    line.no = at + 1 + in.jf;
    line.meaning = TestText(in, known_[at]);
    Known holds = known_[at];
    if (holds.a == kArch && in.code == (BPF_JMP | BPF_JEQ | BPF_K)) holds.arch = in.k;
    JumpTo(at, *line.yes, holds);
    JumpTo(at, *line.no, known_[at]);
  }

  void Return(uint32_t at) {
    const sock_filter& in = program_[at];
    const bool computed = BPF_RVAL(in.code) == BPF_A;
    lines_[at].code = computed ? "ret a" : fmt::format("ret {:#x}", in.k);
    lines_[at].meaning =
        computed ? known_[at].a
                 : AnswerText(profile::ActionOf(in.k), static_cast<uint16_t>(in.k & SECCOMP_RET_DATA));
  }

  std::span<const sock_filter> program_;
  std::vector<Known> known_;
  std::vector<Line> lines_;
};

}  // namespace

std::vector<Line> Disassemble(std::span<const sock_filter> program) { return Writer(program).Run(); }

std::string LineText(const Line& line) {
  std::string where;
  if (line.no) {
    where = fmt::format("? {} : {}", *line.yes, *line.no);
  } else if (line.yes) {
    where = fmt::format("-> {}", *line.yes);
  }
  std::string text = fmt::format("{}{:>4}  {:<15} {:<13}  {}", line.target ? '>' : ' ', line.index, line.code,
                                 where, line.meaning);
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::string AnswerText(profile::Action action, uint16_t data) {
  const std::string verdict = profile::VerdictText(action, data);
  if (action != profile::Action::kErrno || data == 0) return verdict;
  return verdict + " " + profile::ErrnoName(data);
}

}  // namespace whittle::filter

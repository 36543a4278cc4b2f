#include "advise/condition_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "syscalls/arguments.h"
#include "syscalls/constants.h"
#include "syscalls/table.h"

namespace whittle::advise {
namespace {

// Writes the conditions of one call on one ABI.
class Writer {
 public:
  Writer(Abi abi, std::string_view call) : abi_(abi), call_(call) {}

  std::string CallForm(const Clause& clause) {
    std::vector<std::string> arguments;
    for (const auto& literal : clause) {
      while (arguments.size() < static_cast<size_t>(literal.quantity)) arguments.emplace_back("*");
      arguments.push_back(ValueText(literal.quantity, literal.values.spans.front().from, UINT64_MAX));
      (void)Subject(literal.quantity, literal.values.spans.front().mask);
    }
    if (arguments.size() < Takes()) arguments.emplace_back("*");
    return "(" + Join(arguments, ", ") + ")";
  }

  // One literal is one value of a whole argument.
  bool FitsCallForm(const Condition& condition) const {
    if (condition.unless || !condition.complete || condition.clauses.size() != 1) return false;
    return std::ranges::all_of(condition.clauses.front(), [&](const Literal& literal) {
      const auto& spans = literal.values.spans;
      return literal.quantity != kInstructionPointer && !literal.values.all_but && spans.size() == 1 &&
             spans.front().IsPoint() && IsWhole(spans.front().mask);
    });
  }

  std::string ClausesText(const Condition& condition) {
    std::vector<std::string> parts;
    for (const auto& clause : condition.clauses) {
      const std::string text = ClauseText(clause);
      const bool several = condition.clauses.size() > 1 && text.find(" and ") != std::string::npos;
      parts.push_back(several ? "(" + text + ")" : text);
    }
    return Join(parts, " or ");
  }

  bool low_halves() const { return low_halves_; }

 private:
  bool IsNarrow() const { return Is32Bit(abi_) || abi_ == Abi::kX32; }
  bool IsWhole(uint64_t mask) const { return mask == UINT64_MAX || (IsNarrow() && mask == UINT32_MAX); }

  size_t Takes() const {
    const auto number = SyscallNumber(abi_, call_);
    return number ? ArgumentCount(abi_, *number) : 6;
  }

  std::string Subject(int quantity, uint64_t mask) {
    const std::string name = quantity == kInstructionPointer ? "ip" : fmt::format("arg{}", quantity);
    if (IsWhole(mask)) {
      low_halves_ = low_halves_ || mask != UINT64_MAX;
      return name;
    }
    const auto flags = FlagsText(abi_, call_, static_cast<uint32_t>(quantity), mask);
    if (!flags) return fmt::format("({} & {})", name, Number(mask));
    const bool several = flags->find('|') != std::string::npos;
    return fmt::format("({} & {})", name, several ? "(" + *flags + ")" : *flags);
  }

  static std::string Number(uint64_t value) {
    return value < 10 ? fmt::format("{}", value) : fmt::format("{:#x}", value);
  }

  // What is left under a mask is no value of its own, but flags stay flags.
  std::string ValueText(int quantity, uint64_t value, uint64_t mask) const {
    const auto argument = static_cast<uint32_t>(quantity);
    const bool whole = mask == UINT64_MAX || mask == UINT32_MAX;
    const auto name =
        whole ? ConstantText(abi_, call_, argument, value) : FlagsText(abi_, call_, argument, value);
    return name ? *name : Number(value);
  }

  std::string RangeText(int quantity, const Span& span, bool all_but) {
    const std::string subject = Subject(quantity, span.mask);
    const auto value = [&](uint64_t at) { return ValueText(quantity, at, span.mask); };
    if (span.IsPoint()) return fmt::format("{} {} {}", subject, all_but ? "!=" : "==", value(span.from));
    if (span.from == 0) return fmt::format("{} {} {}", subject, all_but ? ">" : "<=", value(span.to));
    if (span.to == span.mask) return fmt::format("{} {} {}", subject, all_but ? "<" : ">=", value(span.from));
    if (!all_but) return fmt::format("{} <= {} <= {}", value(span.from), subject, value(span.to));
    return fmt::format("({0} < {1} or {0} > {2})", subject, value(span.from), value(span.to));
  }

  std::string MemberText(int quantity, const Span& span) const {
    const auto value = [&](uint64_t at) { return ValueText(quantity, at, span.mask); };
    if (span.IsPoint()) return value(span.from);
    if (span.from == 0) return "<= " + value(span.to);
    if (span.to == span.mask) return ">= " + value(span.from);
    return value(span.from) + ".." + value(span.to);
  }

  std::string SetText(const Literal& literal) {
    const auto& values = literal.values;
    std::vector<std::string> members;
    for (const auto& span : values.spans) members.push_back(MemberText(literal.quantity, span));
    if (!values.complete())
      members.push_back(fmt::format("and {}{} more", values.counted ? "" : "over ", values.more));
    return fmt::format("{} {}in {{{}}}", Subject(literal.quantity, values.spans.front().mask),
                       values.all_but ? "not " : "", Join(members, ", "));
  }

  // Spans of different masks.
  std::string PatternsText(const Literal& literal) {
    const auto& values = literal.values;
    std::vector<std::string> parts;
    for (const auto& span : values.spans) parts.push_back(RangeText(literal.quantity, span, values.all_but));
    if (values.all_but) return Join(parts, " and ");
    if (!values.complete())
      parts.push_back(fmt::format("{}{} more patterns", values.counted ? "" : "over ", values.more));
    return "(" + Join(parts, " or ") + ")";
  }

  std::string LiteralText(const Literal& literal) {
    const auto& spans = literal.values.spans;
    if (spans.size() == 1 && literal.values.complete())
      return RangeText(literal.quantity, spans.front(), literal.values.all_but);
    const bool one_mask =
        std::ranges::all_of(spans, [&](const Span& span) { return span.mask == spans.front().mask; });
    return one_mask ? SetText(literal) : PatternsText(literal);
  }

  std::string ClauseText(const Clause& clause) {
    std::vector<std::string> parts;
    for (const auto& literal : clause) parts.push_back(LiteralText(literal));
    return Join(parts, " and ");
  }

  Abi abi_;
  std::string_view call_;
  bool low_halves_ = false;
};

}  // namespace

ConditionWords WordsOf(const Condition& condition, Abi abi, std::string_view call) {
  if (condition.always() || condition.clauses.empty()) return {};
  Writer writer(abi, call);
  if (writer.FitsCallForm(condition)) {
    const std::string form = writer.CallForm(condition.clauses.front());
    return {form, writer.low_halves()};
  }
  const std::string text = (condition.unless ? " unless " : " when ") + writer.ClausesText(condition);
  return {text, writer.low_halves()};
}

}  // namespace whittle::advise

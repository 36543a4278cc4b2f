// An observation knows its arguments seldom, so the question is what is said of a call for *any* arguments,
// or for any others than those that are known.
//
// A document's meaning knows the rules that may decide; the compiled program is then run on arguments chosen
// so that each of these rules decides once, and both must agree. That costs one run of the program per rule
// of a call. Of filters as they are, the decision diagram knows all answers (prove/outcomes.h).
#include "optimize/judge.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <span>

#include "base/text.h"
#include "filter/meaning.h"
#include "optimize/clone.h"
#include "prove/outcomes.h"
#include "syscalls/arguments.h"
#include "syscalls/table.h"

namespace whittle::optimize {

namespace {

using filter::Compiled;
using filter::Decision;
using profile::Action;
using profile::Condition;
using profile::Operator;

using evidence::CloneFlags;
using ArgumentWords = std::array<uint64_t, 6>;

// What is known of the call that is asked about.
struct Question {
  Abi abi;
  uint32_t number;
  CloneFlags flags;
  std::vector<prove::Known> values = {};  // each of all of an argument

  std::optional<uint64_t> Value(uint32_t argument) const {
    for (const auto& known : values) {
      if (known.argument == argument) return known.bits;
    }
    return std::nullopt;
  }
};

// What is asked about one combination of values. Of an int the kernel takes the low half only, and a filter
// sees a whole register: a negative one may come with either upper half.
std::vector<Question> QuestionsOf(Question question, std::span<const uint32_t> indices,
                                  const evidence::Arguments::Values& values) {
  constexpr uint64_t kSign = 0x80000000;
  const auto name = SyscallName(question.abi, question.number).value_or("");
  Question extended = question;
  bool has_sign = false;
  for (size_t i = 0; i < indices.size(); ++i) {
    const bool is_negative = IsInt(name, indices[i]) && !Is32Bit(question.abi) && (values[i] & kSign) != 0;
    question.values.push_back({indices[i], values[i]});
    extended.values.push_back({indices[i], is_negative ? values[i] | ~uint64_t{UINT32_MAX} : values[i]});
    has_sign = has_sign || is_negative;
  }
  if (!has_sign) return {std::move(question)};
  return {std::move(question), std::move(extended)};
}

// A value that the test is true for; nothing if there is none.
uint64_t Satisfying(const Condition& condition) {
  switch (condition.op) {
    case Operator::kNotEqual:
      return condition.value + 1;
    case Operator::kLess:
      return condition.value == 0 ? 0 : condition.value - 1;
    case Operator::kGreater:
      return condition.value + 1;
    case Operator::kMaskedEqual:
      return condition.value_two & condition.value;
    default:
      return condition.value;
  }
}

const std::vector<filter::FlatRule> kNoRules;  // of a number that nothing names

// Arguments on which different rules decide: none, all bits, and for each rule those that meet its
// conditions.
std::vector<ArgumentWords> Samples(const filter::Resolution& resolution, const Question& question) {
  std::vector<ArgumentWords> samples(2);
  samples[1].fill(UINT64_MAX);
  for (const auto& rule : resolution.rules == nullptr ? kNoRules : *resolution.rules) {
    for (const uint64_t other : {uint64_t{0}, UINT64_MAX}) {
      ArgumentWords arguments;
      arguments.fill(other);
      for (const auto& condition : rule.conditions) arguments[condition.index] = Satisfying(condition);
      samples.push_back(arguments);
    }
  }
  for (auto& arguments : samples) {
    Adapt(arguments[OrdinaryClone(question.abi).index], question.flags);
    for (const auto& known : question.values) arguments[known.argument] = known.bits;
  }
  return samples;
}

Holds HoldsHere(const Condition& condition, const Question& question, bool narrow) {
  const auto value = question.Value(condition.index);
  if (!value) return HoldsFor(condition, question.abi, question.flags);
  return condition.Matches(narrow ? *value & UINT32_MAX : *value) ? Holds::kAlways : Holds::kNever;
}

Holds AllHold(const filter::FlatRule& rule, const Question& question, bool narrow) {
  Holds all = Holds::kAlways;
  for (const auto& condition : rule.conditions) {
    const Holds holds = HoldsHere(condition, question, narrow);
    if (holds == Holds::kNever) return Holds::kNever;
    if (holds == Holds::kPerhaps) all = Holds::kPerhaps;
  }
  return all;
}

// What may decide, in order; ends with what always does.
std::vector<Decision> Possible(const filter::Resolution& resolution, const Question& question) {
  std::vector<Decision> possible;
  if (resolution.rules != nullptr) {
    for (const auto& rule : *resolution.rules) {
      const Holds holds = AllHold(rule, question, resolution.narrow);
      if (holds != Holds::kNever) possible.push_back({rule.action, rule.data, rule.rule, rule.quirk});
      if (holds == Holds::kAlways) return possible;
    }
  }
  possible.push_back(resolution.decision);
  return possible;
}

// What may be said, and by whom.
class Collected {
 public:
  void Add(Action action, uint16_t data, const std::string& by, json::Position at = {}) {
    AddOnce(verdicts_, profile::VerdictText(action, data));
    only_ = verdicts_.size() == 1 ? std::optional(OneVerdict{action, data}) : std::nullopt;
    if (!profile::Blocks(action)) {
      AddOnce(letting_, by);
      return;
    }
    if (deciders_.empty()) at_ = at;
    AddOnce(deciders_, by);
    errors_.insert(action == Action::kErrno ? data : 0);
  }

  Answer Whole() const {
    Answer answer = AllOfThem();
    answer.only = only_;
    return answer;
  }

 private:
  Answer AllOfThem() const {
    const auto kind = errors_.empty()    ? Answer::Kind::kAllowed
                      : letting_.empty() ? Answer::Kind::kRefused
                                         : Answer::Kind::kDepends;
    const uint32_t error = errors_.size() == 1 ? *errors_.begin() : 0;
    return {kind, Join(verdicts_, " or "), error, By(kind), {}, at_};
  }

  // Where only the default refuses, the rules decide that let pass what they hold of.
  std::string By(Answer::Kind kind) const {
    const auto by_default = filter::Describe(filter::Quirk::kDefaultAction).text;
    if (kind != Answer::Kind::kDepends || deciders_.size() != 1 || deciders_.front() != by_default)
      return Join(deciders_, " or ");
    return Join(letting_, " or ") + ", else the default action";
  }

  static void AddOnce(std::vector<std::string>& list, const std::string& text) {
    if (std::ranges::find(list, text) == list.end()) list.push_back(text);
  }

  std::vector<std::string> verdicts_;
  std::optional<OneVerdict> only_;               // if they are one
  std::vector<std::string> deciders_, letting_;  // who refuses, and who lets pass
  json::Position at_;                            // of the first decider
  std::set<uint32_t> errors_;
};

int Badness(Answer::Kind kind) {
  return kind == Answer::Kind::kAllowed ? 0 : kind == Answer::Kind::kDepends ? 1 : 2;
}

}  // namespace

std::string RuleText(const profile::Document& document, size_t rule) {
  const auto& at = document.rules[rule].at;
  if (at.line == 0) return fmt::format("rule {}", rule);
  return fmt::format("rule {} ({}:{})", rule, Printable(document.file), at.line);
}

constexpr std::string_view kByUpperHalf =
    "; it depends on the upper half of the argument's register, which the kernel does not look at";

class Judge::Judged {
 public:
  virtual ~Judged() = default;
  virtual Result<Answer> Ask(const Question& question) const = 0;

  // One call that may come in several ways: where they get different answers it depends on the way.
  Result<Answer> AskAll(const std::vector<Question>& questions) const {
    Answer whole = TRY(AskNamed(questions.front()));
    for (const auto& question : std::span(questions).subspan(1)) {
      auto other = TRY(AskNamed(question));
      if (other.kind == whole.kind) continue;
      if (Badness(other.kind) > Badness(whole.kind)) whole = std::move(other);
      whole.kind = Answer::Kind::kDepends;
      whole.only.reset();
      if (!whole.by.ends_with(kByUpperHalf)) whole.by += kByUpperHalf;
    }
    return whole;
  }

  Compiled compiled;

 private:
  Result<Answer> AskNamed(const Question& question) const {
    auto answer = TRY(Ask(question));
    if (answer.kind == Answer::Kind::kAllowed) return answer;
    std::vector<uint32_t> indices;
    evidence::Arguments::Values values;
    for (const auto& known : question.values) {
      indices.push_back(known.argument);
      values.push_back(known.bits);
    }
    answer.with = evidence::ValuesText(question.abi, question.number, indices, values);
    return answer;
  }
};

class Judge::JudgedProfile : public Judged {
 public:
  explicit JudgedProfile(const profile::Document& document) : document_(document) {}

  Result<Answer> Ask(const Question& question) const override {
    const auto resolution = filter::Resolve(*compiled.meaning, question.abi, question.number);
    Collected collected;
    for (const auto& decision : Possible(resolution, question))
      collected.Add(decision.action, decision.data, DeciderText(decision), DeciderAt(decision));
    for (const auto& arguments : Samples(resolution, question))
      TRY(Check({question.abi, question.number, arguments, 0}));
    return collected.Whole();
  }

 private:
  std::string DeciderText(const Decision& decision) const {
    if (decision.rule >= 0) return RuleText(document_, static_cast<size_t>(decision.rule));
    return std::string(filter::Describe(decision.quirk).text);
  }

  json::Position DeciderAt(const Decision& decision) const {
    if (decision.rule >= 0) return document_.rules[static_cast<size_t>(decision.rule)].at;
    const bool by_default = decision.quirk == filter::Quirk::kDefaultAction;
    return by_default ? profile::PositionOf(document_, "defaultAction") : json::Position{};
  }

  Result<void> Check(const filter::Call& call) const {
    const auto meant = filter::Decide(*compiled.meaning, call);
    const auto executed = filter::Evaluate(compiled.program, call);
    if (profile::VerdictText(meant.action, meant.data) ==
        profile::VerdictText(executed.action, executed.data))
      return {};
    return Fail(ErrorCode::kInternal,
                fmt::format("the filter does not do what the document means for {} {}: please "
                            "report it with the profile",
                            AbiName(call.abi), SyscallText(call.abi, call.number)));
  }

  profile::Document document_;
};

class Judge::JudgedFilters : public Judged {
 public:
  JudgedFilters(prove::Oracle oracle, size_t filters) : oracle_(std::move(oracle)), filters_(filters) {}

  Result<Answer> Ask(const Question& question) const override {
    const auto outcomes = oracle_.Of(question.abi, question.number, KnownOf(question));
    Collected collected;
    for (const auto& outcome : outcomes.possible)
      collected.Add(outcome.action, outcome.data, FilterText(outcome.decider));
    Answer answer = collected.Whole();
    if (!outcomes.decided) {
      answer.kind = Answer::Kind::kDepends;
      answer.by = "undecided: too many conditions on its arguments";
      answer.only.reset();
      answer.decided = false;
    }
    return answer;
  }

 private:
  static std::vector<prove::Known> KnownOf(const Question& question) {
    using How = prove::Known::How;
    auto known = question.values;
    if (SyscallNumber(question.abi, "clone") != question.number) return known;
    const bool ordinary = question.flags == CloneFlags::kOrdinary;
    if (!ordinary && question.flags != CloneFlags::kNamespaces) return known;
    known.push_back(
        {OrdinaryClone(question.abi).index, kNamespaceFlags, ordinary ? How::kHasNoneOf : How::kHasSomeOf});
    return known;
  }

  std::string FilterText(size_t index) const {
    return filters_ == 1 ? "the filter" : fmt::format("filter {} of {}", index + 1, filters_);
  }

  prove::Oracle oracle_;
  size_t filters_;
};

Judge::Judge(std::unique_ptr<Judged> judged) : judged_(std::move(judged)) {}
Judge::~Judge() = default;
Judge::Judge(Judge&&) noexcept = default;
Judge& Judge::operator=(Judge&&) noexcept = default;

Result<Judge> Judge::Create(const profile::Document& document, const profile::Target& target) {
  auto judged = std::make_unique<JudgedProfile>(document);
  judged->compiled = TRY(filter::Compile(document, target));
  return Judge(std::move(judged));
}

Result<Judge> Judge::Create(const std::vector<filter::Program>& programs) {
  auto judged = std::make_unique<JudgedFilters>(TRY(prove::Oracle::Create(programs)), programs.size());
  if (programs.empty()) {
    judged->compiled.state = Compiled::State::kUnconfined;
    judged->compiled.why = "there is no filter";
  }
  return Judge(std::move(judged));
}

const Compiled& Judge::compiled() const { return judged_->compiled; }

Result<Answer> Judge::Ask(Abi abi, uint32_t number, CloneFlags flags,
                          const evidence::Arguments& arguments) const {
  const Question any{abi, number, flags};
  if (!arguments.known()) return judged_->Ask(any);
  Answer worst;
  for (const auto& values : arguments.values()) {
    auto answer = TRY(judged_->AskAll(QuestionsOf(any, arguments.indices(), values)));
    const bool is_worse = worst.verdict.empty() || Badness(answer.kind) > Badness(worst.kind);
    if (!is_worse) continue;
    worst = std::move(answer);
  }
  return worst;
}

}  // namespace whittle::optimize

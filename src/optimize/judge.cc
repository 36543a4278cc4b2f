// An observation has no arguments, so the question is what is said of a call for *any* arguments.
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

#include "base/text.h"
#include "filter/meaning.h"
#include "optimize/clone.h"
#include "prove/outcomes.h"
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
  CloneFlags flags;
};

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
std::vector<ArgumentWords> Samples(const filter::Resolution& resolution, Question question) {
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
  for (auto& arguments : samples) Adapt(arguments[OrdinaryClone(question.abi).index], question.flags);
  return samples;
}

Holds AllHold(const filter::FlatRule& rule, Question question) {
  Holds all = Holds::kAlways;
  for (const auto& condition : rule.conditions) {
    const Holds holds = HoldsFor(condition, question.abi, question.flags);
    if (holds == Holds::kNever) return Holds::kNever;
    if (holds == Holds::kPerhaps) all = Holds::kPerhaps;
  }
  return all;
}

// What may decide, in order; ends with what always does.
std::vector<Decision> Possible(const filter::Resolution& resolution, Question question) {
  std::vector<Decision> possible;
  if (resolution.rules != nullptr) {
    for (const auto& rule : *resolution.rules) {
      const Holds holds = AllHold(rule, question);
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
    if (!profile::Blocks(action)) {
      AddOnce(letting_, by);
      return;
    }
    if (deciders_.empty()) at_ = at;
    AddOnce(deciders_, by);
    errors_.insert(action == Action::kErrno ? data : 0);
  }

  Answer Whole() const {
    const auto kind = errors_.empty()    ? Answer::Kind::kAllowed
                      : letting_.empty() ? Answer::Kind::kRefused
                                         : Answer::Kind::kDepends;
    const uint32_t error = errors_.size() == 1 ? *errors_.begin() : 0;
    return {kind, Join(verdicts_, " or "), error, By(kind), at_};
  }

 private:
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
  std::vector<std::string> deciders_, letting_;  // who refuses, and who lets pass
  json::Position at_;                            // of the first decider
  std::set<uint32_t> errors_;
};

}  // namespace

std::string RuleText(const profile::Document& document, size_t rule) {
  const auto& at = document.rules[rule].at;
  if (at.line == 0) return fmt::format("rule {}", rule);
  return fmt::format("rule {} ({}:{})", rule, Printable(document.file), at.line);
}

class Judge::Judged {
 public:
  virtual ~Judged() = default;
  virtual Result<Answer> Ask(Abi abi, uint32_t number, CloneFlags flags) const = 0;
  Compiled compiled;
};

class Judge::JudgedProfile : public Judged {
 public:
  explicit JudgedProfile(const profile::Document& document) : document_(document) {}

  Result<Answer> Ask(Abi abi, uint32_t number, CloneFlags flags) const override {
    const auto resolution = filter::Resolve(*compiled.meaning, abi, number);
    Collected collected;
    for (const auto& decision : Possible(resolution, {abi, flags}))
      collected.Add(decision.action, decision.data, DeciderText(decision), DeciderAt(decision));
    for (const auto& arguments : Samples(resolution, {abi, flags})) TRY(Check({abi, number, arguments, 0}));
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

  Result<Answer> Ask(Abi abi, uint32_t number, CloneFlags flags) const override {
    const bool clone = SyscallNumber(abi, "clone") == number;
    const auto outcomes = oracle_.Of(abi, number, clone ? KnownOf(abi, flags) : std::nullopt);
    Collected collected;
    for (const auto& outcome : outcomes.possible)
      collected.Add(outcome.action, outcome.data, FilterText(outcome.decider));
    Answer answer = collected.Whole();
    if (!outcomes.decided) {
      answer.kind = Answer::Kind::kDepends;
      answer.by = "undecided: too many conditions on its arguments";
    }
    return answer;
  }

 private:
  static std::optional<prove::KnownBits> KnownOf(Abi abi, CloneFlags flags) {
    const bool ordinary = flags == CloneFlags::kOrdinary;
    if (!ordinary && flags != CloneFlags::kNamespaces) return std::nullopt;
    const auto has = ordinary ? prove::KnownBits::Has::kNone : prove::KnownBits::Has::kSome;
    return prove::KnownBits{OrdinaryClone(abi).index, kNamespaceFlags, has};
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

Result<Answer> Judge::Ask(Abi abi, uint32_t number, CloneFlags flags) const {
  return judged_->Ask(abi, number, flags);
}

}  // namespace whittle::optimize

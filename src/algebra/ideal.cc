#include "algebra/ideal.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <tuple>

#include "base/text.h"
#include "filter/compile.h"
#include "filter/loader.h"
#include "prove/meaning.h"
#include "prove/side_by_side.h"

namespace whittle::algebra {
namespace {

using prove::Node;

Answer AnswerFor(const filter::Decision& decision) {
  return {decision.action, profile::CarriesData(decision.action) ? decision.data : uint16_t{0}, true};
}

// Of two answers of one action.
Answer Preferred(const Answer& a, const Answer& b) {
  const auto order = [](const Answer& answer) {
    const bool enosys = answer.action == profile::Action::kErrno && answer.data == ENOSYS;
    return std::tuple(answer.by_default, !enosys, answer.data);
  };
  return order(b) < order(a) ? b : a;
}

bool Passes(const Answer& answer) { return !profile::Blocks(answer.action); }

bool Has(const std::vector<Abi>& abis, Abi abi) { return std::ranges::find(abis, abi) != abis.end(); }

}  // namespace

uint32_t CodeOf(const Answer& answer) {
  return static_cast<uint32_t>(answer.action) << 17 | uint32_t{answer.data} << 1 |
         (answer.by_default ? 1u : 0u);
}

Answer AnswerOf(uint32_t code) {
  return {static_cast<profile::Action>(code >> 17), static_cast<uint16_t>(code >> 1), (code & 1) != 0};
}

Answer Joined(Operation operation, const Answer& first, const Answer& next) {
  if (operation == Operation::kSubtract) {
    const bool taken = Passes(first) && Passes(next);
    return taken ? Answer{profile::Action::kErrno, EPERM, first.by_default && next.by_default} : first;
  }
  if (first.action == next.action) return Preferred(first, next);
  const bool first_is_stricter = first.action < next.action;
  return first_is_stricter == (operation == Operation::kIntersect) ? first : next;
}

Answer Safer(Operation operation, const Answer& a, const Answer& b) {
  return Joined(operation == Operation::kMerge ? Operation::kMerge : Operation::kIntersect, a, b);
}

prove::Node AnswerTo(const prove::Diagrams& diagrams, Node filter, Abi abi, uint32_t number) {
  return diagrams.Assume(diagrams.Assume(filter, prove::kArchWord, AuditArch(abi)), prove::kNumberWord,
                         number);
}

Result<Ideal> Ideal::Create(Operation operation, std::span<const profile::Document* const> parts,
                            const profile::Target& target, prove::Diagrams& diagrams) {
  Ideal ideal(operation, target, diagrams);
  for (const auto* document : parts) TRY(ideal.Take(*document));
  if (diagrams.exhausted()) return Fail(ErrorCode::kNotPossible, "these profiles are too large to compose");
  return ideal;
}

Result<void> Ideal::Take(const profile::Document& document) {
  const auto compiled = TRY(filter::Compile(document, target_));
  if (compiled.state != filter::Compiled::State::kFiltered) {
    const bool refused = compiled.state == filter::Compiled::State::kRefused;
    return Fail(ErrorCode::kBadInput,
                fmt::format("{}: {}: {}", compiled.where,
                            refused ? target_.Text() + " would not take it" : "no filter would be installed",
                            Printable(compiled.why)));
  }
  parts_.push_back(
      {compiled.meaning, prove::MeaningOf(*diagrams_, std::span<const sock_filter>(compiled.program))});
  stacks_.push_back({compiled.program});
  std::vector<filter::Note> notes;
  const auto loaded = filter::LoadForRuntime(document, target_, notes);
  for (const auto& rule : loaded->rules) named_.insert(rule.names.begin(), rule.names.end());
  const auto& meaning = *parts_.back().meaning;
  TakeAbis(meaning, loaded->architectures);
  const Answer otherwise = AnswerFor(meaning.otherwise);
  otherwise_ = parts_.size() == 1 ? otherwise : Joined(operation_, otherwise_, otherwise);
  return {};
}

void Ideal::TakeAbis(const filter::Meaning& meaning, const std::vector<std::string>& architectures) {
  std::vector<Abi> abis, listed;
  for (const auto& rules : meaning.abis) abis.push_back(rules.abi());
  for (const auto& name : architectures) {
    if (const auto abi = ParseAbi(name)) listed.push_back(*abi);
  }
  if (parts_.size() == 1) {
    abis_ = abis;
    listed_ = listed;
  } else if (operation_ == Operation::kMerge) {
    std::ranges::copy_if(abis, std::back_inserter(abis_), [&](Abi abi) { return !Has(abis_, abi); });
    std::ranges::copy_if(listed, std::back_inserter(listed_), [&](Abi abi) { return !Has(listed_, abi); });
  } else if (operation_ == Operation::kIntersect) {
    std::erase_if(abis_, [&](Abi abi) { return !Has(abis, abi); });
    std::erase_if(listed_, [&](Abi abi) { return !Has(listed, abi); });
  }
}

std::optional<uint32_t> Ideal::StubAbove(Abi abi) const {
  std::optional<uint32_t> largest;
  for (const auto& part : parts_) {
    const auto stub = part.meaning->stub_above.find(abi);
    if (stub != part.meaning->stub_above.end()) largest = std::max(largest.value_or(0), stub->second);
  }
  return largest;
}

Node Ideal::AnswersOf(const Part& part, Abi abi, uint32_t number) const {
  const auto resolution = filter::Resolve(*part.meaning, abi, number);
  if (resolution.rules == nullptr) return diagrams_->Verdict(CodeOf(AnswerFor(resolution.decision)));
  const uint32_t otherwise = filter::ReturnOf(part.meaning->otherwise);
  const Node node = AnswerTo(*diagrams_, part.node, abi, number);
  return diagrams_->Together(node, Node{prove::Diagrams::kFalse}, [&](Node leaf, Node) {
    const uint32_t value = prove::Canonical(diagrams_->VerdictOf(leaf));
    return diagrams_->Verdict(
        CodeOf({profile::ActionOf(value), static_cast<uint16_t>(value), value == otherwise}));
  });
}

Node Ideal::At(Abi abi, uint32_t number) const {
  Node all = AnswersOf(parts_.front(), abi, number);
  for (size_t i = 1; i < parts_.size(); ++i) {
    all = diagrams_->Together(all, AnswersOf(parts_[i], abi, number), [&](Node a, Node b) {
      return diagrams_->Verdict(
          CodeOf(Joined(operation_, AnswerOf(diagrams_->VerdictOf(a)), AnswerOf(diagrams_->VerdictOf(b)))));
    });
  }
  return all;
}

std::vector<std::vector<filter::FlatRule>> Ideal::RulesFor(Abi abi, uint32_t number, RuleOrder order) const {
  std::vector<std::vector<filter::FlatRule>> all;
  for (const auto& part : parts_) {
    const auto resolution = filter::Resolve(*part.meaning, abi, number);
    all.emplace_back();
    if (resolution.rules != nullptr) all.back() = *resolution.rules;
    if (order == RuleOrder::kWritten) std::ranges::stable_sort(all.back(), {}, &filter::FlatRule::rule);
  }
  return all;
}

}  // namespace whittle::algebra

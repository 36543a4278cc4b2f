// The wanted answer to each call on one host: the parts' answers, joined point by point. Not thread safe: it
// uses a store of diagrams.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "algebra/compose.h"
#include "filter/meaning.h"
#include "prove/diagram.h"

namespace whittle::algebra {

struct Answer {
  profile::Action action = profile::Action::kKillProcess;
  uint16_t data = 0;
  bool by_default = false;  // no rule says so: a default, a stub, an ABI that is not listed
  bool operator==(const Answer&) const = default;
};

// As a leaf of a diagram, and back.
uint32_t CodeOf(const Answer& answer);
Answer AnswerOf(uint32_t code);

// What the operation makes of two answers; see compose.h.
Answer Joined(Operation operation, const Answer& first, const Answer& next);
// Of several answers where only one can be given: the one on the safe side.
Answer Safer(Operation operation, const Answer& a, const Answer& b);

// kWritten: as the document has them. libseccomp may refuse for one ABI the order in which it asks for
// another.
enum class RuleOrder : uint8_t { kWritten, kAsked };

class Ideal {
 public:
  // `parts` in order, those that have a say on this host. Errors: as Compose().
  static Result<Ideal> Create(Operation operation, std::span<const profile::Document* const> parts,
                              const profile::Target& target, prove::Diagrams& diagrams);

  const profile::Target& target() const { return target_; }
  // ABIs that the document should filter, the native one first.
  const std::vector<Abi>& abis() const { return abis_; }
  // Those of them that a document has to list (runc answers listed ABIs otherwise than the native one).
  const std::vector<Abi>& listed() const { return listed_; }
  Answer otherwise() const { return otherwise_; }
  // Names in rules that apply on this host.
  const std::set<std::string>& named() const { return named_; }
  // The largest number above which some part's stub answers; nothing if no part has one.
  std::optional<uint32_t> StubAbove(Abi abi) const;

  // Leaves are CodeOf(answer).
  prove::Node At(Abi abi, uint32_t number) const;
  // The rules of each part for a call; empty where an answer does not depend on arguments.
  std::vector<std::vector<filter::FlatRule>> RulesFor(Abi abi, uint32_t number, RuleOrder order) const;
  // One stack a part, for proofs.
  const std::vector<std::vector<filter::Program>>& stacks() const { return stacks_; }

 private:
  struct Part {
    std::shared_ptr<const filter::Meaning> meaning;
    prove::Node node;
  };
  Ideal(Operation operation, const profile::Target& target, prove::Diagrams& diagrams)
      : operation_(operation), target_(target), diagrams_(&diagrams) {}
  Result<void> Take(const profile::Document& document);
  void TakeAbis(const filter::Meaning& meaning, const std::vector<std::string>& architectures);
  prove::Node AnswersOf(const Part& part, Abi abi, uint32_t number) const;

  Operation operation_;
  profile::Target target_;
  prove::Diagrams* diagrams_;
  std::vector<Part> parts_;
  std::vector<std::vector<filter::Program>> stacks_;
  std::vector<Abi> abis_, listed_;
  std::set<std::string> named_;
  Answer otherwise_;
};

// What a finished filter answers to a call of an ABI: leaves are return values.
prove::Node AnswerTo(const prove::Diagrams& diagrams, prove::Node filter, Abi abi, uint32_t number);

}  // namespace whittle::algebra

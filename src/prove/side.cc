#include "prove/side.h"

#include <linux/seccomp.h>

#include <cerrno>

#include "prove/meaning.h"

namespace whittle::prove {
namespace {

constexpr uint32_t kRefusal = SECCOMP_RET_ERRNO | EPERM;

bool Passes(uint32_t value) { return !profile::Blocks(profile::ActionOf(value)); }

uint32_t Joined(Pointwise how, uint32_t first, uint32_t next) {
  switch (how) {
    case Pointwise::kLoosest:
      return profile::ActionOf(next) > profile::ActionOf(first) ? next : first;
    case Pointwise::kStrictest:
      return profile::ActionOf(next) <= profile::ActionOf(first) ? next : first;
    case Pointwise::kWithout:
      break;
  }
  return Passes(next) && Passes(first) ? kRefusal : first;
}

}  // namespace

Result<void> Side::Validate() const {
  for (const auto stack : stacks) {
    for (const auto& program : stack) TRY(filter::Validate(program));
  }
  return {};
}

filter::Verdict Side::Evaluate(const filter::Data& call) const {
  filter::Verdict verdict = filter::EvaluateStacked(stacks.front(), call);
  for (size_t i = 1; i < stacks.size(); ++i) {
    const auto next = filter::EvaluateStacked(stacks[i], call);
    const uint32_t value = Joined(how, profile::ReturnValue(verdict.action, verdict.data),
                                  profile::ReturnValue(next.action, next.data));
    verdict = {profile::ActionOf(value), static_cast<uint16_t>(value & SECCOMP_RET_DATA),
               verdict.steps + next.steps};
  }
  return verdict;
}

Node Side::Meaning(Diagrams& diagrams) const {
  Node all = MeaningOf(diagrams, stacks.front());
  for (size_t i = 1; i < stacks.size(); ++i) {
    const Node next = MeaningOf(diagrams, stacks[i]);
    if (diagrams.exhausted()) return Diagrams::kFalse;
    all = diagrams.Together(all, next, [&](Node a, Node b) {
      return diagrams.Verdict(
          Joined(how, Canonical(diagrams.VerdictOf(a)), Canonical(diagrams.VerdictOf(b))));
    });
  }
  return all;
}

}  // namespace whittle::prove

// A call is answered: the stub, then the ABI, then the rules of the call one after the other.
#include "oracle.h"

namespace whittle::oracle {
namespace {

using profile::Action;
using profile::Condition;
using profile::Operator;

constexpr uint32_t kBit30 = 1u << 30;

bool IsX86_64(Abi abi) { return abi == Abi::kX86_64 || abi == Abi::kX32; }

bool Holds(const Condition& condition, uint64_t argument) {
  switch (condition.op) {
    case Operator::kEqual:
      return argument == condition.value;
    case Operator::kNotEqual:
      return argument != condition.value;
    case Operator::kLess:
      return argument < condition.value;
    case Operator::kLessOrEqual:
      return argument <= condition.value;
    case Operator::kGreater:
      return argument > condition.value;
    case Operator::kGreaterOrEqual:
      return argument >= condition.value;
    case Operator::kMaskedEqual:
      return (argument & condition.value) == condition.value_two;
  }
  return false;
}

bool AllHold(const std::vector<Condition>& conditions, const filter::Call& call, bool narrow) {
  for (const auto& condition : conditions) {
    uint64_t argument = call.arguments[condition.index];
    if (narrow) argument = static_cast<uint32_t>(argument);
    if (!Holds(condition, argument)) return false;
  }
  return true;
}

}  // namespace

Meaning::Meaning(const profile::Document& document, const profile::Target& target) {
  try {
    requests_ = oracle::Ask(Load(document, target, habits_), target, habits_);
    for (const Abi abi : requests_.abis) abis_[abi] = Keep(requests_, abi, target, habits_);
  } catch (const NoFilter& none) {
    state_ = none.state;
    why_ = none.why;
  }
}

// x86_64 and x32 share one architecture; numbers from bit 30 on are x32's. Number -1 is how a tracer skips a
// call: it stays x86_64's if x32 is not listed.
const KeptCalls* Meaning::CallsOf(Abi abi, uint32_t number) const {
  if (IsX86_64(abi)) abi = number >= kBit30 ? Abi::kX32 : Abi::kX86_64;
  if (abi == Abi::kX32 && number == UINT32_MAX && abis_.count(Abi::kX32) == 0) abi = Abi::kX86_64;
  const auto found = abis_.find(abi);
  return found == abis_.end() ? nullptr : &found->second;
}

Answer Meaning::Ask(const filter::Call& call) {
  Abi abi = call.abi;
  if (IsX86_64(abi)) abi = (call.number & kBit30) != 0 ? Abi::kX32 : Abi::kX86_64;
  if (const auto last = requests_.last_known.find(abi); last != requests_.last_known.end()) {
    const bool s390 = abi == Abi::kS390 || abi == Abi::kS390x;
    const bool zero = s390 && call.number == 0 && requests_.zero_is_unknown;
    if (zero || call.number > last->second) {
      ++habits_[static_cast<size_t>(zero ? Habit::kEnosysZero : Habit::kEnosysStub)];
      return {Action::kErrno, requests_.enosys};
    }
  }
  const KeptCalls* calls = CallsOf(call.abi, call.number);
  if (calls == nullptr) {
    ++habits_[static_cast<size_t>(Habit::kForeignAbi)];
    return {Action::kKillThread, 0};
  }
  const auto rules = calls->calls.find(call.number);
  if (rules == calls->calls.end()) return requests_.otherwise;
  for (const auto& rule : rules->second) {
    if (!AllHold(rule.conditions, call, calls->narrow)) continue;
    if (rule.companion) ++habits_[static_cast<size_t>(Habit::kCompanion)];
    return rule.answer;
  }
  return requests_.otherwise;
}

}  // namespace whittle::oracle

#include "near_calls.h"

#include <algorithm>
#include <map>
#include <random>

#include "oracle.h"
#include "syscalls/table.h"

namespace whittle::oracle {
namespace {

using filter::Call;
using profile::Condition;
using profile::Operator;

constexpr profile::Version kNewest{99, 0, 0};

class Maker {
 public:
  Maker(const profile::Document& document, const profile::Target& target, const filter::Program& program,
        uint64_t seed)
      : random_(seed) {
    const auto family = SiblingAbis(target.arch);
    abis_.assign(family.begin(), family.end());
    abis_.insert(abis_.end(), 4, target.arch);
    AddArchitectures(document.architectures);
    for (const auto& mapping : document.arch_map) AddArchitectures(mapping.sub_architectures);
    for (const auto& rule : document.rules) AddRule(rule);
    for (const char* name : {"socketcall", "ipc", "exit", "read"}) names_.emplace_back(name);
    CollectConstants(program);
  }

  Call Make() {
    Call call;
    call.abi = Below(24) == 0 ? AllAbis()[Below(kAbiCount)] : OneOf(abis_);
    std::string name;
    call.number = Number(call.abi, name);
    for (uint32_t i = 0; i < call.arguments.size(); ++i) call.arguments[i] = Value(i);
    const auto rules = by_name_.find(name);
    if (rules != by_name_.end()) Satisfy(call, *OneOf(rules->second));
    if (name == "socketcall" || name == "ipc") call.arguments[0] = Below(26);
    if (Is32Bit(call.abi) && Below(4) != 0) {
      for (auto& argument : call.arguments) argument &= UINT32_MAX;
    }
    return call;
  }

 private:
  uint64_t Below(uint64_t bound) { return random_() % bound; }
  template <typename T>
  const T& OneOf(const std::vector<T>& items) {
    return items[Below(items.size())];
  }

  void AddArchitectures(const std::vector<std::string>& names) {
    for (const auto& name : names) {
      if (const auto abi = ParseAbi(name)) abis_.insert(abis_.end(), 4, *abi);
    }
  }

  void AddRule(const profile::Rule& rule) {
    auto names = rule.names;
    if (!rule.legacy_name.empty()) names.push_back(rule.legacy_name);
    for (const auto& name : names) {
      names_.insert(names_.end(), 2, name);
      by_name_[name].push_back(&rule);
    }
    for (const auto& condition : rule.conditions) {
      values_.push_back(condition.op == Operator::kMaskedEqual ? condition.value_two : condition.value);
    }
  }

  // What each word of the call is compared with, by reading the program from the front: loads and tests
  // alternate.
  void CollectConstants(const filter::Program& program) {
    size_t word = 0;
    for (const auto& in : program) {
      if (BPF_CLASS(in.code) == BPF_LD && BPF_MODE(in.code) == BPF_ABS) word = in.k / 4;
      if (BPF_CLASS(in.code) == BPF_JMP && BPF_OP(in.code) != BPF_JA) constants_[word].push_back(in.k);
    }
  }

  uint32_t Number(Abi abi, std::string& name) {
    static const std::vector<uint32_t> odd = {UINT32_MAX, 0,          0x3fffffff, kX32Bit,   0x7fffffff,
                                              0x80000000, 0xbfffffff, 0xc0000000, 0xfffffffe};
    const uint64_t how = Below(32);
    if (how == 0) return OneOf(odd);
    if (how < 4 && !constants_[0].empty()) return OneOf(constants_[0]) + static_cast<uint32_t>(Below(3)) - 1;
    if (how == 4) return static_cast<uint32_t>(Below(600)) | AbiBit(abi);
    if (how == 5) return static_cast<uint32_t>(random_());
    name = OneOf(names_);
    const int64_t number = LibraryNumber(name, abi, kNewest).value_or(-1);
    if (number < 0) return static_cast<uint32_t>(Below(500));
    return static_cast<uint32_t>(number) + (how == 6 ? static_cast<uint32_t>(Below(3)) - 1 : 0);
  }

  uint64_t Near(uint64_t value) {
    switch (Below(10)) {
      case 0:
        return value - 1;
      case 1:
        return value + 1;
      case 2:
        return value ^ uint64_t { 1 } << 32;
      case 3:
        return value ^ uint64_t { 1 } << Below(64);
      case 4:
        return value | random_();
      case 5:
        return value << 32 | value >> 32;
      case 6:
        return value & UINT32_MAX;
      default:
        return value;
    }
  }

  uint64_t Value(uint32_t index) {
    const auto& first = constants_[4 + 2 * index];
    const auto& second = constants_[5 + 2 * index];
    if (Below(4) == 0 && !first.empty() && !second.empty()) {
      return Near(uint64_t{OneOf(first)} | uint64_t{OneOf(second)} << 32);
    }
    if (Below(4) == 0) return random_() >> Below(64);
    return values_.empty() ? Below(4) : Near(OneOf(values_));
  }

  uint64_t Satisfying(const Condition& condition) {
    const uint64_t value = condition.value;
    switch (condition.op) {
      case Operator::kEqual:
        return value;
      case Operator::kNotEqual:
        return Below(2) == 0 ? value + 1 : random_();
      case Operator::kLess:
        return value == 0 ? 0 : Below(2) == 0 ? value - 1 : random_() % value;
      case Operator::kLessOrEqual:
        return Below(2) == 0 ? value : value == UINT64_MAX ? random_() : random_() % (value + 1);
      case Operator::kGreater:
        return Below(2) == 0 ? value + 1 : value | random_();
      case Operator::kGreaterOrEqual:
        return Below(2) == 0 ? value : value | random_();
      case Operator::kMaskedEqual:
        return condition.value_two | ((Below(2) == 0 ? 0 : random_()) & ~value);
    }
    return value;
  }

  // All conditions of the rule, or all but one.
  void Satisfy(Call& call, const profile::Rule& rule) {
    const size_t missed =
        Below(3) == 0 && !rule.conditions.empty() ? Below(rule.conditions.size()) : SIZE_MAX;
    for (size_t i = 0; i < rule.conditions.size(); ++i) {
      const auto& condition = rule.conditions[i];
      const uint64_t hit = Satisfying(condition);
      call.arguments[condition.index] = i == missed ? Near(hit) : hit;
    }
  }

  std::mt19937_64 random_;
  std::vector<Abi> abis_;
  std::vector<std::string> names_;
  std::map<std::string, std::vector<const profile::Rule*>> by_name_;
  std::vector<uint64_t> values_;
  std::array<std::vector<uint32_t>, 16> constants_;
};

}  // namespace

std::vector<Call> CallsNear(const profile::Document& document, const profile::Target& target,
                            const filter::Program& program, uint64_t seed, size_t count) {
  Maker maker(document, target, program, seed);
  std::vector<Call> calls;
  for (size_t i = 0; i < count; ++i) calls.push_back(maker.Make());
  return calls;
}

std::optional<Call> CallOf(const filter::Data& data) {
  for (const Abi abi : AllAbis()) {
    const bool x32 = abi == Abi::kX32;
    if (AuditArch(abi) != data[1]) continue;
    if ((abi == Abi::kX86_64 || x32) && x32 != ((data[0] & kX32Bit) != 0)) continue;
    Call call{abi, data[0]};
    for (size_t i = 0; i < call.arguments.size(); ++i) {
      const uint64_t first = data[4 + 2 * i];
      const uint64_t second = data[5 + 2 * i];
      call.arguments[i] = IsBigEndian(abi) ? first << 32 | second : second << 32 | first;
    }
    return call;
  }
  return std::nullopt;
}

}  // namespace whittle::oracle

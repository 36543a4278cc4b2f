#include "record_plan.h"

#include <algorithm>

#include "record_calls_numbers.h"

namespace whittle::record {
namespace {

// What ends, blocks, kills, forks, returns from a signal, or changes the machine, whatever its arguments.
constexpr uint32_t kHarmful64[] = {15,  34,  56,  57,  58,  60,  62,  130, 153,
                                   162, 169, 200, 231, 234, 335, 336, 435, 513};
constexpr uint32_t kHarmful32[] = {1,   2,   29,  36,  37,  72,  88,  111, 112, 113,
                                   119, 120, 166, 173, 179, 190, 238, 252, 270, 435};

uint32_t Below(std::mt19937& random, uint32_t limit) { return static_cast<uint32_t>(random() % limit); }

uint32_t RandomNumber(std::mt19937& random) {
  switch (Below(random, 20)) {
    case 0:
      return 1024 + Below(random, 3000);
    case 1:
      return 0xffffffff;
    case 2:
      return 0x80000000 + Below(random, 5);
    case 3:
      return 470 + Below(random, 554);
    default:
      return Below(random, 470);
  }
}

// Adds words and their truth to one program of a plan.
class Builder {
 public:
  // `copy` is what children may execute; empty: nothing.
  Builder(std::mt19937& random, Plan& plan, const std::string& copy)
      : random_(random), plan_(plan), copy_(copy) {}

  void Words(CallSet& truth, int count, int depth) {
    while (count > 0) {
      if (depth < 2 && Below(random_, 12) == 0) {
        const int inner = 1 + static_cast<int>(Below(random_, 8));
        Actor(truth, inner, depth);
        count -= inner;
        continue;
      }
      const auto call = RandomCall(random_);
      plan_.words.push_back(CallWord(call));
      truth.insert(call);
      count--;
    }
  }

 private:
  void Own(CallSet& truth, std::initializer_list<uint32_t> numbers) {
    for (const uint32_t number : numbers) truth.emplace(Abi::kX86_64, number);
  }

  void Actor(CallSet& truth, int count, int depth) {
    switch (Below(random_, copy_.empty() ? 5 : 6)) {
      case 0:
        plan_.words.push_back("T");
        Own(truth, {NR_clone, NR_sched_yield, NR_exit});
        break;
      case 1:
        plan_.words.push_back("F");
        Own(truth, {NR_clone, NR_wait4, NR_exit_group});
        break;
      case 2:
        plan_.words.push_back("D");
        Own(truth, {NR_clone, NR_wait4, NR_sched_yield, NR_exit_group});
        break;
      case 3:
        plan_.words.push_back("P");
        Own(truth, {NR_clone, NR_wait4, NR_unshare, NR_exit_group});
        break;
      case 5:
        // What is left of the line goes to the copy: it stops at this child's '.'.
        plan_.words.insert(plan_.words.end(), {"F", "E", copy_});
        Own(truth, {NR_clone, NR_wait4, NR_execve});
        Own(plan_.second, {NR_mmap, NR_exit_group});
        Words(plan_.second, count, depth + 1);
        plan_.words.push_back(".");
        return;
      default:
        plan_.words.push_back("U");
        Own(truth, {NR_clone, NR_wait4, NR_unshare, NR_exit_group});
    }
    Words(truth, count, depth + 1);
    plan_.words.push_back(".");
  }

  std::mt19937& random_;
  Plan& plan_;
  const std::string& copy_;
};

}  // namespace

bool IsHarmless(Abi abi, uint32_t number) {
  if (abi == Abi::kI386) return std::ranges::find(kHarmful32, number) == std::end(kHarmful32);
  const uint32_t plain = abi == Abi::kX32 ? number & ~kX32Bit : number;
  return std::ranges::find(kHarmful64, plain) == std::end(kHarmful64);
}

std::pair<Abi, uint32_t> RandomCall(std::mt19937& random) {
  for (;;) {
    const Abi abi = std::array{Abi::kX86_64, Abi::kX86_64, Abi::kI386, Abi::kX32}[Below(random, 4)];
    uint32_t number = RandomNumber(random);
    if (abi == Abi::kX32) number = (number & 0x3fffffff) | kX32Bit;
    if (IsHarmless(abi, number)) return {abi, number};
  }
}

std::string CallWord(const std::pair<Abi, uint32_t>& call) {
  const auto [abi, number] = call;
  if (abi == Abi::kI386) return "i:" + std::to_string(number);
  if (abi == Abi::kX32) return "x:" + std::to_string(number & ~kX32Bit);
  return "n:" + std::to_string(number);
}

Plan RandomPlan(std::mt19937& random, int size, const std::string& copy) {
  Plan plan;
  Builder builder(random, plan, copy);
  plan.first.emplace(Abi::kX86_64, NR_mmap);
  builder.Words(plan.first, size, 0);
  if (copy.empty()) {
    plan.first.emplace(Abi::kX86_64, NR_exit_group);
    return plan;
  }
  plan.words.push_back("E");
  plan.words.push_back(copy);
  plan.first.emplace(Abi::kX86_64, NR_execve);
  plan.second.insert({{Abi::kX86_64, NR_mmap}, {Abi::kX86_64, NR_exit_group}});
  builder.Words(plan.second, size / 2, 1);
  return plan;
}

}  // namespace whittle::record

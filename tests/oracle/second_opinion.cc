#include "second_opinion.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <set>
#include <vector>

#include "libseccomp/words.h"

namespace whittle::oracle {
namespace {

using profile::Action;
using profile::Document;
using profile::Rule;

constexpr unsigned kDeadlineSeconds = 5;
constexpr size_t kMaxProgram = 16384;

// What the child leaves behind.
struct Answer {
  bool finished;
  bool taken;
  size_t size;
  sock_filter program[kMaxProgram];
  int last_known[kAbiCount];  // 0: none
};

uint32_t ActionValue(Action action, std::optional<uint32_t> errno_return) {
  const bool has_number = action == Action::kErrno || action == Action::kTrace;
  return ReturnValue(action, static_cast<uint16_t>(has_number ? errno_return.value_or(EPERM) : 0));
}

// Two conditions on one argument: each condition is a rule of its own.
std::vector<std::vector<scmp_arg_cmp>> SplitRules(const Rule& rule) {
  std::vector<std::vector<scmp_arg_cmp>> one_rule(1);
  std::vector<std::vector<scmp_arg_cmp>> rules;
  std::set<uint32_t> indices;
  for (const auto& condition : rule.conditions) {
    one_rule[0].push_back(libseccomp::Comparison(condition));
    rules.push_back({libseccomp::Comparison(condition)});
    indices.insert(condition.index);
  }
  return indices.size() == rule.conditions.size() ? one_rule : rules;
}

bool AddRule(void* context, const Rule& rule, uint32_t otherwise) {
  const uint32_t action = ActionValue(rule.action, rule.errno_return);
  if (action == otherwise) return true;
  for (const auto& name : rule.names) {
    // The number of this machine's own ABI; the library translates it by name.
    const int call = seccomp_syscall_resolve_name(name.c_str());
    if (call == __NR_SCMP_ERROR) continue;
    for (const auto& comparisons : SplitRules(rule)) {
      const auto count = static_cast<unsigned>(comparisons.size());
      if (seccomp_rule_add_array(context, action, call, count, comparisons.data()) != 0) return false;
    }
  }
  return true;
}

std::vector<Abi> ListedAbis(const Document& document, Abi native) {
  std::vector<Abi> abis = {native};
  for (const auto& name : document.architectures) {
    const Abi abi = *ParseAbi(name);
    if (std::ranges::find(abis, abi) == abis.end()) abis.push_back(abi);
  }
  return abis;
}

bool Export(void* context, Answer& answer) {
  const auto program = libseccomp::Export(context);
  if (!program || program->size() > kMaxProgram) return false;
  answer.size = program->size();
  std::ranges::copy(*program, answer.program);
  return true;
}

// From 1.2 on runc wants more than 32 calls found by halving.
bool IsHalved(const Document& document, const profile::Target& target) {
  size_t calls = 0;
  for (const auto& rule : document.rules) calls += rule.names.size();
  const bool runc = target.runtime == profile::Runtime::kRunc;
  return runc && target.runtime_version >= profile::Version{1, 2, 0} && calls > 32;
}

bool Build(const Document& document, const profile::Target& target, Answer& answer) {
  const uint32_t otherwise = ActionValue(document.default_action, document.default_errno_return);
  void* context = seccomp_init(otherwise);
  // This machine's own ABI goes first: architectures of the other byte order do not come in beside it.
  if (context == nullptr || seccomp_arch_remove(context, SCMP_ARCH_NATIVE) != 0) return false;
  for (const Abi abi : ListedAbis(document, target.arch)) {
    if (seccomp_arch_add(context, libseccomp::ArchOf(abi)) != 0) return false;
  }
  if (IsHalved(document, target) && seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2) != 0) return false;
  for (const auto& rule : document.rules) {
    if (!AddRule(context, rule, otherwise)) return false;
  }
  return Export(context, answer);
}

void FindLastKnown(const Document& document, Abi native, Answer& answer) {
  for (const Abi abi : ListedAbis(document, native)) {
    int& largest = answer.last_known[static_cast<size_t>(abi)];
    for (const auto& rule : document.rules) {
      for (const auto& name : rule.names) {
        largest = std::max(largest, seccomp_syscall_resolve_name_arch(libseccomp::ArchOf(abi), name.c_str()));
      }
    }
  }
}

[[noreturn]] void AnswerInChild(const Document& document, const profile::Target& target, Answer& answer) {
  const rlimit seconds{kDeadlineSeconds, kDeadlineSeconds};
  setrlimit(RLIMIT_CPU, &seconds);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  alarm(4 * kDeadlineSeconds);
  FindLastKnown(document, target.arch, answer);
  answer.taken = Build(document, target, answer);
  answer.finished = true;
  _exit(0);
}

// Filters for architectures of the other byte order are exported in that order. 2.5.4 forgets to turn the
// values of some returns.
sock_filter Turned(const sock_filter& in) {
  sock_filter out{std::byteswap(in.code), in.jt, in.jf, std::byteswap(in.k)};
  const bool returns = out.code == (BPF_RET | BPF_K);
  const auto known = [](uint32_t value) {
    return ReturnValue(profile::ActionOf(value), static_cast<uint16_t>(value)) == value;
  };
  if (returns && !known(out.k) && known(in.k)) out.k = in.k;
  return out;
}

}  // namespace

Opinion AskLibseccomp(const Document& document, const profile::Target& target) {
  void* memory = mmap(nullptr, sizeof(Answer), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto* answer = static_cast<Answer*>(memory);
  const pid_t child = fork();
  if (child == 0) AnswerInChild(document, target, *answer);
  waitpid(child, nullptr, 0);
  Opinion opinion;
  if (answer->finished) {
    opinion.kind = answer->taken ? Opinion::Kind::kTaken : Opinion::Kind::kRefused;
    opinion.program.assign(answer->program, answer->program + answer->size);
    if (IsBigEndian(target.arch)) std::ranges::transform(opinion.program, opinion.program.begin(), Turned);
    for (const Abi abi : AllAbis()) {
      const int largest = answer->last_known[static_cast<size_t>(abi)];
      if (largest > 0) opinion.last_known[abi] = static_cast<uint32_t>(largest);
    }
  }
  munmap(memory, sizeof(Answer));
  return opinion;
}

}  // namespace whittle::oracle

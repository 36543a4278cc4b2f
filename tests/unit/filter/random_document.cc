#include "random_document.h"

#include <algorithm>

#include "syscalls/table.h"

namespace whittle::filter::testing {
namespace {

using profile::Action;
using profile::Condition;
using profile::Operator;

const std::vector<std::string> kNames = {
    "read",           "write",
    "openat",         "socket",
    "clone",          "clone3",
    "ioctl",          "personality",
    "mmap",           "bind",
    "sendmsg",        "accept4",
    "semop",          "semctl",
    "shmat",          "msgget",
    "socketcall",     "ipc",
    "getpid",         "mount",
    "openat2",        "prctl",
    "faccessat2",     "fchmodat2",
    "io_uring_setup", "time",
    "stat64",         "epoll_pwait2",
    "futex_time64",   "clock_gettime64",
    "uselib",         "statmount",
    "no_such_call",   "set_thread_area",
};
const std::vector<std::string> kOldNames = {
    "read",  "write",  "open",     "ioctl",  "getpid", "mount",  "socket", "bind", "accept4",
    "shmat", "msgget", "recvmmsg", "semctl", "clone",  "socket", "shmat",  "time", "personality",
};
const std::vector<uint64_t> kConstants = {
    0, 1, 2, 8, 38, 40, 0x5401, 0x20000, 0x7e020000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
const std::vector<uint64_t> kWideConstants = {0x100000000,        0x100000001,        0x1ffffffff,
                                              0x7fffffffffffffff, 0x8000000000000000, 0xffffffff00000000,
                                              0xffffffffffffffff};
const std::vector<Action> kActions = {Action::kAllow, Action::kAllow,      Action::kErrno,
                                      Action::kErrno, Action::kLog,        Action::kTrap,
                                      Action::kTrace, Action::kKillThread, Action::kKillProcess};
const std::vector<Operator> kOperators = {
    Operator::kNotEqual, Operator::kLess,           Operator::kLessOrEqual, Operator::kEqual,
    Operator::kGreater,  Operator::kGreaterOrEqual, Operator::kMaskedEqual};

}  // namespace

uint64_t Generator::Constant(Language language) {
  if (language == Language::kWhole && Below(3) == 0) return OneOf(kWideConstants);
  return Below(4) == 0 ? Below(64) : OneOf(kConstants);
}

profile::Condition Generator::Condition(Language language, uint32_t index, bool alone) {
  profile::Condition condition;
  condition.index = index;
  const bool any_operator = language == Language::kWhole || (language == Language::kReliable && alone);
  condition.op = any_operator ? OneOf(kOperators) : Below(2) == 0 ? Operator::kEqual : Operator::kMaskedEqual;
  // Two NE rules with different actions share a node in libseccomp, which then keeps one of the actions.
  if (language == Language::kReliable && condition.op == Operator::kNotEqual) condition.op = Operator::kEqual;
  condition.value = Constant(language);
  if (condition.op == Operator::kMaskedEqual) condition.value_two = Constant(language);
  // Bits outside the mask, which libseccomp drops, now and then.
  if (Below(8) != 0) condition.value_two &= condition.value;
  return condition;
}

std::vector<profile::Condition> Generator::Conditions(Language language) {
  std::vector<profile::Condition> conditions;
  if (Below(2) == 0) return conditions;
  const size_t count = 1 + Below(3);
  const bool alone = count == 1;
  for (uint32_t index = 0; conditions.size() < count && index < 6; ++index) {
    if (!alone && Below(2) == 0) continue;
    conditions.push_back(Condition(language, index, alone));
    // Two on one argument: what runtimes split.
    if (language == Language::kWhole && Below(8) == 0)
      conditions.push_back(Condition(language, index, false));
  }
  return conditions;
}

profile::Rule Generator::Rule(Language language) {
  profile::Rule rule;
  for (size_t count = 1 + Below(4); count > 0; --count)
    rule.names.push_back(OneOf(old_ ? kOldNames : kNames));
  rule.action = language == Language::kGenerated ? Action::kAllow : OneOf(kActions);
  const bool takes_errno = rule.action == Action::kErrno || rule.action == Action::kTrace;
  if (takes_errno && Below(2) == 0) rule.errno_return = static_cast<uint32_t>(Below(40));
  rule.conditions = Conditions(language);
  return rule;
}

profile::Document Generator::Document(Language language) {
  profile::Document document;
  document.file = "random.json";
  document.default_action =
      language == Language::kGenerated || Below(2) == 0 ? Action::kErrno : OneOf(kActions);
  if (document.default_action == Action::kErrno && Below(3) == 0) {
    document.default_errno_return = static_cast<uint32_t>(Below(40));
  }
  for (const char* name : {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"}) {
    if (Below(4) != 0) document.architectures.emplace_back(name);
  }
  // Real profiles let a program end; libseccomp is known to go wrong where an ABI has no unconditional rule
  // of its own.
  document.rules.emplace_back().names = {"exit_group"};
  document.rules.back().action = document.default_action == Action::kAllow ? Action::kLog : Action::kAllow;
  for (size_t count = Below(14); count > 0; --count) document.rules.push_back(Rule(language));
  return document;
}

profile::Target Generator::Target() {
  profile::Target target;
  target.loader = static_cast<profile::Loader>(Below(3));
  target.runtime = static_cast<profile::Runtime>(Below(3));
  if (target.runtime == profile::Runtime::kCrun) target.runtime_version = {1, 8, 1};
  if (Below(2) == 0) target.loader_version = {25, 0, 0};
  return target;
}

uint64_t Generator::Near(uint64_t value) {
  switch (Below(8)) {
    case 0:
      return value - 1;
    case 1:
      return value + 1;
    case 2:
      return value | uint64_t{1} << 32;
    case 3:
      return value ^ uint64_t { 1 } << Below(64);
    case 4:
      return random_();
    case 5:
      return value | random_();
    default:
      return value;
  }
}

std::vector<Call> Generator::Calls(const profile::Document& document, size_t count) {
  const std::vector<Abi> abis = {Abi::kX86_64, Abi::kX86_64, Abi::kI386, Abi::kX32};
  std::vector<uint64_t> values = kConstants;
  values.insert(values.end(), kWideConstants.begin(), kWideConstants.end());
  for (const auto& rule : document.rules) {
    for (const auto& condition : rule.conditions) {
      for (int times = 0; times < 8; ++times) {
        values.push_back(condition.op == Operator::kMaskedEqual ? condition.value_two : condition.value);
      }
    }
  }
  std::vector<Call> calls(count);
  for (auto& call : calls) {
    call.abi = OneOf(abis);
    const auto name =
        document.rules.empty() || Below(8) == 0 ? OneOf(kNames) : OneOf(OneOf(document.rules).names);
    call.number = SyscallNumber(call.abi, name).value_or(static_cast<uint32_t>(Below(600)));
    if (Below(16) == 0) call.number += static_cast<uint32_t>(Below(3)) - 1;
    if (Below(64) == 0) call.number = Below(2) == 0 ? UINT32_MAX : static_cast<uint32_t>(random_());
    for (auto& argument : call.arguments) {
      argument = Near(OneOf(values));
      if (call.abi == Abi::kI386) argument &= UINT32_MAX;
    }
  }
  return calls;
}

}  // namespace whittle::filter::testing

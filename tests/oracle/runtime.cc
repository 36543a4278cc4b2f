// What each runtime asks libseccomp for. Sources: runc libcontainer/{specconv,seccomp,seccomp/patchbpf} from
// v1.0.0 to v1.5.1; crun src/libcrun/{seccomp,container}.c at 1.8.1 and 1.29; docs/targets.md for Whittle
// itself.
#include <algorithm>
#include <set>

#include "oracle.h"

namespace whittle::oracle {
namespace {

using profile::Action;
using profile::Runtime;
using profile::Target;
using profile::Version;

constexpr uint16_t kEperm = 1;
constexpr uint16_t kMaxErrno = 4095;

// Once for each document that is being read; throws NoFilter.
class Reader {
 public:
  Reader(const Configuration& configuration, const Target& target, HabitCounts& habits)
      : configuration_(configuration), target_(target), habits_(habits) {}

  Requests Read() {
    CheckDefault();
    CheckActions();
    CheckFlags();
    made_.otherwise = AnswerOf(*configuration_.default_action, configuration_.default_errno_return);
    CheckErrno(made_.otherwise);
    CheckNotify();
    TakeArchitectures();
    for (const auto& rule : configuration_.rules) TakeRule(rule);
    if (runc()) FindStub();
    return made_;
  }

 private:
  bool runc() const { return target_.runtime == Runtime::kRunc; }
  bool crun() const { return target_.runtime == Runtime::kCrun; }
  bool RuncBefore(uint32_t major, uint32_t minor, uint32_t patch) const {
    return runc() && target_.runtime_version < Version{major, minor, patch};
  }
  void Count(Habit habit) { ++habits_[static_cast<size_t>(habit)]; }
  [[noreturn]] void Refuse(Habit habit, const std::string& why) {
    Count(habit);
    throw NoFilter{State::kRefused, why};
  }

  static std::vector<std::string> NamesOf(const ConfiguredRule& rule) {
    return rule.names.value_or(std::vector<std::string>());
  }
  static bool HasNumber(Action action) { return action == Action::kErrno || action == Action::kTrace; }

  Answer AnswerOf(Action action, std::optional<uint32_t> number) {
    if (!HasNumber(action)) return {action, 0};
    if (!number) Count(Habit::kEperm);
    return {action, static_cast<uint16_t>(number.value_or(kEperm))};
  }

  void CheckErrno(const Answer& answer) {
    if (answer.action == Action::kErrno && answer.data >= kMaxErrno) {
      Refuse(Habit::kRefusedErrno, "libseccomp takes no such errno");
    }
  }

  void CheckDefault() {
    if (configuration_.default_action) return;
    if (!crun() && configuration_.rules.empty()) {
      Count(Habit::kUnconfined);
      throw NoFilter{State::kUnconfined, "no default action and no rules"};
    }
    Refuse(Habit::kRefusedWithoutDefault, "no default action");
  }

  void CheckActions() {
    CheckAction(*configuration_.default_action);
    for (const auto& rule : configuration_.rules) CheckAction(rule.action);
    if (!crun()) return;
    if (configuration_.default_errno_return && !HasNumber(*configuration_.default_action)) {
      Refuse(Habit::kRefusedMisplacedErrno, "defaultErrnoRet beside an action that has none");
    }
    for (const auto& rule : configuration_.rules) {
      if (rule.errno_return && !HasNumber(rule.action)) {
        Refuse(Habit::kRefusedMisplacedErrno, "errnoRet beside an action that has none");
      }
    }
  }

  void CheckAction(Action action) {
    const bool too_new = (action == Action::kNotify && RuncBefore(1, 1, 0)) ||
                         (action == Action::kKillProcess && RuncBefore(1, 1, 3));
    if (too_new) Refuse(Habit::kRefusedAction, "this runc does not know the action");
  }

  void CheckFlags() {
    if (RuncBefore(1, 2, 0) && !configuration_.flags.empty()) Refuse(Habit::kRefusedFlags, "no flags yet");
    std::set<std::string> known = {"SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG",
                                   "SECCOMP_FILTER_FLAG_SPEC_ALLOW"};
    // runc asks its libseccomp, which asks the kernel, whether the flag can be set; crun leaves it out if
    // not.
    const bool settable = target_.libseccomp >= Version{2, 6, 0} && target_.kernel >= Version{5, 19, 0};
    if (!runc() || (!RuncBefore(1, 5, 0) && settable)) known.insert("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV");
    for (const auto& flag : configuration_.flags) {
      if (known.count(flag) == 0) Refuse(Habit::kRefusedFlags, "unknown flag " + flag);
      // The kernel: a listener's descriptor and the failure of TSYNC would come back in the same place.
      const bool listens = crun() && !configuration_.listener_path.empty();
      if (listens && flag == "SECCOMP_FILTER_FLAG_TSYNC")
        Refuse(Habit::kRefusedFlags, "TSYNC with a listener");
    }
  }

  void CheckNotify() {
    const std::string& path = configuration_.listener_path;
    if (crun() && !path.empty() && path[0] != '/') Refuse(Habit::kRefusedNotify, "a relative listenerPath");
    if (!runc()) return;
    if (made_.otherwise.action == Action::kNotify) Refuse(Habit::kRefusedNotify, "NOTIFY as the default");
    for (const auto& rule : configuration_.rules) {
      const auto names = NamesOf(rule);
      if (rule.action != Action::kNotify || names.empty()) continue;
      if (path.empty()) Refuse(Habit::kRefusedNotify, "NOTIFY without a listener");
      if (std::count(names.begin(), names.end(), "write") != 0) {
        Refuse(Habit::kRefusedNotify, "NOTIFY for write");
      }
    }
  }

  void TakeArchitectures() {
    made_.abis = {target_.arch};
    for (const auto& name : configuration_.architectures) {
      CheckArchitecture(name);
      const Abi abi = *ParseAbi(name);
      listed_.insert(abi);
      if (std::count(made_.abis.begin(), made_.abis.end(), abi) == 0) made_.abis.push_back(abi);
    }
  }

  void CheckArchitecture(const std::string& name) {
    // The names for the big-endian half of ppc64 and mips, which this table of ABIs does not have.
    const std::set<std::string> big_endian = {"SCMP_ARCH_MIPS",  "SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32",
                                              "SCMP_ARCH_PPC",   "SCMP_ARCH_PPC64",  "SCMP_ARCH_S390",
                                              "SCMP_ARCH_S390X", "SCMP_ARCH_PARISC"};
    const bool native_is_big = target_.arch == Abi::kS390x;
    if ((big_endian.count(name) != 0) != native_is_big) {
      Refuse(Habit::kRefusedArchitecture, name + " has the other byte order");
    }
    if (!ParseAbi(name)) Refuse(Habit::kRefusedArchitecture, "unknown: " + name);
    const bool too_new = (name == "SCMP_ARCH_RISCV64" && RuncBefore(1, 1, 8)) ||
                         (name == "SCMP_ARCH_LOONGARCH64" && RuncBefore(1, 4, 1)) ||
                         (name == "SCMP_ARCH_LOONGARCH64" && target_.runtime != Runtime::kNone &&
                          target_.arch != Abi::kLoongarch64 && target_.libseccomp < Version{2, 6, 0});
    if (too_new) Refuse(Habit::kRefusedArchitecture, "too new: " + name);
  }

  void TakeRule(const ConfiguredRule& rule) {
    if (crun() && !rule.names) Refuse(Habit::kRefusedName, "no names");
    for (const auto& name : NamesOf(rule)) TakeName(rule, name);
  }

  void TakeName(const ConfiguredRule& rule, const std::string& name) {
    if (runc() && name.empty()) Refuse(Habit::kRefusedName, "an empty name");
    const Answer answer = AnswerOf(rule.action, rule.errno_return);
    const bool redundant = answer == made_.otherwise;
    const bool known = LibraryNumber(name, target_.arch, target_.libseccomp).has_value();
    if (redundant && RuncBefore(1, 0, 2)) {
      if (known) Refuse(Habit::kRefusedRedundant, "libseccomp takes no rule that does what the default does");
      return;
    }
    if (redundant) {
      Count(Habit::kRedundantRule);
      return;
    }
    if (!known) {
      Count(Habit::kUnknownName);
      return;
    }
    CheckErrno(answer);
    AddRequests(name, answer, Conditions(rule));
  }

  std::vector<profile::Condition> Conditions(const ConfiguredRule& rule) {
    auto conditions = rule.conditions;
    const bool cuts = crun() && target_.runtime_version < Version{1, 30, 0};
    if (cuts && conditions.size() > 6) {
      Count(Habit::kSixConditions);
      conditions.resize(6);
    }
    return conditions;
  }

  void AddRequests(const std::string& name, const Answer& answer,
                   const std::vector<profile::Condition>& conditions) {
    std::set<uint32_t> arguments;
    for (const auto& condition : conditions) arguments.insert(condition.index);
    if (arguments.size() == conditions.size() || target_.runtime == Runtime::kNone) {
      made_.rules.push_back({name, answer, conditions});
      return;
    }
    Count(Habit::kSplitConditions);
    for (const auto& condition : conditions) made_.rules.push_back({name, answer, {condition}});
  }

  // For every ABI of the list, the largest number that the document names.
  void FindStub() {
    const Action action = made_.otherwise.action;
    if (action == Action::kAllow || action == Action::kLog || action == Action::kTrace) return;
    auto abis = listed_;
    if (!RuncBefore(1, 1, 15)) abis.insert(target_.arch);
    for (const Abi abi : abis) {
      int64_t largest = 0;
      for (const auto& rule : configuration_.rules) {
        for (const auto& name : NamesOf(rule)) largest = std::max(largest, NumberForStub(name, abi));
      }
      if (largest > 0) made_.last_known[abi] = static_cast<uint32_t>(largest);
    }
    made_.enosys = target_.arch == Abi::kMips64 ? 89 : 38;
    made_.zero_is_unknown = !RuncBefore(1, 1, 3);
  }

  int64_t NumberForStub(const std::string& name, Abi abi) const {
    if (MultiplexerOf(name, abi)) return 0;  // the library answers with a pseudo number below zero
    return LibraryNumber(name, abi, target_.libseccomp).value_or(0);
  }

  const Configuration& configuration_;
  const Target& target_;
  HabitCounts& habits_;
  std::set<Abi> listed_;
  Requests made_;
};

}  // namespace

Requests Ask(const Configuration& configuration, const Target& target, HabitCounts& habits) {
  return Reader(configuration, target, habits).Read();
}

}  // namespace whittle::oracle

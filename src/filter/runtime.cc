#include "filter/runtime.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <unordered_set>

#include "base/nearest.h"
#include "base/text.h"

namespace whittle::filter {
namespace {

using profile::Action;
using profile::Condition;
using profile::Runtime;
using profile::TakesErrno;
using profile::Target;
using profile::Version;

// Where runc changed; its source at the version and at the one before.
constexpr Version kRuncSkipsRedundant{1, 0, 2};
constexpr Version kRuncKnowsNotify{1, 1, 0};
constexpr Version kRuncKnowsKillProcess{1, 1, 3};
constexpr Version kRuncStubsZeroOnS390{1, 1, 3};
constexpr Version kRuncKnowsRiscv{1, 1, 8};
constexpr Version kRuncStubsNative{1, 1, 15};
constexpr Version kRuncTakesFlags{1, 2, 0};
constexpr Version kRuncKnowsLoongarch{1, 4, 1};
constexpr Version kRuncKnowsWaitKillable{1, 5, 0};
constexpr Version kLibraryKnowsLoongarch{2, 6, 0};
// runc asks both whether SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV can be set.
constexpr Version kLibrarySetsWaitKillable{2, 6, 0};
constexpr Version kKernelHasWaitKillable{5, 19, 0};
constexpr Version kCrunReadsAllConditions{1, 30, 0};
constexpr size_t kCrunConditions = 6;
// Names times conditions: a filter holds a few thousand, but a file of 16 MiB can ask for billions.
constexpr size_t kMostConditions = 100'000;
constexpr uint16_t kMaxErrno = 4095;  // libseccomp wants less
constexpr uint16_t kEnosysOnMips = 89;

constexpr Place kFlags{-1, "flags"};
constexpr Place kArchitectures{-1, "architectures"};

// EPERM where the document says nothing, for TRACE too.
uint16_t DataOf(Action action, std::optional<uint32_t> errno_return) {
  return TakesErrno(action) ? static_cast<uint16_t>(errno_return.value_or(EPERM)) : uint16_t{0};
}

bool IsS390(Abi abi) { return abi == Abi::kS390 || abi == Abi::kS390x; }

bool IsBigEndianName(std::string_view scmp) {
  constexpr std::array<std::string_view, 8> kNames = {
      "SCMP_ARCH_MIPS",  "SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_PPC",
      "SCMP_ARCH_PPC64", "SCMP_ARCH_S390",   "SCMP_ARCH_S390X",     "SCMP_ARCH_PARISC"};
  return std::ranges::find(kNames, scmp) != kNames.end();
}

class Apply {
 public:
  Apply(const Loaded& loaded, const Target& target, std::vector<Note>& notes)
      : loaded_(loaded), target_(target), notes_(notes) {}

  OrStop<RuntimeRules> Run() {
    for (const auto step : {&Apply::CheckDocument, &Apply::CheckActions, &Apply::CheckFlags,
                            &Apply::CheckNotify, &Apply::TakeArchitectures, &Apply::TakeRules}) {
      if (auto done = (this->*step)(); !done) return std::unexpected(done.error());
    }
    if (conditions_ > kMostConditions)
      out_.oversized = fmt::format("{} conditions, each for each name of its rule", conditions_);
    if (target_.runtime == Runtime::kRunc) MakeStub();
    return std::move(out_);
  }

 private:
  using Done = OrStop<void>;

  bool runc() const { return target_.runtime == Runtime::kRunc; }
  bool crun() const { return target_.runtime == Runtime::kCrun; }
  bool RuncBefore(const Version& version) const { return runc() && target_.runtime_version < version; }
  std::string_view Name() const { return RuntimeName(target_.runtime); }

  Done CheckDocument() {
    if (!loaded_.default_action) {
      if (!crun() && loaded_.rules.empty()) {
        return std::unexpected(
            Stop{Compiled::State::kUnconfined,
                 {},
                 "the document has no defaultAction and no syscalls: no filter is installed"});
      }
      return Refuse({}, fmt::format("{}: the document has no defaultAction", Name()));
    }
    if (crun() && loaded_.default_errno_return && !TakesErrno(*loaded_.default_action)) {
      return Refuse({-1, "defaultErrnoRet"},
                    fmt::format("crun: defaultErrnoRet beside {}", ScmpActionName(*loaded_.default_action)));
    }
    out_.habits =
        target_.runtime == Runtime::kNone ? AbiRules::Habits::kPlain : AbiRules::Habits::kLibseccomp;
    out_.default_action = *loaded_.default_action;
    out_.default_data = DataOf(out_.default_action, loaded_.default_errno_return);
    return CheckErrno(out_.default_action, out_.default_data, {-1, "defaultErrnoRet"});
  }

  // What an older runc has no name for; it looks at rules without names too.
  Done CheckActions() {
    if (auto known = CheckAction(out_.default_action, {-1, "defaultAction"}); !known) return known;
    for (const auto& rule : loaded_.rules) {
      if (auto known = CheckAction(rule.action, {rule.rule, "action"}); !known) return known;
    }
    return {};
  }

  Done CheckAction(Action action, const Place& place) const {
    const bool too_new = (action == Action::kNotify && RuncBefore(kRuncKnowsNotify)) ||
                         (action == Action::kKillProcess && RuncBefore(kRuncKnowsKillProcess));
    if (!too_new) return {};
    const auto version = target_.runtime_version.Text();
    return Refuse(place, fmt::format("runc {} does not know {}", version, ScmpActionName(action)));
  }

  bool KnowsFlag(std::string_view flag) const {
    constexpr std::array<std::string_view, 3> kKnown = {
        "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"};
    if (std::ranges::find(kKnown, flag) != kKnown.end()) return true;
    if (flag != "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV") return false;
    return !runc() ||
           (!RuncBefore(kRuncKnowsWaitKillable) && target_.libseccomp >= kLibrarySetsWaitKillable &&
            target_.kernel >= kKernelHasWaitKillable);
  }

  Done CheckFlags() {
    if (!loaded_.flags.empty() && RuncBefore(kRuncTakesFlags)) {
      return Refuse(kFlags, fmt::format("runc {} takes no seccomp flags", target_.runtime_version.Text()));
    }
    for (const auto& flag : loaded_.flags) {
      if (!KnowsFlag(flag)) return Refuse(kFlags, UnknownFlagText(flag));
      // seccomp(2): both would be what the call returns.
      if (crun() && flag == "SECCOMP_FILTER_FLAG_TSYNC" && !loaded_.listener_path.empty()) {
        return Refuse(kFlags, "crun: the kernel takes no SECCOMP_FILTER_FLAG_TSYNC beside a listener");
      }
    }
    return {};
  }

  std::string UnknownFlagText(const std::string& flag) const {
    constexpr std::string_view kPrefix = "SECCOMP_FILTER_FLAG_";
    constexpr std::array<std::string_view, 4> kNames = {
        "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC",
        "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};
    const auto entry = std::ranges::find(loaded_.flags, flag) - loaded_.flags.begin();
    auto nearest = NearestBehind(kPrefix, flag, kNames);
    if (nearest && !KnowsFlag(*nearest)) nearest.reset();
    return fmt::format("{}: unknown flag '{}' (entry {}){}", Name(), Printable(flag), entry,
                       DidYouMeanText(nearest));
  }

  Done CheckErrno(Action action, uint16_t data, const Place& place) const {
    if (action != Action::kErrno || data < kMaxErrno) return {};
    return Refuse(place,
                  fmt::format("errno {} is too large: libseccomp takes less than {}", data, kMaxErrno));
  }

  Done CheckNotify() {
    std::optional<Place> notifies;
    for (const auto& rule : loaded_.rules) {
      if (rule.action != Action::kNotify || rule.names.empty()) continue;
      if (!notifies) notifies = {rule.rule, "action"};
      if (runc() && std::ranges::find(rule.names, "write") != rule.names.end()) {
        return Refuse({rule.rule, "action"},
                      "runc: SCMP_ACT_NOTIFY cannot be used for write, which hands over the listener");
      }
    }
    if (runc() && out_.default_action == Action::kNotify) {
      return Refuse({-1, "defaultAction"}, "runc: SCMP_ACT_NOTIFY cannot be the default action");
    }
    if (runc() && notifies && loaded_.listener_path.empty()) {
      return Refuse(*notifies, "runc: SCMP_ACT_NOTIFY needs a listenerPath, and the runtime was given none");
    }
    if (crun() && !loaded_.listener_path.empty() && loaded_.listener_path.front() != '/') {
      return Refuse({-1, "listenerPath"}, "crun: listenerPath must be absolute");
    }
    return {};
  }

  Done TakeArchitectures() {
    out_.abis = {target_.arch};
    for (const auto& name : loaded_.architectures) {
      if (auto known = CheckArchitecture(name); !known) return known;
      const auto abi = ParseAbi(name);
      if (!abi) return Refuse(kArchitectures, fmt::format("{}: unknown architecture '{}'", Name(), name));
      if (std::ranges::find(out_.abis, *abi) == out_.abis.end()) out_.abis.push_back(*abi);
      if (std::ranges::find(listed_, *abi) == listed_.end()) listed_.push_back(*abi);
    }
    return {};
  }

  Done CheckArchitecture(const std::string& name) const {
    const bool native_big = IsBigEndianName(ScmpArchName(target_.arch));
    if (IsBigEndianName(name) != native_big) {
      return Refuse(kArchitectures, fmt::format("libseccomp: {} has another byte order than {}", name,
                                                AbiName(target_.arch)));
    }
    const bool too_new = (name == "SCMP_ARCH_RISCV64" && RuncBefore(kRuncKnowsRiscv)) ||
                         (name == "SCMP_ARCH_LOONGARCH64" && RuncBefore(kRuncKnowsLoongarch));
    if (too_new)
      return Refuse(kArchitectures,
                    fmt::format("runc {} does not know {}", target_.runtime_version.Text(), name));
    const bool library_lacks = name == "SCMP_ARCH_LOONGARCH64" && target_.arch != Abi::kLoongarch64 &&
                               (runc() || crun()) && target_.libseccomp < kLibraryKnowsLoongarch;
    if (library_lacks) {
      return Refuse(kArchitectures,
                    fmt::format("libseccomp {} does not know {}", target_.libseccomp.Text(), name));
    }
    return {};
  }

  Done TakeRules() {
    for (const auto& rule : loaded_.rules) {
      if (crun() && !rule.has_names) {
        return Refuse({rule.rule, "name"}, fmt::format("crun: rule {} has no list 'names'", rule.rule));
      }
      if (crun() && rule.errno_return && !TakesErrno(rule.action)) {
        return Refuse({rule.rule, "errnoRet"}, fmt::format("crun: errnoRet beside {} (rule {})",
                                                           ScmpActionName(rule.action), rule.rule));
      }
      std::unordered_set<const char*> known;  // given again, a name adds nothing; unknown ones can be many
      for (const auto& name : rule.names) {
        const auto found = profile::LibraryName::Find(name);
        if (found && rule.names.size() > 1 && !known.insert(found->text().data()).second) continue;
        if (auto taken = TakeName(rule, name, found); !taken) return taken;
      }
    }
    return {};
  }

  Done TakeName(const LoadedRule& rule, const std::string& name,
                const std::optional<profile::LibraryName>& found) {
    if (runc() && name.empty())
      return Refuse({rule.rule, "names"}, fmt::format("runc: an empty name (rule {})", rule.rule));
    const uint16_t data = DataOf(rule.action, rule.errno_return);
    const auto known = found && found->KnownTo(target_.libseccomp) ? found : std::nullopt;
    if (rule.action == out_.default_action && data == out_.default_data) {
      if (known && RuncBefore(kRuncSkipsRedundant)) {
        return Refuse(
            {rule.rule, "action"},
            fmt::format("runc {}: rule {} does what the default does, which libseccomp does not take",
                        target_.runtime_version.Text(), rule.rule));
      }
      notes_.push_back({Quirk::kRedundantRule, rule.rule, name});
      return {};
    }
    if (!known) {
      notes_.push_back({Quirk::kUnknownName, rule.rule, name});
      return {};
    }
    if (auto fits = CheckErrno(rule.action, data, {rule.rule, "errnoRet"}); !fits) return fits;
    conditions_ += rule.conditions.size();
    if (conditions_ > kMostConditions) return {};
    Addition addition{*known, rule.action, data, rule.conditions, rule.rule, Quirk::kNone};
    CutConditions(addition);
    Split(std::move(addition));
    return {};
  }

  void CutConditions(Addition& addition) {
    const bool cuts = crun() && target_.runtime_version < kCrunReadsAllConditions;
    if (!cuts || addition.conditions.size() <= kCrunConditions) return;
    notes_.push_back({Quirk::kSixConditions, addition.rule, std::string(addition.name.text())});
    addition.conditions.resize(kCrunConditions);
  }

  // Two conditions on one argument: runtimes make each condition of the rule a rule of its own.
  void Split(Addition addition) {
    std::array<int, 6> count{};
    for (const auto& condition : addition.conditions) ++count[condition.index];
    const bool twice = std::ranges::any_of(count, [](int times) { return times > 1; });
    if (!twice || target_.runtime == Runtime::kNone) {
      out_.additions.push_back(std::move(addition));
      return;
    }
    for (const auto& condition : addition.conditions) {
      out_.additions.push_back({addition.name,
                                addition.action,
                                addition.data,
                                {condition},
                                addition.rule,
                                Quirk::kSplitConditions});
    }
  }

  // The stub comes before the filter, and only where the default action does not let calls pass.
  void MakeStub() {
    const Action action = out_.default_action;
    if (action == Action::kAllow || action == Action::kLog || action == Action::kTrace) return;
    out_.stub_errno = target_.arch == Abi::kMips64 ? kEnosysOnMips : ENOSYS;
    out_.stub_at_zero = IsS390(target_.arch) && target_.runtime_version >= kRuncStubsZeroOnS390;
    auto abis = listed_;
    if (target_.runtime_version >= kRuncStubsNative) abis.push_back(target_.arch);
    for (const auto& rule : loaded_.rules) {
      for (const auto& name : rule.names) CountForStub(name, abis);
    }
  }

  // The library answers with a pseudo number for what the ABI multiplexes, so the stub does not see those
  // calls.
  void CountForStub(const std::string& name, const std::vector<Abi>& abis) {
    const auto known = profile::LibraryName::Find(name);
    if (!known || !known->KnownTo(target_.libseccomp) || !counted_.insert(known->text()).second) return;
    for (const Abi abi : abis) {
      const uint32_t number = known->NumberOn(abi).value_or(0);
      if (number == 0 || IsMultiplexed(abi, name)) continue;
      uint32_t& largest = out_.stub_above[abi];
      largest = std::max(largest, number);
    }
  }

  const Loaded& loaded_;
  const Target& target_;
  std::vector<Note>& notes_;
  std::vector<Abi> listed_;
  std::set<std::string_view> counted_;  // for the stub
  size_t conditions_ = 0;
  RuntimeRules out_;
};

}  // namespace

OrStop<RuntimeRules> ApplyRuntime(const Loaded& loaded, const Target& target, std::vector<Note>& notes) {
  return Apply(loaded, target, notes).Run();
}

}  // namespace whittle::filter

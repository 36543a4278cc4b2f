#include "random_case.h"

#include <algorithm>
#include <ostream>

#include "syscalls/table.h"

namespace whittle::oracle {
namespace {

using profile::Action;
using profile::Condition;
using profile::Document;
using profile::Loader;
using profile::Operator;
using profile::Rule;
using profile::Runtime;
using profile::Target;
using profile::Version;
namespace gen = rc::gen;

// Drawn inside a generator. `one_in`: how rare it is; what shrinks becomes "no".
bool Rarely(int one_in) { return *gen::inRange(0, one_in) == one_in - 1; }

template <typename T>
T OneOf(std::vector<T> items) {
  return *gen::elementOf(std::move(items));
}

// Up to 24, and fewer when it shrinks. A list's length follows the size, what is in it must not.
std::vector<Rule> Few(const rc::Gen<Rule>& rule) {
  return *gen::resize(24, gen::container<std::vector<Rule>>(gen::resize(rc::kNominalSize, rule)));
}

const std::vector<uint64_t> kConstants = {0,
                                          1,
                                          2,
                                          3,
                                          8,
                                          0x10,
                                          0x11,
                                          0xff,
                                          0x7e020000,
                                          0x7fffffff,
                                          0x80000000,
                                          0xfffffffe,
                                          0xffffffff,
                                          0x100000000,
                                          0x100000001,
                                          0x1ffffffff,
                                          0x7fffffffffffffff,
                                          0x8000000000000000,
                                          0xffffffff00000000,
                                          0xfffffffffffffffe,
                                          0xffffffffffffffff};

uint64_t AnyConstant() {
  if (Rarely(12)) return *gen::arbitrary<uint64_t>();
  return Rarely(2) ? OneOf(kConstants) : *gen::inRange<uint64_t>(0, 4);
}

Condition AnyCondition() {
  Condition condition;
  condition.index = Rarely(3) ? *gen::inRange(0u, 6u) : *gen::inRange(0u, 2u);
  condition.op = *gen::element(Operator::kEqual, Operator::kMaskedEqual, Operator::kNotEqual, Operator::kLess,
                               Operator::kLessOrEqual, Operator::kGreater, Operator::kGreaterOrEqual);
  condition.value = AnyConstant();
  // Without meaning beside other operators, and yet documents have it.
  if (condition.op == Operator::kMaskedEqual || Rarely(8)) condition.value_two = AnyConstant();
  if (!Rarely(5)) condition.value_two &= condition.value;
  return condition;
}

std::vector<Condition> AnyConditions() {
  const int shape = *gen::inRange(0, 8);
  const int count = shape < 3 ? 0 : shape < 5 ? 1 : shape < 7 ? *gen::inRange(1, 4) : *gen::inRange(1, 9);
  std::vector<Condition> conditions;
  for (int i = 0; i < count; ++i) {
    auto condition = AnyCondition();
    // Most rules test an argument once.
    const bool tested = std::ranges::find(conditions, condition.index, &Condition::index) != conditions.end();
    if (!tested || shape == 7) conditions.push_back(condition);
  }
  return conditions;
}

// Some names; a document draws its rules' from a few of them.
std::vector<std::string> FewNames() {
  static const std::vector<std::string> special = {
      "socket",       "socketcall",   "ipc",          "semop",
      "semget",       "shmat",        "msgsnd",       "accept",
      "accept4",      "recvmmsg",     "send",         "recv",
      "semtimedop",   "connect",      "clone3",       "statmount",
      "cachestat",    "fchmodat2",    "uselib",       "bdflush",
      "afs_syscall",  "memfd_secret", "futex_time64", "riscv_hwprobe",
      "setup",        "no_such_call", "umuont",       "write",
      "epoll_pwait2", "mseal",        "uretprobe",    "arm_sync_file_range",
      "security",     "stty",         "read"};
  static const std::vector<std::string> all(AllSyscallNames().begin(), AllSyscallNames().end());
  std::vector<std::string> names;
  const int count = Rarely(6) ? *gen::inRange(10, 60) : *gen::inRange(1, 7);
  for (int i = count; i > 0; --i) names.push_back(Rarely(2) ? OneOf(all) : OneOf(special));
  if (Rarely(60)) names.emplace_back();
  return names;
}

Action AnyAction() {
  if (Rarely(120)) return Action::kNotify;
  return *gen::element(Action::kAllow, Action::kAllow, Action::kErrno, Action::kErrno, Action::kLog,
                       Action::kTrap, Action::kTrace, Action::kKillThread, Action::kKillProcess);
}

std::optional<uint32_t> AnyErrno(Action action) {
  const bool has_number = action == Action::kErrno || action == Action::kTrace;
  if (!has_number && !Rarely(150)) return std::nullopt;
  if (Rarely(2)) return std::nullopt;
  if (Rarely(60)) return *gen::element(4094u, 4095u, 4096u, 65535u, 0u);
  return *gen::element(1u, 2u, 38u, 13u);
}

std::string AnyErrnoText() {
  if (!Rarely(6)) return "";
  if (Rarely(40)) return *gen::element<std::string>("EINTR", "ENOTANERRNO", "0x10", "99999", " 1");
  return *gen::element<std::string>("EPERM", "ENOSYS", "EACCES", "5", "EOPNOTSUPP", "EDEADLK");
}

profile::Selector AnySelector() {
  profile::Selector selector;
  if (Rarely(2))
    selector.capabilities = {*gen::element<std::string>("CAP_SYS_ADMIN", "CAP_CHOWN", "CAP_BPF")};
  if (Rarely(4)) selector.capabilities.emplace_back("CAP_SYSLOG");
  if (Rarely(3)) {
    selector.arches = {*gen::element<std::string>("amd64", "arm64", "s390x", "x86", "x32", "ppc64le",
                                                  "riscv64", "mipsel64", "loong64", "x86_64", "aarch64",
                                                  "loongarch64")};
  }
  if (Rarely(3)) selector.min_kernel = *gen::element<std::string>("4.8", "5.18", "5.19", "6.1", "6.2", "7.0");
  return selector;
}

Rule AnyRule(const std::vector<std::string>& names) {
  Rule rule;
  const int count = *gen::inRange(1, names.size() > 9 ? 12 : 4);
  for (int i = count; i > 0; --i) rule.names.push_back(OneOf(names));
  if (Rarely(40)) rule.names.clear();
  if (Rarely(30)) {
    rule.legacy_name = OneOf(names);
    if (!Rarely(12)) rule.names.clear();
  }
  rule.action = AnyAction();
  rule.errno_return = AnyErrno(rule.action);
  rule.errno_text = AnyErrnoText();
  rule.conditions = AnyConditions();
  if (Rarely(6)) rule.includes = AnySelector();
  if (Rarely(8)) rule.excludes = AnySelector();
  return rule;
}

// Of the native architecture's family in most documents.
std::string AnyArchitecture(Abi native) {
  if (!Rarely(24)) {
    const auto family = SiblingAbis(native);
    return std::string(ScmpArchName(family[*gen::inRange<size_t>(0, family.size())]));
  }
  const auto all = profile::ArchitectureNames();
  return std::string(all[*gen::inRange<size_t>(0, all.size())]);
}

std::vector<std::string> AnyArchitectures(Abi native) {
  std::vector<std::string> architectures;
  for (int i = *gen::inRange(0, 5); i > 0; --i) architectures.push_back(AnyArchitecture(native));
  return architectures;
}

std::vector<profile::ArchMapping> AnyArchMap(Abi native) {
  std::vector<profile::ArchMapping> mappings;
  for (int i = *gen::inRange(0, 3); i > 0; --i)
    mappings.push_back({AnyArchitecture(native), AnyArchitectures(native), {}});
  return mappings;
}

std::vector<std::string> AnyFlags() {
  std::vector<std::string> flags;
  for (int i = *gen::inRange(1, 3); i > 0; --i) {
    flags.push_back(*gen::element<std::string>(
        "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC",
        "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", "SECCOMP_FILTER_FLAG_NEW_LISTENER"));
  }
  return flags;
}

void AddHead(Document& document, Abi native) {
  document.file = "random.json";
  document.default_action = Rarely(2) ? AnyAction() : Action::kErrno;
  document.has_default_action = !Rarely(60);
  document.default_errno_return = Rarely(3) ? AnyErrno(document.default_action) : std::nullopt;
  document.default_errno_text = AnyErrnoText();
  const int kind = *gen::inRange(0, 20);
  if (kind < 12 || kind == 19) document.architectures = AnyArchitectures(native);
  if (kind >= 12) document.arch_map = AnyArchMap(native);
  if (Rarely(24)) document.flags = AnyFlags();
  if (Rarely(3)) document.listener_path = Rarely(8) ? "agent.sock" : "/run/agent.sock";
}

Document AnyDocument(Abi native) {
  Document document;
  AddHead(document, native);
  const auto names = FewNames();
  document.rules = Few(gen::exec([names] { return AnyRule(names); }));
  return document;
}

Target AnyTarget() {
  Target target;
  target.arch = *gen::element(Abi::kX86_64, Abi::kX86_64, Abi::kX86_64, Abi::kAarch64, Abi::kS390x,
                              Abi::kPpc64, Abi::kRiscv64, Abi::kMips64, Abi::kLoongarch64);
  target.loader = *gen::element(Loader::kDocker, Loader::kPodman, Loader::kOci);
  target.runtime = *gen::element(Runtime::kRunc, Runtime::kRunc, Runtime::kCrun, Runtime::kNone);
  if (target.loader == Loader::kDocker) {
    target.loader_version = *gen::element(Version{20, 10, 24}, Version{22, 9, 9}, Version{23, 0, 0},
                                          Version{27, 2, 9}, Version{27, 3, 0}, Version{28, 5, 2});
  } else {
    target.loader_version = *gen::element(Version{4, 3, 1}, Version{5, 6, 0});
  }
  if (target.runtime == Runtime::kCrun) {
    target.runtime_version = *gen::element(Version{1, 8, 1}, Version{1, 29, 1}, Version{1, 30, 0});
  } else {
    target.runtime_version = *gen::element(
        Version{1, 1, 5}, Version{1, 5, 1}, Version{1, 1, 5}, Version{1, 5, 1}, Version{1, 0, 1},
        Version{1, 0, 2}, Version{1, 0, 9}, Version{1, 1, 0}, Version{1, 1, 2}, Version{1, 1, 3},
        Version{1, 1, 7}, Version{1, 1, 8}, Version{1, 1, 14}, Version{1, 1, 15}, Version{1, 2, 0},
        Version{1, 4, 0}, Version{1, 4, 1}, Version{1, 4, 9}, Version{1, 5, 0});
  }
  target.libseccomp =
      *gen::element(Version{2, 5, 4}, Version{2, 5, 4}, Version{2, 5, 0}, Version{2, 5, 1}, Version{2, 5, 2},
                    Version{2, 5, 3}, Version{2, 5, 5}, Version{2, 5, 6}, Version{2, 6, 0}, Version{2, 6, 1});
  target.kernel = *gen::element(Version{6, 1, 0}, Version{5, 10, 0}, Version{5, 18, 9}, Version{5, 19, 0},
                                Version{7, 0, 0});
  for (const char* capability : {"CAP_SYS_ADMIN", "CAP_CHOWN", "CAP_BPF", "CAP_SYSLOG"}) {
    if (*gen::arbitrary<bool>()) target.capabilities.insert(capability);
  }
  return target;
}

// --- the shapes that libseccomp gets right ---

// Which of them a document has. Mixed, they are not reliable.
enum class Shapes {
  kEqualities,   // EQ and MASKED_EQ on any arguments
  kOneArgument,  // no rule asks two arguments, some ask for a bound of 32 bits
  kOneAction,    // besides, some ask for NE, and all rules have one action
};

Operator ReliableBound(Shapes shapes) {
  if (shapes == Shapes::kOneAction && *gen::arbitrary<bool>()) return Operator::kNotEqual;
  return *gen::element(Operator::kLess, Operator::kLessOrEqual, Operator::kGreater,
                       Operator::kGreaterOrEqual);
}

Condition ReliableEquality(uint32_t index) {
  Condition condition{index, *gen::element(Operator::kEqual, Operator::kMaskedEqual), AnyConstant(), 0};
  if (condition.op == Operator::kMaskedEqual) condition.value_two = AnyConstant() & condition.value;
  return condition;
}

std::vector<Condition> ReliableConditions(Shapes shapes) {
  if (Rarely(3)) return {};
  if (shapes != Shapes::kEqualities) {
    const uint32_t index = *gen::inRange(0u, 3u);
    if (!Rarely(3)) return {ReliableEquality(index)};
    return {{index, ReliableBound(shapes), AnyConstant() & UINT32_MAX, 0}};
  }
  std::vector<Condition> conditions;
  for (uint32_t index = 0; index < 3; ++index) {
    if (*gen::arbitrary<bool>()) conditions.push_back(ReliableEquality(index));
  }
  return conditions;
}

Rule ReliableRule(const std::vector<std::string>& names, Shapes shapes) {
  Rule rule;
  for (int i = *gen::inRange(1, 4); i > 0; --i) rule.names.push_back(OneOf(names));
  rule.action = Action::kTrap;
  if (shapes != Shapes::kOneAction) {
    rule.action = *gen::element(Action::kAllow, Action::kErrno, Action::kLog, Action::kTrap, Action::kTrace,
                                Action::kKillThread, Action::kKillProcess);
  }
  if (rule.action == Action::kErrno) rule.errno_return = *gen::element(1u, 2u, 38u);
  rule.conditions = ReliableConditions(shapes);
  return rule;
}

// Without the empty name, and without the two that share a pseudo number on x86-64: asked there for other
// architectures, the library takes one for the other.
std::vector<std::string> ReliableNames() {
  auto names = FewNames();
  std::erase_if(names, [](const std::string& name) {
    return name.empty() || name == "sys_debug_setcontext" || name == "switch_endian";
  });
  names.emplace_back("read");
  return names;
}

Document ReliableDocument(Abi native) {
  Document document;
  document.file = "reliable.json";
  document.default_action = Rarely(2) ? Action::kAllow : Action::kErrno;
  for (const Abi abi : SiblingAbis(native)) {
    if (*gen::arbitrary<bool>()) document.architectures.emplace_back(ScmpArchName(abi));
  }
  // An architecture of another family is taken, too, if it has the same byte order.
  if (Rarely(4) && !IsBigEndian(native)) {
    document.architectures.emplace_back(ScmpArchName(*gen::element(
        Abi::kX86_64, Abi::kI386, Abi::kX32, Abi::kAarch64, Abi::kArm, Abi::kPpc64, Abi::kMips)));
  }
  const auto names = ReliableNames();
  const auto shapes = *gen::element(Shapes::kEqualities, Shapes::kOneArgument, Shapes::kOneAction);
  document.rules = Few(gen::exec([=] { return ReliableRule(names, shapes); }));
  // libseccomp is known to go wrong where an ABI has no unconditional rule for a call of its own.
  Rule& ends = document.rules.emplace_back();
  ends.names = {"exit_group"};
  ends.action = document.default_action == Action::kAllow ? Action::kLog : Action::kAllow;
  return document;
}

}  // namespace

rc::Gen<Case> AnyCase(std::optional<Abi> arch) {
  return gen::resize(rc::kNominalSize, gen::exec([arch] {
                       Case made;
                       made.target = AnyTarget();
                       made.target.arch = arch.value_or(made.target.arch);
                       made.document = AnyDocument(made.target.arch);
                       made.seed = *gen::noShrink(gen::arbitrary<uint64_t>());
                       return made;
                     }));
}

rc::Gen<Case> CaseOf(Document document) {
  return gen::resize(rc::kNominalSize, gen::exec([document = std::move(document)] {
                       Case made;
                       made.target = AnyTarget();
                       made.document = document;
                       made.seed = *gen::noShrink(gen::arbitrary<uint64_t>());
                       return made;
                     }));
}

rc::Gen<Case> ReliableCase(Target target) {
  return gen::resize(rc::kNominalSize, gen::exec([target = std::move(target)] {
                       Case made;
                       made.target = target;
                       made.document = ReliableDocument(target.arch);
                       made.target.runtime = *gen::element(Runtime::kCrun, Runtime::kRunc);
                       made.target.runtime_version = {1, 5, 1};
                       made.seed = *gen::noShrink(gen::arbitrary<uint64_t>());
                       return made;
                     }));
}

void showValue(const Case& value, std::ostream& out) {
  out << value.target.Text() << ", libseccomp " << value.target.libseccomp.Text() << ", loader "
      << LoaderName(value.target.loader) << ", capabilities";
  for (const auto& capability : value.target.capabilities) out << ' ' << capability;
  out << ", seed " << value.seed << '\n' << profile::Write(value.document);
  if (!value.document.has_default_action) out << "(without defaultAction)\n";
}

}  // namespace whittle::oracle

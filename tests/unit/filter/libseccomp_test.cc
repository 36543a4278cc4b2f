// A second opinion: the same rules given to the real libseccomp in the way in which runc gives them, and the
// answers of both filters compared. Only shapes that this library is known to get right are compared
// (docs/targets.md).
#include <gtest/gtest.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <set>

#include "base/fd.h"
#include "filter/call_text.h"
#include "filter/compile.h"
#include "filter/library.h"
#include "filter/meaning.h"
#include "random_document.h"
#include "syscalls/table.h"

namespace whittle::filter {
namespace {

using profile::Action;
using profile::Document;
using profile::Operator;
using testing::Generator;
using testing::Language;

struct Release {
  void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, Release>;

bool TakesErrno(Action action) { return action == Action::kErrno || action == Action::kTrace; }

uint32_t ActionValue(Action action, std::optional<uint32_t> errno_return) {
  return profile::ReturnValue(action,
                              static_cast<uint16_t>(TakesErrno(action) ? errno_return.value_or(EPERM) : 0));
}

scmp_arg_cmp Comparison(const profile::Condition& condition) {
  constexpr scmp_compare kOperators[] = {SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE,       SCMP_CMP_EQ,
                                         SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ};
  return {condition.index, kOperators[static_cast<size_t>(condition.op)], condition.value,
          condition.value_two};
}

uint32_t ScmpArch(Abi abi) {
  return abi == Abi::kX86_64 ? SCMP_ARCH_X86_64 : abi == Abi::kI386 ? SCMP_ARCH_X86 : SCMP_ARCH_X32;
}

// What runc would load for the document: libseccomp's program behind runc's stub.
class RuncFilter {
 public:
  // False: libseccomp refused a rule.
  bool Build(const Document& document) {
    const uint32_t otherwise = ActionValue(document.default_action, document.default_errno_return);
    const Context context(seccomp_init(otherwise));
    for (const auto& name : document.architectures) {
      const uint32_t arch = ScmpArch(*ParseAbi(name));
      const int added = seccomp_arch_add(context.get(), arch);
      if (added != 0 && added != -EEXIST) return false;
    }
    for (const auto& rule : document.rules) {
      if (!AddRule(context.get(), rule, otherwise)) return false;
    }
    FindStub(document);
    return Export(context.get());
  }

  Verdict Ask(const Call& call) const {
    const bool x32 = call.abi != Abi::kI386 && (call.number & kX32Bit) != 0;
    const auto stub = stub_.find(call.abi == Abi::kI386 ? Abi::kI386 : x32 ? Abi::kX32 : Abi::kX86_64);
    if (stub != stub_.end() && call.number > stub->second) return {Action::kErrno, ENOSYS, 0};
    return Evaluate(program_, call);
  }

 private:
  static bool AddRule(void* context, const profile::Rule& rule, uint32_t otherwise) {
    const uint32_t action = ActionValue(rule.action, rule.errno_return);
    if (action == otherwise) return true;
    const auto rules = Split(rule.conditions);
    for (const auto& name : rule.names) {
      const int call = seccomp_syscall_resolve_name(name.c_str());
      if (call == __NR_SCMP_ERROR) continue;
      for (const auto& comparisons : rules) {
        const auto count = static_cast<unsigned>(comparisons.size());
        if (seccomp_rule_add_array(context, action, call, count, comparisons.data()) != 0) return false;
      }
    }
    return true;
  }

  // Two conditions on one argument: each condition is a rule of its own.
  static std::vector<std::vector<scmp_arg_cmp>> Split(const std::vector<profile::Condition>& conditions) {
    std::vector<std::vector<scmp_arg_cmp>> one_rule(1);
    std::vector<std::vector<scmp_arg_cmp>> rules;
    std::set<uint32_t> seen;
    for (const auto& condition : conditions) {
      one_rule[0].push_back(Comparison(condition));
      rules.push_back({Comparison(condition)});
      seen.insert(condition.index);
    }
    return seen.size() == conditions.size() ? one_rule : rules;
  }

  void FindStub(const Document& document) {
    const Action action = document.default_action;
    if (action == Action::kAllow || action == Action::kLog || action == Action::kTrace) return;
    for (const auto& arch : document.architectures) {
      int largest = 0;
      for (const auto& rule : document.rules) {
        for (const auto& name : rule.names) {
          largest =
              std::max(largest, seccomp_syscall_resolve_name_arch(ScmpArch(*ParseAbi(arch)), name.c_str()));
        }
      }
      if (largest > 0) stub_[*ParseAbi(arch)] = static_cast<uint32_t>(largest);
    }
  }

  bool Export(void* context) {
    const Fd file(memfd_create("filter", 0));
    if (seccomp_export_bpf(context, file.get()) != 0) return false;
    program_.resize(static_cast<size_t>(lseek(file.get(), 0, SEEK_END)) / sizeof(sock_filter));
    const size_t bytes = program_.size() * sizeof(sock_filter);
    return pread(file.get(), program_.data(), bytes, 0) == static_cast<ssize_t>(bytes);
  }

  Program program_;
  std::map<Abi, uint32_t> stub_;
};

void CompareWithLibseccomp(Language language, int rounds, uint64_t seed) {
  Generator generator(seed);
  int refused = 0;
  for (int round = 0; round < rounds && !::testing::Test::HasFailure(); ++round) {
    const auto document = generator.Document(language);
    profile::Target target;
    target.loader = profile::Loader::kOci;
    const auto ours = Compile(document, target);
    ASSERT_TRUE(ours) << ours.error().message;
    RuncFilter theirs;
    const bool taken = theirs.Build(document);
    ASSERT_EQ(ours->state == Compiled::State::kFiltered, taken) << ours->why << "\n"
                                                                << profile::Write(document);
    if (!taken) {
      ++refused;
      continue;
    }
    for (const auto& call : generator.Calls(document, 60)) {
      const Verdict wanted = theirs.Ask(call);
      const Verdict got = Evaluate(ours->program, call);
      ASSERT_EQ(profile::VerdictText(got.action, got.data), profile::VerdictText(wanted.action, wanted.data))
          << CallText(call) << "\n"
          << profile::Write(document);
    }
  }
  EXPECT_LT(refused, rounds * 4 / 5);
}

TEST(Libseccomp, AgreesOnProfilesOfTheKindThatWhittleWrites) {
  CompareWithLibseccomp(Language::kGenerated, 1500, 1);
}

TEST(Libseccomp, AgreesOnMixedActionsWithTheShapesThatItGetsRight) {
  CompareWithLibseccomp(Language::kReliable, 1500, 2);
}

TEST(Libseccomp, KnowsTheNamesAndNumbersThatTheTableSays) {
  const scmp_version* version = seccomp_version();
  const profile::Version installed{version->major, version->minor, version->micro};
  if (installed != profile::Version{2, 5, 4})
    GTEST_SKIP() << "the table is compared with 2.5.4 as Debian 12 builds it";
  for (const auto text : AllSyscallNames()) {
    const std::string name(text);
    const auto ours = profile::LibraryName::Find(name);
    const bool known = ours && ours->KnownTo(installed);
    EXPECT_EQ(seccomp_syscall_resolve_name(name.c_str()) != __NR_SCMP_ERROR, known) << name;
    for (const Abi abi : {Abi::kX86_64, Abi::kI386, Abi::kX32}) {
      if (!known || IsMultiplexed(abi, name)) continue;
      const int number = seccomp_syscall_resolve_name_arch(ScmpArch(abi), name.c_str());
      EXPECT_EQ(static_cast<int>(ours->NumberOn(abi).value_or(UINT32_MAX)), std::max(number, -1))
          << name << " on " << AbiName(abi);
    }
  }
}

}  // namespace
}  // namespace whittle::filter

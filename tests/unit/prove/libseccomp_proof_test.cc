// Real profiles, compiled by us and by the installed libseccomp from the rules that a runtime gives it, are
// proven to answer every call alike; whatever differs is listed and has to be a known kind. The stub that
// runc puts in front is not the library's, so the target is one with crun.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "../filter/random_document.h"
#include "base/fd.h"
#include "base/text.h"
#include "filter/compile.h"
#include "filter/meaning.h"
#include "filter/raw.h"
#include "filter/runtime.h"
#include "libseccomp/words.h"
#include "prove/prove.h"
#include "syscalls/table.h"

namespace whittle::prove {
namespace {

using filter::Program;
using profile::Target;

constexpr unsigned kDeadline = 5;  // seconds for the library, which has been seen to take for ever

std::vector<scmp_arg_cmp> Comparisons(const std::vector<profile::Condition>& conditions) {
  std::vector<scmp_arg_cmp> comparisons;
  for (const auto& condition : conditions) comparisons.push_back(libseccomp::Comparison(condition));
  return comparisons;
}

// In the child: asks the library for the rules in their order and writes its program.
bool Export(const filter::RuntimeRules& rules, int file) {
  void* context = seccomp_init(profile::ReturnValue(rules.default_action, rules.default_data));
  if (context == nullptr) return false;
  seccomp_arch_remove(context, SCMP_ARCH_NATIVE);
  for (const Abi abi : rules.abis) {
    if (seccomp_arch_add(context, libseccomp::ArchOf(abi)) != 0) return false;
  }
  for (const auto& addition : rules.additions) {
    const int call = seccomp_syscall_resolve_name(std::string(addition.name.text()).c_str());
    const auto comparisons = Comparisons(addition.conditions);
    const uint32_t action = profile::ReturnValue(addition.action, addition.data);
    const auto count = static_cast<unsigned>(comparisons.size());
    if (seccomp_rule_add_array(context, action, call, count, comparisons.data()) != 0) return false;
  }
  return seccomp_export_bpf(context, file) == 0;
}

// The library's program, or nothing if it failed or did not come to an end.
std::optional<Program> FromLibrary(const filter::RuntimeRules& rules) {
  const Fd file(memfd_create("filter", 0));
  const pid_t child = fork();
  if (child == 0) {
    alarm(kDeadline);
    _exit(Export(rules, file.get()) ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return std::nullopt;
  std::string bytes(static_cast<size_t>(lseek(file.get(), 0, SEEK_END)), '\0');
  if (pread(file.get(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return std::nullopt;
  const auto program = filter::ParseRaw(bytes, "libseccomp");
  return program ? std::optional(*program) : std::nullopt;
}

Target Crun(profile::Loader loader, Abi arch) {
  Target target;
  target.loader = loader;
  target.runtime = profile::Runtime::kCrun;
  target.runtime_version = {1, 8, 1};
  target.arch = arch;
  target.capabilities = profile::DefaultCapabilities();
  return target;
}

struct Compared {
  Program ours;
  Program theirs;
  Proof proof;
};

// Nothing, and a failed expectation, where one of the two makes no filter.
std::optional<Compared> CompareWithLibrary(const profile::Document& document, const Target& target) {
  const auto ours = filter::Compile(document, target);
  EXPECT_TRUE(ours) << ours.error().message;
  std::vector<filter::Note> notes;
  const auto loaded = filter::LoadForRuntime(document, target, notes);
  EXPECT_TRUE(loaded);
  if (!ours || !loaded) return std::nullopt;
  const auto rules = filter::ApplyRuntime(*loaded, target, notes);
  EXPECT_TRUE(rules);
  const auto theirs = rules ? FromLibrary(*rules) : std::nullopt;
  EXPECT_TRUE(theirs) << "libseccomp made no filter";
  if (!theirs) return std::nullopt;
  const auto siblings = SiblingAbis(target.arch);
  const auto proof = Compare(std::vector<Program>{ours->program}, std::vector<Program>{*theirs},
                             {.abis = {siblings.begin(), siblings.end()}});
  EXPECT_TRUE(proof) << proof.error().message;
  if (!proof) return std::nullopt;
  return Compared{ours->program, *theirs, *proof};
}

std::string DifferencesText(const Proof& proof) {
  std::string text;
  for (const auto& difference : proof.differences) {
    text += fmt::format("  {} {}: {} by us, {} by libseccomp\n",
                        difference.abi ? AbiName(*difference.abi) : "any other", difference.number,
                        profile::VerdictText(difference.first.action, difference.first.data),
                        profile::VerdictText(difference.second.action, difference.second.data));
  }
  return text;
}

void ExpectEqual(const std::string& what, const profile::Document& document, const Target& target) {
  const auto start = std::chrono::steady_clock::now();
  const auto compared = CompareWithLibrary(document, target);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  ASSERT_TRUE(compared) << what;
  EXPECT_EQ(compared->proof.answer, Answer::kEqual) << what << "\n" << DifferencesText(compared->proof);
  fmt::print("{} on {}: equal, {} instructions by us, {} by libseccomp, compiled and proven in {:.0f} ms\n",
             what, AbiName(target.arch), compared->ours.size(), compared->theirs.size(), took.count());
}

profile::Document Named(const std::string& name) {
  auto document = profile::ReadProfile(name, profile::Reading::kAsRuntimes);
  EXPECT_TRUE(document) << document.error().message;
  return *document;
}

TEST(LibseccompProof, DockersDefaultIsProvenEqual) {
  ExpectEqual("docker-default", Named("docker-default"), Crun(profile::Loader::kDocker, Abi::kX86_64));
}

TEST(LibseccompProof, DockersDefaultWithAllCapabilitiesIsProvenEqual) {
  auto target = Crun(profile::Loader::kDocker, Abi::kX86_64);
  target.capabilities = {"CAP_SYS_ADMIN", "CAP_SYS_CHROOT", "CAP_BPF", "CAP_PERFMON", "CAP_SYS_PTRACE"};
  ExpectEqual("docker-default with CAP_SYS_ADMIN", Named("docker-default"), target);
}

TEST(LibseccompProof, PodmansDefaultIsProvenEqual) {
  ExpectEqual("podman-default", Named("podman-default"), Crun(profile::Loader::kPodman, Abi::kX86_64));
}

TEST(LibseccompProof, TheDefaultsAreProvenEqualOnArm) {
  ExpectEqual("docker-default", Named("docker-default"), Crun(profile::Loader::kDocker, Abi::kAarch64));
  ExpectEqual("podman-default", Named("podman-default"), Crun(profile::Loader::kPodman, Abi::kAarch64));
}

// Documents of the kind that `whittle generate` writes.
TEST(LibseccompProof, AllowListsAsWhittleWritesThemAreProvenEqual) {
  filter::testing::Generator generator(41);
  const auto target = Crun(profile::Loader::kDocker, Abi::kX86_64);
  int equal = 0;
  for (int round = 0; round < 60; ++round) {
    const auto document = generator.Document(filter::testing::Language::kGenerated);
    if (filter::MeaningOf(document, target).state != filter::Compiled::State::kFiltered) continue;
    const auto compared = CompareWithLibrary(document, target);
    ASSERT_TRUE(compared) << profile::Write(document);
    ASSERT_EQ(compared->proof.answer, Answer::kEqual)
        << DifferencesText(compared->proof) << profile::Write(document);
    ++equal;
  }
  EXPECT_GT(equal, 50);
}

TEST(LibseccompProof, ADifferenceOfOneRuleIsFound) {
  auto document = Named("docker-default");
  const auto target = Crun(profile::Loader::kDocker, Abi::kX86_64);
  const auto compared = CompareWithLibrary(document, target);
  ASSERT_TRUE(compared);
  std::erase(document.rules.front().names, "read");
  const auto other = filter::Compile(document, target);
  ASSERT_TRUE(other);
  const auto proof = Compare(std::vector<Program>{compared->theirs}, std::vector<Program>{other->program});
  ASSERT_TRUE(proof);
  EXPECT_EQ(proof->differences.size(), 3u) << DifferencesText(*proof);  // one for each ABI
}

}  // namespace
}  // namespace whittle::prove

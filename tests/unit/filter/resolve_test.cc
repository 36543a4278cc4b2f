// The flat document is the same filter for every loader: over the catalogue, capability sets, runtimes,
// architectures and random documents, decided by the prover.
#include "filter/resolve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "filter/call_text.h"
#include "filter/compile.h"
#include "profile/catalogue.h"
#include "profile/edit.h"
#include "prove/prove.h"
#include "random_document.h"

namespace whittle::filter::testing {
namespace {

using profile::Document;
using profile::Loader;
using profile::Runtime;
using profile::Target;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::pair<Loader, profile::Version> kLoaders[] = {
    {Loader::kDocker, {28, 5, 2}}, {Loader::kPodman, {5, 6, 0}}, {Loader::kOci, {2, 1, 0}}};
constexpr std::pair<Runtime, profile::Version> kRuntimes[] = {{Runtime::kRunc, {1, 1, 5}},
                                                              {Runtime::kRunc, {1, 5, 1}},
                                                              {Runtime::kCrun, {1, 8, 1}},
                                                              {Runtime::kNone, {}}};

Document DocumentOf(std::string_view text) {
  const auto document = profile::Read(text, "p.json", profile::Reading::kAsRuntimes);
  EXPECT_TRUE(document) << (document ? "" : document.error().message);
  return document.value_or(Document());
}

// Empty if both are the same filter.
std::string Difference(const Compiled& wanted, const Compiled& got) {
  if (wanted.state != got.state) return "another state: " + got.why;
  if (wanted.state != Compiled::State::kFiltered) return "";
  const auto proof = prove::Compare(std::span(&wanted.program, 1), std::span(&got.program, 1));
  if (!proof) return proof.error().message;
  if (proof->answer == prove::Answer::kEqual) return "";
  return proof->differences.empty() ? "undecided" : "number " + std::to_string(proof->differences[0].number);
}

// Every member of it is one that the OCI runtime specification has.
void ExpectFlat(const Document& document) {
  EXPECT_THAT(document.arch_map, IsEmpty());
  EXPECT_EQ(document.default_errno_text, "");
  for (const auto& rule : document.rules) {
    EXPECT_EQ(rule.legacy_name, "");
    EXPECT_EQ(rule.errno_text, "");
    EXPECT_EQ(rule.comment, "");
    EXPECT_TRUE(rule.includes.empty() && rule.excludes.empty());
    const bool takes_errno = rule.action == profile::Action::kErrno || rule.action == profile::Action::kTrace;
    EXPECT_EQ(rule.errno_return.has_value(), takes_errno);
  }
}

// The flat document as a file, under each loader, against the original under its target.
void ExpectSameEverywhere(const Document& document, const Target& target) {
  const auto wanted = Compile(document, target);
  ASSERT_TRUE(wanted) << wanted.error().message;
  const auto resolved = Resolve(document, target);
  if (wanted->state == Compiled::State::kRefused) {
    EXPECT_FALSE(resolved);
    return;
  }
  ASSERT_TRUE(resolved) << resolved.error().message;
  ExpectFlat(resolved->document);
  const Document flat = DocumentOf(profile::Write(resolved->document));
  for (const auto& [loader, version] : kLoaders) {
    if (wanted->state == Compiled::State::kUnconfined && target.runtime == Runtime::kCrun) continue;
    Target elsewhere = target;
    elsewhere.loader = loader;
    elsewhere.loader_version = version;
    const auto got = Compile(flat, elsewhere);
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(Difference(*wanted, *got), "") << target.Text() << " -> " << elsewhere.Text();
  }
}

TEST(Resolve, TheCatalogueIsOneFilterForEveryLoader) {
  const std::set<std::string> capability_sets[] = {
      {}, profile::DefaultCapabilities(), {"CAP_SYS_ADMIN", "CAP_BPF", "CAP_SYS_PTRACE"}};
  const std::pair<Abi, profile::Version> machines[] = {{Abi::kX86_64, {6, 1, 0}},
                                                       {Abi::kX86_64, {4, 7, 0}},
                                                       {Abi::kAarch64, {6, 1, 0}},
                                                       {Abi::kS390x, {5, 11, 0}}};
  for (const auto& entry : profile::Catalogue()) {
    const auto document = profile::ReadProfile(std::string(entry.name));
    ASSERT_TRUE(document);
    for (const auto& capabilities : capability_sets) {
      for (const auto& [arch, kernel] : machines) {
        for (const auto& [runtime, version] : kRuntimes) {
          for (const auto& [loader, loader_version] : kLoaders) {
            ExpectSameEverywhere(*document, {.loader = loader,
                                             .loader_version = loader_version,
                                             .runtime = runtime,
                                             .runtime_version = version,
                                             .arch = arch,
                                             .kernel = kernel,
                                             .capabilities = capabilities});
          }
        }
      }
    }
  }
}

TEST(Resolve, RandomDocumentsAreOneFilterForEveryLoader) {
  Generator random(31);
  for (int i = 0; i < 300; ++i) {
    auto document = random.Document(Language::kWhole);
    for (auto& rule : document.rules) {
      if (random.Below(6) == 0) rule.includes.capabilities = {"CAP_BPF"};
      if (random.Below(6) == 0) rule.excludes.arches = {"amd64"};
      if (random.Below(8) == 0) rule.errno_text = "EACCES";
      if (random.Below(8) == 0) rule.legacy_name = std::exchange(rule.names, {}).front();
    }
    auto target = random.Target();
    if (random.Below(2) == 0) target.capabilities.insert("CAP_BPF");
    const auto compiled = Compile(document, target);
    if (compiled) ExpectSameEverywhere(document, target);
  }
}

TEST(Resolve, DockersDefaultOpensWhatItShouldNotUnderAPlainLoaderAndFlatItDoesNot) {
  const auto document = profile::ReadProfile("docker-default");
  ASSERT_TRUE(document);
  Target docker{.runtime_version = {1, 1, 5}, .capabilities = profile::DefaultCapabilities()};
  Target plain = docker;
  plain.loader = Loader::kOci;
  plain.loader_version = {2, 1, 0};
  const auto flat = Resolve(*document, docker);
  ASSERT_TRUE(flat) << flat.error().message;
  EXPECT_THAT(flat->warnings, IsEmpty());
  for (const char* text :
       {"mount", "bpf", "unshare(0x10000000)", "clone(0x10000000)", "setns", "i386 read"}) {
    const auto call = ParseCall(text, Abi::kX86_64);
    const auto verdict = [&](const Document& of, const Target& target) {
      const auto compiled = Compile(of, target);
      const Verdict got = Evaluate(compiled->program, *call);
      return profile::VerdictText(got.action, got.data);
    };
    EXPECT_NE(verdict(*document, plain), verdict(*document, docker)) << text;
    EXPECT_EQ(verdict(flat->document, plain), verdict(*document, docker)) << text;
  }
}

// containerd makes its own for each container; of a copy in a file it ignores what it says of capabilities.
TEST(Resolve, ContainerdsOwnDefaultIsDecidedByContainerdAndACopyIsNot) {
  const auto own = profile::ReadProfile("containerd-default");
  ASSERT_TRUE(own);
  const Document copy = DocumentOf(profile::Write(*own));
  Target node{.runtime_version = {1, 1, 5}, .kernel = {5, 15, 0}, .capabilities = {}};
  node.loader = Loader::kOci;
  node.loader_version = {1, 6, 20};
  const auto passes = [&](const Document& document, std::string_view text) {
    const auto compiled = Compile(document, node);
    const Verdict got = Evaluate(compiled->program, *ParseCall(text, Abi::kX86_64));
    return profile::VerdictText(got.action, got.data) == "ALLOW";
  };
  EXPECT_TRUE(passes(*own, "ptrace"));
  EXPECT_TRUE(passes(*own, "i386 read"));
  EXPECT_FALSE(passes(*own, "mount"));
  EXPECT_FALSE(passes(*own, "clone(0x10000000)"));
  EXPECT_TRUE(passes(copy, "mount"));
  EXPECT_FALSE(passes(copy, "i386 read"));
  const auto edited = profile::Apply(*own, {{"chmod"}, {}, {}});
  ASSERT_TRUE(edited);
  EXPECT_TRUE(passes(edited->document, "mount")) << "what is changed is a file";
  const auto flat = Resolve(*own, node);
  ASSERT_TRUE(flat) << flat.error().message;
  EXPECT_THAT(flat->warnings, IsEmpty());
  EXPECT_FALSE(passes(flat->document, "mount"));
  EXPECT_TRUE(passes(flat->document, "i386 read"));
  node.capabilities = {"CAP_SYS_ADMIN"};
  EXPECT_TRUE(passes(*own, "mount"));
  EXPECT_TRUE(passes(*own, "clone(0x10000000)"));
  node.kernel = {4, 4, 0};
  EXPECT_FALSE(passes(*own, "ptrace"));
}

TEST(Resolve, EachMemberThatALoaderIgnoresIsSaidInOneThatAllRead) {
  const auto document =
      DocumentOf(R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrno": "ENOSYS", "defaultErrnoRet": 5,
    "archMap": [{"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]},
                {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}],
    "syscalls": [
      {"name": "chmod", "action": "SCMP_ACT_ERRNO", "errno": "EACCES", "errnoRet": 7, "comment": "old"},
      {"names": ["mount"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
      {"names": ["mount"], "action": "SCMP_ACT_TRACE", "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
      {"names": [], "action": "SCMP_ACT_LOG"},
      {"names": ["read"], "action": "SCMP_ACT_ALLOW"}]})");
  const Target podman{
      .loader = Loader::kPodman, .loader_version = {5, 6, 0}, .arch = Abi::kAarch64, .capabilities = {}};
  const auto flat = Resolve(document, podman);
  ASSERT_TRUE(flat) << flat.error().message;
  EXPECT_EQ(profile::Write(flat->document), profile::Write(DocumentOf(R"({"defaultAction": "SCMP_ACT_ERRNO",
    "defaultErrnoRet": 38, "architectures": ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"], "syscalls": [
      {"names": ["chmod"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13},
      {"names": ["mount"], "action": "SCMP_ACT_TRACE", "errnoRet": 1},
      {"names": ["read"], "action": "SCMP_ACT_ALLOW"}]})")));
  const auto kept = Resolve(document, podman, Comments::kKeep);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->document.rules[0].comment, "old");
}

TEST(Resolve, WhatOldDockersIgnoreIsAWarningThatNamesMemberAndLoader) {
  const auto document = DocumentOf(R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
    "flags": ["SECCOMP_FILTER_FLAG_LOG"], "listenerPath": "/run/a.sock", "listenerMetadata": "m",
    "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]})");
  Target target{.loader_version = {28, 5, 2}, .runtime_version = {1, 5, 1}, .capabilities = {}};
  const auto flat = Resolve(document, target);
  ASSERT_TRUE(flat) << flat.error().message;
  EXPECT_THAT(flat->warnings, ElementsAre(HasSubstr("defaultErrnoRet: docker before 23.0"),
                                          HasSubstr("flags: docker before 23.0"),
                                          HasSubstr("listenerPath: docker before 23.0")));
  EXPECT_EQ(flat->document.listener_metadata, "m");
  // Told for such a docker, the members are left out, since they mean nothing there; and that is said.
  target.loader_version = {20, 10, 24};
  const auto old = Resolve(DocumentOf(R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
    "flags": ["SECCOMP_FILTER_FLAG_LOG"], "syscalls": []})"),
                           target);
  ASSERT_TRUE(old) << old.error().message;
  EXPECT_THAT(old->warnings, ElementsAre(HasSubstr("/defaultErrnoRet: docker 20.10.24 does not read it"),
                                         HasSubstr("/flags: docker 20.10.24 does not read it")));
  EXPECT_EQ(old->document.default_errno_return, 1u);
  EXPECT_THAT(old->document.flags, IsEmpty());
}

TEST(Resolve, AnErrnoByNameIsLostWithAWarningButUnderPodman) {
  const auto document = DocumentOf(R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrno": "EACCES",
    "syscalls": [{"names": ["getpid"], "action": "SCMP_ACT_ERRNO", "errno": "ENOSYS"},
                 {"names": ["getppid"], "action": "SCMP_ACT_ERRNO", "errno": "ENOSYS"}]})");
  for (const auto loader : {profile::Loader::kDocker, profile::Loader::kOci}) {
    const auto lost = Resolve(document, Target{.loader = loader, .capabilities = {}});
    ASSERT_TRUE(lost) << lost.error().message;
    EXPECT_THAT(lost->warnings,
                ::testing::IsSupersetOf({HasSubstr("/defaultErrno: "), HasSubstr("/syscalls/0/errno: ")}));
    EXPECT_THAT(lost->warnings, ::testing::Contains(HasSubstr("nor in 1 further rules")));
    EXPECT_EQ(lost->document.rules[0].errno_return, 1u);
  }
  const auto kept = Resolve(document, Target{.loader = profile::Loader::kPodman, .capabilities = {}});
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_THAT(kept->warnings, ::testing::Not(::testing::Contains(HasSubstr("does not read"))));
  EXPECT_EQ(kept->document.rules[0].errno_return, 38u);
}

TEST(Resolve, AnEmptyDocumentIsNoFilterAndSaysSo) {
  const auto flat = Resolve(DocumentOf("{}"), Target{});
  ASSERT_TRUE(flat) << flat.error().message;
  EXPECT_FALSE(flat->document.has_default_action);
  EXPECT_THAT(flat->warnings, ElementsAre(AllOf(HasSubstr("defaultAction"), HasSubstr("no filter"))));
}

TEST(Resolve, WhatTheTargetRefusesCannotBeResolved) {
  const auto document = DocumentOf(R"({"defaultAction": "SCMP_ACT_ERRNO",
    "syscalls": [{"names": ["read"], "name": "write", "action": "SCMP_ACT_ALLOW"}]})");
  const auto flat = Resolve(document, Target{});
  ASSERT_FALSE(flat);
  EXPECT_EQ(flat.error().code, ErrorCode::kBadInput);
  EXPECT_THAT(flat.error().message, AllOf(HasSubstr("p.json"), HasSubstr("exclude each other")));
}

}  // namespace
}  // namespace whittle::filter::testing

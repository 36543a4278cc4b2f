#include "optimize/generate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sched.h>

#include <algorithm>

#include "optimize/clone.h"
#include "optimize/verify.h"
#include "profile/library_names.h"
#include "syscalls/table.h"

namespace whittle::optimize {
namespace {

using evidence::Arrival;
using evidence::CallKey;
using evidence::CloneFlags;
using evidence::Evidence;
using evidence::Fate;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

Evidence Seen(std::initializer_list<std::pair<Abi, const char*>> calls, Fate fate = Fate::kAllowed) {
  Evidence evidence;
  evidence.recordings["r"].epochs = 50;
  for (const auto& [abi, name] : calls) {
    const CallKey key{abi, *ParseSyscall(abi, name), fate, false};
    evidence.subjects[{"web", "/bin/app", Arrival::kWorkload}][key].epochs["r"].Add(0, 49);
  }
  return evidence;
}

std::vector<std::string> Names(const Generated& generated) {
  std::vector<std::string> names;
  for (const auto& [call, grant] : generated.grants) names.push_back(call);
  return names;
}

TEST(Generate, AllowsWhatWasSeenAndWhatItTakesToRun) {
  const auto generated = Generate(Seen({{Abi::kX86_64, "openat"}, {Abi::kX86_64, "sendfile"}}), Options{});
  ASSERT_TRUE(generated) << generated.error().message;
  EXPECT_THAT(Names(*generated),
              testing::IsSupersetOf({"openat", "sendfile", "exit_group", "rt_sigreturn", "execve"}));
  EXPECT_EQ(generated->grants.at("sendfile").origin, Origin::kWorkload);
  EXPECT_EQ(generated->grants.at("capset").origin, Origin::kRuntime);
  EXPECT_EQ(generated->Count(Origin::kWorkload), 2u);
  EXPECT_EQ(generated->document.default_action, profile::Action::kErrno);
  EXPECT_EQ(generated->document.architectures, std::vector<std::string>{"SCMP_ARCH_X86_64"});
}

TEST(Generate, AllowsWhatWasRefusedOnlyOnTheUsersWord) {
  const auto evidence =
      *Merge(Seen({{Abi::kX86_64, "openat"}}), Seen({{Abi::kX86_64, "rmdir"}}, Fate::kDenied));
  const auto kept = Generate(evidence, Options{});
  ASSERT_TRUE(kept);
  EXPECT_THAT(Names(*kept), Not(Contains("rmdir")));
  EXPECT_THAT(kept->warnings, Contains(HasSubstr("not allowed here: rmdir (--allow-denied")));
  Options options;
  options.refusals = Refusals::kAllow;
  const auto allowed = Generate(evidence, options);
  ASSERT_TRUE(allowed);
  EXPECT_EQ(allowed->grants.at("rmdir").origin, Origin::kWorkload);
  EXPECT_TRUE(allowed->refused_when_recorded.empty());
}

TEST(Generate, WhatTheRuntimeNeedsDoesNotStayRefused) {
  const auto evidence =
      *Merge(Seen({{Abi::kX86_64, "openat"}}), Seen({{Abi::kX86_64, "capset"}}, Fate::kDenied));
  const auto generated = Generate(evidence, Options{});
  ASSERT_TRUE(generated);
  EXPECT_TRUE(generated->refused_when_recorded.empty());
  EXPECT_THAT(generated->warnings, Not(Contains(HasSubstr("not allowed here"))));
}

TEST(Generate, TakesTheUsersOwnBaseline) {
  Options options;
  options.baseline.emplace();
  options.baseline->measured = "new-runtime.txt";
  BaselineRow row;
  row.call = "statx";
  row.phase = "start";
  options.baseline->rows.push_back(row);
  const auto generated = Generate(Seen({{Abi::kX86_64, "openat"}}), options);
  ASSERT_TRUE(generated) << generated.error().message;
  EXPECT_EQ(generated->grants.at("statx").origin, Origin::kRuntime);
  EXPECT_THAT(Names(*generated), Not(Contains("capset")));
}

TEST(Generate, NumbersWithoutANameAreSaidNotWritten) {
  const auto generated = Generate(Seen({{Abi::kX86_64, "openat"}, {Abi::kX86_64, "#999"}}), Options{});
  ASSERT_TRUE(generated);
  EXPECT_THAT(generated->warnings,
              Contains("x86_64 number 999 has no name; it cannot be put into a JSON profile"));
  for (const auto& rule : generated->document.rules) {
    for (const auto& name : rule.names) EXPECT_TRUE(IsSyscallName(name)) << name;
  }
}

TEST(Generate, ListsTheArchitecturesOfTheEvidence) {
  const auto generated = Generate(Seen({{Abi::kX86_64, "openat"}, {Abi::kI386, "socketcall"}}), Options{});
  ASSERT_TRUE(generated);
  EXPECT_THAT(generated->document.architectures, testing::ElementsAre("SCMP_ARCH_X86_64", "SCMP_ARCH_X86"));
  EXPECT_THAT(Names(*generated), Contains("sigreturn"));
}

TEST(Generate, LeavesOutWhatCameFromOutsideAndWhatWasRefused) {
  Evidence evidence = Seen({{Abi::kX86_64, "openat"}});
  evidence.subjects[{"web", "/usr/bin/runc", Arrival::kArrived}][{Abi::kX86_64, 165, Fate::kAllowed, false}]
      .epochs["r"]
      .Add(0);
  evidence.subjects[{"web", "/bin/app", Arrival::kWorkload}][{Abi::kX86_64, 272, Fate::kDenied, true}]
      .epochs["r"]
      .Add(0);
  const auto generated = Generate(evidence, Options{});
  ASSERT_TRUE(generated);
  EXPECT_THAT(Names(*generated), Not(Contains("mount")));
  EXPECT_THAT(Names(*generated), Not(Contains("unshare")));
  EXPECT_TRUE(generated->refused_when_recorded.contains({Abi::kX86_64, 272}));
  EXPECT_THAT(generated->warnings, Contains(HasSubstr("unshare")));
  EXPECT_THAT(generated->warnings, Contains(HasSubstr("a filter was in force")));
}

TEST(Generate, AnswersEnosysWhereProgramsFallBack) {
  const auto generated = Generate(Seen({{Abi::kX86_64, "openat"}}), Options{});
  ASSERT_TRUE(generated);
  EXPECT_TRUE(generated->answered_enosys.contains("clone3"));
  const auto judge = Judge::Create(generated->document, profile::Target{});
  ASSERT_TRUE(judge);
  EXPECT_EQ(judge->Ask(Abi::kX86_64, *SyscallNumber(Abi::kX86_64, "clone3"))->verdict, "ERRNO(38)");
  EXPECT_EQ(judge->Ask(Abi::kX86_64, *SyscallNumber(Abi::kX86_64, "mount"))->verdict, "ERRNO(1)");
  const auto with_clone3 = Generate(Seen({{Abi::kX86_64, "clone3"}}), Options{});
  EXPECT_FALSE(with_clone3->answered_enosys.contains("clone3"));
}

// runc answers ENOSYS to what is newer than the newest call that a profile names. Naming more must not turn
// the ENOSYS of a call with a fallback into EPERM: whatever the evidence names, each such call keeps its
// answer.
TEST(Generate, NoCallMovesTheAnswerOfAnother) {
  const Abi abi = Abi::kX86_64;
  for (const char* newest : {"openat", "openat2", "faccessat2", "futex_waitv", "statx"}) {
    const auto generated = Generate(Seen({{abi, newest}}), Options{});
    ASSERT_TRUE(generated);
    const auto judge = Judge::Create(generated->document, profile::Target{});
    for (const auto& name : generated->answered_enosys) {
      EXPECT_EQ(judge->Ask(abi, *SyscallNumber(abi, name))->verdict, "ERRNO(38)")
          << name << " beside " << newest;
    }
  }
}

TEST(Generate, PortableAddsEquivalentsAndSaysForWhat) {
  Options options;
  options.level = Level::kPortable;
  const auto generated = Generate(Seen({{Abi::kX86_64, "open"}, {Abi::kX86_64, "fork"}}), options);
  ASSERT_TRUE(generated);
  const auto& clone = generated->grants.at("clone");
  EXPECT_EQ(clone.origin, Origin::kEquivalent);
  EXPECT_EQ(clone.instead_of, "fork");
  EXPECT_FALSE(clone.because.empty());
  EXPECT_THAT(Names(*generated), Not(Contains("clone3")));
  EXPECT_THAT(Names(*generated), Not(Contains("fcntl64"))) << "no 32-bit ABI is listed";
}

// A row is of use only where an ABI of the profile has use for it.
TEST(Generate, PortableAsksWhetherAnAbiOfTheProfileHasUseForAnEquivalent) {
  Options options;
  options.level = Level::kPortable;
  const auto native = Generate(Seen({{Abi::kX86_64, "arch_prctl"}, {Abi::kX86_64, "fstat"}}), options);
  ASSERT_TRUE(native);
  EXPECT_THAT(Names(*native), Not(Contains("set_thread_area"))) << "x86-64 only has the number";
  EXPECT_FALSE(native->grants.contains("statx") && native->grants.at("statx").instead_of == "fstat");
  const auto both = Generate(Seen({{Abi::kX86_64, "arch_prctl"}, {Abi::kI386, "fstat64"}}), options);
  ASSERT_TRUE(both);
  EXPECT_THAT(Names(*both), testing::IsSupersetOf({"set_thread_area", "fstat"}));
  options.target.arch = Abi::kAarch64;
  const auto arm = Generate(Seen({{Abi::kAarch64, "openat"}}), options);
  ASSERT_TRUE(arm);
  EXPECT_THAT(Names(*arm), Not(Contains("open"))) << "arm64 has no open";
}

// What one libc was seen to do, another does otherwise: named, labelled, and not allowed unless asked for.
TEST(Generate, SuggestsWhatAnotherLibcUsesForTheSameJob) {
  Options options;
  options.target.runtime = profile::Runtime::kNone;
  std::map<std::string, std::set<std::string>> expected = {
      {"open", {"openat"}},
      {"access", {"faccessat", "faccessat2"}},
      {"epoll_wait", {"epoll_pwait", "epoll_pwait2"}},
      {"poll", {"ppoll"}},
      {"select", {"pselect6"}},
      {"fork", {"clone", "clone3"}},
      {"clone", {"clone3"}},
      {"pipe", {"pipe2"}},
      {"dup2", {"dup3"}},
      {"stat", {"newfstatat", "statx"}},
      {"lstat", {"newfstatat", "statx"}},
  };
  for (const auto& [call, others] : expected) {
    const auto generated = Generate(Seen({{Abi::kX86_64, call.c_str()}}), options);
    ASSERT_TRUE(generated) << generated.error().message;
    std::set<std::string> suggested;
    for (const auto& one : generated->suggestions) {
      if (one.call != call) continue;
      suggested.insert(one.also);
      EXPECT_FALSE(one.because.empty());
      EXPECT_EQ(one.standing == Suggestion::Standing::kNever, one.also == "clone3") << one.also;
      EXPECT_FALSE(generated->grants.contains(one.also)) << one.also;
    }
    EXPECT_EQ(suggested, others) << call;
  }
}

TEST(Generate, SuggestsTheStartUpCallsOfGlibcToAProgramOfAnotherLibc) {
  const auto generated = Generate(Seen({{Abi::kX86_64, "write"}}), Options{});
  ASSERT_TRUE(generated);
  std::set<std::string> suggested;
  for (const auto& one : generated->suggestions) {
    if (one.call.empty()) suggested.insert(one.also);
  }
  EXPECT_THAT(suggested, testing::IsSupersetOf({"rseq", "set_robust_list", "arch_prctl", "rt_sigprocmask"}));
}

TEST(Generate, AllowsWhatNoRecorderSees) {
  const auto generated = Generate(Seen({{Abi::kX86_64, "openat"}}), Options{});
  ASSERT_TRUE(generated);
  for (const char* call : {"clock_gettime", "gettimeofday", "time", "getcpu", "restart_syscall"}) {
    ASSERT_TRUE(generated->grants.contains(call)) << call;
    EXPECT_EQ(generated->grants.at(call).origin, Origin::kEssential) << call;
    EXPECT_FALSE(generated->grants.at(call).because.empty());
  }
  EXPECT_FALSE(generated->grants.contains("clock_gettime64")) << "no 32-bit ABI is listed";
}

TEST(Generate, ThreadsBringTheLockThatTheyMayMeet) {
  Options options;
  options.target.runtime = profile::Runtime::kNone;
  EXPECT_FALSE(Generate(Seen({{Abi::kX86_64, "fork"}}), options)->grants.contains("futex"));
  EXPECT_TRUE(Generate(Seen({{Abi::kX86_64, "clone3"}}), options)->grants.contains("futex"));
}

TEST(Generate, LogRefusesNothing) {
  Options options;
  options.deny = Deny::kLog;
  const auto generated = Generate(Seen({{Abi::kX86_64, "openat"}}), options);
  ASSERT_TRUE(generated);
  const auto judge = Judge::Create(generated->document, options.target);
  for (const auto name : AllSyscallNames()) {
    const auto number = SyscallNumber(Abi::kX86_64, name);
    if (!number) continue;
    EXPECT_EQ(judge->Ask(Abi::kX86_64, *number)->kind, Answer::Kind::kAllowed) << name;
  }
}

TEST(Generate, WarnsOfGapsInTheProfileItself) {
  Evidence evidence = Seen({{Abi::kX86_64, "openat"}});
  evidence::AddGap(evidence.gaps, {"r", "table-full", "subjects", 3});
  const auto generated = Generate(evidence, Options{});
  ASSERT_TRUE(generated);
  EXPECT_THAT(generated->document.rules.front().comment,
              HasSubstr("WARNING: the evidence has a gap (table-full"));
}

TEST(Generate, WhereRefusalsWereWatchedOnlyWhatFollowedThemIsUnknown) {
  Evidence evidence =
      *Merge(Seen({{Abi::kX86_64, "openat"}}), Seen({{Abi::kX86_64, "rmdir"}}, Fate::kDenied));
  EXPECT_THAT(Generate(evidence, Options{})->warnings, Not(Contains(HasSubstr("what it refused"))));
  EXPECT_THAT(Generate(evidence, Options{})->warnings, Contains(HasSubstr("would have done next")));
  evidence = Seen({{Abi::kX86_64, "openat"}});
  auto& calls = evidence.subjects[{"web", "/bin/app", Arrival::kWorkload}];
  calls[{Abi::kX86_64, 0, Fate::kAllowed, true}].epochs["r"].Add(0);
  EXPECT_THAT(Generate(evidence, Options{})->warnings, Contains(HasSubstr("what it refused")));
  evidence.recordings["r"].refusals_watched = true;
  EXPECT_THAT(Generate(evidence, Options{})->warnings, Not(Contains(HasSubstr("would have done next"))));
}

TEST(Generate, WhatNoProfileCanAllowIsSaid) {
  const auto generated = Generate(Seen({{Abi::kX86_64, "openat"}, {Abi::kX86_64, "#700"}}), Options{});
  ASSERT_TRUE(generated) << generated.error().message;
  EXPECT_THAT(generated->warnings, Contains(HasSubstr("number 700")));
}

Evidence Cloning(const char* call, std::initializer_list<CloneFlags> flags) {
  Evidence evidence = Seen({{Abi::kX86_64, "openat"}});
  auto& calls = evidence.subjects[{"web", "/bin/app", Arrival::kWorkload}];
  for (const CloneFlags one : flags) {
    calls[{Abi::kX86_64, *SyscallNumber(Abi::kX86_64, call), Fate::kAllowed, false, one}].epochs["r"].Add(0,
                                                                                                          49);
  }
  return evidence;
}

Answer AskClone(const Generated& generated, const char* call, CloneFlags flags) {
  const auto judge = Judge::Create(generated.document, profile::Target{});
  return *judge->Ask(Abi::kX86_64, *SyscallNumber(Abi::kX86_64, call), flags);
}

TEST(GenerateClone, IsAllowedWithoutNamespacesWhereNoneWereSeen) {
  const auto generated = Generate(Cloning("clone", {CloneFlags::kOrdinary}), Options{});
  ASSERT_TRUE(generated) << generated.error().message;
  EXPECT_EQ(AskClone(*generated, "clone", CloneFlags::kOrdinary).kind, Answer::Kind::kAllowed);
  EXPECT_EQ(AskClone(*generated, "clone", CloneFlags::kNamespaces).verdict, "ERRNO(1)");
  EXPECT_FALSE(generated->clone3_replaced);
}

TEST(GenerateClone, TakesThePlaceOfClone3WhoseFlagsNoFilterSees) {
  const auto generated = Generate(Cloning("clone3", {CloneFlags::kOrdinary}), Options{});
  ASSERT_TRUE(generated) << generated.error().message;
  EXPECT_EQ(AskClone(*generated, "clone3", CloneFlags::kOrdinary).verdict, "ERRNO(38)");
  EXPECT_EQ(AskClone(*generated, "clone", CloneFlags::kOrdinary).kind, Answer::Kind::kAllowed);
  EXPECT_EQ(AskClone(*generated, "clone", CloneFlags::kNamespaces).verdict, "ERRNO(1)");
  EXPECT_EQ(generated->grants.at("clone").instead_of, "clone3");
}

// What was seen stays possible, whatever it was.
TEST(GenerateClone, StaysOpenWhereTheWorkloadNeedsItOrNobodyKnows) {
  for (const auto flags : {CloneFlags::kNamespaces, CloneFlags::kOnlyClone3, CloneFlags::kUnknown}) {
    for (const char* call : {"clone", "clone3"}) {
      const auto generated = Generate(Cloning(call, {CloneFlags::kOrdinary, flags}), Options{});
      ASSERT_TRUE(generated) << generated.error().message;
      EXPECT_EQ(AskClone(*generated, call, CloneFlags::kUnknown).kind, Answer::Kind::kAllowed);
      EXPECT_THAT(generated->warnings, Contains(HasSubstr("clone")));
    }
  }
}

TEST(GenerateClone, StaysAsSeenWithArgsOff) {
  Options options;
  options.arguments = Arguments::kOff;
  const auto generated = Generate(Cloning("clone3", {CloneFlags::kOrdinary}), options);
  ASSERT_TRUE(generated);
  EXPECT_EQ(AskClone(*generated, "clone3", CloneFlags::kUnknown).kind, Answer::Kind::kAllowed);
  EXPECT_THAT(Names(*generated), Not(Contains("clone")));
}

TEST(GenerateClone, IsNarrowedToTheSameBitsThatTheRecorderLooksFor) {
  EXPECT_EQ(OrdinaryClone(Abi::kX86_64).value, kNamespaceFlags);
  EXPECT_EQ(kNamespaceFlags, uint64_t{CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                      CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET});
  EXPECT_EQ(OrdinaryClone(Abi::kS390x).index, 1u);
}

// Evidence of /bin/app of which the arguments of some calls are known.
struct SeenWith {
  const char* call;
  evidence::Arguments arguments;
};
Evidence With(std::initializer_list<SeenWith> seen, Abi abi = Abi::kX86_64) {
  Evidence evidence = Seen({{Abi::kX86_64, "openat"}});
  auto& calls = evidence.subjects[{"web", "/bin/app", Arrival::kWorkload}];
  for (const auto& [call, arguments] : seen) {
    auto& observation = calls[{abi, *SyscallNumber(abi, call)}];
    observation.epochs["r"].Add(0, 49);
    observation.arguments = arguments;
  }
  return evidence;
}

Answer AskWith(const Generated& generated, const char* call, const evidence::Arguments& arguments) {
  const auto judge = Judge::Create(generated.document, profile::Target{});
  return *judge->Ask(Abi::kX86_64, *SyscallNumber(Abi::kX86_64, call), CloneFlags::kUnknown, arguments);
}

Options WithAllArguments() {
  Options options;
  options.arguments = Arguments::kAll;
  return options;
}

TEST(GenerateArguments, AreAllowedAsTheyWereSeen) {
  evidence::Arguments sockets({0, 1}, {2, 1});
  sockets.Join(evidence::Arguments({0, 1}, {1, 0x80002}));
  const auto generated =
      Generate(With({{"socket", sockets}, {"ioctl", {{1}, {0x80045430}}}}), WithAllArguments());
  ASSERT_TRUE(generated) << generated.error().message;
  const auto socket = [&](uint64_t domain, uint64_t type) {
    return AskWith(*generated, "socket", evidence::Arguments({0, 1}, {domain, type})).kind;
  };
  EXPECT_EQ(socket(2, 1), Answer::Kind::kAllowed);
  EXPECT_EQ(socket(1, 0x80002), Answer::Kind::kAllowed);
  EXPECT_EQ(socket(2, 0x80002), Answer::Kind::kRefused) << "not in this combination";
  EXPECT_EQ(socket(16, 3), Answer::Kind::kRefused);
  EXPECT_EQ(socket(0x500000002, 1), Answer::Kind::kAllowed)
      << "the kernel takes the low half, whatever stands above";
  EXPECT_EQ(AskWith(*generated, "ioctl", evidence::Arguments({1}, {0x80045430})).kind,
            Answer::Kind::kAllowed);
  EXPECT_EQ(AskWith(*generated, "ioctl", evidence::Arguments({1}, {0x5412})).kind, Answer::Kind::kRefused);
  EXPECT_THAT(generated->warnings, Contains(HasSubstr("ioctl, socket")));
}

TEST(GenerateArguments, StayOpenByDefault) {
  const auto generated = Generate(With({{"socket", {{0, 1}, {2, 1}}}}), Options{});
  ASSERT_TRUE(generated);
  EXPECT_EQ(AskWith(*generated, "socket", {}).kind, Answer::Kind::kAllowed);
  EXPECT_TRUE(generated->narrowed.empty());
}

TEST(GenerateArguments, StayOpenWhereNotAllSightingsTellThem) {
  auto evidence = With({{"socket", {{0, 1}, {2, 1}}}});
  const auto socket = *SyscallNumber(Abi::kX86_64, "socket");
  auto& other = evidence.subjects[{"web", "/bin/other", Arrival::kWorkload}][{Abi::kX86_64, socket}];
  other.epochs["r"].Add(1);
  const auto generated = Generate(evidence, WithAllArguments());
  ASSERT_TRUE(generated) << generated.error().message;
  EXPECT_EQ(AskWith(*generated, "socket", {}).kind, Answer::Kind::kAllowed);
  EXPECT_THAT(generated->warnings, Contains(HasSubstr("--args all adds nothing")));
}

// The runtime calls prctl itself, with arguments that nobody recorded.
TEST(GenerateArguments, StayOpenWhereTheRuntimeNeedsTheCallToo) {
  const auto generated =
      Generate(With({{"prctl", {{0}, {15}}}, {"socket", {{0, 1}, {2, 1}}}}), WithAllArguments());
  ASSERT_TRUE(generated) << generated.error().message;
  EXPECT_EQ(AskWith(*generated, "prctl", {}).kind, Answer::Kind::kAllowed);
  EXPECT_TRUE(generated->narrowed.contains("socket"));
}

// On i386 socket is also what socketcall does: a filter sees no arguments of it.
TEST(GenerateArguments, StayOpenWhereAnotherAbiHasThemElsewhere) {
  auto evidence = With({{"socket", {{0, 1}, {2, 1}}}, {"madvise", {{2}, {4}}}});
  evidence = *Merge(evidence, With({{"getpid", {}}}, Abi::kI386));
  const auto generated = Generate(evidence, WithAllArguments());
  ASSERT_TRUE(generated) << generated.error().message;
  EXPECT_FALSE(generated->narrowed.contains("socket"));
  EXPECT_TRUE(generated->narrowed.contains("madvise"));
}

TEST(Generate, EvidenceWithoutWorkloadIsAnErrorThatSaysWhatToDo) {
  const auto empty = Generate(Evidence{}, Options{});
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().code, ErrorCode::kBadInput);
  EXPECT_THAT(empty.error().message, HasSubstr("whittle record"));
}

TEST(Generate, IsTheSameForTheSameEvidence) {
  const Evidence evidence = Seen({{Abi::kX86_64, "openat"}, {Abi::kX86_64, "read"}});
  EXPECT_EQ(profile::Write(Generate(evidence, Options{})->document),
            profile::Write(Generate(evidence, Options{})->document));
}

// For random evidence and every target: what was seen passes, what was not seen is refused; the only
// condition is that of clone.
TEST(Generate, LetsExactlyTheGrantsPass) {
  EXPECT_TRUE(rc::check([] {
    Options options;
    options.level = *rc::gen::element(Level::kStrict, Level::kPortable);
    options.deny = *rc::gen::element(Deny::kErrno, Deny::kKill);
    options.target.runtime =
        *rc::gen::element(profile::Runtime::kRunc, profile::Runtime::kCrun, profile::Runtime::kNone);
    options.target.loader =
        *rc::gen::element(profile::Loader::kDocker, profile::Loader::kPodman, profile::Loader::kOci);
    options.target.no_new_privs = *rc::gen::arbitrary<bool>();
    const auto all = AllSyscallNames();
    const auto clone_flags =
        *rc::gen::element(CloneFlags::kUnknown, CloneFlags::kOrdinary, CloneFlags::kNamespaces);
    Evidence evidence;
    evidence.recordings["r"].epochs = 1;
    const int count = *rc::gen::inRange(1, 80);
    for (int i = 0; i < count; ++i) {
      const Abi abi = *rc::gen::element(Abi::kX86_64, Abi::kI386, Abi::kX32);
      const auto number = SyscallNumber(abi, all[*rc::gen::inRange<size_t>(0, all.size())]);
      if (!number) continue;
      const auto name = SyscallName(abi, *number);
      const auto flags = name == "clone" || name == "clone3" ? clone_flags : CloneFlags::kUnknown;
      evidence.subjects[{"-", "/a", Arrival::kWorkload}][{abi, *number, Fate::kAllowed, false, flags}]
          .epochs["r"]
          .Add(0);
    }
    if (evidence.subjects.empty()) return;
    const auto generated = Generate(evidence, options);
    if (!generated) RC_FAIL(generated.error().message);
    for (const auto& rule : generated->document.rules) {
      RC_ASSERT(rule.conditions.empty() || rule.names == std::vector<std::string>{"clone"});
    }
    const auto judge = Judge::Create(generated->document, options.target);
    for (const auto name : all) {
      const auto number = SyscallNumber(Abi::kX86_64, name);
      if (!number) continue;
      const bool granted = generated->grants.contains(std::string(name));
      const auto flags =
          generated->clone_narrowed && name == "clone" ? CloneFlags::kOrdinary : CloneFlags::kUnknown;
      const auto answer = judge->Ask(Abi::kX86_64, *number, flags);
      RC_ASSERT(answer.has_value());
      RC_ASSERT((answer->kind == Answer::Kind::kAllowed) == granted);
    }
  }));
}

// Names have no architecture: a profile for two kinds of machines opens on each what the other one needs, and
// says so.
TEST(Machines, OfTwoKindsTheUnionIsSaid) {
  const auto evidence = *Merge(Seen({{Abi::kX86_64, "mkdir"},
                                     {Abi::kX86_64, "open"},
                                     {Abi::kX86_64, "epoll_wait"},
                                     {Abi::kX86_64, "arch_prctl"},
                                     {Abi::kX86_64, "read"},
                                     {Abi::kI386, "getpid"}}),
                               Seen({{Abi::kAarch64, "mkdirat"},
                                     {Abi::kAarch64, "openat"},
                                     {Abi::kAarch64, "epoll_pwait"},
                                     {Abi::kAarch64, "read"}}));
  const auto generated = Generate(evidence, Options{});
  ASSERT_TRUE(generated) << generated.error().message;
  EXPECT_THAT(generated->document.architectures,
              testing::IsSupersetOf({"SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"}));
  EXPECT_THAT(Names(*generated),
              testing::IsSupersetOf({"mkdir", "mkdirat", "open", "openat", "epoll_wait", "epoll_pwait"}));
  using Opened = std::map<Abi, std::set<std::string>>;
  EXPECT_EQ(generated->opened_elsewhere,
            (Opened{{Abi::kX86_64, {"epoll_pwait", "mkdirat", "openat"}}, {Abi::kAarch64, {"getpid"}}}))
      << "aarch64 has no mkdir, open, epoll_wait and arch_prctl";
  EXPECT_THAT(generated->document.rules.front().comment,
              HasSubstr("Open on x86_64 though seen elsewhere only: epoll_pwait mkdirat openat."));
  Options arm;
  arm.target.arch = Abi::kAarch64;
  const auto there = Verify(generated->document, arm.target, evidence);
  ASSERT_TRUE(there);
  EXPECT_TRUE(there->refused.empty());
}

TEST(Machines, OfOneKindThereIsNothingToSay) {
  const auto generated = Generate(Seen({{Abi::kX86_64, "openat"}, {Abi::kI386, "getpid"}}), Options{});
  ASSERT_TRUE(generated);
  EXPECT_TRUE(generated->opened_elsewhere.empty());
}

TEST(Machines, OneOfThemGetsAProfileOfItsOwn) {
  const auto evidence = *Merge(Seen({{Abi::kX86_64, "mkdir"}, {Abi::kI386, "getpid"}}),
                               Seen({{Abi::kS390x, "mkdirat"}, {Abi::kS390, "getppid"}}));
  const auto both = Generate(evidence, Options{});
  ASSERT_FALSE(both) << "libseccomp takes no two byte orders";
  EXPECT_THAT(both.error().message, HasSubstr("--one-arch"));
  Options there;
  there.target.arch = Abi::kS390x;
  const auto own = Generate(*OfMachine(evidence, Abi::kS390x), there);
  ASSERT_TRUE(own) << own.error().message;
  EXPECT_THAT(Names(*own), testing::AllOf(Contains("mkdirat"), Contains("getppid"), Not(Contains("mkdir"))));
  EXPECT_EQ(own->document.architectures.front(), "SCMP_ARCH_S390X");
  EXPECT_THAT(own->warnings, Not(Contains(HasSubstr("the evidence is of"))));
}

TEST(Machines, EvidenceOfAnotherIsDoubtful) {
  const auto evidence = Seen({{Abi::kX86_64, "mkdir"}, {Abi::kI386, "getpid"}});
  Options there;
  there.target.arch = Abi::kAarch64;
  const auto generated = Generate(evidence, there);
  ASSERT_TRUE(generated) << generated.error().message;
  const std::string doubt =
      "the evidence is of x86_64, without a call of aarch64: what the workload calls there is not known";
  EXPECT_THAT(generated->warnings, Contains(doubt));
  const auto verification = Verify(generated->document, there.target, evidence);
  ASSERT_TRUE(verification);
  EXPECT_EQ(verification->other_machine, doubt);
  const auto none = OfMachine(evidence, Abi::kAarch64);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "the evidence holds no calls of aarch64; it has those of x86_64");
}

}  // namespace
}  // namespace whittle::optimize

// Recorded ends of containers (docs/why.md), one row each: how the container was broken, and the cause that
// has to stand first.
#include "diagnose/diagnose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "diagnose/collect.h"
#include "diagnose/show.h"
#include "optimize/baseline.h"

namespace whittle::diagnose {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

profile::Target TargetOf(const std::string& runtime, bool no_new_privs = false) {
  profile::Target target;
  target.runtime = runtime == "crun" ? profile::Runtime::kCrun : profile::Runtime::kRunc;
  target.runtime_version = runtime == "crun" ? profile::Version{1, 8, 1} : profile::Version{1, 1, 5};
  target.capabilities = profile::DefaultCapabilities();
  target.no_new_privs = no_new_privs;
  return target;
}

// All that the runtime needs at a start, and a program; without `missing`.
std::string Profile(const std::vector<std::string>& missing, const std::string& deny = "SCMP_ACT_ERRNO",
                    const std::string& more = "") {
  std::set<std::string> names = {"exit_group",      "brk",          "mmap",  "mprotect", "arch_prctl",
                                 "set_tid_address", "chown",        "mkdir", "mkdirat",  "wait4",
                                 "clone",           "rt_sigaction", "open"};
  for (const auto& row : optimize::MeasuredBaselines()) {
    if (row.phase == "start") names.insert(row.call);
  }
  for (const auto& name : missing) names.erase(name);
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "\"" : ", \"") + name + "\"";
  return R"({"defaultAction": ")" + deny +
         R"(", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [{"names": [)" + list +
         R"(], "action": "SCMP_ACT_ALLOW"})" + more + "]}";
}

Facts FactsOf(const std::string& profile, const std::string& state, int exit_code,
              const std::string& runtime = "runc") {
  Facts facts;
  facts.name = "web";
  facts.target = TargetOf(runtime);
  facts.info = container::ContainerInfo{};
  facts.info->name = "web";
  facts.info->engine_version = "20.10.24";
  facts.info->state = state;
  facts.info->exit_code = exit_code;
  facts.info->runtime = runtime;
  facts.info->capabilities = profile::DefaultCapabilities();
  facts.profile.given = ProfileFacts::Given::kDocument;
  TakeProfileText(profile, "p.json", facts.profile);
  return facts;
}

Cause First(const Facts& facts) {
  const auto diagnosis = Diagnose(facts);
  EXPECT_TRUE(diagnosis) << diagnosis.error().message;
  if (!diagnosis || diagnosis->causes.empty()) {
    ADD_FAILURE() << "no cause";
    return {};
  }
  return diagnosis->causes.front();
}

void ExpectFirst(const Facts& facts, Kind kind, Certainty certainty) {
  const auto cause = First(facts);
  EXPECT_EQ(KindName(cause.kind), KindName(kind)) << cause.what;
  EXPECT_EQ(CertaintyName(cause.certainty), CertaintyName(certainty)) << cause.what;
}

struct Broken {
  const char* runtime;
  const char* missing;
  const char* deny;
  const char* error;
  const char* state = "created";
  int exit_code = 128;
};

const Broken kBrokenStarts[] = {
    {"runc", "capset", "SCMP_ACT_ERRNO",
     "runc create failed: unable to start container process: unable to apply caps: "
     "operation not permitted: unknown"},
    {"runc", "setgroups", "SCMP_ACT_ERRNO",
     "unable to setup user: setgroups: operation not permitted: unknown"},
    {"runc", "write", "SCMP_ACT_ERRNO",
     "OCI runtime start failed: cannot start an already running container: unknown"},
    {"runc", "capset", "SCMP_ACT_KILL_PROCESS", "cannot start a stopped process: unknown"},
    {"runc", "read", "SCMP_ACT_KILL_PROCESS", "cannot start a stopped process: unknown"},
    {"runc", "execve", "SCMP_ACT_KILL_PROCESS", "", "exited", 159},
    {"runc", "capset", "SCMP_ACT_ERRNO", "", "created", 0},  // podman keeps no message
    {"runc", "execve", "SCMP_ACT_KILL_THREAD", "", "exited", 255},
    {"crun", "capset", "SCMP_ACT_ERRNO",
     "OCI runtime create failed: capset: Operation not permitted: unknown"},
    {"crun", "setresuid", "SCMP_ACT_ERRNO",
     "OCI runtime create failed: cannot setresuid to 0: Operation not permitted"},
    {"crun", "pselect6", "SCMP_ACT_ERRNO",
     "OCI runtime start failed: container `0d83` is not running: unknown"},
    {"crun", "capset", "SCMP_ACT_KILL_PROCESS",
     "OCI runtime create failed: read from the init process: unknown"},
    {"crun", "read", "SCMP_ACT_KILL_PROCESS", "", "exited", 159},
};

TEST(DiagnoseTest, AMissingCallOfTheRuntimeIsNamed) {
  for (const auto& broken : kBrokenStarts) {
    Facts facts =
        FactsOf(Profile({broken.missing}, broken.deny), broken.state, broken.exit_code, broken.runtime);
    facts.error = broken.error;
    const auto cause = First(facts);
    EXPECT_EQ(KindName(cause.kind), "runtime-refused") << broken.runtime << " " << broken.missing;
    EXPECT_EQ(CertaintyName(cause.certainty), "certain");
    ASSERT_FALSE(cause.calls.empty());
    EXPECT_EQ(cause.calls.front(), broken.missing);
    EXPECT_THAT(cause.what, HasSubstr("before the workload runs"));
    EXPECT_THAT(cause.change, HasSubstr(broken.missing));
  }
}

TEST(DiagnoseTest, TheMessagePicksTheCallAmongSeveral) {
  Facts facts = FactsOf(Profile({"getcwd", "capset", "execve"}), "created", 128);
  facts.error = "unable to start container process: unable to apply caps: operation not permitted";
  const auto cause = First(facts);
  EXPECT_EQ(cause.calls.front(), "capset");
  EXPECT_EQ(cause.calls.size(), 3u);
}

TEST(DiagnoseTest, AnotherVersionThanTheMeasuredOneIsLikelyOnly) {
  Facts facts = FactsOf(Profile({"capset"}), "created", 128);
  facts.target->runtime_version = {1, 3, 3};
  ExpectFirst(facts, Kind::kRuntimeRefused, Certainty::kLikely);
}

TEST(DiagnoseTest, AStartThatHangsIsAThreadThatWasKilled) {
  Facts facts = FactsOf(Profile({"capset"}, "SCMP_ACT_KILL_THREAD"), "created", 0);
  facts.process = ProcessFacts{42, "runc:[2:INIT]", true, 3};
  const auto cause = First(facts);
  EXPECT_EQ(KindName(cause.kind), "runtime-refused");
  EXPECT_THAT(cause.because, Contains(HasSubstr("hangs")));
}

TEST(DiagnoseTest, TheRuntimesStepIsNotBlamedOnAProfileThatAllowsIt) {
  Facts facts = FactsOf(Profile({}), "created", 128);
  facts.error = "unable to start container process: unable to apply caps: operation not permitted";
  ExpectFirst(facts, Kind::kHostRights, Certainty::kLikely);
  facts = FactsOf(Profile({"capset"}), "created", 128);
  facts.profile.ignored = "the container is privileged";
  facts.error = "unable to start container process: unable to apply caps: operation not permitted";
  ExpectFirst(facts, Kind::kHostRights, Certainty::kLikely);
}

TEST(DiagnoseTest, AMissingProgramStandsBeforeWhatWouldComeNext) {
  for (const auto& profile : {Profile({}), Profile({"execve"})}) {
    Facts facts = FactsOf(profile, "created", 127);
    facts.error =
        "unable to start container process: exec: \"nosuch\": executable file not found in $PATH: unknown";
    ExpectFirst(facts, Kind::kProgramMissing, Certainty::kCertain);
  }
}

TEST(DiagnoseTest, WithoutAMessageTheImageTellsOfItsProgram) {
  Facts facts = FactsOf(Profile({}), "created", 0);
  facts.info->command = {"nosuch"};
  facts.program = ProgramFile::State::kMissing;
  ExpectFirst(facts, Kind::kProgramMissing, Certainty::kLikely);
  facts.program = ProgramFile::State::kUnusable;
  ExpectFirst(facts, Kind::kProgramUnusable, Certainty::kLikely);
}

TEST(DiagnoseTest, FaultsOfTheDocument) {
  ExpectFirst(FactsOf("{\"defaultAction\" 1}", "created", 128), Kind::kProfileBroken, Certainty::kCertain);
  EXPECT_THAT(First(FactsOf("{\n \"defaultAction\" 1}", "created", 128)).because,
              Contains(HasSubstr("p.json:2:")));
  ExpectFirst(FactsOf(Profile({}, "SCMP_ACT_DENY"), "created", 128), Kind::kProfileRefused,
              Certainty::kCertain);
  const std::string notify = R"(, {"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"})";
  ExpectFirst(FactsOf(Profile({"mkdir"}, "SCMP_ACT_ERRNO", notify), "created", 128), Kind::kNoListener,
              Certainty::kCertain);
  Facts path = FactsOf("/etc/web.json", "created", 128);
  path.info->seccomp = "/etc/web.json";
  ExpectFirst(path, Kind::kProfilePath, Certainty::kCertain);
}

TEST(DiagnoseTest, CrunWithoutAListenerAnswersEnosys) {
  const std::string notify = R"(, {"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"})";
  Facts facts = FactsOf(Profile({"mkdir"}, "SCMP_ACT_ERRNO", notify), "exited", 3, "crun");
  facts.log = {"mkdir: can't create directory '/x': Function not implemented"};
  ExpectFirst(facts, Kind::kNoListener, Certainty::kLikely);
}

TEST(DiagnoseTest, WithoutAContainerTheMessageDecides) {
  Facts facts;
  facts.error = "docker: opening seccomp profile (/x.json) failed: open /x.json: no such file or directory.";
  ExpectFirst(facts, Kind::kProfileMissing, Certainty::kCertain);
  facts.error =
      "docker: opening seccomp profile (localhost/profiles/x.json) failed: open localhost/profiles/x.json: "
      "no such file or directory.";
  ExpectFirst(facts, Kind::kProfilePath, Certainty::kCertain);
  EXPECT_THAT(First(facts).change, HasSubstr("localhostProfile: profiles/x.json"));
  facts.error =
      "runc create failed: unable to start container process: unable to apply caps: operation not permitted";
  ExpectFirst(facts, Kind::kRuntimeRefused, Certainty::kLikely);
}

TEST(DiagnoseTest, ACallOfTheWorkloadByItsComplaint) {
  Facts facts = FactsOf(Profile({"mkdir", "mkdirat"}), "exited", 1);
  facts.log = {"mkdir: can't create directory '/x': Operation not permitted"};
  ExpectFirst(facts, Kind::kWorkloadRefused, Certainty::kLikely);
  EXPECT_THAT(First(facts).calls, Contains("mkdir"));
}

TEST(DiagnoseTest, ACallOfTheWorkloadThatSomebodySaw) {
  Facts facts = FactsOf(Profile({"mkdir", "mkdirat"}), "exited", 1);
  facts.watched = "kept.json";
  RefusedCall refused;
  refused.call = "mkdir";
  refused.executable = "/bin/busybox";
  facts.refused = {refused};
  ExpectFirst(facts, Kind::kWorkloadRefused, Certainty::kLikely);
  facts.log = {"mkdir: can't create directory '/x': Operation not permitted"};
  ExpectFirst(facts, Kind::kWorkloadRefused, Certainty::kCertain);
  facts.info.reset();  // and the container is gone
  ExpectFirst(facts, Kind::kWorkloadRefused, Certainty::kCertain);
}

// Nothing but what was kept: no engine, no profile.
TEST(DiagnoseTest, AContainerThatIsGoneAndNeverCameToItsWorkload) {
  Facts facts;
  facts.name = "web";
  facts.info = container::ContainerInfo{};
  facts.info->name = "web";
  facts.info->runtime = "runc 1.1.5";
  facts.watched = "kept.json";
  facts.seen_from_start = true;
  RefusedCall tolerated, fatal;
  tolerated.call = "clone3";
  fatal.call = "capset";
  tolerated.arrived = fatal.arrived = true;
  facts.refused = {tolerated};
  ExpectFirst(facts, Kind::kRuntimeRefused, Certainty::kLikely);
  facts.refused = {tolerated, fatal};
  ExpectFirst(facts, Kind::kRuntimeRefused, Certainty::kCertain);
  EXPECT_EQ(First(facts).calls, std::vector<std::string>{"capset"});
  EXPECT_THAT(First(facts).what, HasSubstr("drops the capabilities"));
  facts.info->runtime = "";  // it was removed before its engine could be asked
  facts.refused[1].command = "runc:[2:INIT]";
  ExpectFirst(facts, Kind::kRuntimeRefused, Certainty::kCertain);
  EXPECT_THAT(First(facts).what, HasSubstr("runc itself was refused capset (drops the capabilities)"));

  facts.workload_seen = true;  // then its runtime got along without
  EXPECT_THAT(Diagnose(facts)->causes, IsEmpty());
  facts.workload_seen = false;
  facts.seen_from_start = false;  // then nobody knows whether it came so far
  EXPECT_THAT(Diagnose(facts)->causes, IsEmpty());
}

TEST(DiagnoseTest, AKilledProgramWithAndWithoutARecord) {
  Facts facts = FactsOf(Profile({"mkdir", "mkdirat"}, "SCMP_ACT_KILL_PROCESS"), "exited", 159);
  facts.info->command = {"/bin/busybox", "mkdir", "/z"};
  ExpectFirst(facts, Kind::kWorkloadRefused, Certainty::kCertain);
  EXPECT_EQ(First(facts).calls.front(), "mkdir");  // named by its command line
  RefusedCall killed;
  killed.source = RefusedCall::Source::kAudit;
  killed.call = "mkdirat";
  killed.fate = evidence::Fate::kKilled;
  facts.refused = {killed};
  EXPECT_EQ(First(facts).calls, std::vector<std::string>{"mkdirat"});
}

TEST(DiagnoseTest, AProgramOfAnArchitectureThatIsNotListed) {
  Facts facts = FactsOf(Profile({}), "exited", 159);
  facts.program_abi = Abi::kI386;
  ExpectFirst(facts, Kind::kArchitectureMissing, Certainty::kCertain);
  EXPECT_THAT(First(facts).change, HasSubstr("SCMP_ARCH_X86"));
}

TEST(DiagnoseTest, ARefusedExitCrashesTheProgram) {
  ExpectFirst(FactsOf(Profile({"exit_group"}), "exited", 139), Kind::kWorkloadRefused, Certainty::kLikely);
  ExpectFirst(FactsOf(Profile({}), "exited", 139), Kind::kCrashed, Certainty::kPossible);
}

// The profiles under which the line was said, and the calls that have to be named.
struct FailedStart {
  std::vector<std::string> missing;
  const char* line;
  int exit_code;
  Certainty certainty;
  const char* call;
};

TEST(DiagnoseTest, WhatLibcsSayOfAStartThatIsRefusedACall) {
  const FailedStart kStarts[] = {
      {{"brk", "mmap"}, "Fatal glibc error: Cannot allocate TLS block", 127, Certainty::kCertain, "brk"},
      {{"arch_prctl"},
       "cannot set up thread-local storage: cannot set %fs base address for thread-local storage",
       127,
       Certainty::kCertain,
       "arch_prctl"},
      {{"mprotect"},
       "app: error while loading shared libraries: /lib/libc.so.6: cannot apply additional memory protection "
       "after relocation: Operation not permitted",
       127,
       Certainty::kCertain,
       "mprotect"},
      {{"clone"},
       "runtime: failed to create new OS thread (have 2 already; errno=1)",
       2,
       Certainty::kCertain,
       "clone"},
      {{"clone3"},
       "[os,thread] Failed to start thread \"GC Thread#0\" - pthread_create failed (EPERM) for attributes",
       1,
       Certainty::kLikely,
       "clone3"},
      {{"rt_sigaction"}, "SR_initialize failed", 1, Certainty::kCertain, "rt_sigaction"},
      {{"mmap"}, "fatal error: runtime: cannot allocate memory", 2, Certainty::kCertain, "mmap"},
  };
  for (const auto& start : kStarts) {
    Facts facts = FactsOf(Profile(start.missing), "exited", start.exit_code);
    facts.log = {start.line};
    const auto cause = First(facts);
    EXPECT_EQ(KindName(cause.kind), "workload-refused") << start.line;
    ASSERT_FALSE(cause.calls.empty()) << start.line;
    EXPECT_EQ(cause.calls.front(), start.call) << start.line;
    EXPECT_EQ(CertaintyName(cause.certainty), CertaintyName(start.certainty)) << start.line;
  }
}

TEST(DiagnoseTest, ALibraryThatIsMissingIsNotBlamedOnWhatIsRefusedOtherwise) {
  Facts facts = FactsOf(Profile({"readlink"}), "exited", 127);
  facts.log = {
      "app: error while loading shared libraries: libz.so.1: cannot open shared object file: No such file or "
      "directory"};
  const auto cause = First(facts);
  EXPECT_EQ(KindName(cause.kind), "program-missing") << cause.what;
}

TEST(DiagnoseTest, AProfileUnderWhichNoProgramStarts) {
  Facts asked;
  asked.target = TargetOf("runc");
  asked.profile.given = ProfileFacts::Given::kDocument;
  TakeProfileText(Profile({"brk", "mmap"}), "p.json", asked.profile);
  ExpectFirst(asked, Kind::kWorkloadRefused, Certainty::kLikely);
  EXPECT_THAT(First(asked).what, HasSubstr("no program of glibc, musl or Go can start"));
  TakeProfileText(Profile({"mprotect"}), "p.json", asked.profile);
  EXPECT_THAT(First(asked).what, HasSubstr("linked dynamically"));
  TakeProfileText(Profile({}), "p.json", asked.profile);
  EXPECT_THAT(Diagnose(asked)->causes, IsEmpty());

  // A loader that is refused mmap crashes without a word.
  Facts crashed = FactsOf(Profile({"mmap"}), "exited", 139);
  crashed.program_dynamic = true;
  ExpectFirst(crashed, Kind::kWorkloadRefused, Certainty::kLikely);
  crashed.program_dynamic = false;  // and a static program does without
  ExpectFirst(crashed, Kind::kCrashed, Certainty::kPossible);
}

TEST(DiagnoseTest, WhatNobodyWatchedMayHaveBeenRefusedInSilence) {
  Facts facts = FactsOf(Profile({"mkdir", "mkdirat"}), "exited", 7);
  facts.log = {"FATAL: disk full or database corrupt"};
  ExpectFirst(facts, Kind::kEndedByItself, Certainty::kPossible);
  EXPECT_THAT(Diagnose(facts)->unknown, Contains(HasSubstr("denials --keep")));
  EXPECT_THAT(json::Write(DiagnosisJson(*Diagnose(facts))), HasSubstr("leaves no trace"));
  facts.watched = "kept.json";
  ExpectFirst(facts, Kind::kEndedByItself, Certainty::kLikely);
  EXPECT_THAT(Diagnose(facts)->unknown, IsEmpty());
  // A filter that only kills would have been noticed.
  Facts kills = FactsOf(Profile({"mkdir"}, "SCMP_ACT_KILL_PROCESS"), "exited", 7);
  ExpectFirst(kills, Kind::kEndedByItself, Certainty::kLikely);
}

TEST(DiagnoseTest, OnlyAChangeThatWorksIsAdvised) {
  const std::string kill = R"(, {"names": ["tgkill", "kill"], "action": "SCMP_ACT_KILL"})";
  Facts facts = FactsOf(Profile({"kill"}, "SCMP_ACT_ERRNO", kill), "exited", 159);
  RefusedCall killed;
  killed.source = RefusedCall::Source::kAudit;
  killed.call = "kill";
  killed.fate = evidence::Fate::kKilled;
  facts.refused = {killed};
  EXPECT_THAT(First(facts).change, HasSubstr("take kill out of rule 1 (p.json:1)"));
  EXPECT_THAT(First(facts).change, HasSubstr("then allow"));
  EXPECT_THAT(First(facts).change, HasSubstr("--add kill"));

  const std::string both = kill + R"(, {"names": ["kill"], "action": "SCMP_ACT_ALLOW"})";
  TakeProfileText(Profile({"kill"}, "SCMP_ACT_ERRNO", both), "p.json", facts.profile);
  EXPECT_THAT(First(facts).change, HasSubstr("take kill out of rule 1 (p.json:1)"));
  EXPECT_THAT(First(facts).change, ::testing::Not(HasSubstr("allow:")));
}

TEST(DiagnoseTest, OfOneCallThatEndsItsCallerItIsSaid) {
  const std::string rules = R"(, {"names": ["chroot"], "action": "SCMP_ACT_TRAP"})";
  Facts facts = FactsOf(Profile({"chroot"}, "SCMP_ACT_ERRNO", rules), "exited", 159);
  ExpectFirst(facts, Kind::kWorkloadRefused, Certainty::kCertain);
  EXPECT_EQ(First(facts).calls, std::vector<std::string>{"chroot"});
  EXPECT_THAT(First(facts).what, HasSubstr("by exclusion for chroot"));
  // What KILL ends is in the kernel's log, where that can be read.
  const std::string more = rules + R"(, {"names": ["reboot"], "action": "SCMP_ACT_KILL_PROCESS"})";
  TakeProfileText(Profile({"chroot"}, "SCMP_ACT_ERRNO", more), "p.json", facts.profile);
  EXPECT_THAT(First(facts).what, HasSubstr("by exclusion for one of chroot, reboot"));
  facts.kernel_log = true;
  EXPECT_EQ(First(facts).calls, std::vector<std::string>{"chroot"});
}

TEST(DiagnoseTest, AProfileThatIsIgnored) {
  Facts facts = FactsOf(Profile({"mkdir"}), "running", 0);
  facts.profile.ignored = "the container is privileged, and docker 20.10.24 loads no filter then";
  ExpectFirst(facts, Kind::kProfileIgnored, Certainty::kCertain);
  ExpectFirst(FactsOf("{}", "running", 0), Kind::kProfileIgnored, Certainty::kCertain);
  Facts live = FactsOf(Profile({}), "running", 0);
  live.process = ProcessFacts{42, "sh", false, 0};
  ExpectFirst(live, Kind::kProfileIgnored, Certainty::kCertain);
}

TEST(DiagnoseTest, WhatIsNotSeccompsFault) {
  Facts memory = FactsOf(Profile({}), "exited", 137);
  memory.out_of_memory = true;
  ExpectFirst(memory, Kind::kOutOfMemory, Certainty::kCertain);
  ExpectFirst(FactsOf(Profile({}), "exited", 137), Kind::kKilled, Certainty::kLikely);
  ExpectFirst(FactsOf(Profile({}), "exited", 3), Kind::kEndedByItself, Certainty::kPossible);

  Facts shell = FactsOf(Profile({}), "exited", 127);
  shell.log = {"sh: nosuch: not found"};
  ExpectFirst(shell, Kind::kProgramMissing, Certainty::kCertain);

  Facts capability = FactsOf(Profile({}), "exited", 1);
  capability.info->capabilities.erase("CAP_CHOWN");
  capability.target->capabilities.erase("CAP_CHOWN");
  capability.log = {"chown: /bin: Operation not permitted"};
  ExpectFirst(capability, Kind::kCapability, Certainty::kLikely);
  EXPECT_THAT(First(capability).change, HasSubstr("--cap-add CHOWN"));

  Facts user = FactsOf(Profile({}), "exited", 1);
  user.info->user = "1000";
  user.log = {"mkdir: can't create directory '/z': Permission denied"};
  ExpectFirst(user, Kind::kPermission, Certainty::kLikely);
}

TEST(DiagnoseTest, ALoggingProfileRefusesNothing) {
  Facts facts = FactsOf(
      R"({"defaultAction": "SCMP_ACT_LOG", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]})",
      "exited", 3);
  ExpectFirst(facts, Kind::kEndedByItself, Certainty::kLikely);
}

TEST(DiagnoseTest, NothingIsWrongWithAContainerThatRunsOrEndedWell) {
  EXPECT_THAT(Diagnose(FactsOf(Profile({}), "running", 0))->causes, IsEmpty());
  EXPECT_THAT(Diagnose(FactsOf(Profile({}), "exited", 0))->causes, IsEmpty());
}

TEST(DiagnoseTest, TextAndJsonSayTheSameInTheirWays) {
  Facts facts = FactsOf(Profile({"capset"}), "created", 128);
  const auto diagnosis = *Diagnose(facts);
  const std::string text = DiagnosisText(diagnosis);
  EXPECT_THAT(text, HasSubstr("1. certain: runc 1.1.5 itself needs capset"));
  EXPECT_THAT(text, HasSubstr("change"));
  const std::string json = json::Write(DiagnosisJson(diagnosis));
  EXPECT_THAT(json, HasSubstr(R"("kind": "runtime-refused")"));
  EXPECT_THAT(DiagnosisText({"web: running", {}, {}}), HasSubstr("nothing wrong was found"));
}

TEST(DiagnoseTest, AMessageIsQuotedUpToItsFirstEmptyLine) {
  Facts facts = FactsOf(Profile({"capset"}), "created", 128);
  facts.error = "docker: unable to apply caps:\noperation not permitted: unknown.\n\nRun 'docker run --help'";
  EXPECT_THAT(First(facts).because,
              Contains("what was said: 'docker: unable to apply caps: operation not permitted: unknown.'"));
}

TEST(DiagnoseTest, HostileTextIsMadePrintable) {
  Facts facts = FactsOf(Profile({}), "exited", 3);
  facts.log = {"\x1b[2Jgone"};
  EXPECT_EQ(DiagnosisText(*Diagnose(facts)).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace whittle::diagnose

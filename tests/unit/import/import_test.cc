#include "import/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "syscalls/table.h"

namespace whittle::import {
namespace {

class Import : public testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/whittle-import-XXXXXX";
    folder_ = ::mkdtemp(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string File(const std::string& name, const std::string& text) {
    const auto path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }
  Result<Imported> Take(const std::vector<std::string>& paths) { return ImportFiles(paths, options_); }

  std::filesystem::path folder_;
  Options options_;
};

constexpr const char* kList = "x86_64 read\nx86_64 write count=3\n";

TEST_F(Import, GivesTheSameBytesForTheSameInput) {
  const auto path = File("a/list.txt", kList);
  const auto other = File("b/list.txt", kList);
  const auto one = Take({path});
  const auto two = Take({other});
  ASSERT_TRUE(one && two);
  EXPECT_EQ(evidence::Write(one->evidence), evidence::Write(two->evidence));
}

TEST_F(Import, IsIdempotent) {
  const auto path = File("list.txt", kList);
  const auto once = Take({path});
  const auto twice = Take({path, path});
  ASSERT_TRUE(once && twice);
  EXPECT_EQ(once->evidence, twice->evidence);
  const auto merged = evidence::Merge(once->evidence, twice->evidence);
  ASSERT_TRUE(merged);
  EXPECT_EQ(*merged, once->evidence);
}

TEST_F(Import, CountsReplicasThatLookTheSame) {
  const auto imported = Take({File("node1/list.txt", kList), File("node2/list.txt", kList)});
  ASSERT_TRUE(imported);
  EXPECT_EQ(imported->evidence.recordings.size(), 2);
}

TEST_F(Import, MakesOneRecordingOfAnAuditLogInPieces) {
  const std::string record =
      "type=SECCOMP msg=audit(1700000000.000:7): pid=1 comm=\"a\" exe=\"/a\" sig=0 "
      "arch=c000003e syscall=0 compat=0 ip=0x0 code=0x7ffc0000\n";
  const auto imported = Take({File("audit.log", record), File("audit.log.1", record)});
  ASSERT_TRUE(imported);
  EXPECT_EQ(imported->evidence.recordings.size(), 1);
  ASSERT_EQ(imported->rows.size(), 1);
  EXPECT_EQ(imported->rows.begin()->second.count, 1);
}

TEST_F(Import, MakesOneRunOfTheFilesOfStraceFf) {
  const auto imported = Take(
      {File("t.10", "execve(\"/bin/sh\", [\"sh\"], 0x7f /* 1 var */) = 0\nfork() = 11\nexit_group(0) = ?\n"),
       File("t.11", "getppid() = 10\n+++ exited with 0 +++\n")});
  ASSERT_TRUE(imported);
  EXPECT_EQ(imported->evidence.recordings.size(), 1);
  EXPECT_TRUE(imported->evidence.complete()) << testing::PrintToString(imported->evidence.gaps.size());
}

TEST_F(Import, TellsOfAMissingFileOfStraceFf) {
  const auto imported = Take({File(
      "t.10", "execve(\"/bin/sh\", [\"sh\"], 0x7f /* 1 var */) = 0\nfork() = 11\nexit_group(0) = ?\n")});
  ASSERT_TRUE(imported);
  ASSERT_EQ(imported->evidence.gaps.size(), 1);
  EXPECT_EQ(imported->evidence.gaps.begin()->kind, "untraced");
}

// Nor is a thread's exec what it is in files of -ff, where its process has another one.
TEST_F(Import, GivesFlagsOfCloneToNoOtherCall) {
  const auto imported = Take({File(
      "t",
      "clone(child_stack=NULL, flags=SIGCHLD, child_tidptr=0x7f <unfinished ...>\n--- SIGSYS "
      "{si_signo=SIGSYS, "
      "si_code=SYS_SECCOMP, si_call_addr=0x7f, si_syscall=__NR_mkdir, si_arch=AUDIT_ARCH_X86_64} ---\n")});
  ASSERT_TRUE(imported) << imported.error().message;
  const auto read = evidence::Read(evidence::Write(imported->evidence), "written");
  EXPECT_TRUE(read) << read.error().message;
}

TEST_F(Import, KnowsAFileOfStraceFfThatHasAnEndAlone) {
  const auto imported =
      Take({File("t.10",
                 "execve(\"/a\", [\"/a\"], 0x7ff /* 3 vars */) = 0\nfork() = 11\nexit_group(0) = ?\n"
                 "+++ exited with 0 +++\n"),
            File("t.11", "+++ killed by SIGKILL +++\n")});
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_TRUE(imported->evidence.gaps.empty());
}

TEST_F(Import, TakesFilesWithPidsInFrontForRunsOfTheirOwn) {
  const std::string run =
      "7 execve(\"/bin/sh\", [\"sh\"], 0x7f /* 1 var */) = 0\n"
      "7 clone3({flags=CLONE_VM|CLONE_THREAD, exit_signal=0} => {parent_tid=[8]}, 88) = 8\n"
      "8 execve(\"/bin/b\", [\"b\"], 0x7f /* 1 var */ <pid changed to 7 ...>\n"
      "7 +++ superseded by execve in pid 8 +++\n"
      "7 <... execve resumed>) = 0\n"
      "7 exit_group(0) = ?\n"
      "7 +++ exited with 0 +++\n";
  const auto imported = Take({File("web.1", run), File("web.2", run)});
  ASSERT_TRUE(imported);
  EXPECT_EQ(imported->evidence.recordings.size(), 2);
  EXPECT_TRUE(imported->evidence.complete());
  std::set<std::string> programs;
  for (const auto& [row, what] : imported->rows) programs.insert(row.first.executable);
  EXPECT_EQ(programs, (std::set<std::string>{"/bin/sh", "/bin/b"}));
}

std::set<std::string> NamesIn(const Imported& imported) {
  std::set<std::string> names;
  for (const auto& [row, what] : imported.rows)
    names.emplace(*SyscallName(row.second.abi, row.second.number));
  return names;
}

// What docker's json-file makes of a line that is longer than its pieces.
std::string DockerLog(const std::vector<std::string>& pieces) {
  std::string log;
  for (const auto& piece : pieces)
    log += R"({"log":")" + piece + R"(","stream":"stderr","time":"2026-11-29T07:53:10Z"})" + "\n";
  return log;
}

TEST_F(Import, TakesNoLineWithAHole) {
  const std::string most(700 << 10, 'a');
  const auto path = File("web-json.log", DockerLog({"getpid() = 7\\n", "write(1, \\\"", most, most, "\\\", 9",
                                                    ") = 9\\n", "getppid() = 7\\n"}));
  const auto imported = Take({path});
  ASSERT_TRUE(imported);
  EXPECT_EQ(imported->not_understood, 1);
  EXPECT_EQ(imported->lines, 3);
  ASSERT_EQ(imported->complaints.size(), 1);
  EXPECT_THAT(imported->complaints.front(), testing::HasSubstr("'write(1, "));
  EXPECT_LT(imported->complaints.front().size(), 512);
  EXPECT_THAT(NamesIn(*imported), testing::ElementsAre("getpid", "getppid"));
}

TEST_F(Import, SaysNoMoreThanAThousandWarnings) {
  std::string log = "execve(\"/bin/sh\", [\"sh\"], 0x7f /* 1 var */) = 0\n";
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 1500; ++i) log += "nosuch" + std::to_string(i) + "(1) = 0\n";
  }
  const auto imported = Take({File("strace.log", log)});
  ASSERT_TRUE(imported);
  EXPECT_EQ(imported->warnings.size(), 1001);
  EXPECT_THAT(imported->warnings, testing::Contains(testing::HasSubstr("met 1000 times")));
}

TEST_F(Import, SaysOfCallsThatReachedTheKernelOnlyThatTheProfileWasNotInForce) {
  const auto enforced = [](Abi abi, uint32_t number) {
    const auto name = SyscallText(abi, number);
    const bool kills = name == "mkdir" || name == "getuid";
    if (!kills && name != "chdir") return Enforced{};
    return Enforced{Enforced::Kind::kRefuses, kills ? 0U : 1U};
  };
  options_.settings.enforced = enforced;
  const auto imported = Take({File("trace.txt",
                                   "5 execve(\"/a\", [\"/a\"], 0x7ff /* 3 vars */) = 0\n"
                                   "5 getuid() = 102\n"
                                   "5 --- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x7f, "
                                   "si_syscall=__NR_getuid, si_arch=AUDIT_ARCH_X86_64} ---\n"
                                   "5 chdir(\"/x\") = -1 ENOENT (No such file or directory)\n"
                                   "5 mkdir(\"/x\", 0700) = 83\n"
                                   "5 +++ killed by SIGSYS +++\n")});
  ASSERT_TRUE(imported);
  EXPECT_THAT(imported->warnings,
              testing::ElementsAre("'chdir' reached the kernel although the profile refuses it: it was not "
                                   "always in force"));
}

// A seccomp record of call 20, getpid on most.
std::string RecordOf(const std::string& arch, int serial) {
  return "type=SECCOMP msg=audit(1700000000.001:" + std::to_string(serial) +
         R"(): auid=0 uid=0 pid=5 comm="d" exe="/d" sig=0 arch=)" + arch +
         " syscall=20 compat=0 ip=0x1 code=0x7ffc0000\n";
}

TEST_F(Import, NamesTheArchitectureOfBigEndianMachines) {
  const std::string seen = "calls of ppc64 were seen";
  const std::string big = seen +
                          " on a big-endian machine: a profile for it has to list SCMP_ARCH_PPC64; those "
                          "made here list SCMP_ARCH_PPC64LE, which no runtime takes there: rename it";
  for (const std::string arch : {"80000015", "ppc64"}) {
    const auto imported = Take({File("big.log", RecordOf(arch, 1))});
    ASSERT_TRUE(imported);
    EXPECT_THAT(imported->warnings, testing::ElementsAre(big)) << arch;
  }
  for (const std::string arch : {"c0000015", "ppc64le"}) {
    const auto imported = Take({File("little.log", RecordOf(arch, 1))});
    ASSERT_TRUE(imported);
    EXPECT_THAT(imported->warnings, testing::ElementsAre(testing::StartsWith(
                                        seen + ": a profile for them has to list SCMP_ARCH_PPC64LE ")))
        << arch;
  }
  // Also where it is the machine's own ABI, for which a profile need list no other.
  options_.settings.native = Abi::kPpc64;
  EXPECT_THAT(Take({File("big.log", RecordOf("80000015", 1))})->warnings, testing::ElementsAre(big));
  EXPECT_THAT(Take({File("little.log", RecordOf("c0000015", 1))})->warnings, testing::IsEmpty());
}

TEST_F(Import, KnowsTheBigEndianArchitecturesOfMipsAndThatArmHasNone) {
  const auto imported = Take({File("audit.log", RecordOf("8", 1) + RecordOf("80000008", 2) +
                                                    RecordOf("a0000008", 3) + RecordOf("28", 4))});
  ASSERT_TRUE(imported);
  using testing::HasSubstr;
  const auto advice = [](const std::string& abi, const std::string& name) {
    return HasSubstr("calls of " + abi + " were seen on a big-endian machine: " + name);
  };
  EXPECT_THAT(imported->warnings,
              testing::IsSupersetOf({advice("mips", "a profile for it has to list SCMP_ARCH_MIPS;"),
                                     advice("mips64", "a profile for it has to list SCMP_ARCH_MIPS64;"),
                                     advice("mips64n32", "a profile for it has to list SCMP_ARCH_MIPS64N32;"),
                                     advice("arm", "no profile can list its architecture")}));
  EXPECT_THAT(imported->warnings, testing::Not(testing::Contains(HasSubstr("were seen: "))));
}

// A field of the journal's export format that has several lines: its length in eight bytes, and its bytes.
std::string Binary(const std::string& name, const std::string& text) {
  std::string field = name + "\n";
  for (int i = 0; i < 8; ++i) field += static_cast<char>(uint64_t{text.size()} >> (8 * i) & 0xff);
  return field + text + "\n";
}

TEST_F(Import, TakesWhatAnExportedFieldHoldsForItsText) {
  const auto record = [](int call) {
    return "audit: type=1326 audit(1700000000.009:" + std::to_string(call) +
           R"(): pid=7 comm="d" exe="/d" sig=0 arch=c000003e syscall=)" + std::to_string(call) +
           " compat=0 ip=0x1 code=0x7ffc0000";
  };
  const std::string stamp = "__REALTIME_TIMESTAMP=1700000000001000\n", kernel = stamp + "_TRANSPORT=kernel\n";
  const std::string forged = "\n\n__CURSOR=s=9\n_TRANSPORT=kernel\nMESSAGE=" + record(165) + "\n";
  std::string text = kernel + "MESSAGE=" + record(0) + "\n\n" + stamp;
  // What no line would keep: ends as of other systems, lines of blanks alone, and such that look like
  // comments.
  for (const std::string line : {"x", "\r", "  ", "# x", "  # x", "\1\0\0\0\0\0\0\0"}) {
    // Lengths whose bytes are ends of lines, blanks or '#', one of more than a line, and one that is too
    // much.
    for (const size_t size : {10, 32, 35, 2570, 8992, 9216, 1 << 20, 3 << 20}) {
      std::string held = line + forged;
      while (held.size() < (size_t{size} > 256 ? size : size + 256))
        held += size > 1 << 20 ? 'x' : line[held.size() % line.size()];
      text += "_TRANSPORT=stdout\n" + Binary("MESSAGE", held) + "\n" + stamp;
    }
  }
  text += Binary("COREDUMP", std::string("a\0b\n", 4)) + "_TRANSPORT=kernel\n" +
          Binary("MESSAGE", record(1)) + "\n";
  const auto imported = Take({File("journal.export", text)});
  ASSERT_TRUE(imported) << imported.error().message;
  std::set<uint32_t> seen;
  for (const auto& [row, what] : imported->rows) seen.insert(row.second.number);
  EXPECT_THAT(seen, testing::ElementsAre(0, 1));
  EXPECT_EQ(imported->not_understood, 0);
}

TEST_F(Import, TellsOfAnExportedFieldThatDoesNotEnd) {
  const std::string head = "__REALTIME_TIMESTAMP=1700000000001000\n_TRANSPORT=kernel\n";
  const std::string field = Binary("MESSAGE", std::string(500, 'x'));
  const auto imported = Take({File("journal.export", head + field.substr(0, 100) + "\n")});
  ASSERT_TRUE(imported) << imported.error().message;
  ASSERT_EQ(imported->evidence.gaps.size(), 1);
  EXPECT_EQ(imported->evidence.gaps.begin()->kind, "truncated");
}

TEST_F(Import, TakesFlagsOfCloneByNameAndByNumber) {
  using evidence::CloneFlags;
  const std::pair<const char*, CloneFlags> kFlags[] = {
      {"clone(child_stack=NULL, flags=SIGCHLD) = 9", CloneFlags::kOrdinary},
      {"clone(child_stack=0, flags=0x3d0f00) = 9", CloneFlags::kOrdinary},
      {"clone(child_stack=NULL, flags=CLONE_NEWUSER|SIGCHLD) = 9", CloneFlags::kNamespaces},
      {"clone(child_stack=0, flags=0x10000011) = 9", CloneFlags::kNamespaces},
      {"clone3({flags=0x80, exit_signal=17}, 88) = 9", CloneFlags::kNamespaces},
      {"clone(child_stack=0, flags=0x91) = 9", CloneFlags::kOrdinary},
      {"clone3({flags=0x200000000, exit_signal=17}, 88) = 9", CloneFlags::kOnlyClone3},
      {"clone(0x11, 0, 0, 0, 0) = 9", CloneFlags::kUnknown},
  };
  int at = 0;
  for (const auto& [line, flags] : kFlags) {
    const auto imported = Take({File(std::to_string(++at), std::string(line) + "\n")});
    ASSERT_TRUE(imported) << line;
    ASSERT_EQ(imported->rows.size(), 1) << line;
    EXPECT_EQ(imported->rows.begin()->first.second.clone_flags, flags) << line;
  }
}

TEST_F(Import, ReadsAUnitWithItsDropIns) {
  const auto unit =
      File("lib/web.service", "[Service]\nSystemCallFilter=read write mkdir\nSystemCallFilter=~@default\n");
  const auto later = File("etc/web.service.d/20.conf", "[Service]\nSystemCallFilter=bpf\n");
  const auto sooner = File("etc/web.service.d/10.conf", "[Service]\nSystemCallFilter=~mkdir bpf\n");
  const auto other = File("other/web.socket.d/10.conf", "[Socket]\nSystemCallFilter=~chown\n");
  const auto imported = Take({later, unit, sooner});
  ASSERT_TRUE(imported);
  EXPECT_EQ(NamesIn(*imported), (std::set<std::string>{"read", "write", "bpf"}));
  EXPECT_EQ(imported->evidence.recordings.size(), 1u);
  const auto apart = Take({unit, other});
  ASSERT_TRUE(apart);
  EXPECT_EQ(apart->evidence.recordings.size(), 2u);
}

TEST_F(Import, DatesWhatItSaw) {
  const auto imported =
      Take({File("t", "1700000000.5 execve(\"/a\", [], 0) = 0\n1700000002.5 getpid() = 1\n")});
  ASSERT_TRUE(imported);
  const auto& recording = imported->evidence.recordings.begin()->second;
  EXPECT_EQ(recording.started_ms, 1'700'000'000'000);
  EXPECT_EQ(recording.ended_ms, 1'700'000'002'500);
  EXPECT_EQ(recording.epochs, 3);
}

TEST_F(Import, NeedsNoMoreMemoryForManyMoments) {
  std::string text = "execve(\"/a\", [], 0) = 0\n";
  for (int i = 0; i < 20'000; ++i) text += std::to_string(1'500'000'000 + i * 10) + ".0 getpid() = 1\n";
  const auto imported = Take({File("t", text)});
  ASSERT_TRUE(imported);
  const auto& recording = imported->evidence.recordings.begin()->second;
  EXPECT_GT(recording.epoch_ms, 1000);
  EXPECT_TRUE(evidence::Read(evidence::Write(imported->evidence), "written"));
}

TEST_F(Import, TellsTheFlagsOfCloneAsTheRecorderDoes) {
  using evidence::CloneFlags;
  const std::pair<const char*, CloneFlags> calls[] = {
      {"clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD) = 5", CloneFlags::kOrdinary},
      {"clone(child_stack=NULL, flags=CLONE_NEWUSER|SIGCHLD) = 5", CloneFlags::kNamespaces},
      {"clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD}, 88) = 5", CloneFlags::kOrdinary},
      {"clone3({flags=0, exit_signal=SIGCHLD, set_tid=[7], set_tid_size=1}, 88) = 5",
       CloneFlags::kOnlyClone3},
      {"clone3(0x7ffd, 88) = 5", CloneFlags::kUnknown},
      {"vfork() = 5", CloneFlags::kUnknown},
  };
  for (const auto& [line, flags] : calls) {
    const auto imported = Take({File("t", line)});
    ASSERT_TRUE(imported);
    ASSERT_EQ(imported->rows.size(), 1) << line;
    EXPECT_EQ(imported->rows.begin()->first.second.clone_flags, flags) << line;
  }
}

TEST_F(Import, FollowsNoMoreProcessesThanAMachineHas) {
  std::string text = "1 execve(\"/a\", [], 0) = 0\n";
  for (int pid = 2; pid < 20'000; ++pid) text += std::to_string(pid) + " getpid( <unfinished ...>\n";
  const auto imported = Take({File("t", text)});
  ASSERT_TRUE(imported);
  EXPECT_FALSE(imported->evidence.complete());
  uint64_t count = 0;
  for (const auto& [row, what] : imported->rows) count += what.count;
  EXPECT_EQ(count, 19'999);
}

// A log of refusals without any may be all there is to say; a trace of every call may not.
TEST_F(Import, CallsATraceWithoutACallIncomplete) {
  const auto trace = Take({File("t", "+++ exited with 0 +++\n")});
  ASSERT_TRUE(trace);
  ASSERT_EQ(trace->evidence.gaps.size(), 1);
  EXPECT_EQ(trace->evidence.gaps.begin()->kind, "no-calls");
  const auto log =
      Take({File("a", "type=SYSCALL msg=audit(1700000000.123:45): arch=c000003e syscall=2 success=yes\n")});
  ASSERT_TRUE(log);
  EXPECT_TRUE(log->evidence.complete());
}

TEST_F(Import, SkipsALineThatIsTooLongAndSaysSo) {
  const auto imported = Take(
      {File("t", "execve(\"/a\", [], 0) = 0\nwrite(1, \"" + std::string(3 << 20, 'a') + "\ngetpid() = 1\n")});
  ASSERT_TRUE(imported);
  EXPECT_EQ(imported->not_understood, 1);
  EXPECT_FALSE(imported->evidence.complete());
  EXPECT_EQ(imported->rows.size(), 2);
}

TEST_F(Import, TakesWhatOnlySaysThatItIsAnAuditLogForOneWhereNothingElseIsThere) {
  const std::string record = "type=SECCOMP msg=audit(1700000000.001:4): arch=deadbeef syscall=1\n";
  const auto name_of = [](const std::string& text) {
    const auto format = DetectFormat(text, "file");
    return std::string(format ? (*format)->name : "");
  };
  EXPECT_EQ(name_of(record + record), "audit");
  EXPECT_EQ(name_of("some words\n" + record), "audit");
  EXPECT_EQ(name_of("type=1326 audit(17"), "audit");
  EXPECT_EQ(name_of("type=SECCOMP and other words\n"), "");
  EXPECT_EQ(name_of("type=CWD msg=audit(1700\n"), "");
  EXPECT_EQ(name_of("myapp: " + record), "") << "a program may print anything";
  EXPECT_EQ(name_of("{\"text\": \"type=SECCOMP msg=audit(1700\"}\n"), "");
  EXPECT_EQ(name_of(record + record + record + "close(3) = 0\n"), "strace");
  EXPECT_EQ(name_of(record + record + "x86_64 read\n"), "calls");
}

TEST_F(Import, NamesWhatIsNoEvidence) {
  const std::pair<const char*, const char*> mistaken[] = {
      {"", "the file is empty"},
      {"\x1f\x8b\x08 compressed", "zcat"},
      {"{\"format\": \"whittle-evidence\", \"version\": 1}", "this is evidence already"},
      {"I0101 00:00:00.000000 1 strace.go:587] [ 1: 1] sh E read(0x3)", "gVisor"},
      {"openat(AT_FDCWD, /x, O_RDONLY) = 0 (0x0) errno=2 (no such file or directory) (2.4us)\n", "gVisor"},
      {"write(1, 0x7f \"x\", 0x5) = 5 (0x5) (667ns)\nread(0x3) = 0 (0x0) (1us)\n", "gVisor"},
      {"\xfd"
       "7zXZ compressed",
       "xzcat"},
      {"\xff\xfe"
       "e\0x\0",
       "iconv"},
      {"PERFILE2....", "perf trace -i"},
      {"LPKSHHRH....", "journalctl --file"},
      {"__libc_start_main(0x1) = 0\nopen(\"/x\", 0) = 3\nread@SYS(3, \"\", 1) = 0\nputs(\"a\") = "
       "2\nSYS_brk(0) = 5\n",
       "ltrace"},
      {"{\"evt.num\":1,\"evt.type\":\"openat\",\"proc.name\":\"a\"}\n", "sysdig or Falco"},
      {"{\"timestamp\":1,\"processName\":\"a\",\"eventName\":\"openat\",\"syscall\":\"openat\"}\n", "Tracee"},
      {"{\"comm\":\"a\",\"pid\":1,\"syscall\":\"openat\",\"ret\":3}\n{\"comm\":\"a\",\"syscall\":\"read\"}\n",
       "Inspektor Gadget"},
      {"NODE,EVENT,DATE,TIME,SERIAL_NUM,EVENT_KIND,SESSION\n", "ausearch -m SECCOMP --raw"},
      {"just some words\nof a letter\n", "--format"},
      {"index: arg0 == \\\n", "--format"},
      {"socket: garbage \\\n", "--format"},
      {"socket: arg0 == 1 or \\\n", "--format"},
      {"socket: arg0 in (1|2 3 \\\n", "--format"},
  };
  for (const auto& [text, said] : mistaken) {
    const auto imported = Take({File("x", text)});
    ASSERT_FALSE(imported) << text;
    EXPECT_EQ(imported.error().code, ErrorCode::kBadInput);
    EXPECT_THAT(imported.error().message, testing::HasSubstr(said));
  }
  EXPECT_EQ(Take({(folder_ / "missing").string()}).error().code, ErrorCode::kBadInput);
}

}  // namespace
}  // namespace whittle::import

// Arguments are kept where the format has them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "import/import.h"
#include "import/strace_line.h"
#include "import/strace_words.h"
#include "syscalls/table.h"

namespace whittle::import {
namespace {

using evidence::CloneFlags;
using testing::ElementsAre;

// What evidence tells of the arguments of the calls of that name: "(AF_INET, SOCK_STREAM)", or "?" where they
// are not known; joined by blanks.
std::string SeenOf(const std::string& format, const std::string& text, const std::string& call) {
  const auto* found = FindFormat(format).value();
  Importer importer(*found, Settings{});
  importer.BeginFile("t", "t");
  importer.Feed(text);
  EXPECT_TRUE(importer.EndFile()) << text;
  std::string seen;
  for (const auto& [subject, calls] : importer.Build("").subjects) {
    for (const auto& [key, observation] : calls) {
      if (SyscallName(key.abi, key.number) != call) continue;
      const auto& arguments = observation.arguments;
      if (!arguments.known()) seen += seen.empty() ? "?" : " ?";
      for (const auto& values : arguments.values())
        seen += (seen.empty() ? "" : " ") +
                evidence::ValuesText(key.abi, key.number, arguments.indices(), values);
    }
  }
  return seen;
}

std::string OfStrace(const std::string& lines, const std::string& call) {
  return SeenOf("strace", lines, call);
}

struct StraceCase {
  const char *call, *line, *seen;
};

TEST(StraceArguments, AreKept) {
  const StraceCase cases[] = {
      {"socket", "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3",
       "(AF_INET, SOCK_STREAM|SOCK_CLOEXEC)"},
      {"socket", "socket(AF_UNIX, SOCK_DGRAM, 0) = 3<UNIX:[1->2,\"a\"]>", "(AF_UNIX, SOCK_DGRAM)"},
      {"socket", "socket(0x2, 0x80001, 0) = 3", "(AF_INET, SOCK_STREAM|SOCK_CLOEXEC)"},  // -X raw
      {"socket", "socket(0x2 /* AF_INET */, 0x2 /* SOCK_DGRAM */|0x80000 /* SOCK_CLOEXEC */, 0) = 3",
       "(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC)"},
      {"socket", "socket(0x2 /* AF_INET */, 0x1 /* SOCK_STREAM */, 0) = 3",
       "(AF_INET, SOCK_STREAM)"},  // -X verbose
      {"socket", "socket(AF_INET, SOCK_STREAM, 0 <unfinished ...>", "(AF_INET, SOCK_STREAM)"},
      {"socket", "socket(AF_INET, SOCK_STREAM <unfinished ...>", "(AF_INET, SOCK_STREAM)"},
      {"socket", "socket(AF_FUTURE, SOCK_STREAM, 0) = 3", "?"},
      {"socket", "socket(AF_INET, SOCK_STREAM|SOCK_FUTURE, 0) = 3", "?"},
      {"socket", "socket(AF_INET) = 3", "?"},
      {"fcntl", "fcntl(3</a,b>, F_SETFD, FD_CLOEXEC) = 0", "(*, F_SETFD)"},
      {"fcntl", "fcntl(3</a>(deleted), F_GETFD) = 0x1 (flags FD_CLOEXEC)", "(*, F_GETFD)"},
      {"prctl", "prctl(PR_SET_NAME, \"a, b) = 0\") = 0", "(PR_SET_NAME)"},
      {"personality", "personality(PER_LINUX) = 0 (PER_LINUX)", "(PER_LINUX)"},
      {"personality", "personality(0xffffffff) = 0 (PER_LINUX)", "(0xffffffff)"},
      {"personality", "personality(PER_LINUX|ADDR_NO_RANDOMIZE) = 0", "(ADDR_NO_RANDOMIZE)"},
      {"mmap", "mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f00",
       "(*, *, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)"},
      {"mmap", "mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE|MAP_FUTURE, -1, 0) = 0x7f00", "?"},
      {"mprotect", "mprotect(0x7f00, 4096, PROT_NONE) = 0", "(*, *, PROT_NONE)"},
      {"mount", "mount(\"a, b\", \"/c\", 0x1 /* x, y */, MS_BIND|MS_REC, NULL) = 0",
       "(*, *, *, MS_BIND|MS_REC)"},
      {"ioctl", "ioctl(1, TCGETS, {c_iflag=ICRNL|IXON, c_oflag=NL0|CR0}) = 0", "(*, TCGETS)"},
      {"ioctl", "ioctl(1, SNDCTL_TMR_STOP or TCSETSW, {c_iflag=0}) = 0", "(*, TCSETSW)"},
      {"ioctl", "ioctl(1, _IOC(_IOC_READ|_IOC_WRITE, 0x54, 0x13, 0x8), 0x7f) = 0", "(*, 0xc0085413)"},
      {"mount", "mount(\"a\", \"/c\", \"x\", 0x1000, NULL) = 0", "(*, *, *, MS_BIND)"},
      {"mount", "mount(\"a\", \"/c\", \"x\", 0xc0ed0000|0x1000, NULL) = 0",
       "?"},  // -X raw of 0xffffffffc0ed1000
      {"kill", "kill(-1, SIGTERM) = 0", "(*, SIGTERM)"},
      {"unshare", "unshare(CLONE_NEWNS|CLONE_NEWUSER) = 0", "(CLONE_NEWNS|CLONE_NEWUSER)"},
      {"read", "read(0, \"\", 1) = 0", "?"},  // none of whose values have names
  };
  for (const auto& [call, line, seen] : cases)
    EXPECT_EQ(OfStrace(std::string(line) + "\n", call), seen) << line;
}

TEST(StraceArguments, AreKnownOnlyIfAllSightingsTellThem) {
  const std::string inet = "socket(AF_INET, SOCK_STREAM, 0) = 3\n";
  EXPECT_EQ(OfStrace(inet + "socket(AF_UNIX, SOCK_STREAM, 0) = 4\n" + inet, "socket"),
            "(AF_UNIX, SOCK_STREAM) (AF_INET, SOCK_STREAM)");
  EXPECT_EQ(OfStrace(inet + "socket(AF_FUTURE, SOCK_STREAM, 0) = 4\n" + inet, "socket"), "?");
  EXPECT_EQ(OfStrace("socket(AF_FUTURE, SOCK_STREAM, 0) = 4\n" + inet, "socket"), "?");
}

TEST(StraceArguments, ThatAMessageCutsAreReadWithTheirRest) {
  // "0x1" may go on with "2".
  EXPECT_EQ(OfStrace("7 socket(AF_INET, 0x1strace: Process 8 attached\n", "socket"), "?");
  EXPECT_EQ(OfStrace("7 socket(AF_INET, 0x8strace: Process 8 attached\n0001, 0) = 3\n", "socket"),
            "(AF_INET, SOCK_STREAM|SOCK_CLOEXEC)");
  EXPECT_EQ(OfStrace("7 socket(AF_INET, SOCK_STREAM, 0 <unfinished ...>\n8 getpid() = 8\n"
                     "7 <... socket resumed>) = 3\n",
                     "socket"),
            "(AF_INET, SOCK_STREAM)");
  EXPECT_EQ(OfStrace("7 <... socket resumed>) = 3\n", "socket"), "?");
}

TEST(StraceArguments, OfSocketcallAreNotThoseOfWhatItDoes) {
  const std::string text = "[ Process PID=7 runs in 32 bit mode. ]\n7 socket(AF_INET, SOCK_STREAM, 0) = 3\n";
  EXPECT_EQ(OfStrace(text, "socketcall"), "?");
  EXPECT_EQ(OfStrace(text, "socket"), "(AF_INET, SOCK_STREAM)");
}

TEST(StraceArguments, AreNotThoseOfTheCallThatASignalNamesInstead) {
  const std::string signal =
      "--- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_syscall=__NR_ioctl, si_arch=AUDIT_ARCH_X86_64} "
      "---\n";
  EXPECT_EQ(OfStrace("fcntl(3, F_GETFL) = 16\n" + signal, "ioctl"), "?");
  EXPECT_EQ(OfStrace("ioctl(3, TCGETS, 0x7f) = 16\n" + signal, "ioctl"), "(*, TCGETS)");
}

// Names of files that strace before 4.21 did not escape.
TEST(StraceArguments, BehindANameThatMayEndFurtherOnAreNotKnown) {
  for (const std::string line : {
           "fcntl(3</a>, F_GETFL, b>, F_SETFD, FD_CLOEXEC) = 0",
           "fcntl(3</a>, F_GETFL, 5<b>, F_SETFD, FD_CLOEXEC) = 0",
           "fcntl(3</a>, F_GETFL, b>(deleted), F_SETFD, FD_CLOEXEC) = 0",
           "fcntl(3</a>(deleted), F_GETFL, b>, F_SETFD, FD_CLOEXEC) = 0",
           "fcntl(3</a>, F_GETFL, b>, F_SETFD <unfinished ...>",
       })
    EXPECT_EQ(OfStrace(line + "\n", "fcntl"), "?") << line;
  EXPECT_EQ(OfStrace("ioctl(3<TCP:[1.2.3.4:5->6.7.8.9:10]>, FIONBIO, [1]) = 0\n", "ioctl"), "(*, FIONBIO)");
  EXPECT_EQ(OfStrace("fcntl(3</a\\76, F_GETFL, b>, F_SETFD, FD_CLOEXEC) = 0\n", "fcntl"), "(*, F_SETFD)");
}

TEST(StraceArguments, ThatAreLongerThanStraceWritesThemAreNotKept) {
  const std::string zeros(2000, '0');
  EXPECT_EQ(OfStrace("ioctl(1, 0x" + zeros + "5401, 0) = 0\n", "ioctl"), "?");
  EXPECT_EQ(OfStrace("ioctl(1, 0x5401 /* " + zeros + " */, 0) = 0\n", "ioctl"), "?");
}

TEST(StraceArguments, OfManyKindsNeedLittleMemory) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "ioctl(1, " + std::to_string(i) + ", 0) = 0\n";
  EXPECT_EQ(OfStrace(text, "ioctl"), "?");
}

// Auditing the call itself, too: a record of its own with the same number, which `ausearch` shows first.
std::string Seccomp(int serial, int call) {
  return "type=SECCOMP msg=audit(1700000000.100:" + std::to_string(serial) +
         "): auid=0 uid=0 gid=0 ses=1 pid=7 comm=\"a\" exe=\"/a\" sig=0 arch=c000003e syscall=" +
         std::to_string(call) + " compat=0 ip=0x7f code=0x7ffc0000\n";
}
std::string Syscall(int serial, int call, const std::string& registers) {
  return "type=SYSCALL msg=audit(1700000000.100:" + std::to_string(serial) +
         "): arch=c000003e syscall=" + std::to_string(call) + " success=yes exit=3 " + registers +
         " items=0 ppid=1 pid=7 comm=\"a\" exe=\"/a\"\n";
}

TEST(AuditArguments, AreThoseOfTheRecordOfTheCall) {
  const std::string inet = "a0=2 a1=80001 a2=0 a3=7ffe";
  EXPECT_EQ(SeenOf("audit", Seccomp(5, 41) + Syscall(5, 41, inet), "socket"),
            "(AF_INET, SOCK_STREAM|SOCK_CLOEXEC)");
  EXPECT_EQ(SeenOf("audit", Syscall(5, 41, inet) + Seccomp(5, 41), "socket"),
            "(AF_INET, SOCK_STREAM|SOCK_CLOEXEC)");
  EXPECT_EQ(
      SeenOf("audit",
             Seccomp(5, 41) + Seccomp(6, 41) + Syscall(6, 41, "a0=1 a1=1 a2=0 a3=0") + Syscall(5, 41, inet),
             "socket"),
      "(AF_UNIX, SOCK_STREAM) (AF_INET, SOCK_STREAM|SOCK_CLOEXEC)");
  EXPECT_EQ(SeenOf("audit", Seccomp(5, 41), "socket"), "?");
  EXPECT_EQ(SeenOf("audit", Seccomp(5, 41) + Syscall(5, 16, "a0=1 a1=5401 a2=0 a3=0"), "socket"), "?")
      << "of another machine, without its name";
  EXPECT_EQ(SeenOf("audit", Syscall(5, 16, "a0=1 a1=5401 a2=0 a3=0") + Seccomp(5, 41), "socket"), "?");
  EXPECT_EQ(SeenOf("audit", Seccomp(5, 41) + Syscall(6, 41, inet), "socket"), "?");
  EXPECT_EQ(SeenOf("audit", Seccomp(5, 41) + Syscall(5, 41, inet) + Seccomp(6, 41), "socket"), "?");
  EXPECT_EQ(SeenOf("audit", Seccomp(5, 41) + Syscall(5, 41, "a0=local a1=SOCK_STREAM a2=ip a3=0"), "socket"),
            "?");
}

TEST(EventArguments, AreTheRegisters) {
  const std::string start = "a 7 [000] 1.000001: ";
  EXPECT_EQ(SeenOf("events", start + "raw_syscalls:sys_enter: NR 41 (2, 80001, 0, 0, 0, 0)\n", "socket"),
            "(AF_INET, SOCK_STREAM|SOCK_CLOEXEC)");
  EXPECT_EQ(
      SeenOf(
          "events",
          start + "syscalls:sys_enter_socket: family: 0x00000002, type: 0x00000001, protocol: 0x00000000\n",
          "socket"),
      "(AF_INET, SOCK_STREAM)");
  EXPECT_EQ(
      SeenOf("events", "a-7 [000] ..... 1.000001: sys_socket(family: 1, type: 2, protocol: 0)\n", "socket"),
      "(AF_UNIX, SOCK_DGRAM)");
  EXPECT_EQ(SeenOf("events", start + "syscalls:sys_enter_socket: family: 0x00000002\n", "socket"), "?");
  EXPECT_EQ(SeenOf("events", start + "raw_syscalls:sys_exit: NR 41 = 3\n", "socket"), "?")
      << "its start is not there";
}

TEST(EventArguments, TellTheFlagsOfClone) {
  const auto flags = [](const std::string& first) {
    Importer importer(*FindFormat("events").value(), Settings{});
    importer.BeginFile("t", "t");
    importer.Feed("a 7 [000] 1.000001: raw_syscalls:sys_enter: NR 56 (" + first + ", 0, 0, 0, 0, 0)\n");
    EXPECT_TRUE(importer.EndFile());
    return importer.Build("").subjects.begin()->second.begin()->first.clone_flags;
  };
  EXPECT_EQ(flags("1200011"), CloneFlags::kOrdinary);
  EXPECT_EQ(flags("10000011"), CloneFlags::kNamespaces);
}

std::string OfPerf(const std::string& text, const std::string& call) {
  return SeenOf("perf", "    40.112 ( 0.032 ms): a/10578 " + text + "\n", call);
}

TEST(PerfArguments, AreKeptWhereTheyAreShown) {
  EXPECT_EQ(OfPerf("socket(family: INET, type: DGRAM|CLOEXEC)                             = 3", "socket"),
            "(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC)");
  EXPECT_EQ(OfPerf("socket(family: LOCAL, type: SEQPACKET) = 5", "socket"), "(AF_UNIX, SOCK_SEQPACKET)");
  EXPECT_EQ(OfPerf("mmap(len: 8192, prot: READ|WRITE, flags: PRIVATE|ANONYMOUS)           = 0x7f0ebd42b000",
                   "mmap"),
            "(*, *, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)");
  EXPECT_EQ(OfPerf("fcntl(fd: 3<socket:[1138962]>, cmd: GETFL)                            = RDWR", "fcntl"),
            "(*, F_GETFL)");
  EXPECT_EQ(OfPerf("ioctl(cmd: 0x5413, arg: 0x7f54) = -1 ENOTTY (Inappropriate ioctl for device)", "ioctl"),
            "(*, TIOCGWINSZ)");
  EXPECT_EQ(OfPerf("kill(pid: 10578 (a), sig: CHLD) = 0", "kill"), "(*, SIGCHLD)");
  EXPECT_EQ(OfPerf("personality(personality: -1) = 0", "personality"), "(0xffffffff)");
  EXPECT_EQ(OfPerf("unshare(unshare_flags: 131072) = 0", "unshare"), "(CLONE_NEWNS)");
  EXPECT_EQ(OfPerf("prctl(option: SET_NAME, arg2: 0xa5ed20) ...", "prctl"), "(PR_SET_NAME)");
}

// Zeros are left out, and a file's name may say anything.
TEST(PerfArguments, AreNotKnownElsewhere) {
  EXPECT_EQ(OfPerf("mprotect(start: 0x7f, len: 4096) = 0", "mprotect"), "?");
  EXPECT_EQ(OfPerf("fcntl(fd: 3</a, cmd: GETFL>, cmd: SETFD) = 0", "fcntl"), "(*, F_SETFD)");
  EXPECT_EQ(OfPerf("fcntl(fd: 3</a, cmd: GETFL, b>) = 4", "fcntl"), "?") << "F_DUPFD is zero";
  EXPECT_EQ(OfPerf("fcntl(fd: 3</a>, cmd: GETFL, b>) = 4", "fcntl"), "?");
  EXPECT_EQ(OfPerf("kill(pid: 7 (a, sig: KILL)) = 0", "kill"), "?");
  EXPECT_EQ(OfPerf("kill(pid: 7 (a, sig: KILL, b)) = 0", "kill"), "?");
  EXPECT_EQ(OfPerf("kill(pid: 7 (a, sig: KILL, b), sig: TERM) = 0", "kill"), "(*, SIGTERM)");
  EXPECT_EQ(OfPerf("tgkill(tgid: 7 (a), pid: 8 (b), sig: ABRT) = 0", "tgkill"), "(*, *, SIGABRT)");
  EXPECT_EQ(OfPerf("mmap(len: 8192, flags: PRIVATE, fd: 3</x, prot: EXEC, >) = 0x7", "mmap"), "?");
  EXPECT_EQ(OfPerf("prctl(arg2: \"x, option: SET_NAME, y\") = 0", "prctl"), "?");
  EXPECT_EQ(OfPerf("ioctl(cmd: (READ, 0x54, 0x30, 0x4), arg: 0x7f) = 0", "ioctl"), "?");
  EXPECT_EQ(OfPerf("socket(family: FUTURE, type: STREAM) = 3", "socket"), "?");
}

// The names leave out a part of the value.
TEST(PerfArguments, AreNotKnownWhereThePartThatIsShownIsNotAll) {
  // 0xc0145401 of the sound timers has this name, too; perf 4.15 calls TCGETS TCSETS.
  EXPECT_EQ(OfPerf("ioctl(cmd: TCGETS, arg: 0x7f54) = 0", "ioctl"), "?");
  EXPECT_EQ(OfPerf("mount(dev_name: 0x1, dir_name: 0x2, type: 0x3, flags: RDONLY) = 0", "mount"), "?")
      << "mount(8) adds MS_MGC_VAL";
  EXPECT_EQ(
      OfPerf("mmap(len: 2097152, prot: READ, flags: PRIVATE|ANONYMOUS|HUGETLB, fd: -1) = 0x7f0e", "mmap"),
      "?")
      << "21<<MAP_HUGE_SHIFT";
}

std::string OfSysdig(const std::string& begins, const std::string& ends, const std::string& call) {
  const std::string stamp = " 23:40:09.406444211 2 httpd (28599) ";
  return SeenOf(
      "sysdig",
      "5673" + stamp + "> " + call + " " + begins + "\n5674" + stamp + "< " + call + " " + ends + "\n", call);
}

TEST(SysdigArguments, AreKeptWhereTheyAreShownAsTheyWere) {
  EXPECT_EQ(OfSysdig("domain=2(AF_INET) type=524289 proto=0 ", "fd=12(<4>) ", "socket"),
            "(AF_INET, SOCK_STREAM|SOCK_CLOEXEC)");
  EXPECT_EQ(OfSysdig("", "fd=12(<6>) domain=10(AF_INET6) type=2 proto=0 ", "socket"),
            "(AF_INET6, SOCK_DGRAM)");
  EXPECT_EQ(OfSysdig("fd=15(<4t>10.0.0.1:1->10.0.0.2:80) cmd=4(F_GETFL)", "res=2", "fcntl"), "(*, F_GETFL)")
      << "4 is sysdig's own number for it";
  EXPECT_EQ(OfSysdig("fd=3(<4>) request=5413 argument=7FFE973FCE40", "res=0", "ioctl"), "(*, TIOCGWINSZ)");
  EXPECT_EQ(OfSysdig("pid=7513(bash) sig=15(SIGTERM) ", "res=0 ", "kill"), "(*, SIGTERM)");
}

// sysdig drops flags without a name, files may have any name, and a line may be cut.
TEST(SysdigArguments, AreNotKnownElsewhere) {
  EXPECT_EQ(
      OfSysdig(
          "addr=0 length=8192 prot=3(PROT_READ|PROT_WRITE) flags=10(MAP_PRIVATE|MAP_ANONYMOUS) fd=-1(EPERM) "
          "offset=0 ",
          "res=7F6CF08FC000 vm_size=374020", "mmap"),
      "?");
  EXPECT_EQ(OfSysdig("fd=3(<f>/tmp/a cmd=4(F_GETFL)) cmd=5(F_SETFL)", "res=0", "fcntl"), "?");
  EXPECT_EQ(OfSysdig("fd=3(<f>/tmp/a) cmd=0(UNKNOWN)", "res=0", "fcntl"), "?");
  EXPECT_EQ(OfSysdig("fd=3(<f>/tmp/a) cmd=5(F_SET", "", "fcntl"), "?");
  EXPECT_EQ(OfSysdig("domain=0(AF_UNSPEC) type=2 proto=0", "fd=3", "socket"), "?")
      << "or one that it does not know";
  EXPECT_EQ(OfSysdig("domain=2(AF_INET) type=52", "", "socket"), "?");
}

std::string OfProfile(const std::string& rules) {
  return SeenOf(
      "profile",
      R"({"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [)" + rules +
          "]}",
      "socket");
}
std::string Rule(const std::string& arguments) {
  return R"({"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [)" + arguments + "]}";
}
constexpr const char* kInet = R"({"index": 0, "value": 2, "op": "SCMP_CMP_EQ"})";
constexpr const char* kStream = R"({"index": 1, "value": 1, "op": "SCMP_CMP_EQ"})";

TEST(PolicyArguments, AreThoseThatItAsksFor) {
  const std::string inet_stream = Rule(std::string(kInet) + "," + kStream);
  EXPECT_EQ(OfProfile(inet_stream), "(AF_INET, SOCK_STREAM)");
  EXPECT_EQ(
      OfProfile(Rule(std::string(kInet) +
                     R"(, {"index": 1, "value": 4294967295, "valueTwo": 2, "op": "SCMP_CMP_MASKED_EQ"})")),
      "(AF_INET, SOCK_DGRAM)");
  EXPECT_EQ(OfProfile(Rule(kInet)), "?") << "the type may be any";
  EXPECT_EQ(OfProfile(inet_stream + "," + Rule(R"({"index": 0, "value": 1, "op": "SCMP_CMP_NE"})")), "?");
  EXPECT_EQ(SeenOf("minijail", "socket: arg0 == AF_INET && arg1 == SOCK_STREAM || arg0 == 1 && arg1 == 0x2\n",
                   "socket"),
            "(AF_UNIX, SOCK_DGRAM) (AF_INET, SOCK_STREAM)");
  EXPECT_EQ(SeenOf("minijail", "prctl: arg0 == PR_SET_NAME; return EPERM\n", "prctl"), "(PR_SET_NAME) ?");
  EXPECT_EQ(SeenOf("minijail", "prctl: arg0 in 0x3\n", "prctl"), "?");
  EXPECT_EQ(SeenOf("minijail", "prctl: arg0 == PR_FUTURE\n", "prctl"), "?");
  EXPECT_EQ(SeenOf("minijail", "prctl: arg0 == 017\n", "prctl"), "(PR_SET_NAME)") << "octal";
  EXPECT_EQ(SeenOf("minijail", "prctl: arg0==PR_SET_NAME||arg0==(8|7)\n", "prctl"), "(PR_SET_NAME)");
  EXPECT_EQ(SeenOf("minijail", "prctl: arg0 == ~PR_SET_NAME\n", "prctl"), "?");
  EXPECT_EQ(SeenOf("minijail", "prctl: arg0 == 15 || arg0 != 16\n", "prctl"), "?");
  EXPECT_EQ(SeenOf("minijail", "prctl: { arg0 == 15; log, arg0 == 16; log }\n", "prctl"),
            "(PR_SET_NAME) (PR_GET_NAME)");
  EXPECT_EQ(SeenOf("minijail", "socket: arg0==AF_INET&&arg1==SOCK_STREAM|SOCK_CLOEXEC\n", "socket"),
            "(AF_INET, SOCK_STREAM|SOCK_CLOEXEC)");
}

TEST(PolicyArguments, OfTooManyTestsAreNotKnown) {
  std::string tests = "prctl: arg0 == 15";
  for (int i = 0; i < 5000; ++i) tests += " || arg0 == 15";
  EXPECT_EQ(SeenOf("minijail", tests + "\n", "prctl"), "?");
}

TEST(SplitArguments, StopsAtWhatIsNotWhole) {
  const auto split = [](const char* text) {
    const auto line = ParseStraceLine(text);
    std::array<std::string_view, 6> arguments;
    const size_t count = SplitArguments(line, arguments);
    return std::vector<std::string>(arguments.begin(), arguments.begin() + count);
  };
  EXPECT_THAT(split("f(1, {a=1, b=[2, 3]}, \"x,y\", -1) = 0"),
              ElementsAre("1", "{a=1, b=[2, 3]}", "\"x,y\"", "-1"));
  EXPECT_THAT(split("f() = 0"), ElementsAre());
  EXPECT_THAT(split("f(1, 2, 3, 4, 5, 6, 7) = 0"), ElementsAre("1", "2", "3", "4", "5", "6"));
  EXPECT_THAT(split("f(1, 2strace: Process 8 attached"), ElementsAre("1"));
  EXPECT_THAT(split("f(1, 2"), ElementsAre("1"));
}

}  // namespace
}  // namespace whittle::import

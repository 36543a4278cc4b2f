#include "logs.h"

#include <fmt/core.h>

#include <array>
#include <random>

namespace whittle::bench {

std::string StraceLog(size_t bytes) {
  static constexpr std::array kCalls = {
      "read(3, \"abc\", 4096) = 3 <0.000010>", "write(1, \"x) = 1\", 6) = 6 <0.000011>",
      "getpid() = 1 <0.000009>", "openat(AT_FDCWD, \"/etc/hosts\", O_RDONLY) = 3 <0.000020>",
      "newfstatat(3, \"\", {st_mode=S_IFREG|0644, st_size=62, ...}, AT_EMPTY_PATH) = 0 <0.000009>"};
  std::mt19937 random(7);
  std::string log = "1000 1771000000.000000 execve(\"/bin/a\", [\"a\"], 0x7ff /* 3 vars */) = 0 <0.0001>\n";
  for (uint64_t i = 0; log.size() < bytes; ++i) {
    const auto pid = 1000 + random() % 16;
    const auto moment = fmt::format("1771{:06}.{:06}", i / 10'000, i * 100 % 1'000'000);
    const auto kind = random() % 1000;
    if (kind < 10) {
      log += fmt::format("{0} {1} futex(0x1, FUTEX_WAIT_PRIVATE, 2, NULL <unfinished ...>\n", pid, moment);
      log += fmt::format("{0} {1} <... futex resumed>) = 0 <0.1>\n", pid, moment);
    } else if (kind == 10) {
      log += fmt::format("[ Process PID={} runs in {} bit mode. ]\n", pid, random() % 2 == 0 ? 32 : 64);
    } else {
      log += fmt::format("{} {} {}\n", pid, moment, kCalls[random() % kCalls.size()]);
    }
  }
  return log;
}

namespace {

// What a record says behind its number, in the order in which they come.
class Records {
 public:
  std::string Next() {
    static constexpr std::array kPrograms = {"/usr/sbin/nginx", "/usr/bin/python3.11", "/bin/sh",
                                             "/usr/lib/postgresql/15/bin/postgres"};
    static constexpr std::array kNumbers = {0, 1, 3, 9, 202, 232, 257, 281};
    const bool hidden = random_() % 100 == 0;
    const std::string program =
        hidden ? "2F746D702F6D7920617070" : fmt::format("\"{}\"", kPrograms[random_() % kPrograms.size()]);
    return fmt::format(
        "auid=4294967295 uid=0 gid=0 ses=4294967295 subj=unconfined pid={} comm=\"worker\" exe={} sig=0 "
        "arch=c000003e syscall={} compat=0 ip=0x7f0c5a6b3{:03x} code=0x7ffc0000",
        1000 + random_() % 16, program, kNumbers[random_() % kNumbers.size()], count_++ % 4096);
  }

 private:
  std::mt19937 random_{7};
  uint64_t count_ = 0;
};

}  // namespace

std::string AuditLog(size_t bytes) {
  Records records;
  std::string log;
  for (uint64_t i = 0; log.size() < bytes; ++i) {
    log += fmt::format(
        "type=SECCOMP msg=audit({}.{:03}:{}): {}\x1d"
        "AUID=\"unset\" UID=\"root\" GID=\"root\" ARCH=x86_64 SYSCALL=openat\n",
        1'771'000'000 + i / 1000, i % 1000, 100 + i, records.Next());
  }
  return log;
}

std::string KernelLog(size_t bytes) {
  Records records;
  std::string log;
  for (uint64_t i = 0; log.size() < bytes; ++i) {
    log += fmt::format(
        "2026-02-13T16:{:02}:{:02}.{:03}+00:00 node kernel: [{}.{:06}] audit: type=1326 audit({}.{:03}:{}): "
        "{}\n",
        i / 60'000 % 60, i / 1000 % 60, i % 1000, 5000 + i / 1000, i % 1000 * 1000, 1'771'000'000 + i / 1000,
        i % 1000, 100 + i, records.Next());
  }
  return log;
}

}  // namespace whittle::bench

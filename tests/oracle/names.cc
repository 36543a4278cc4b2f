// Names as libseccomp resolves them: data/libseccomp.csv over the kernel's own table.
#include <linux/ipc.h>
#include <linux/net.h>

#include "base/file.h"
#include "base/text.h"
#include "oracle.h"
#include "syscalls/table.h"

namespace whittle::oracle {
namespace {

struct LibraryRow {
  std::string since;  // "none": no version knows it
  std::vector<std::string> numbers;
};

const std::map<std::string, LibraryRow>& LibraryRows() {
  static const auto rows = [] {
    std::map<std::string, LibraryRow> read;
    const std::string text = ReadFile(WHITTLE_SOURCE_DIR "/data/libseccomp.csv").value();
    for (const auto line : Lines(text)) {
      if (line.empty() || line.starts_with('#') || line.starts_with("name,")) continue;
      const auto fields = Split(line, ',');
      LibraryRow& row = read[std::string(fields[0])];
      row.since = fields[1];
      row.numbers.assign(fields.begin() + 2, fields.end());
    }
    return read;
  }();
  return rows;
}

// The first argument of socketcall (SYS_*) and of ipc.
const std::map<std::string, Multiplexer>& Multiplexed() {
  static const std::map<std::string, Multiplexer> calls = [] {
    std::map<std::string, Multiplexer> made;
    const std::pair<const char*, uint32_t> sockets[] = {{"socket", SYS_SOCKET},
                                                        {"bind", SYS_BIND},
                                                        {"connect", SYS_CONNECT},
                                                        {"listen", SYS_LISTEN},
                                                        {"accept", SYS_ACCEPT},
                                                        {"getsockname", SYS_GETSOCKNAME},
                                                        {"getpeername", SYS_GETPEERNAME},
                                                        {"socketpair", SYS_SOCKETPAIR},
                                                        {"send", SYS_SEND},
                                                        {"recv", SYS_RECV},
                                                        {"sendto", SYS_SENDTO},
                                                        {"recvfrom", SYS_RECVFROM},
                                                        {"shutdown", SYS_SHUTDOWN},
                                                        {"setsockopt", SYS_SETSOCKOPT},
                                                        {"getsockopt", SYS_GETSOCKOPT},
                                                        {"sendmsg", SYS_SENDMSG},
                                                        {"recvmsg", SYS_RECVMSG},
                                                        {"accept4", SYS_ACCEPT4},
                                                        {"recvmmsg", SYS_RECVMMSG},
                                                        {"sendmmsg", SYS_SENDMMSG}};
    const std::pair<const char*, uint32_t> ipcs[] = {
        {"semop", SEMOP},   {"semget", SEMGET}, {"semctl", SEMCTL}, {"semtimedop", SEMTIMEDOP},
        {"msgsnd", MSGSND}, {"msgrcv", MSGRCV}, {"msgget", MSGGET}, {"msgctl", MSGCTL},
        {"shmat", SHMAT},   {"shmdt", SHMDT},   {"shmget", SHMGET}, {"shmctl", SHMCTL}};
    for (const auto& [name, selector] : sockets) made[name] = {"socketcall", selector};
    for (const auto& [name, selector] : ipcs) made[name] = {"ipc", selector};
    return made;
  }();
  return calls;
}

}  // namespace

std::optional<int64_t> LibraryNumber(const std::string& name, Abi abi, const profile::Version& version) {
  const auto kernel = SyscallNumber(abi, name);
  const int64_t kernel_number = kernel ? static_cast<int64_t>(*kernel) : -1;
  const auto row = LibraryRows().find(name);
  if (row == LibraryRows().end()) return IsSyscallName(name) ? std::optional(kernel_number) : std::nullopt;
  if (row->second.since == "none" || version < *profile::ParseVersion(row->second.since)) return std::nullopt;
  const std::string& number = row->second.numbers.at(static_cast<size_t>(abi));
  if (number.empty()) return kernel_number;
  return number == "-" ? -1 : std::stoll(number);
}

std::optional<Multiplexer> MultiplexerOf(const std::string& name, Abi abi) {
  const bool multiplexes = abi == Abi::kI386 || abi == Abi::kS390 || abi == Abi::kS390x || abi == Abi::kPpc ||
                           abi == Abi::kPpc64 || abi == Abi::kMips;
  const auto found = Multiplexed().find(name);
  if (!multiplexes || found == Multiplexed().end()) return std::nullopt;
  return found->second;
}

}  // namespace whittle::oracle

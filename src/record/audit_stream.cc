#include "record/audit_stream.h"

#include <fmt/core.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace whittle::record {

Result<AuditStream> AuditStream::Open() {
  Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_AUDIT));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = 1U << (AUDIT_NLGRP_READLOG - 1);
  if (socket.valid() && ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    return AuditStream(std::move(socket));
  }
  return Fail(ErrorCode::kNotPossible, fmt::format("cannot read audit records: {}", strerror(errno)));
}

AuditStream::News AuditStream::Take() {
  News news;
  std::array<char, 1 << 14> buffer;
  for (;;) {
    const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == ENOBUFS) {
      news.lost = true;
      continue;
    }
    if (got <= 0) return news;
    nlmsghdr header;
    if (static_cast<size_t>(got) < sizeof header) continue;
    memcpy(&header, buffer.data(), sizeof header);
    if (header.nlmsg_type != AUDIT_SECCOMP) continue;
    const auto pid =
        ProcessOfAuditRecord({buffer.data() + sizeof header, static_cast<size_t>(got) - sizeof header});
    if (pid) news.processes.push_back(*pid);
  }
}

// What a process names itself stands behind its number.
std::optional<pid_t> ProcessOfAuditRecord(std::string_view text) {
  constexpr std::string_view kPid = " pid=";
  const size_t at = text.find(kPid);
  if (at == text.npos) return std::nullopt;
  text.remove_prefix(at + kPid.size());
  const auto pid = ParseUnsigned(text.substr(0, text.find(' ')));
  if (!pid || *pid == 0 || *pid > INT32_MAX) return std::nullopt;
  return static_cast<pid_t>(*pid);
}

}  // namespace whittle::record

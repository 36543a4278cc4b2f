#include "symbols/files.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <optional>

#include "base/file.h"
#include "base/text.h"

namespace whittle::symbols {
namespace {

constexpr std::string_view kDeleted = " (deleted)";

Fd RootOf(pid_t pid) {
  if (pid > 0) {
    Fd root(open(fmt::format("/proc/{}/root", pid).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (root.valid()) return root;
  }
  return Fd(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

bool IsFile(int fd, uint64_t inode) {
  struct stat info{};
  return fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && (inode == 0 || info.st_ino == inode);
}

std::optional<uint64_t> Hex(std::string_view text) { return ParseUnsigned("0x" + std::string(text)); }

// "7f00-7f10 r-xp 00002000 08:01 1234  /usr/lib/libc.so.6"
std::optional<Module> ModuleOfLine(std::string_view line) {
  const auto words = Words(line);
  if (words.size() < 6 || words[1].size() < 3 || words[1][2] != 'x') return std::nullopt;
  const size_t path_at = line.find('/');
  const auto bounds = Split(words[0], '-');
  if (path_at == line.npos || bounds.size() != 2) return std::nullopt;
  const auto start = Hex(bounds[0]), end = Hex(bounds[1]), offset = Hex(words[2]);
  const auto inode = ParseUnsigned(words[4]);
  if (!start || !end || !offset || !inode) return std::nullopt;
  std::string_view path = line.substr(path_at);
  if (path.ends_with(kDeleted)) path.remove_suffix(kDeleted.size());
  return Module{*start, *end, *offset, *inode, std::string(path)};
}

}  // namespace

Fd OpenBelow(int root, const std::string& path) {
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  Fd file(static_cast<int>(syscall(SYS_openat2, root, path.c_str(), &how, sizeof(how))));
  if (file.valid() && !IsFile(file.get(), 0)) return {};
  return file;
}

OpenFiles OpenModules(const Sample& sample, pid_t pid) {
  OpenFiles files;
  files.root = RootOf(pid);
  for (const auto& module : sample.modules) {
    Fd file = module.path.empty() ? Fd() : OpenBelow(files.root.get(), module.path);
    if (file.valid() && !IsFile(file.get(), module.inode)) file.Close();
    files.modules.push_back(std::move(file));
  }
  return files;
}

std::vector<Module> ModulesOfMaps(std::string_view maps) {
  std::vector<Module> modules;
  for (const auto line : Lines(maps)) {
    if (auto module = ModuleOfLine(line)) modules.push_back(std::move(*module));
  }
  return modules;
}

std::vector<Module> MappedModules(pid_t pid) {
  const auto maps = ReadKernelFile(fmt::format("/proc/{}/maps", pid));
  return maps ? ModulesOfMaps(*maps) : std::vector<Module>();
}

}  // namespace whittle::symbols

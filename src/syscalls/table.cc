#include "syscalls/table.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"

namespace whittle {
namespace {

struct SyscallRow {
  std::string_view name;
  std::array<int64_t, kAbiCount> numbers;  // -1: the ABI lacks the call
};

constexpr SyscallRow kRows[] = {
#include "syscalls.inc"
};

const SyscallRow* FindRow(std::string_view name) {
  const auto row = std::ranges::lower_bound(kRows, name, {}, &SyscallRow::name);
  return row != std::end(kRows) && row->name == name ? row : nullptr;
}

struct NumberedName {
  uint32_t number;
  std::string_view name;
};

// Per ABI, sorted by number.
const std::array<std::vector<NumberedName>, kAbiCount>& ByNumber() {
  static const auto index = [] {
    std::array<std::vector<NumberedName>, kAbiCount> made;
    for (const auto& row : kRows) {
      for (size_t abi = 0; abi < kAbiCount; ++abi) {
        if (row.numbers[abi] >= 0) made[abi].push_back({static_cast<uint32_t>(row.numbers[abi]), row.name});
      }
    }
    for (auto& names : made) std::ranges::sort(names, {}, &NumberedName::number);
    return made;
  }();
  return index;
}

// Functions of the kernel that serve a call of another name, where no call of the ABI has that one. Source:
// arch/x86/entry/syscalls/*.tbl and include/uapi/asm-generic/unistd.h of 6.12.
struct KernelFunction {
  std::string_view function;
  std::string_view call;
};
constexpr KernelFunction kKernelFunctions[] = {
    {"newuname", "uname"},          {"newstat", "stat"},           {"newfstat", "fstat"},
    {"newlstat", "lstat"},          {"llseek", "_llseek"},         {"mmap_pgoff", "mmap2"},
    {"old_mmap", "mmap"},           {"old_select", "select"},      {"old_readdir", "readdir"},
    {"old_getrlimit", "getrlimit"}, {"newselect", "_newselect"},   {"old_msgctl", "msgctl"},
    {"old_semctl", "semctl"},       {"old_shmctl", "shmctl"},      {"umount", "umount2"},
    {"sendfile64", "sendfile"},     {"fadvise64_64", "fadvise64"},
};

// "__x64_sys_newuname" is how the kernel, and what traces it, call the function behind uname.
std::optional<std::string_view> NameOfKernelFunction(std::string_view text) {
  constexpr std::string_view kPrefixes[] = {"__x64_", "__ia32_", "__arm64_", "__s390x_", "__s390_",
                                            "__se_",  "__do_",   "compat_",  "ksys_",    "sys_",
                                            "__NR_",  "NR_",     "SYS_"};
  std::string_view name = text;
  for (const auto prefix : kPrefixes) {
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  }
  if (name.size() < text.size() && FindRow(name) != nullptr) return FindRow(name)->name;
  const auto known = std::ranges::find(kKernelFunctions, name, &KernelFunction::function);
  if (known != std::end(kKernelFunctions)) return known->call;
  return std::nullopt;
}

}  // namespace

uint32_t FirstNumber(Abi abi) {
  switch (abi) {
    case Abi::kX32:
      return kX32Bit;
    case Abi::kMips:
      return 4000;
    case Abi::kMips64:
      return 5000;
    case Abi::kMips64N32:
      return 6000;
    default:
      return 0;
  }
}

std::optional<uint32_t> SyscallNumber(Abi abi, std::string_view name) {
  const SyscallRow* row = FindRow(name);
  if (row == nullptr) return std::nullopt;
  const int64_t number = row->numbers[static_cast<size_t>(abi)];
  if (number < 0) return std::nullopt;
  return static_cast<uint32_t>(number);
}

std::optional<uint32_t> SyscallNumberOfFunction(Abi abi, std::string_view name) {
  if (const auto number = SyscallNumber(abi, name)) return number;
  const auto known = std::ranges::find(kKernelFunctions, name, &KernelFunction::function);
  return known == std::end(kKernelFunctions) ? std::nullopt : SyscallNumber(abi, known->call);
}

std::optional<std::string_view> SyscallName(Abi abi, uint32_t number) {
  const auto& names = ByNumber()[static_cast<size_t>(abi)];
  const auto found = std::ranges::lower_bound(names, number, {}, &NumberedName::number);
  if (found == names.end() || found->number != number) return std::nullopt;
  return found->name;
}

std::string SyscallText(Abi abi, uint32_t number) {
  const auto name = SyscallName(abi, number);
  return name ? std::string(*name) : fmt::format("#{}", number);
}

std::optional<uint32_t> ParseSyscall(Abi abi, std::string_view text) {
  if (!text.starts_with('#')) return SyscallNumber(abi, text);
  const auto number = ParseUnsigned(text.substr(1));
  if (!number || *number > UINT32_MAX) return std::nullopt;
  return static_cast<uint32_t>(*number);
}

bool IsSyscallName(std::string_view name) { return FindRow(name) != nullptr; }

std::span<const std::string_view> AllSyscallNames() {
  static const auto names = [] {
    std::vector<std::string_view> made;
    for (const auto& row : kRows) made.push_back(row.name);
    return made;
  }();
  return names;
}

namespace {

// Functions of libcs that are no calls, by the call that they make.
constexpr std::pair<std::string_view, std::string_view> kLibcFunctions[] = {
    {"closefrom", "close_range"},
    {"exec", "execve"},
    {"execl", "execve"},
    {"execlp", "execve"},
    {"execv", "execve"},
    {"execvp", "execve"},
    {"execvpe", "execve"},
    {"fexecve", "execveat"},
    {"fopen", "openat"},
    {"fstatat", "newfstatat"},
    {"lseek64", "lseek"},
    {"malloc", "brk"},
    {"mkfifo", "mknodat"},
    {"mkfifoat", "mknodat"},
    {"mmap64", "mmap"},
    {"open64", "openat"},
    {"posix_fadvise", "fadvise64"},
    {"posix_fallocate", "fallocate"},
    {"posix_spawn", "clone3"},
    {"pread", "pread64"},
    {"prlimit", "prlimit64"},
    {"pthread_create", "clone3"},
    {"pwrite", "pwrite64"},
    {"raise", "tgkill"},
    {"sched_getcpu", "getcpu"},
    {"shm_open", "openat"},
    {"sigwait", "rt_sigtimedwait"},
    {"sigwaitinfo", "rt_sigtimedwait"},
    {"sleep", "clock_nanosleep"},
    {"usleep", "clock_nanosleep"},
    {"wait", "wait4"},
    {"wait3", "wait4"},
};

}  // namespace

std::string DidYouMean(std::string_view unknown_name) {
  for (const auto& [function, call] : kLibcFunctions) {
    if (function == unknown_name)
      return fmt::format(", which is a function of libcs: did you mean '{}'?", call);
  }
  if (const auto name = NameOfKernelFunction(unknown_name))
    return fmt::format(", which is the kernel's own name: did you mean '{}'?", *name);
  const auto nearest = Nearest(LowerCase(unknown_name), AllSyscallNames());
  return nearest ? fmt::format(", did you mean '{}'?", *nearest) : "";
}

}  // namespace whittle

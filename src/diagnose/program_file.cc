#include "diagnose/program_file.h"

#include <filesystem>
#include <fstream>

#include "base/text.h"

namespace whittle::diagnose {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLinks = 40;  // as the kernel
constexpr size_t kHead = 20;    // of an ELF file: up to e_machine
constexpr size_t kRead = 4096;  // its program headers are among these

bool IsBelow(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

// Where a path of the container lies on the host, its last component's link not followed; empty if nowhere.
std::string OnHost(const container::ContainerInfo& info, const std::string& path) {
  const container::Mount* mount = nullptr;
  for (const auto& one : info.mounts) {
    const bool longer = mount == nullptr || one.destination.size() > mount->destination.size();
    if (IsBelow(path, one.destination) && longer) mount = &one;
  }
  if (mount != nullptr) return mount->source + path.substr(mount->destination.size());
  for (const auto& layer : info.layers) {
    std::error_code error;
    const auto status = fs::symlink_status(layer + path, error);
    if (!fs::exists(status)) continue;
    return status.type() == fs::file_type::character ? "" : layer + path;  // a whiteout
  }
  return "";
}

// Follows the links of every component, inside. Empty if there is no such file.
std::string Resolve(const container::ContainerInfo& info, const std::string& path) {
  std::vector<std::string> left;  // components, the next one last
  const auto push = [&](const std::string& text) {
    const auto parts = Split(text, '/');
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
      if (!part->empty() && *part != ".") left.emplace_back(*part);
    }
  };
  push(path);
  std::string done;
  for (int links = 0; !left.empty();) {
    const std::string next = left.back();
    left.pop_back();
    if (next == "..") {
      done = done.substr(0, done.rfind('/') == std::string::npos ? 0 : done.rfind('/'));
      continue;
    }
    const std::string here = OnHost(info, done + "/" + next);
    std::error_code error;
    if (here.empty() || !fs::exists(fs::symlink_status(here, error))) return "";
    if (!fs::is_symlink(here, error)) {
      done += "/" + next;
      continue;
    }
    if (++links > kMostLinks) return "";
    const std::string target = fs::read_symlink(here, error).string();
    if (target.starts_with('/')) done.clear();
    push(target);
  }
  return done;
}

std::string HeadOf(const std::string& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return "";
  std::ifstream in(file, std::ios::binary);
  std::string head(kRead, '\0');
  in.read(head.data(), kRead);
  head.resize(static_cast<size_t>(in.gcount()));
  return head;
}

bool IsExecutable(const std::string& file) {
  std::error_code error;
  const auto status = fs::status(file, error);
  constexpr auto kAnyone = fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
  return fs::is_regular_file(status) && (status.permissions() & kAnyone) != fs::perms::none;
}

// A name without a slash is looked for where PATH usually leads.
std::vector<std::string> CandidatesFor(const std::string& program) {
  if (program.find('/') != std::string::npos) return {program};
  std::vector<std::string> candidates;
  for (const char* folder :
       {"/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"})
    candidates.push_back(folder + program);
  return candidates;
}

bool CanRead(const container::ContainerInfo& info) {
  std::error_code error;
  for (const auto& layer : info.layers) {
    const fs::directory_iterator folder(layer, error);
    if (error) return false;
  }
  return !info.layers.empty();
}

}  // namespace

std::optional<Abi> AbiOfElf(std::string_view head) {
  if (head.size() < kHead || !head.starts_with("\x7f"
                                               "ELF"))
    return std::nullopt;
  const bool is64 = head[4] == 2;
  const bool little = head[5] == 1;
  const auto byte = [&](size_t at) { return static_cast<unsigned>(static_cast<unsigned char>(head[at])); };
  const unsigned machine = little ? byte(18) | byte(19) << 8 : byte(19) | byte(18) << 8;
  switch (machine) {
    case 3:
      return Abi::kI386;
    case 62:
      return is64 ? Abi::kX86_64 : Abi::kX32;
    case 40:
      return Abi::kArm;
    case 183:
      return Abi::kAarch64;
    case 22:
      return is64 ? Abi::kS390x : Abi::kS390;
    case 243:
      return is64 ? std::optional(Abi::kRiscv64) : std::nullopt;
    case 258:
      return is64 ? std::optional(Abi::kLoongarch64) : std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<bool> IsDynamicElf(std::string_view head) {
  constexpr size_t kHeaderSize = 64, kInterpreter = 3;
  if (!AbiOfElf(head) || head.size() < kHeaderSize || head[4] != 2 || head[5] != 1) return std::nullopt;
  const auto number = [&](size_t at, size_t size) {
    uint64_t value = 0;
    for (size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(head[at + i]);
    return value;
  };
  const uint64_t first = number(32, 8), size = number(54, 2), count = number(56, 2);
  if (first > head.size() || size < 4 || first + size * count > head.size()) return std::nullopt;
  for (uint64_t i = 0; i < count; ++i) {
    if (number(first + i * size, 4) == kInterpreter) return true;
  }
  return false;
}

ProgramFile FindProgramFile(const container::ContainerInfo& info) {
  if (!CanRead(info) || info.command.empty() || info.command.front().empty()) return {};
  ProgramFile file;
  file.state = ProgramFile::State::kMissing;
  for (const auto& candidate : CandidatesFor(info.command.front())) {
    const std::string path = Resolve(info, candidate);
    if (path.empty()) continue;
    const std::string here = OnHost(info, path);
    file.path = path;
    file.state = IsExecutable(here) ? ProgramFile::State::kThere : ProgramFile::State::kUnusable;
    const std::string head = HeadOf(here);
    file.abi = AbiOfElf(head);
    file.dynamic = IsDynamicElf(head);
    if (file.state == ProgramFile::State::kThere) break;
  }
  return file;
}

}  // namespace whittle::diagnose

#include "symbols/debug_file.h"

#include <fmt/core.h>
#include <libelf.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "symbols/files.h"

namespace whittle::symbols {
namespace {

constexpr const char* kDebugFolder = "/usr/lib/debug";
constexpr off_t kMostChecked = off_t{512} << 20;  // bytes of a file whose checksum is computed

std::array<uint32_t, 256> MakeTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < table.size(); i++) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; bit++) value = value >> 1 ^ (value & 1 ? 0xedb88320u : 0);
    table[i] = value;
  }
  return table;
}

bool HasBuildId(const Dw& dw, int file, std::span<const unsigned char> build_id) {
  dw.set_version(EV_CURRENT);
  const std::unique_ptr<Elf, decltype(dw.close_elf)> elf(dw.open_elf(file, ELF_C_READ_MMAP, nullptr),
                                                         dw.close_elf);
  const void* id = nullptr;
  const ssize_t bytes = elf ? dw.elf_build_id(elf.get(), &id) : -1;
  return bytes > 0 && std::ranges::equal(build_id, std::span(static_cast<const unsigned char*>(id),
                                                             static_cast<size_t>(bytes)));
}

}  // namespace

std::optional<uint32_t> FileChecksum(int file) {
  static const auto table = MakeTable();
  const off_t size = lseek(file, 0, SEEK_END);
  if (size < 0 || size > kMostChecked) return std::nullopt;
  uint32_t crc = 0xffffffff;
  std::vector<unsigned char> piece(65536);
  for (off_t at = 0; at < size;) {
    const ssize_t got = pread(file, piece.data(), piece.size(), at);
    if (got <= 0) return std::nullopt;
    for (ssize_t i = 0; i < got; i++) crc = table[(crc ^ piece[static_cast<size_t>(i)]) & 0xff] ^ crc >> 8;
    at += got;
  }
  return ~crc;
}

std::vector<std::string> DebugFilePaths(std::span<const unsigned char> build_id, const DebugLink& link) {
  std::vector<std::string> paths;
  if (build_id.size() >= 2) {
    std::string name;
    for (const unsigned char byte : build_id.subspan(1)) name += fmt::format("{:02x}", byte);
    paths.push_back(fmt::format("{}/.build-id/{:02x}/{}.debug", kDebugFolder, build_id[0], name));
  }
  const size_t slash = link.file.rfind('/');
  // A link is a name, never a way somewhere else.
  if (link.link.empty() || link.link.find('/') != std::string::npos || slash == std::string::npos)
    return paths;
  const std::string folder = link.file.substr(0, slash);
  paths.push_back(fmt::format("{}/{}", folder, link.link));
  paths.push_back(fmt::format("{}/.debug/{}", folder, link.link));
  paths.push_back(fmt::format("{}{}/{}", kDebugFolder, folder, link.link));
  return paths;
}

Fd OpenDebugFile(const Dw& dw, int root, std::span<const unsigned char> build_id, const DebugLink& link) {
  for (const auto& path : DebugFilePaths(build_id, link)) {
    Fd file = OpenBelow(root, path);
    if (!file.valid()) continue;
    const bool same =
        build_id.empty() ? FileChecksum(file.get()) == link.crc : HasBuildId(dw, file.get(), build_id);
    if (same) return file;
  }
  return {};
}

}  // namespace whittle::symbols

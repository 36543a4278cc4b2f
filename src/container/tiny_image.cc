#include "container/tiny_image.h"

#include <elf.h>
#include <fmt/core.h>

#include <cstdint>
#include <cstring>
#include <initializer_list>

namespace whittle::container {
namespace {

constexpr size_t kBlock = 512;
constexpr uint64_t kAddress = 0x400000;

template <typename T>
void AppendBytes(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// One segment, headers included, readable and executable.
std::string StaticProgram(std::string_view code) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_EXEC;
  header.e_machine = EM_X86_64;
  header.e_version = EV_CURRENT;
  header.e_entry = kAddress + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr);
  header.e_phoff = sizeof(Elf64_Ehdr);
  header.e_ehsize = sizeof(Elf64_Ehdr);
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 1;
  Elf64_Phdr segment{};
  segment.p_type = PT_LOAD;
  segment.p_flags = PF_R | PF_X;
  segment.p_vaddr = segment.p_paddr = kAddress;
  segment.p_filesz = segment.p_memsz = sizeof header + sizeof segment + code.size();
  segment.p_align = 0x1000;
  std::string out;
  AppendBytes(out, header);
  AppendBytes(out, segment);
  return out += code;
}

// mov eax, 231 (exit_group); xor edi, edi; syscall
constexpr std::string_view kExitCode("\xb8\xe7\x00\x00\x00\x31\xff\x0f\x05", 9);
// again: mov eax, 34 (pause); syscall; jmp again
constexpr std::string_view kPauseCode("\xb8\x22\x00\x00\x00\x0f\x05\xeb\xf7", 9);

void Put(std::string& header, size_t offset, std::string_view text) {
  header.replace(offset, text.size(), text);
}

// A file of the ustar format (POSIX.1-1988).
std::string TarEntry(std::string_view name, std::string_view content) {
  std::string header(kBlock, '\0');
  Put(header, 0, name);
  Put(header, 100, "0000755");
  Put(header, 108, "0000000");
  Put(header, 116, "0000000");
  Put(header, 124, fmt::format("{:011o}", content.size()));
  Put(header, 136, "00000000000");
  Put(header, 148, "        ");  // the checksum counts as blanks
  Put(header, 156, "0");
  Put(header, 257, std::string_view("ustar\00000", 8));
  uint32_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  Put(header, 148, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  std::string out = header + std::string(content);
  out.resize((out.size() + kBlock - 1) / kBlock * kBlock, '\0');
  return out;
}

}  // namespace

Result<std::string> TinyImage(Abi native) {
  if (native != Abi::kX86_64) {
    return Fail(ErrorCode::kNotPossible,
                fmt::format("there is no measuring program for {} yet: only x86_64 can be measured",
                            AbiName(native)));
  }
  return TarEntry(kTinyExit.substr(1), StaticProgram(kExitCode)) +
         TarEntry(kTinyPause.substr(1), StaticProgram(kPauseCode)) + std::string(2 * kBlock, '\0');
}

}  // namespace whittle::container

// A thread's stack as it was copied at one moment, and the frames that it is unwound to. Values; thread safe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace whittle::symbols {

// An executable mapping of a file.
struct Module {
  uint64_t start = 0, end = 0;  // addresses
  uint64_t offset = 0;          // where the mapping begins in the file, bytes
  uint64_t inode = 0;           // 0: not known
  std::string path;             // as the process' mount namespace shows it; empty: not known
  bool operator==(const Module&) const = default;
};

struct Sample {
  enum class Width { k64, k32 };
  // ax dx cx bx si di bp sp r8..r15 ip, which are DWARF's numbers on x86-64.
  std::array<uint64_t, 17> registers{};
  Width width = Width::k64;
  std::vector<uint8_t> stack;  // from sp on
  std::vector<Module> modules;
  bool modules_known = true;  // false: there are more than these
};

struct Frame {
  uint64_t address = 0;
  std::string module;    // the file's path; empty: no file is mapped there (code that was made at run time)
  uint64_t offset = 0;   // in the file, bytes
  std::string function;  // empty: the file does not tell
  uint64_t into = 0;     // bytes behind the function's beginning
  std::string source;    // "src/main.c"; empty: the file does not tell
  int line = 0;
  bool operator==(const Frame&) const = default;
};

// "libc.so.6!mkdir+0xb (mkdir.c:12)", "app+0x1234" without symbols, "0x7f00" outside of files. Printable.
std::string FrameText(const Frame& frame);

}  // namespace whittle::symbols

#include "symbols/unwind.h"

#include <cxxabi.h>
#include <elf.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <set>

#include "symbols/debug_file.h"

namespace whittle::symbols {
namespace {

constexpr uint64_t kPage = 4096;
constexpr int kThread = 1;  // its only one

struct Session {
  const Dw& dw;
  const Sample& sample;
  int root = -1;
  std::vector<Frame> frames;
};

// libdwfl hands no context of ours to its search for debug information.
thread_local const Session* current = nullptr;

std::optional<uint64_t> WordAt(const Sample& sample, uint64_t address) {
  const bool narrow = sample.width == Sample::Width::k32;
  const size_t size = narrow ? 4 : 8;
  const uint64_t sp = sample.registers[7];
  if (address < sp || address - sp + size > sample.stack.size()) return std::nullopt;
  uint64_t word = 0;
  std::memcpy(&word, sample.stack.data() + (address - sp), size);
  return word;
}

// --- what libdwfl asks for ---

pid_t NextThread(Dwfl*, void* session, void** thread) {
  if (*thread != nullptr) return 0;
  *thread = session;
  return kThread;
}

bool ReadMemory(Dwfl*, Dwarf_Addr address, Dwarf_Word* word, void* session) {
  const auto read = WordAt(static_cast<Session*>(session)->sample, address);
  if (read) *word = *read;
  return read.has_value();
}

bool SetRegisters(Dwfl_Thread* thread, void* context) {
  const auto& session = *static_cast<Session*>(context);
  const auto& from = session.sample.registers;
  if (session.sample.width == Sample::Width::k64) {
    return session.dw.thread_state_registers(thread, 0, from.size(), from.data());
  }
  // i386 counts ax cx dx bx sp bp si di ip.
  const std::array<Dwarf_Word, 9> narrow = {from[0], from[2], from[1], from[3], from[7],
                                            from[6], from[4], from[5], from[16]};
  return session.dw.thread_state_registers(thread, 0, narrow.size(), narrow.data());
}

int FindDebugInfo(Dwfl_Module* module, void**, const char*, Dwarf_Addr, const char* file, const char* link,
                  GElf_Word crc, char**) {
  const unsigned char* id = nullptr;
  GElf_Addr at = 0;
  const int bytes = current->dw.module_build_id(module, &id, &at);
  const std::span<const unsigned char> build_id(id, bytes > 0 ? static_cast<size_t>(bytes) : 0);
  return OpenDebugFile(current->dw, current->root, build_id,
                       {file != nullptr ? file : "", link != nullptr ? link : "", crc})
      .Release();
}

int FindElf(Dwfl_Module*, void**, const char*, Dwarf_Addr, char**, Elf**) { return -1; }

// --- names ---

std::string Demangled(const char* name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> plain(
      abi::__cxa_demangle(name, nullptr, nullptr, &status), std::free);
  return status == 0 && plain ? plain.get() : name;
}

// `look_up`: inside the instruction that called, not behind it.
Frame Named(const Session& session, Dwfl* dwfl, uint64_t address, uint64_t look_up) {
  Frame frame = PlaceOf(session.sample, address);
  Dwfl_Module* module = session.dw.addrmodule(dwfl, look_up);
  if (module == nullptr) return frame;
  GElf_Off into = 0;
  GElf_Sym symbol{};
  const char* name = session.dw.module_addrinfo(module, look_up, &into, &symbol, nullptr, nullptr, nullptr);
  if (name != nullptr && *name != '\0') {
    frame.function = Demangled(name);
    frame.into = into + (address - look_up);
  }
  if (Dwfl_Line* line = session.dw.module_getsrc(module, look_up)) {
    const char* source = session.dw.lineinfo(line, nullptr, &frame.line, nullptr, nullptr, nullptr);
    if (source != nullptr) frame.source = source;
  }
  return frame;
}

struct Walk {
  Session& session;
  Dwfl* dwfl;
};

int TakeFrame(Dwfl_Frame* state, void* context) {
  auto& walk = *static_cast<Walk*>(context);
  Dwarf_Addr pc = 0;
  bool activation = false;
  if (!walk.session.dw.frame_pc(state, &pc, &activation) || pc == 0) return DWARF_CB_ABORT;
  walk.session.frames.push_back(Named(walk.session, walk.dwfl, pc, activation ? pc : pc - 1));
  return walk.session.frames.size() < kMostFrames ? DWARF_CB_OK : DWARF_CB_ABORT;
}

void ReportModules(const Session& session, Dwfl* dwfl, OpenFiles& files) {
  std::set<std::pair<std::string, uint64_t>> reported;
  session.dw.report_begin(dwfl);
  for (size_t i = 0; i < session.sample.modules.size(); i++) {
    const auto& module = session.sample.modules[i];
    if (i >= files.modules.size() || !files.modules[i].valid()) continue;
    const auto bias = LoadBias(files.modules[i].get(), module);
    if (!bias || !reported.emplace(module.path, *bias).second) continue;
    const char* name = module.path.c_str();
    if (session.dw.report_elf(dwfl, name, name, files.modules[i].get(), *bias, true) != nullptr) {
      files.modules[i].Release();  // it is the library's now
    }
  }
  session.dw.report_end(dwfl, nullptr, nullptr);
}

// What unwinding did not reach, frame pointers may.
void AddFramePointers(Session& session, Dwfl* dwfl) {
  if (session.frames.size() > 1) return;
  for (const uint64_t address : FramePointerChain(session.sample)) {
    if (session.frames.size() >= kMostFrames) return;
    session.frames.push_back(Named(session, dwfl, address, address - 1));
  }
}

template <typename Header, typename Segment>
std::optional<uint64_t> BiasOf(int file, const Module& module) {
  Header header{};
  if (pread(file, &header, sizeof(header), 0) != sizeof(header) || header.e_phentsize != sizeof(Segment)) {
    return std::nullopt;
  }
  if (header.e_type != ET_DYN) return 0;
  for (int i = 0; i < header.e_phnum; i++) {
    Segment segment{};
    const auto at = static_cast<off_t>(header.e_phoff + sizeof(Segment) * static_cast<size_t>(i));
    if (pread(file, &segment, sizeof(segment), at) != sizeof(segment)) return std::nullopt;
    const uint64_t begin = segment.p_offset & ~(kPage - 1);
    if (segment.p_type != PT_LOAD || module.offset < begin ||
        module.offset >= segment.p_offset + segment.p_filesz) {
      continue;
    }
    return module.start - module.offset - (segment.p_vaddr - segment.p_offset);
  }
  return std::nullopt;
}

}  // namespace

std::optional<uint64_t> LoadBias(int file, const Module& module) {
  unsigned char ident[EI_NIDENT] = {};
  if (pread(file, ident, sizeof(ident), 0) != sizeof(ident) || std::memcmp(ident, ELFMAG, SELFMAG) != 0) {
    return std::nullopt;
  }
  if (ident[EI_CLASS] == ELFCLASS32) return BiasOf<Elf32_Ehdr, Elf32_Phdr>(file, module);
  return BiasOf<Elf64_Ehdr, Elf64_Phdr>(file, module);
}

Frame PlaceOf(const Sample& sample, uint64_t address) {
  Frame frame;
  frame.address = address;
  for (const auto& module : sample.modules) {
    if (address < module.start || address >= module.end) continue;
    frame.module = module.path.empty() ? "?" : module.path;
    frame.offset = address - module.start + module.offset;
    break;
  }
  return frame;
}

std::vector<uint64_t> FramePointerChain(const Sample& sample) {
  const uint64_t width = sample.width == Sample::Width::k32 ? 4 : 8;
  std::vector<uint64_t> chain;
  uint64_t at = sample.registers[6];
  while (chain.size() < kMostFrames) {
    const auto next = WordAt(sample, at);
    const auto address = WordAt(sample, at + width);
    // A return address lies behind a call, in code.
    if (!next || !address || PlaceOf(sample, *address).module.empty()) break;
    chain.push_back(*address);
    if (*next <= at) break;
    at = *next;
  }
  return chain;
}

std::vector<Frame> Unwind(const Dw& dw, const Sample& sample, OpenFiles files) {
  Session session{dw, sample, files.root.get(), {}};
  current = &session;
  const uint64_t ip = sample.registers[16];
  static char no_path[] = "";
  char* path = no_path;
  Dwfl_Callbacks callbacks{};
  callbacks.find_elf = FindElf;
  callbacks.find_debuginfo = FindDebugInfo;
  callbacks.debuginfo_path = &path;
  const std::unique_ptr<Dwfl, decltype(dw.end)> dwfl(dw.begin(&callbacks), dw.end);
  if (dwfl) {
    ReportModules(session, dwfl.get(), files);
    Dwfl_Thread_Callbacks threads{};
    threads.next_thread = NextThread;
    threads.memory_read = ReadMemory;
    threads.set_initial_registers = SetRegisters;
    Walk walk{session, dwfl.get()};
    if (dw.attach_state(dwfl.get(), nullptr, kThread, &threads, &session)) {
      dw.getthread_frames(dwfl.get(), kThread, TakeFrame, &walk);
    }
    if (session.frames.empty()) session.frames.push_back(Named(session, dwfl.get(), ip, ip));
    AddFramePointers(session, dwfl.get());
  } else {
    session.frames.push_back(PlaceOf(sample, ip));
  }
  current = nullptr;
  return session.frames;
}

}  // namespace whittle::symbols

#include "symbols/dw.h"

#include <dlfcn.h>
#include <fmt/core.h>

namespace whittle::symbols {
namespace {

constexpr const char* kLibrary = "libdw.so.1";

template <typename Function>
bool Find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

Result<Dw> Load() {
  void* library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return Fail(ErrorCode::kNotPossible, fmt::format("stacks are unwound by {}: {}", kLibrary, dlerror()));
  }
  Dw dw;
  const bool complete =
      Find(library, "dwfl_begin", dw.begin) && Find(library, "dwfl_end", dw.end) &&
      Find(library, "dwfl_report_begin", dw.report_begin) &&
      Find(library, "dwfl_report_elf", dw.report_elf) && Find(library, "dwfl_report_end", dw.report_end) &&
      Find(library, "dwfl_attach_state", dw.attach_state) &&
      Find(library, "dwfl_getthread_frames", dw.getthread_frames) &&
      Find(library, "dwfl_thread_state_registers", dw.thread_state_registers) &&
      Find(library, "dwfl_frame_pc", dw.frame_pc) && Find(library, "dwfl_addrmodule", dw.addrmodule) &&
      Find(library, "dwfl_module_addrinfo", dw.module_addrinfo) &&
      Find(library, "dwfl_module_getsrc", dw.module_getsrc) && Find(library, "dwfl_lineinfo", dw.lineinfo) &&
      Find(library, "dwfl_module_build_id", dw.module_build_id) &&
      Find(library, "dwelf_elf_gnu_build_id", dw.elf_build_id) &&
      Find(library, "elf_version", dw.set_version) && Find(library, "elf_begin", dw.open_elf) &&
      Find(library, "elf_end", dw.close_elf);
  if (!complete) return Fail(ErrorCode::kNotPossible, fmt::format("{} is too old", kLibrary));
  return dw;
}

}  // namespace

Result<const Dw*> LoadDw() {
  static const Result<Dw> loaded = Load();
  if (!loaded) return std::unexpected(loaded.error());
  return &*loaded;
}

}  // namespace whittle::symbols

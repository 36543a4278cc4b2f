// elfutils' libdw, loaded when the first stack is unwound: it brings compression libraries of its own, and
// verbs that show no stack should not pay for them at every start. Thread safe.
#pragma once

#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <elfutils/libdwfl.h>

#include "base/result.h"

namespace whittle::symbols {

// The functions that are used, by their names in elfutils/libdwfl.h and libdwelf.h.
struct Dw {
  decltype(&dwfl_begin) begin = nullptr;
  decltype(&dwfl_end) end = nullptr;
  decltype(&dwfl_report_begin) report_begin = nullptr;
  decltype(&dwfl_report_elf) report_elf = nullptr;
  decltype(&dwfl_report_end) report_end = nullptr;
  decltype(&dwfl_attach_state) attach_state = nullptr;
  decltype(&dwfl_getthread_frames) getthread_frames = nullptr;
  decltype(&dwfl_thread_state_registers) thread_state_registers = nullptr;
  decltype(&dwfl_frame_pc) frame_pc = nullptr;
  decltype(&dwfl_addrmodule) addrmodule = nullptr;
  decltype(&dwfl_module_addrinfo) module_addrinfo = nullptr;
  decltype(&dwfl_module_getsrc) module_getsrc = nullptr;
  decltype(&dwfl_lineinfo) lineinfo = nullptr;
  decltype(&dwfl_module_build_id) module_build_id = nullptr;
  decltype(&dwelf_elf_gnu_build_id) elf_build_id = nullptr;
  // Of libelf, which it brings along.
  decltype(&elf_version) set_version = nullptr;
  decltype(&elf_begin) open_elf = nullptr;
  decltype(&elf_end) close_elf = nullptr;
};

// Never unloaded. Errors: kNotPossible if the library is not installed.
Result<const Dw*> LoadDw();

}  // namespace whittle::symbols

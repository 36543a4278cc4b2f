// A child that loads a filter and makes calls, whatever they are, and what came of it. Not thread safe
// (fork).
#pragma once

#include <sys/mman.h>
#include <sys/types.h>

#include <functional>

#include "filter/program.h"

namespace whittle::filter::testing {

// The kernel's answer to the call: x86_64 and x32 by `syscall`, i386 by `int 0x80` from 64-bit code, whose
// registers hold 32 bits. Other ABIs cannot be called from here.
long MakeCall(const Call& call);

// Memory that a child writes and we read; zeros at first.
template <typename T>
class Shared {
 public:
  explicit Shared(size_t count) : bytes_(count * sizeof(T)) {
    memory_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  }
  ~Shared() { munmap(memory_, bytes_); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  T* data() const { return static_cast<T*>(memory_); }

 private:
  size_t bytes_;
  void* memory_;
};

// The wait status of a child that does `work` and exits. Where its filter refuses the exit, it ends by a
// signal other than SIGSYS.
int StatusOf(const std::function<void()>& work);

}  // namespace whittle::filter::testing

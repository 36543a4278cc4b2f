// The floor of every tracer: programs that do nothing, attached as long as this lives.
#pragma once

#include <memory>

#include "base/result.h"

struct empty;

namespace whittle::bench {

class EmptyPrograms {
 public:
  struct Which {
    bool typed = false;  // tp_btf/sys_enter
    bool raw = false;    // raw_tp/sys_enter
    bool exit = false;   // tp_btf/sys_exit
  };
  // Errors: kNotPossible.
  static Result<EmptyPrograms> Attach(Which which);

 private:
  using Skeleton = std::unique_ptr<empty, void (*)(empty*)>;
  explicit EmptyPrograms(Skeleton skeleton) : skeleton_(std::move(skeleton)) {}
  Skeleton skeleton_;
};

}  // namespace whittle::bench

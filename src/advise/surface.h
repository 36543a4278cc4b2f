// What a filter leaves open, call by call: what `explain`, the score and `recommend` are made of. Pure;
// thread safe (values).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "optimize/judge.h"
#include "syscalls/abi.h"

namespace whittle::advise {

// A call of the native ABI, and what the filter says of it for any arguments.
struct AskedCall {
  std::string_view name;
  uint32_t number = 0;
  optimize::Answer answer;

  bool passes() const {
    return answer.kind != optimize::Answer::Kind::kRefused;
  }  // for some arguments at least
  bool depends() const { return answer.kind == optimize::Answer::Kind::kDepends; }
};

struct Surface {
  Abi native = Abi::kX86_64;
  std::vector<AskedCall> calls;  // every one that the native ABI has, by name
  std::vector<Abi> other_abis;   // of the same kernel, of which some call passes
};

// Of a judge without a filter every call passes. The judge's document must not be refused by its target.
Result<Surface> SurfaceOf(const optimize::Judge& judge, Abi native);
// As if there were no filter.
Surface WholeSurface(Abi native);

}  // namespace whittle::advise

// The calls that a trace makes, by their names, and the arguments of them that evidence keeps. A trace has
// the same few over and over: each is worked out once. Not thread safe.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "evidence/arguments.h"
#include "import/strace_line.h"
#include "import/strace_words.h"
#include "syscalls/abi.h"

namespace whittle::import {

class StraceCalls {
 public:
  explicit StraceCalls(Abi native) : native_(native) {}

  // As Resolve; a name that is not known gives one that is not, either. Stays valid.
  const Resolved& Of(std::string_view name, Abi abi, std::optional<uint32_t> number = std::nullopt);

  // nullptr if evidence keeps none of the call, or if the line does not tell all that it keeps. Stays valid.
  const evidence::Arguments* ArgumentsOf(const StraceLine& line, const Resolved& resolved);

 private:
  const Resolved& Find(std::string_view name, Abi abi, std::optional<uint32_t> number);

  struct TransparentHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using Cache = std::unordered_map<std::string, Resolved, TransparentHash, std::equal_to<>>;

  const Abi native_;
  // Each name has a place, by what names mostly differ in; which call it last was is found there without
  // hashing.
  static constexpr size_t kPlaces = 64;
  static size_t PlaceOf(std::string_view name) {
    if (name.empty()) return 0;
    const auto first = static_cast<uint8_t>(name.front());
    const auto last = static_cast<uint8_t>(name.back());
    return (name.size() + 5 * first + 3 * last) % kPlaces;
  }

  std::array<Cache, kAbiCount> resolved_;
  std::array<std::array<const Resolved*, kPlaces>, kAbiCount> lately_{};
  std::map<uint32_t, std::array<Cache, kAbiCount>> numbered_;  // of traces with -n
  // By the call and the texts of the arguments that are kept; the first many kinds.
  std::unordered_map<std::string, evidence::Arguments> arguments_;
  std::string key_;  // kept for its memory
};

}  // namespace whittle::import

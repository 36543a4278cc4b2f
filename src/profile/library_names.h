// Names of system calls as libseccomp resolves them, which is what runtimes go by. Pure; thread safe.
// Source: data/libseccomp.csv, and data/syscalls.csv for what is not in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "profile/target.h"
#include "syscalls/abi.h"

namespace whittle::profile {

// A name that some version of libseccomp knows.
class LibraryName {
 public:
  // Nothing for names that no version knows. Obsolete calls like uselib are known.
  static std::optional<LibraryName> Find(std::string_view name);

  std::string_view text() const { return text_; }
  bool KnownTo(const Version& version) const { return since_ <= version; }
  // The call's number there (x32: with bit 30), or nothing if the ABI lacks it.
  std::optional<uint32_t> NumberOn(Abi abi) const;

 private:
  std::string_view text_;  // static
  Version since_;
  const int64_t* numbers_ = nullptr;  // static, by ABI; -1: lacks it
};

// True if that version of libseccomp knows the name on some ABI.
bool LibraryKnows(std::string_view name, const Version& version);
// The number of a name that some version knows, or nothing if it is none or the ABI lacks it.
std::optional<uint32_t> LibraryNumber(Abi abi, std::string_view name);

}  // namespace whittle::profile

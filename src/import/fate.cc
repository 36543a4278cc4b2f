#include "import/fate.h"

#include <string.h>

#include <cerrno>

#include "base/text.h"
#include "import/strace_words.h"
#include "syscalls/table.h"

namespace whittle::import {
namespace {

using evidence::Fate;

// As ErrnoNumber(text) == error, without looking through all names.
bool Is(int error, std::string_view text) {
  return text == strerrorname_np(error) || ParseUnsigned(text) == static_cast<uint64_t>(error);
}

// What a filter that is known says for certain.
Fate FateUnderFilter(const Enforced& enforced, std::string_view error) {
  switch (enforced.kind) {
    case Enforced::Kind::kAllows:
      return Fate::kAllowed;
    case Enforced::Kind::kDepends: {
      const bool may_be = Is(EPERM, error) || (enforced.error != 0 && ErrnoNumber(error) == enforced.error);
      return may_be ? Fate::kUnknown : Fate::kAllowed;
    }
    case Enforced::Kind::kRefuses:
      break;
  }
  const bool same = !error.empty() && enforced.error != 0 && ErrnoNumber(error) == enforced.error;
  return same ? Fate::kDenied : Fate::kAllowed;
}

}  // namespace

// EPERM is what filters answer, and what the kernel's own checks answer: one cannot tell. The same holds for
// ENOSYS where the number has no name.
Fate FateOfResult(const Settings& settings, Abi abi, uint32_t number, std::string_view error) {
  if (settings.enforced) return FateUnderFilter(settings.enforced(abi, number), error);
  if (error.empty()) return Fate::kAllowed;
  const bool may_be = Is(EPERM, error) || (Is(ENOSYS, error) && !SyscallName(abi, number));
  return may_be ? Fate::kUnknown : Fate::kAllowed;
}

}  // namespace whittle::import

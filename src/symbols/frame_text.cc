#include <fmt/core.h>

#include "base/text.h"
#include "symbols/stack.h"

namespace whittle::symbols {
namespace {

std::string NameOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos || slash + 1 == path.size() ? path : path.substr(slash + 1);
}

}  // namespace

std::string FrameText(const Frame& frame) {
  if (frame.module.empty()) return fmt::format("{:#x}", frame.address);
  const std::string module = Printable(NameOf(frame.module));
  if (frame.function.empty()) return fmt::format("{}+{:#x}", module, frame.offset);
  const std::string text = fmt::format("{}!{}+{:#x}", module, Printable(frame.function), frame.into);
  if (frame.source.empty()) return text;
  return fmt::format("{} ({}:{})", text, Printable(NameOf(frame.source)), frame.line);
}

}  // namespace whittle::symbols

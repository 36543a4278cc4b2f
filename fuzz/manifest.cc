// Manifests of Kubernetes: any bytes are refused with a place, or their annotations are moved; what was moved
// is YAML again, and has nothing left to move.
#include <cstdlib>

#include "base/yaml.h"
#include "export/kubernetes.h"

using namespace whittle;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto moved = exporting::MoveAnnotations(text, "input");
  if (!moved) {
    if (!moved.error().message.starts_with("input:")) std::abort();
    return 0;
  }
  if (moved->moved.empty() && moved->notes.empty() && moved->text != text) std::abort();
  const auto again = exporting::MoveAnnotations(moved->text, "input");
  if (!again || !again->moved.empty() || again->text != moved->text) std::abort();
  return 0;
}

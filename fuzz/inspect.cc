// What /proc says of a process: names and paths in it are chosen by the process. Any text is read or refused.
#include <cstdlib>

#include "inspect/kernel_calls.h"
#include "inspect/mounts.h"
#include "inspect/namespaces.h"
#include "inspect/status.h"

using namespace whittle::inspect;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)ParseStatus(text, "input");
  (void)ParseIdMap(text);
  (void)KernelCalls::Parse(text);
  const auto mounts = ParseMountInfo(text, "input");
  if (!mounts) return 0;
  (void)CoveredPaths(*mounts);
  for (const auto& path : SeenAs(*mounts, *mounts, "/run/docker.sock")) {
    if (MountOf(*mounts, path) == nullptr) std::abort();
  }
  return 0;
}

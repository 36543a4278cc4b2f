// Paths of control groups, which a container's maker chooses: an owner's id is an id and stands in the path.
#include <cstdlib>
#include <string>

#include "container/cgroup_path.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace whittle::container;
  const std::string_view path(reinterpret_cast<const char*>(data), size);
  const CgroupOwner owner = OwnerOfCgroupPath(path);
  for (const auto& name : CgroupNames(path)) {
    if (path.find(name) == std::string_view::npos) std::abort();
    if (!path.starts_with(OwnCgroupPath(path, name))) std::abort();
  }
  if (owner.id.empty()) return 0;
  if (!IsContainerId(owner.id) || path.find(owner.id) == std::string_view::npos) std::abort();
  // What is made below a container's cgroup belongs to it.
  if (OwnerOfCgroupPath(std::string(path.substr(0, 4000)) + "/below").id !=
      OwnerOfCgroupPath(path.substr(0, 4000)).id) {
    std::abort();
  }
  return 0;
}

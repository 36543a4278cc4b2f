// What engines answer: any bytes give a value or an error; ids that come out are ids, pids are not negative,
// and every error can be shown to a person.
#include <cstdlib>
#include <string>

#include "base/text.h"
#include "container/answers.h"
#include "container/cgroup_path.h"
#include "container/runtime.h"

namespace {

using namespace whittle;
using namespace whittle::container;

void Require(bool truth) {
  if (!truth) std::abort();
}

template <typename T>
void CheckError(const Result<T>& result) {
  if (!result) Require(!result.error().message.empty() && result.error().code == ErrorCode::kBadInput);
}

void CheckContainer(const Result<ContainerInfo>& info) {
  CheckError(info);
  if (info) Require(IsContainerId(info->id) && info->pid >= 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckContainer(ParseDockerContainer(text, "docker"));
  CheckContainer(ParsePodmanContainer(text, "podman"));
  CheckError(ParseDockerInfo(text, "docker"));
  CheckError(ParsePodmanInfo(text, "podman"));
  const auto containerd = ParseContainerdContainer(text, "default", "ctr");
  CheckError(containerd);
  if (containerd) Require(IsContainerdName(containerd->name) && containerd->pid == 0);
  CheckError(ParseEvent(text, "ctr"));
  CheckError(ParsePodmanEvent(text, "podman"));
  CheckError(ParseDockerEvent(text, "docker"));
  CheckError(ParseTaskTable(text, "ctr"));
  CheckError(ParseImageTable(text, "ctr"));
  CheckError(ParseContainerdVersion(text, "ctr"));
  const auto table = ParseContainerTable(text, "default", "ctr");
  CheckError(table);
  for (size_t i = 0; table && i < table->size(); ++i) Require(IsContainerdName((*table)[i].name));
  CheckError(ParseImage(text, "docker"));
  CheckError(ParseRuntimeVersion(text, "runtime"));
  const auto list = ParseList(text, "docker");
  CheckError(list);
  for (size_t i = 0; list && i < list->size(); ++i) Require(IsContainerId((*list)[i].id));
  return 0;
}

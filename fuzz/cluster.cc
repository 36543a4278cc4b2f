// What is known of a cluster, in any bytes: nodes, pods, files of a node, and finalizers held against them.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "manifest/cluster.h"
#include "manifest/finalizers.h"
#include "manifest/node_files.h"
#include "manifest/read.h"

using namespace whittle;

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  manifest::Cluster cluster;
  for (const auto add : {manifest::AddNodes, manifest::AddPods}) {
    const auto added = add(text, "input", cluster);
    Require(added || added.error().message.starts_with("input:"));
  }
  if (const auto files = manifest::ParseNodeFiles(text, "input", manifest::kKubeletRoot)) {
    for (const auto& file : files->files) {
      Require(!file.empty() && !file.starts_with('/') && files->Has(file));
      Require(manifest::NearestFile(*files, file).has_value());
      break;
    }
  }
  const auto root = manifest::Read(text, "input");
  if (!root) return 0;
  const manifest::FinalizerJudge judge(cluster);
  for (const auto& object : manifest::Objects(*root)) {
    for (const auto& finalizer : judge.Judge(*object.value)) Require(!finalizer.why.empty());
  }
  return 0;
}

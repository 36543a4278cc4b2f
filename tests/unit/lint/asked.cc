#include "asked.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"

namespace whittle::lint {
namespace {

// Lines of what stands on one.
std::string LinesOf(std::string_view word) {
  std::string text(word);
  std::ranges::replace(text, ',', '\n');
  std::ranges::replace(text, ':', ' ');
  return text;
}

manifest::Level LevelOf(std::string_view name) {
  for (const auto level : {manifest::Level::kPrivileged, manifest::Level::kBaseline}) {
    if (name == manifest::LevelName(level)) return level;
  }
  EXPECT_EQ(name, "restricted");
  return manifest::Level::kRestricted;
}

}  // namespace

Options Asked(std::string_view words) {
  Options options;
  auto& cluster = options.cluster;
  const auto list = Words(words);
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i] == "--seccomp-default") {
      cluster.seccomp_default = true;
      continue;
    }
    const auto option = list[i];
    const auto value = ++i < list.size() ? list[i] : "";
    if (option == "--pod-security") {
      cluster.pod_security = LevelOf(value);
    } else if (option == "--kubernetes-version") {
      cluster.kubernetes = profile::ParseVersion(value).value();
    } else if (option == "--node-files") {
      cluster.node_files.push_back(
          manifest::ParseNodeFiles(LinesOf(value), "node", cluster.kubelet_root).value());
    } else if (option == "--nodes") {
      EXPECT_TRUE(manifest::AddNodes(LinesOf(value), "nodes", cluster.known));
    } else if (option == "--pods") {
      EXPECT_TRUE(manifest::AddPods(LinesOf(value), "pods", cluster.known));
    } else {
      ADD_FAILURE() << option;
    }
  }
  return options;
}

}  // namespace whittle::lint

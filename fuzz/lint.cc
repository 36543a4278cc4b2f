// Any bytes through every rule of lint: findings, each with a rule of the table, one line, and a place in the
// text. What may be a manifest is also asked of a cluster.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lint/lint.h"
#include "lint/rule.h"

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

whittle::lint::Options OfACluster() {
  whittle::lint::Options options;
  auto& cluster = options.cluster;
  cluster.pod_security = whittle::manifest::Level::kRestricted;
  cluster.kubernetes = {1, 18, 0};
  cluster.node_files.push_back({"node", {"profiles/web.json"}});
  cluster.known.nodes = {{"node-a", true}};
  cluster.known.pods.emplace().try_emplace("ns1/web-1");
  return options;
}

void Check(std::string_view text, const whittle::lint::Options& options) {
  for (const auto& finding : whittle::lint::Lint(text, options)) {
    const auto* rule = whittle::lint::FindRule(finding.rule);
    Require(rule != nullptr && finding.severity <= rule->severity);
    Require(finding.pointer.starts_with('/'));
    Require(!finding.message.empty() && finding.message.find('\n') == std::string::npos);
    Require(finding.at.line >= 1 && finding.at.column >= 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Check(text, {});
  if (text.find("kind") != text.npos) Check(text, OfACluster());
  return 0;
}

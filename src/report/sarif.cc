#include "report/sarif.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>

namespace whittle::report {
namespace {

std::string_view LevelName(SarifLevel level) {
  constexpr std::string_view kNames[] = {"error", "warning", "note"};
  return kNames[static_cast<size_t>(level)];
}

json::Value Text(std::string_view text) { return json::Object({{"text", text}}); }

// A relative reference of RFC 3986: what is not plain is percent-encoded. Code hosts compare it with the
// names of their files, so "./" before a name is left out.
std::string Uri(std::string_view path) {
  while (path.starts_with("./") && path.size() > 2) path.remove_prefix(2);
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '/' || c == '.' || c == '-' || c == '_' || c == '~';
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

json::Value RuleValue(const SarifRule& rule) {
  const std::string& help = rule.help.empty() ? rule.text : rule.help;
  return json::Object({{"id", rule.id},
                       {"shortDescription", Text(rule.text)},
                       {"fullDescription", Text(rule.text)},
                       {"help", json::Object({{"text", help}, {"markdown", help}})}});
}

json::Value Location(const SarifResult& result) {
  json::Value region = json::Object({{"startLine", std::max<uint32_t>(result.at.line, 1)}});
  if (result.at.column > 0) region.Set("startColumn", result.at.column);
  const json::Value artifact = json::Object({{"uri", Uri(result.file)}});
  return json::Object(
      {{"physicalLocation", json::Object({{"artifactLocation", artifact}, {"region", region}})}});
}

// FNV-1a: stable across versions and machines.
std::string Fingerprint(std::string_view identity) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : identity) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return fmt::format("{:016x}", hash);
}

json::Value ResultValue(const SarifResult& result, std::span<const SarifRule> rules) {
  const auto rule = std::ranges::find(rules, result.rule, &SarifRule::id);
  return json::Object({{"ruleId", result.rule},
                       {"ruleIndex", static_cast<uint64_t>(rule - rules.begin())},
                       {"level", LevelName(result.level)},
                       {"message", Text(result.message)},
                       {"locations", json::Array({Location(result)})},
                       {"partialFingerprints",
                        json::Object({{"whittle/v1", Fingerprint(result.rule + "\n" + result.identity)}})}});
}

}  // namespace

json::Value Sarif(std::string_view verb, std::string_view tool_version, std::span<const SarifRule> rules,
                  std::span<const SarifResult> results) {
  std::vector<json::Value> rule_values;
  for (const auto& rule : rules) rule_values.push_back(RuleValue(rule));
  std::vector<json::Value> result_values;
  for (const auto& result : results) result_values.push_back(ResultValue(result, rules));
  const json::Value driver = json::Object(
      {{"name", "whittle"}, {"version", tool_version}, {"rules", json::Array(std::move(rule_values))}});
  const json::Value run =
      json::Object({{"tool", json::Object({{"driver", driver}})},
                    {"automationDetails", json::Object({{"id", fmt::format("whittle/{}/", verb)}})},
                    {"results", json::Array(std::move(result_values))}});
  return json::Object({{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                       {"version", "2.1.0"},
                       {"runs", json::Array({run})}});
}

}  // namespace whittle::report

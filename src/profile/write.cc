#include "profile/document.h"

namespace whittle::profile {
namespace {

using json::Value;

Value Strings(const std::vector<std::string>& strings) {
  std::vector<Value> items(strings.begin(), strings.end());
  return json::Array(std::move(items));
}

void SetText(Value& object, const char* name, const std::string& text) {
  if (!text.empty()) object.Set(name, text);
}

void SetStrings(Value& object, const char* name, const std::vector<std::string>& strings) {
  if (!strings.empty()) object.Set(name, Strings(strings));
}

Value WriteCondition(const Condition& condition) {
  Value value = json::Object();
  value.Set("index", condition.index);
  value.Set("value", condition.value);
  if (condition.value_two != 0) value.Set("valueTwo", condition.value_two);
  value.Set("op", ScmpOperatorName(condition.op));
  return value;
}

Value WriteSelector(const Selector& selector) {
  Value value = json::Object();
  SetStrings(value, "caps", selector.capabilities);
  SetStrings(value, "arches", selector.arches);
  SetText(value, "minKernel", selector.min_kernel);
  return value;
}

Value WriteRule(const Rule& rule) {
  Value value = json::Object();
  if (!rule.names.empty() || rule.legacy_name.empty()) value.Set("names", Strings(rule.names));
  SetText(value, "name", rule.legacy_name);
  value.Set("action", ScmpActionName(rule.action));
  if (rule.errno_return) value.Set("errnoRet", *rule.errno_return);
  SetText(value, "errno", rule.errno_text);
  std::vector<Value> conditions;
  for (const auto& condition : rule.conditions) conditions.push_back(WriteCondition(condition));
  if (!conditions.empty()) value.Set("args", json::Array(std::move(conditions)));
  SetText(value, "comment", rule.comment);
  if (!rule.includes.empty()) value.Set("includes", WriteSelector(rule.includes));
  if (!rule.excludes.empty()) value.Set("excludes", WriteSelector(rule.excludes));
  return value;
}

Value WriteArchMap(const std::vector<ArchMapping>& arch_map) {
  std::vector<Value> entries;
  for (const auto& mapping : arch_map) {
    Value entry = json::Object();
    SetText(entry, "architecture", mapping.architecture);
    entry.Set("subArchitectures", Strings(mapping.sub_architectures));
    entries.push_back(std::move(entry));
  }
  return json::Array(std::move(entries));
}

}  // namespace

std::string Write(const Document& document) {
  Value value = json::Object();
  if (document.has_default_action) value.Set("defaultAction", ScmpActionName(document.default_action));
  if (document.default_errno_return) value.Set("defaultErrnoRet", *document.default_errno_return);
  SetText(value, "defaultErrno", document.default_errno_text);
  SetStrings(value, "architectures", document.architectures);
  if (!document.arch_map.empty()) value.Set("archMap", WriteArchMap(document.arch_map));
  SetStrings(value, "flags", document.flags);
  SetText(value, "listenerPath", document.listener_path);
  SetText(value, "listenerMetadata", document.listener_metadata);
  std::vector<Value> rules;
  for (const auto& rule : document.rules) rules.push_back(WriteRule(rule));
  value.Set("syscalls", json::Array(std::move(rules)));
  return json::Write(value);
}

}  // namespace whittle::profile

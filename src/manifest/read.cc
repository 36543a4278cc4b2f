#include "manifest/read.h"

#include <algorithm>

#include "base/text.h"
#include "base/yaml.h"

namespace whittle::manifest {
namespace {

using json::Value;

// A cluster of ten thousand pods, as kubectl prints it in YAML.
constexpr json::Limits kYamlLimits = {size_t{64} << 20, 64, 4'000'000};
constexpr size_t kMaxListDepth = 4;

bool IsList(const Value& value) {
  const auto* items = Member(&value, "items");
  return items != nullptr && items->is(json::Kind::kArray) && Text(&value, "kind").ends_with("List");
}

void AddObjects(const Value& value, const std::string& pointer, size_t depth, std::vector<Place>& objects) {
  const bool is_array = value.is(json::Kind::kArray);
  if (depth < kMaxListDepth && is_array) {
    for (size_t i = 0; i < value.items.size(); ++i)
      AddObjects(value.items[i], pointer + json::PointerStep(i), depth + 1, objects);
  } else if (depth < kMaxListDepth && IsList(value)) {
    AddObjects(*value.Find("items"), pointer + "/items", depth + 1, objects);
  } else if (value.is(json::Kind::kObject)) {
    objects.push_back({&value, pointer});
  }
}

}  // namespace

Result<Value> Read(std::string_view text, const std::string& name) {
  if (json::BeginsAsJson(text)) {
    // Several documents in JSON, with "---" between them, are YAML.
    if (auto root = json::Parse(text, name)) return root;
  }
  auto documents = TRY(yaml::Parse(text, name, kYamlLimits));
  if (documents.size() == 1) return std::move(documents.front());
  Value root = json::Array(std::move(documents));
  root.at = {1, 1};
  return root;
}

bool IsManifest(const Value& root, bool by_kind) {
  const auto is_one = [&](const Value& document) {
    const bool has_kind = !Text(&document, "kind").empty() && !Text(&document, "apiVersion").empty();
    return (by_kind && has_kind) || IsList(document);
  };
  return is_one(root) || std::ranges::any_of(root.items, is_one) || HasPods(root);
}

bool MayBeManifest(std::string_view text) {
  constexpr std::string_view kWords[] = {"kind", "containers", "finalizers"};
  return std::ranges::any_of(kWords, [&](auto word) { return text.find(word) != text.npos; });
}

bool LooksLikeManifest(std::string_view text) {
  return std::ranges::any_of(Lines(text), [](std::string_view line) {
    return line.starts_with("apiVersion:") || line.starts_with("kind:");
  });
}

std::vector<Place> Objects(const Value& root) {
  std::vector<Place> objects;
  AddObjects(root, "", 0, objects);
  return objects;
}

}  // namespace whittle::manifest

#include "profile/known_defaults.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace whittle::profile {
namespace {

using json::Kind;
using json::Value;

struct Row {
  std::string_view digest, loader, since;
};
constexpr Row kRows[] = {
#include "known_defaults.inc"
};

// FNV-1a of 64 bits over the document's tokens, as scripts/known-defaults computes it.
class Digest {
 public:
  void Add(const Value& value) {
    switch (value.kind) {
      case Kind::kObject:
        AddText("{");
        for (const auto& member : value.members) {
          AddText("\"", member.name, "\"");
          Add(member.value);
        }
        return AddText("}");
      case Kind::kArray:
        AddText("[");
        for (const auto& item : value.items) Add(item);
        return AddText("]");
      case Kind::kString:
        return AddText("\"", value.text, "\"");
      case Kind::kUnsigned:
        return AddText(std::to_string(value.number));
      case Kind::kInteger:
        return AddText(std::to_string(value.integer));
      case Kind::kBoolean:
        return AddText(value.boolean ? "true" : "false");
      case Kind::kNull:
        return AddText("null");
      case Kind::kReal:
        return;  // no profile has one
    }
  }
  std::string Text() const { return fmt::format("{:016x}", hash_); }

 private:
  void AddText(auto... pieces) { (AddBytes(pieces), ...); }
  void AddBytes(std::string_view bytes) {
    for (const char byte : bytes) hash_ = (hash_ ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  }

  uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace

std::optional<Loader> DefaultOf(const Value& root) {
  Digest digest;
  digest.Add(root);
  const auto row = std::ranges::lower_bound(kRows, digest.Text(), {}, &Row::digest);
  if (row == std::end(kRows) || row->digest != digest.Text()) return std::nullopt;
  return row->loader == "podman" ? Loader::kPodman : Loader::kDocker;
}

}  // namespace whittle::profile

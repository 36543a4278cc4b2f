#include "profile/not_a_profile.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/document_kind.h"
#include "base/text.h"

namespace whittle::profile {
namespace {

using json::Kind;
using json::Value;

std::string InnerProfileBelow(const Value& root, int depth) {
  for (const auto& member : root.members) {
    if (member.value.Find("defaultAction") != nullptr) return json::Quotable(member.name);
    const std::string inner = depth > 0 ? InnerProfileBelow(member.value, depth - 1) : "";
    if (!inner.empty()) return json::Quotable(member.name) + "." + inner;
  }
  return "";
}

bool LooksLikeProfile(const Value& value) {
  return value.Find("defaultAction") != nullptr || value.Find("syscalls") != nullptr;
}

std::string ListText(const Value& list) {
  const auto profiles = std::ranges::count_if(list.items, LooksLikeProfile);
  if (profiles == 0) {
    return "this is a list of rules: a profile is an object with defaultAction and syscalls, the list "
           "belongs into its member syscalls";
  }
  if (list.items.size() > 1) {
    return fmt::format("this is a list of {} entries, {} of them profiles: a file holds one profile, without "
                       "a list around it",
                       list.items.size(), profiles);
  }
  return "the profile is inside a list: remove the brackets [ ] around it";
}

}  // namespace

std::string NotJsonText(std::string_view text) {
  constexpr size_t kLongestPath = 4096;
  const std::string_view line = Trim(text);
  const bool one_word =
      !line.empty() && line.size() < kLongestPath && line.find_first_of("{}[]\"\n ") == line.npos;
  if (!one_word || (line.find('/') == line.npos && !line.ends_with(".json"))) return "";
  return fmt::format("this is the name of a file ('{}'), not a profile: pass the file itself",
                     json::Quotable(line));
}

std::string NotAProfileText(const Value& root) {
  switch (root.kind) {
    case Kind::kObject:
      return WrongKindText(root, DocumentKind::kProfile);
    case Kind::kArray:
      return ListText(root);
    case Kind::kString:
      if (Trim(root.text).starts_with('{'))
        return "the profile is inside a JSON string (it was encoded twice): decode it once more";
      return fmt::format(
          "this is a string ('{}'), perhaps a file name: a profile is an object with defaultAction and "
          "syscalls",
          json::Quotable(root.text));
    default:
      return fmt::format("a profile is an object with defaultAction and syscalls, not {}",
                         json::KindText(root.kind));
  }
}

std::string InnerProfile(const Value& root) {
  constexpr int kDeepest = 3;
  return InnerProfileBelow(root, kDeepest);
}

}  // namespace whittle::profile

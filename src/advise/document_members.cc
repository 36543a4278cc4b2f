#include "advise/document_members.h"

#include <set>

#include "base/text.h"
#include "filter/loader.h"

namespace whittle::advise {
namespace {

struct Passed {
  std::string flags, listener_path, listener_metadata;
};

// Nothing of a document that is not loaded.
Passed PassedOn(const profile::Document& document, const profile::Target& target) {
  std::vector<filter::Note> notes;
  const auto loaded = filter::LoadForRuntime(document, target, notes);
  if (!loaded) return {};
  const std::set<std::string> sorted(loaded->flags.begin(), loaded->flags.end());
  Passed passed;
  passed.flags = Join(std::vector(sorted.begin(), sorted.end()), " ");
  passed.listener_path = loaded->listener_path;
  // Who ignores the one ignores the other.
  if (!loaded->listener_path.empty()) passed.listener_metadata = document.listener_metadata;
  return passed;
}

}  // namespace

std::vector<MemberDifference> DifferentMembers(const profile::Document& first,
                                               const profile::Target& first_target,
                                               const profile::Document& second,
                                               const profile::Target& second_target) {
  const Passed a = PassedOn(first, first_target);
  const Passed b = PassedOn(second, second_target);
  std::vector<MemberDifference> different;
  const auto compare = [&](std::string_view member, const std::string& of_a, const std::string& of_b) {
    if (of_a != of_b) different.push_back({member, of_a, of_b});
  };
  compare("flags", a.flags, b.flags);
  compare("listenerPath", a.listener_path, b.listener_path);
  compare("listenerMetadata", a.listener_metadata, b.listener_metadata);
  return different;
}

}  // namespace whittle::advise

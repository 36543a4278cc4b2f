#include "diagnose/cause.h"

#include <array>

namespace whittle::diagnose {

std::string_view KindName(Kind kind) {
  constexpr std::array<std::string_view, 19> kNames = {
      "profile-missing", "profile-path",    "profile-broken",       "no-listener",
      "profile-refused", "runtime-refused", "architecture-missing", "workload-refused",
      "profile-ignored", "out-of-memory",   "program-missing",      "program-unusable",
      "host-rights",     "engine",          "capability",           "permission",
      "killed",          "crashed",         "ended-by-itself"};
  return kNames[static_cast<size_t>(kind)];
}

bool IsSeccomp(Kind kind) { return kind <= Kind::kProfileIgnored; }

std::string_view CertaintyName(Certainty certainty) {
  constexpr std::array<std::string_view, 3> kNames = {"certain", "likely", "possible"};
  return kNames[static_cast<size_t>(certainty)];
}

}  // namespace whittle::diagnose

// First step from document to filter: what the loader (docker, podman, a plain OCI reader) hands to the
// runtime. Pure; thread safe. Sources: moby profiles/seccomp (20.10.24, 23.0.0, 27.3.0, 28.5.2),
// containers/common pkg/seccomp (0.50.1, 0.64.0), runtime-spec.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "filter/compile.h"
#include "filter/quirk.h"
#include "profile/document.h"
#include "profile/target.h"

namespace whittle::filter {

// A member of the document, or of one of its rules; the document or the rule as a whole where none is named.
struct Place {
  int rule = -1;  // index into document.rules; -1: the document
  std::string_view member;
};
// "FILE:LINE:COLUMN: POINTER", "/" for the document itself; "FILE: POINTER" and "FILE" for what was made, not
// read, and for a member that is not there.
std::string PlaceText(const profile::Document& document, const Place& place);

// Why there is no filter.
struct Stop {
  Compiled::State state = Compiled::State::kRefused;
  Place place;
  std::string why;
};
template <typename T>
using OrStop = std::expected<T, Stop>;
std::unexpected<Stop> Refuse(const Place& place, std::string why);

// Something of the document that does not reach the filter as written.
struct Note {
  Quirk quirk = Quirk::kNone;
  int rule = -1;     // index into document.rules; -1: the document as a whole
  std::string what;  // the name, the member
};

struct LoadedRule {
  std::vector<std::string> names;
  bool has_names = true;  // false: the member is missing, which is not an empty list
  profile::Action action = profile::Action::kAllow;
  std::optional<uint32_t> errno_return;
  std::vector<profile::Condition> conditions;
  int rule = -1;  // index into document.rules
  bool operator==(const LoadedRule&) const = default;
};

// All that decides about the filter, given the runtime: loaders that hand over the same get the same filter.
struct Loaded {
  std::optional<profile::Action> default_action;
  std::optional<uint32_t> default_errno_return;
  std::vector<std::string> architectures;
  std::vector<std::string> flags;
  std::string listener_path;
  std::vector<LoadedRule> rules;
  bool operator==(const Loaded&) const = default;
};

OrStop<Loaded> LoadForRuntime(const profile::Document& document, const profile::Target& target,
                              std::vector<Note>& notes);

}  // namespace whittle::filter

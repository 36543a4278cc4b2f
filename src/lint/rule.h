// The table of lint's rules. Each is one row and one function; each has a page, docs/lint/ID.md, whose
// examples are its tests. Pure; thread safe.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "lint/finding.h"

namespace whittle::lint {

class Subject;
class Sink;

// What a rule looks at. Rules whose need is not there (the text is no JSON, the JSON no profile) are left
// out; those of profiles for manifests of Kubernetes, kManifest for all else.
enum class Needs : uint8_t { kText, kTree, kDocument, kManifest };

struct Rule {
  std::string_view id;
  Severity severity = Severity::kWarning;  // at its worst
  std::string_view text;                   // one sentence
  Needs needs = Needs::kDocument;
  void (*check)(const Subject& subject, Sink& sink) = nullptr;
};

// By what they are about: the file, names, the order of rules, conditions, ABIs, actions, places.
std::span<const Rule> Rules();
const Rule* FindRule(std::string_view id);

// The page of a rule: docs/lint/ID.md.
std::string_view PageOf(std::string_view id);

}  // namespace whittle::lint

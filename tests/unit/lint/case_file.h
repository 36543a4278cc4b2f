// Kinds of faults and their variations (tests/cases/lint/*.txt), with the findings that each must give and
// the places that must stay silent.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lint/finding.h"

namespace whittle::lint {

struct Case {
  uint32_t line = 0;
  std::string name;
  std::string asked;  // of manifests: options, in the words of asked.h
  std::string text;   // of the profile or the manifest
  // "error inverted-mask /syscalls/0/args/0", maybe with " says WORDS" behind it, which the message or the
  // fix has; "no-finding /syscalls/1", "no-finding RULE", "nothing".
  std::vector<std::string> wanted;
};

std::vector<Case> ReadCases(const std::string& path);

// "error inverted-mask /syscalls/0/args/0"
std::string Text(const Finding& finding);

bool Holds(const std::string& wanted, const std::vector<Finding>& findings);

}  // namespace whittle::lint

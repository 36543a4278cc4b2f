// What makes a document too large for a filter, in words of what a person can shrink. Pure; thread safe.
#pragma once

#include <string>

#include "filter/loader.h"
#include "profile/document.h"
#include "profile/target.h"

namespace whittle::filter {

struct Largest {
  Place place;         // the rule with the most conditions, or the first one of the call that has more in all
  std::string advice;  // "shrink its 4097 conditions"
};

// Conditions count once for each name of their rule. Cost: linear in the document.
Largest LargestPart(const profile::Document& document);

// True if what the target itself makes of the document exceeds the kernel's limit, so nothing starts with
// it: with runtime `none` Whittle's filter, else libseccomp's, by its estimate.
bool TooLargeFor(const profile::Document& document, const profile::Target& target);
struct Meaning;
// The same, of the meaning that the document has for the target.
bool TooLargeFor(const Meaning& meaning, const profile::Document& document, const profile::Target& target);

}  // namespace whittle::filter

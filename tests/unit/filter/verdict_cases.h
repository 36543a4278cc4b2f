// The tables of verdicts under tests/cases: small profiles for a target, and what a call gets there.
#pragma once

#include <string>
#include <vector>

#include "filter/call_text.h"
#include "profile/document.h"
#include "profile/target.h"

namespace whittle::filter::testing {

struct VerdictCase {
  std::string place;  // "verdicts.txt:12: x86_64 read => ALLOW"
  profile::Target target;
  std::vector<profile::Document> documents;  // stacked, first installed first
  NumberedCall question;
  std::string answer;  // "ERRNO(1)", "REFUSED", "UNCONFINED", "OK"
};

// One for each line of the tables. Errors: a line that cannot be read, with its place.
Result<std::vector<VerdictCase>> ReadVerdictCases();

}  // namespace whittle::filter::testing

// The parts of minijail's policies that have a grammar of their own (minijail0(5)): tests of arguments and
// the errno of a "return". Pure; thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace whittle::import {

// "arg1 == PROT_READ|0x10". The views are into the text that was parsed.
struct MinijailTest {
  uint32_t argument = 0;
  std::string_view op;                  // "==", "in"
  bool has_plain_value = true;          // numbers and constants joined by '|' only, none of them inverted
  uint64_t numbers = 0;                 // joined
  std::vector<std::string_view> names;  // of constants
};

// Alternatives, of each of which all tests are to pass. None: too many to keep.
using MinijailTests = std::vector<std::vector<MinijailTest>>;

// "arg0 == 1 && arg1 in ~(PROT_EXEC|0x10) || arg0 & 2"; nothing if the text is not so. A constant may be any
// name that looks like one: which ones there are depends on the headers that minijail was built with.
std::optional<MinijailTests> ParseMinijailTests(std::string_view text);

// "arg0 == 1 ||": may the text go on so that it is one of tests? So may an empty one.
bool BeginsMinijailTests(std::string_view text);

// "EPERM", "1"
bool IsMinijailErrno(std::string_view text);

}  // namespace whittle::import

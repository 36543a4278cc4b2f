// The parts of minijail's policies that have a grammar of their own (minijail0(5)): tests of arguments and
// the errno of a "return". Pure; thread safe.
#pragma once

#include <string_view>

namespace whittle::import {

// "arg0 == 1 && arg1 in ~(PROT_EXEC|0x10) || arg0 & 2". A constant may be any name that looks like one: which
// ones there are depends on the headers that minijail was built with.
bool AreMinijailTests(std::string_view text);

// "EPERM", "1"
bool IsMinijailErrno(std::string_view text);

}  // namespace whittle::import

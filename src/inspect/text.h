// What `whittle inspect` shows: for people at 80 columns, and one line a call for scripts. Pure; thread safe.
// Names come from containers: made printable.
#pragma once

#include <string>

#include "inspect/inspection.h"

namespace whittle::inspect {

enum class Colour { kNo, kYes };

// A summary first, then every call that is blocked, by answer and by what it is about.
std::string InspectionText(const Inspection& inspection, Colour colour);

// Every call of every ABI, tab-separated: ABI, call, "allowed", "logged", "depends" or "blocked", all its
// answers, the arguments that decide (or -), and "absent" if the running kernel lacks the call (or -).
std::string CallLines(const Inspection& inspection);

}  // namespace whittle::inspect

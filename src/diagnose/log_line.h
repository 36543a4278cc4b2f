// What a line of a program's log says of a call that failed: "mkdir: can't create directory '/x': Operation
// not permitted". Pure; thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace whittle::diagnose {

// The number of the error that a text names, by its text ("Operation not permitted", in any case) or its
// name ("EPERM"); 0 if it names none.
uint32_t ErrorNamed(std::string_view text);

struct FailedCall {
  uint32_t error = 0;
  // Calls that its words may mean, the likelier ones first: those of the first such word, then the next
  // one's. Empty if no word is known.
  std::vector<std::string> calls;
  std::string line;
};

// Nothing if the line names no error that a filter may give.
std::optional<FailedCall> FailedCallIn(std::string_view line);

// The calls that a word of a message or of a command line may mean; none if it is no such word.
std::vector<std::string> CallsMeantBy(std::string_view word);

// True for what a shell says of a child that SIGSYS ended.
bool TellsOfSigsys(std::string_view line);

}  // namespace whittle::diagnose

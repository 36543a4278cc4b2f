// Which call of a trace a filter refused: it "returned" its own number, or the signal that followed names it.
// Either may show that the call is another one than the trace says, or another ABI's. Not thread safe.
#pragma once

#include "import/strace_calls.h"
#include "import/strace_processes.h"
#include "import/strace_words.h"

namespace whittle::import {

// The call turns out to be that one. Values of another call's arguments, or another ABI's, may have other
// meanings, unless they stand in the same places and fit.
void SetCall(TracedCall& call, const Resolved& resolved);

class StraceRefusals {
 public:
  StraceRefusals(StraceCalls& calls, Abi native) : calls_(calls), native_(native) {}

  // What a call that a filter refuses "returns": its number, or on other machines what they have where
  // results go, its first argument.
  bool ShowsNumbers() const { return native_ == Abi::kX86_64 || native_ == Abi::kI386; }
  bool ReturnedItself(TracedCall& call) const;

  // The call that the signal names; not known if it names none.
  Resolved Named(const Sigsys& signal, const TracedCall& call) const;
  // Whether it may be the one that the trace shows as `call`.
  static bool MayBe(const TracedCall& call, const Resolved& named);

 private:
  StraceCalls& calls_;
  const Abi native_;
};

}  // namespace whittle::import

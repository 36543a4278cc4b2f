// Classic BPF for Z3: a second meaning of filters, which shares nothing with src/prove. Control is followed
// forward, with one state an instruction; where ways meet, the state is "if one came from here, this, else
// that". Arithmetic, comparisons and the order of actions are Z3's own bit vectors. Not thread safe.
#pragma once

#include <z3++.h>

#include <optional>
#include <span>

#include "filter/program.h"

namespace whittle::prove::testing {

enum class Opinion { kYes, kNo, kGaveUp };

class Z3Calls {
 public:
  // What Z3 may spend on one question; it counts its own steps, so that answers do not depend on the machine.
  explicit Z3Calls(unsigned steps);

  // Is there a call that the two filters answer differently, as a process could see it?
  Opinion Differ(const filter::Program& first, const filter::Program& second);
  // Is there a call to which the second gives a more permissive action, as the kernel orders them?
  Opinion Looser(const filter::Program& first, const filter::Program& second);
  // Is there a call that gets these two answers (canonical return values) and comes before `call`: by
  // architecture, number, then arguments, high halves first, and the instruction pointer at last?
  Opinion GetsBefore(const filter::Program& first, const filter::Program& second, uint32_t first_answer,
                     uint32_t second_answer, const filter::Data& call);

  // After kYes: a call that shows it.
  const filter::Data& example() const { return example_; }

 private:
  z3::expr Seen(std::span<const sock_filter> program);
  z3::expr Place(const filter::Data* call);
  Opinion Ask(const z3::expr& question);

  z3::context context_;
  z3::expr_vector words_;
  unsigned steps_;
  filter::Data example_{};
};

}  // namespace whittle::prove::testing

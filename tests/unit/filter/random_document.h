// Random documents and calls that meet them: the inputs of the tests that compare meaning, program and
// libseccomp.
#pragma once

#include <random>
#include <vector>

#include "filter/program.h"
#include "profile/document.h"
#include "profile/target.h"

namespace whittle::filter::testing {

// Which part of the language random documents use.
enum class Language {
  kWhole,      // all operators, several arguments, 64-bit constants
  kReliable,   // what libseccomp is known to get right: equalities; ordered operators on one argument, 32-bit
               // constants
  kGenerated,  // what Whittle itself writes: allow-lists with EQ and MASKED_EQ
};

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  profile::Document Document(Language language);
  // Calls around what the document says: its names and neighbours, constants - 1, + 1, high halves, other
  // bits.
  std::vector<Call> Calls(const profile::Document& document, size_t count);
  profile::Target Target();
  // From now on names in documents are of calls that every ABI has had from its first years on, and of some
  // that i386 had behind socketcall and ipc only: runc's stub begins low, among the calls that are named.
  void DrawOldNames(bool old) { old_ = old; }

  uint64_t Below(uint64_t bound) { return random_() % bound; }
  template <typename T>
  const T& OneOf(const std::vector<T>& items) {
    return items[Below(items.size())];
  }

 private:
  profile::Rule Rule(Language language);
  std::vector<profile::Condition> Conditions(Language language);
  profile::Condition Condition(Language language, uint32_t index, bool alone);
  uint64_t Constant(Language language);
  uint64_t Near(uint64_t value);

  std::mt19937_64 random_;
  bool old_ = false;
};

}  // namespace whittle::filter::testing

// Two raw programs: the proof says what executing them says. The first byte is the length of the first
// program in instructions; what follows both is taken for calls.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "prove/diagram.h"
#include "prove/prove.h"

using namespace whittle;
using filter::Program;

namespace {

constexpr size_t kBudget = 20'000;
constexpr size_t kLongest = 200;  // instructions of the second program

Program Take(const uint8_t*& data, size_t& size, size_t instructions) {
  Program program(std::min(instructions, size / sizeof(sock_filter)));
  const size_t bytes = program.size() * sizeof(sock_filter);
  if (bytes != 0) std::memcpy(program.data(), data, bytes);
  data += bytes;
  size -= bytes;
  return program;
}

uint32_t Seen(const Program& program, const prove::Data& call) {
  const auto verdict = filter::Evaluate(program, call);
  return prove::Canonical(profile::ReturnValue(verdict.action, verdict.data));
}

void Require(bool condition) {
  if (!condition) std::abort();
}

// The proof's own examples, executed here once more.
void CheckDifferences(const prove::Proof& proof, const Program& first, const Program& second) {
  for (const auto& difference : proof.differences) {
    const uint32_t a = Seen(first, difference.call);
    const uint32_t b = Seen(second, difference.call);
    Require(a != b);
    Require(a == profile::ReturnValue(difference.first.action, difference.first.data));
    Require(b == profile::ReturnValue(difference.second.action, difference.second.data));
    const bool looser = profile::ActionOf(b) > profile::ActionOf(a);
    Require(looser == (difference.change == prove::Change::kLooser));
  }
}

void CheckCall(const prove::Proof& proof, const Program& first, const Program& second,
               const prove::Data& call) {
  const uint32_t a = Seen(first, call);
  const uint32_t b = Seen(second, call);
  if (proof.answer == prove::Answer::kEqual) Require(a == b);
  if (proof.NowhereLooser() == true) Require(profile::ActionOf(b) <= profile::ActionOf(a));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t length = *data++;
  --size;
  const Program first = Take(data, size, length);
  const Program second = Take(data, size, kLongest);
  const auto proof = prove::Compare(std::vector<Program>{first}, std::vector<Program>{second},
                                    {.abis = {Abi::kX86_64}, .node_budget = kBudget});
  if (!proof) {
    Require(proof.error().code ==
            ErrorCode::kBadInput);  // a proof that its own example contradicts is kInternal
    return 0;
  }
  if (proof->answer == prove::Answer::kUndecided) return 0;
  Require((proof->answer == prove::Answer::kEqual) == proof->differences.empty());
  CheckDifferences(*proof, first, second);
  prove::Data call{};
  CheckCall(*proof, first, second, call);
  // Words from the constants of the programs, and what is left of the input.
  for (const auto* program : {&first, &second}) {
    for (size_t i = 0; i < program->size() && i < 64; ++i) {
      call[i % call.size()] = (*program)[i].k;
      CheckCall(*proof, first, second, call);
    }
  }
  std::memcpy(call.data(), data, std::min(size, sizeof call));
  CheckCall(*proof, first, second, call);
  return 0;
}

// A second opinion: libseccomp, on the shapes that it is known to get right (docs/targets.md), for every
// architecture that it knows.
//   WHITTLE_ORACLE_DOCUMENTS  how many documents for each architecture (150)
#include "second_opinion.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <iostream>

#include "filter/call_text.h"
#include "filter/compile.h"
#include "near_calls.h"
#include "oracle.h"
#include "random_case.h"
#include "run_checks.h"

namespace whittle::oracle {
namespace {

using filter::Compiled;
using profile::Action;
using profile::Target;
using profile::VerdictText;

struct Counts {
  uint64_t documents = 0;
  uint64_t refused = 0;
  uint64_t without_answer = 0;
  uint64_t verdicts = 0;
};

Target TargetFor(Abi arch) {
  Target target;
  target.loader = profile::Loader::kOci;  // reads no more than the library is given
  target.arch = arch;
  return target;
}

// runc puts instructions of its own in front of libseccomp's: numbers beyond the largest one that the library
// knows for a name of the document are answered ENOSYS.
std::optional<filter::Verdict> InFront(const Case& made, const Opinion& opinion, const filter::Call& call) {
  if (made.target.runtime != profile::Runtime::kRunc || made.document.default_action == Action::kAllow)
    return std::nullopt;
  Abi abi = call.abi;
  if (AuditArch(abi) == AuditArch(Abi::kX86_64))
    abi = (call.number & kX32Bit) != 0 ? Abi::kX32 : Abi::kX86_64;
  const auto last = opinion.last_known.find(abi);
  if (last == opinion.last_known.end()) return std::nullopt;
  const bool s390 = abi == Abi::kS390x || abi == Abi::kS390;
  if (call.number <= last->second && !(s390 && call.number == 0)) return std::nullopt;
  return filter::Verdict{Action::kErrno,
                         static_cast<uint16_t>(made.target.arch == Abi::kMips64 ? 89 : ENOSYS)};
}

// Empty: they agree, or the library has no answer.
std::string Difference(const Case& made, Counts& counts) {
  ++counts.documents;
  const Opinion opinion = AskLibseccomp(made.document, made.target);
  counts.without_answer += opinion.kind == Opinion::Kind::kNoAnswer;
  if (opinion.kind == Opinion::Kind::kNoAnswer) return "";
  const auto ours = filter::Compile(made.document, made.target);
  if (!ours) return ours.error().message;
  const bool taken = opinion.kind == Opinion::Kind::kTaken;
  if ((ours->state == Compiled::State::kFiltered) != taken) {
    return std::string(taken ? "libseccomp takes what we refuse: " : "libseccomp refuses what we take") +
           ours->why;
  }
  counts.refused += !taken;
  if (!taken) return "";
  for (const auto& call : CallsNear(made.document, made.target, opinion.program, made.seed, 150)) {
    ++counts.verdicts;
    const auto theirs = InFront(made, opinion, call).value_or(opinion.Ask(call));
    const auto got = filter::Evaluate(ours->program, call);
    const auto text = VerdictText(got.action, got.data);
    if (text != VerdictText(theirs.action, theirs.data)) {
      return CallText(call) + ": libseccomp " + VerdictText(theirs.action, theirs.data) + ", compiled " +
             text;
    }
  }
  return "";
}

class Libseccomp : public ::testing::TestWithParam<Abi> {};

TEST_P(Libseccomp, AgreesOnTheShapesThatItGetsRight) {
  const Target target = TargetFor(GetParam());
  Counts counts;
  const bool agrees = CheckMany(FromEnvironment("WHITTLE_ORACLE_DOCUMENTS", 150), 1, [&] {
    const auto made = *ReliableCase(target);
    const std::string difference = Difference(made, counts);
    if (!difference.empty()) RC_FAIL(difference);
  });
  EXPECT_TRUE(agrees);
  std::cout << "libseccomp, " << AbiName(target.arch) << ": " << counts.documents << " documents, of which "
            << counts.refused << " refused and " << counts.without_answer << " without an answer in time, "
            << counts.verdicts << " verdicts\n";
}

INSTANTIATE_TEST_SUITE_P(EveryArchitecture, Libseccomp,
                         ::testing::Values(Abi::kX86_64, Abi::kAarch64, Abi::kS390x, Abi::kPpc64,
                                           Abi::kRiscv64, Abi::kMips64),
                         [](const auto& parameter) { return std::string(AbiName(parameter.param)); });

}  // namespace
}  // namespace whittle::oracle

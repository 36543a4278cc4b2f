// What two profiles of 400 rules each answer differently, in words: all that `whittle diff` works out between
// reading the files and printing. Every fourth rule asks for arguments; the second profile changes twenty
// rules. Goal: 5 ms.
#include <cmath>

#include "advise/deciders.h"
#include "advise/diff.h"
#include "clock.h"
#include "filter/compile.h"
#include "part.h"
#include "profile/library_names.h"
#include "rounds.h"
#include "syscalls/table.h"

namespace whittle::bench {
namespace {

constexpr double kGoalMs = 5;
constexpr size_t kRules = 400;
constexpr size_t kChanged = 20;

profile::Document Profile() {
  profile::Document document;
  document.architectures = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"};
  for (const auto name : AllSyscallNames()) {
    const size_t index = document.rules.size();
    if (index == kRules) break;
    if (!profile::LibraryName::Find(name)) continue;
    auto& rule = document.rules.emplace_back();
    rule.names = {std::string(name)};
    if (index % 4 == 0) {
      const auto argument = static_cast<uint32_t>(index / 4 % 3);
      rule.conditions = {{argument, profile::Operator::kMaskedEqual, UINT32_MAX, index},
                         {argument + 1, profile::Operator::kLess, 4096, 0}};
    }
  }
  return document;
}

profile::Document Changed(profile::Document document) {
  for (size_t i = 0; i < kChanged; ++i) {
    auto& rule = document.rules[i * kRules / kChanged];
    if (rule.conditions.empty()) {
      rule.action = profile::Action::kLog;
    } else {
      rule.conditions.front().value_two += 1;
    }
  }
  return document;
}

// Milliseconds.
struct Compared {
  double all = 0;
  double compile = 0;
  double diff = 0;      // the comparison and its words
  double deciders = 0;  // which rule of each document decides about each change
};

Result<Compared> CompareOnce(const profile::Document& a, const profile::Document& b) {
  const double begin = Now(Clock::kThread);
  const auto first = TRY(filter::Compile(a, {}));
  const auto second = TRY(filter::Compile(b, {}));
  const double compiled = Now(Clock::kThread);
  const auto diff = TRY(advise::BehaviourDiff({&first.program, 1}, {&second.program, 1}));
  const double compared = Now(Clock::kThread);
  const auto first_deciders = advise::DecidersOf(a, *first.meaning, diff);
  const auto second_deciders = advise::DecidersOf(b, *second.meaning, diff);
  const double end = Now(Clock::kThread);
  const bool decided = !first_deciders.empty() && first_deciders.size() == second_deciders.size();
  if (diff.answer != prove::Answer::kDifferent || !decided)
    return Fail(ErrorCode::kInternal, "the profiles should differ");
  return Compared{(end - begin) / 1e6, (compiled - begin) / 1e6, (compared - compiled) / 1e6,
                  (end - compared) / 1e6};
}

}  // namespace

Result<bool> BenchDiff(const Settings& settings) {
  PinToLastCpu();
  const auto document = Profile();
  const auto changed = Changed(document);
  std::vector<double> all, compiles, diffs, deciders;
  for (size_t round = 0; round < settings.rounds; ++round) {
    const auto compared = TRY(CompareOnce(document, changed));
    all.push_back(compared.all);
    compiles.push_back(compared.compile);
    diffs.push_back(compared.diff);
    deciders.push_back(compared.deciders);
  }
  const std::vector<double> goal(all.size(), kGoalMs);
  return Report(
      std::vector<Row>{
          {"compile, diff, deciders", Median(all), PairedRatio(all, goal), 1.0, "of 5 ms"},
          {"compile both", Median(compiles), PairedRatio(compiles, goal), {}, ""},
          {"diff", Median(diffs), PairedRatio(diffs, goal), {}, ""},
          {"deciders of both", Median(deciders), PairedRatio(deciders, goal), {}, ""},
      },
      "ms", settings.format);
}

}  // namespace whittle::bench

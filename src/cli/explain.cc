// `whittle explain`: what a call is for and what can be done with it, or what a profile leaves open.
#include <fmt/core.h>

#include "base/file.h"
#include "base/nearest.h"
#include "base/text.h"
#include "cli/filter_source.h"
#include "cli/target_flags.h"
#include "cli/verb.h"
#include "profile/catalogue.h"
#include "report/explained.h"
#include "syscalls/table.h"

namespace whittle::cli {
namespace {

struct Options {
  std::string what;
  bool json = false;
  TargetFlags target;
};

// What can only be a call: a name of one, #NUMBER or a number. A file of that name is ./NAME.
bool MeansCall(const std::string& what) {
  return IsSyscallName(what) || what.starts_with('#') || ParseUnsigned(what).has_value();
}

Result<std::string> NameOfCall(const std::string& what, Abi abi) {
  if (IsSyscallName(what)) return what;
  const auto number = ParseSyscall(abi, what.starts_with('#') ? what : "#" + what);
  const auto name = number ? SyscallName(abi, *number) : std::nullopt;
  if (name) return std::string(*name);
  return Fail(ErrorCode::kBadInput,
              fmt::format("{}: no call of {} has that number", Printable(what), AbiName(abi)));
}

Result<int> ExplainCall(const Options& options) {
  const auto target = TRY(ChooseTarget(options.target)).target;
  const std::string name = TRY(NameOfCall(options.what, target.arch));
  const auto facts = TRY(advise::FactsOfCall(name, target));
  if (options.json) {
    fmt::print("{}", json::Write(report::CallJson(facts, target)));
  } else {
    fmt::print("{}", report::CallText(facts, target));
  }
  return kYes;
}

// Where nothing has the name it may be a call that was meant.
Result<FilterSource> OpenSource(const std::string& what) {
  auto source = OpenFilterSource(what, profile::Reading::kAsRuntimes);
  const bool is_path = what.find_first_of("/.:=(") != what.npos;
  if (source || is_path || FileExists(what) || what == "-") return source;
  std::string meant = DidYouMean(what);
  if (meant.empty()) meant = DidYouMeanText(profile::CatalogueNameMeant(what));
  return Fail(ErrorCode::kBadInput,
              fmt::format("{}: no call, no file and no profile of the catalogue is named so{}",
                          Printable(what), meant));
}

Result<int> ExplainProfile(const Options& options) {
  const auto source = TRY(OpenSource(options.what));
  const auto target = TRY(ChooseTarget(options.target)).target;
  const auto judge = TRY(JudgeOf(source, target));
  report::ExplainedProfile profile{
      options.what, source.needs_target() ? target.Text() : "", judge.compiled(), {}, {}, {}};
  const bool taken = profile.compiled.state != filter::Compiled::State::kRefused;
  if (taken) {
    profile.surface = TRY(advise::SurfaceOf(judge, target.arch));
    profile.score = advise::ScoreOf(profile.surface);
    profile.flaws = TRY(advise::FlawsUnder(judge, profile.surface));
  }
  if (options.json) {
    fmt::print("{}", json::Write(report::ProfileJson(profile)));
  } else {
    fmt::print("{}", report::ProfileText(profile));
  }
  return taken ? kYes : kNo;
}

}  // namespace

Verb ExplainVerb() {
  return {
      "explain", "what a call is for and what can be done with it; what a profile leaves open, and its score",
      "  whittle explain ptrace\n"
      "  whittle explain docker-default --loader docker:28.5.2 --runtime runc:1.3.3\n"
      "  whittle explain web.json --json",
      [](Flags flags) {
        auto options = std::make_shared<Options>();
        flags
            .Positional("call_or_profile", options->what,
                        "a call (name or number), or a profile: a file, -, a name (docker-default, ...), "
                        "pid:N or container:NAME")
            .Required();
        flags.Switch("--json", options->json, "as JSON");
        AddTargetFlags(flags, options->target);
        return
            [options] { return MeansCall(options->what) ? ExplainCall(*options) : ExplainProfile(*options); };
      }};
}

}  // namespace whittle::cli

// `whittle import`: logs, traces and lists of calls become evidence.
#include <fmt/core.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/progress.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/filter_source.h"
#include "cli/interrupt.h"
#include "cli/target_flags.h"
#include "cli/verb.h"
#include "import/follow.h"
#include "import/import.h"
#include "optimize/verify.h"
#include "report/imported.h"
#include "syscalls/table.h"

namespace whittle::cli {
namespace {

constexpr int64_t kFlushMs = 1000;
constexpr useconds_t kPollUs = 250'000;

struct Options {
  std::vector<std::string> files;
  std::string format;
  std::string output = "-";
  std::string under;
  std::string duration;
  bool strict = false;
  bool follow = false;
  bool summary = false;
  TargetFlags target;
};

Result<Abi> NativeOf(const Options& options) {
  if (options.target.arch.empty()) {
    utsname name{};
    uname(&name);
    return NativeAbi(name.machine);
  }
  const auto abi = ParseAbi(options.target.arch);
  if (abi) return *abi;
  return Fail(ErrorCode::kUsage, fmt::format("unknown architecture '{}'", Printable(options.target.arch)));
}

// What the enforced profile answers, as the target's runtime makes a filter of it.
Result<import::AskEnforced> Ask(const Options& options) {
  if (options.under.empty()) return import::AskEnforced();
  const auto document = TRY(profile::ReadProfile(options.under, profile::Reading::kAsRuntimes));
  const auto chosen = TRY(ChooseTarget(options.target));
  WarnOfOtherVersion(document, chosen.target);
  auto judge = std::make_shared<optimize::Judge>(TRY(optimize::Judge::Create(document, chosen.target)));
  if (judge->compiled().state != filter::Compiled::State::kFiltered) {
    return Fail(ErrorCode::kBadInput, fmt::format("{}: no filter would be installed: {}",
                                                  judge->compiled().where, judge->compiled().why));
  }
  return import::AskEnforced([judge](Abi abi, uint32_t number) {
    const auto answer = judge->Ask(abi, number);
    if (!answer || answer->kind == optimize::Answer::Kind::kDepends) {
      return import::Enforced{import::Enforced::Kind::kDepends, 0};
    }
    const bool others_decide = answer->only && (answer->only->action == profile::Action::kTrace ||
                                                answer->only->action == profile::Action::kNotify);
    if (others_decide) return import::Enforced{import::Enforced::Kind::kDepends, ENOSYS};
    const bool refuses = answer->kind == optimize::Answer::Kind::kRefused;
    return import::Enforced{refuses ? import::Enforced::Kind::kRefuses : import::Enforced::Kind::kAllows,
                            answer->error};
  });
}

// Calls that were certainly refused by the profile, and what to do about it.
std::string RefusedText(const import::Imported& imported, const std::string& profile) {
  std::set<std::string> names;
  for (const auto& [row, what] : imported.rows) {
    if (evidence::Refused(row.second.fate)) names.insert(SyscallText(row.second.abi, row.second.number));
  }
  if (names.empty()) return "";
  const std::string list = Join(std::vector(names.begin(), names.end()), " ");
  return fmt::format(
      "refused by {} for certain, whatever the arguments: {}\nto allow them too: whittle generate "
      "--allow-denied\n",
      Printable(profile), list);
}

Result<int> Deliver(const Options& options, const import::Imported& imported) {
  for (const auto& complaint : imported.complaints) fmt::print(stderr, "{}\n", complaint);
  if (options.strict && imported.not_understood > 0) {
    return Fail(ErrorCode::kBadInput,
                fmt::format("{} lines were not understood (--strict)", imported.not_understood));
  }
  for (const auto& warning : imported.warnings) fmt::print(stderr, "warning: {}\n", warning);
  if (!options.under.empty()) fmt::print(stderr, "{}", RefusedText(imported, options.under));
  fmt::print(stderr, "{}\n", report::ImportedText(imported));
  if (imported.rows.empty()) fmt::print(stderr, "warning: no calls were found\n");
  TRY(WriteFile(options.output,
                options.summary ? report::ImportedSummary(imported) : evidence::Write(imported.evidence)));
  return kYes;
}

// One log, as it grows; the evidence is written anew every second in which something came.
class Following {
 public:
  Following(const Options& options, const import::Options& how) : options_(options), how_(how) {}
  Result<int> Run();

 private:
  Result<void> Take(std::string_view bytes);
  Result<void> Flush();

  const Options& options_;
  const import::Options& how_;
  std::string path_ = options_.files[0];
  std::string start_;  // what came before the format was known
  std::optional<import::Importer> importer_;
  bool changed_ = false;
};

Result<void> Following::Take(std::string_view bytes) {
  changed_ = true;
  if (!importer_) {
    start_ += bytes;
    if (start_.find('\n') == std::string::npos) return {};
    const auto* format = how_.format.empty() ? TRY(import::DetectFormat(start_, Printable(path_)))
                                             : TRY(import::FindFormat(how_.format));
    const bool grows = format->files == import::Files::kOneLog && format->reading == import::Reading::kLines;
    if (!grows) {
      return Fail(ErrorCode::kUsage,
                  fmt::format("--follow reads logs of the kernel's audit, not {}", format->name));
    }
    importer_.emplace(*format, how_.settings);
    importer_->BeginFile(Printable(path_), path_.substr(path_.rfind('/') + 1),
                         import::ComesInEnvelopes(start_, *format));
    bytes = start_;
  }
  importer_->Feed(bytes);
  return {};
}

Result<void> Following::Flush() {
  if (!changed_ || !importer_ || options_.output == "-") return {};
  changed_ = false;
  return WriteFile(options_.output, evidence::Write(import::Finish(*importer_, "", how_).evidence));
}

Result<int> Following::Run() {
  const int64_t deadline =
      options_.duration.empty() ? INT64_MAX : MonotonicMs() + TRY(ParseDurationMs(options_.duration));
  CatchInterrupts();
  Result<void> failure;
  import::Follower follower(path_, {[&](std::string_view bytes) {
                                      if (auto taken = Take(bytes); !taken) failure = std::move(taken);
                                    },
                                    [&](const std::string& path) {
                                      if (!importer_) return;
                                      if (auto ended = importer_->EndFile(); !ended)
                                        failure = std::move(ended);
                                      importer_->BeginFile(Printable(path),
                                                           path_.substr(path_.rfind('/') + 1));
                                    }});
  TRY(follower.Poll());
  TRY(std::move(failure));
  failure = {};
  Progress().Say(fmt::format("following {}; Ctrl-C ends it", Printable(path_)));
  int64_t next_flush = MonotonicMs() + kFlushMs;
  while (!Interrupted() && MonotonicMs() < deadline) {
    TRY(follower.Poll());
    TRY(std::move(failure));
    failure = {};
    if (MonotonicMs() >= next_flush) {
      TRY(Flush());
      next_flush = MonotonicMs() + kFlushMs;
    }
    usleep(kPollUs);
  }
  TRY(follower.End());
  TRY(std::move(failure));
  if (!importer_)
    return Fail(ErrorCode::kBadInput, fmt::format("{}: nothing was written to it", Printable(path_)));
  TRY(importer_->EndFile());
  return Deliver(options_, import::Finish(*importer_, "", how_));
}

Result<int> Run(const Options& options) {
  import::Options how;
  how.format = options.format;
  if (!how.format.empty()) TRY(import::FindFormat(how.format));
  how.settings.native = TRY(NativeOf(options));
  how.settings.enforced = TRY(Ask(options));
  how.settings.target = [&options]() -> Result<profile::Target> {
    return TRY(ChooseTarget(options.target)).target;
  };
  how.under_filter = !options.under.empty();
  if (!options.follow) return Deliver(options, TRY(import::ImportFiles(options.files, how)));
  if (options.files.size() == 1 && options.files[0] != "-") return Following(options, how).Run();
  return Fail(ErrorCode::kUsage, "--follow wants one file, by its name");
}

std::string FormatNames() {
  std::string names;
  for (const auto& format : import::Formats())
    names += (names.empty() ? "" : ", ") + std::string(format.name);
  return names;
}

}  // namespace

Verb ImportVerb() {
  return {
      "import", "evidence from logs, traces and lists of calls",
      "  whittle import /var/log/audit/audit.log* -o web.evidence.json\n"
      "  strace -f -o trace.txt COMMAND; whittle import trace.txt | whittle generate - -o profile.json\n"
      "  whittle import --follow /var/log/audit/audit.log --for 1h -o web.evidence.json\n"
      "  whittle import trace.txt --under profile.json -o refused.evidence.json",
      [](Flags flags) {
        auto options = std::make_shared<Options>();
        flags
            .Positional("file", options->files,
                        "files, or - for standard input; the format is found by looking")
            .Required();
        flags.Option("--format", options->format, "the format, if looking is not enough: " + FormatNames());
        flags.Option("-o,--output", options->output, "where to write; - is standard output").ShowDefault();
        flags.Switch("--strict", options->strict, "fail if a line is not understood");
        const Flag summary = flags.Switch("--summary", options->summary,
                                          "print a table of calls with counts and times instead of evidence");
        const Flag follow = flags.Switch("--follow", options->follow,
                                         "go on reading as the log grows, through rotation, until Ctrl-C");
        flags.Option("--for", options->duration, "with --follow: how long, like 90s or 1h").Needs(follow);
        flags.Option("--under", options->under,
                     "the profile that was enforced: tells its refusals from the kernel's");
        summary.Excludes(follow);
        AddTargetFlags(flags, options->target);
        return [options] { return Run(*options); };
      }};
}

}  // namespace whittle::cli

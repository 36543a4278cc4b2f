#include "cli/filter_source.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "container/engines.h"
#include "filter/live/read.h"
#include "filter/other_version.h"
#include "filter/raw.h"
#include "profile/catalogue.h"
#include "profile/object.h"

namespace whittle::cli {
namespace {

constexpr std::string_view kPid = "pid:";
constexpr std::string_view kContainer = "container:";
constexpr std::string_view kStack = "stack=";

bool IsJson(std::string_view text) { return Trim(text).starts_with('{'); }

// One thread is judged; who asks of a process must know if others answer differently. A thread that was named
// by its own id is no process, and needs no note.
void NoteOtherThreads(pid_t pid, pid_t judged, const std::string& name) {
  const auto threads = filter::ReadThreadSeccomp(pid);
  if (!threads && threads.error().code == ErrorCode::kNotPossible) {
    fmt::print(stderr, "note: {}: this is thread {}; whether other threads differ is not known: {}\n",
               Printable(name), judged, Printable(threads.error().message));
  }
  if (!threads) return;
  const auto own = std::ranges::find(*threads, judged, &filter::ThreadSeccomp::tid);
  if (own == threads->end()) return;
  const auto alike = std::ranges::count_if(
      *threads, [&](const auto& thread) { return thread.set == own->set && thread.mode == own->mode; });
  if (static_cast<size_t>(alike) == threads->size()) return;
  fmt::print(
      stderr,
      "note: {}: threads differ: {} of {} have other filters, this is thread {}; name a thread with pid:TID "
      "(whittle inspect --pid {} --json lists them)\n",
      Printable(name), threads->size() - static_cast<size_t>(alike), threads->size(), judged, pid);
}

Result<FilterSource> OfProcess(pid_t pid, const std::string& name) {
  FilterSource source;
  auto live = TRY(filter::ReadLiveFilters(pid));
  source.programs = std::move(live.programs);
  NoteOtherThreads(pid, live.tid, name);
  source.name = name;
  return source;
}

Result<pid_t> PidOfContainer(const std::string& name) {
  const auto engines = container::Engines::Find();
  const auto info = TRY(engines.Get(name));
  if (info.running()) return info.pid;
  return Fail(ErrorCode::kBadInput,
              fmt::format("container '{}' does not run, so it has no filter", Printable(name)));
}

struct Joined {
  std::string_view name;
  algebra::Operation by;
};
constexpr Joined kJoined[] = {{"merge(", algebra::Operation::kMerge},
                              {"intersect(", algebra::Operation::kIntersect},
                              {"subtract(", algebra::Operation::kSubtract}};

Result<FilterSource> OfParts(std::string_view names, profile::Reading reading, Objects objects) {
  FilterSource source;
  for (const auto name : Split(names, ',')) {
    source.parts.push_back(TRY(OpenFilterSource(std::string(Trim(name)), reading, objects)));
  }
  return source;
}

// "stack=A,B" or "merge(A,B)"; nothing for other texts.
Result<std::optional<FilterSource>> OfSeveral(const std::string& text, profile::Reading reading,
                                              Objects objects) {
  std::optional<FilterSource> source;
  const std::string_view whole = text;
  if (whole.starts_with(kStack)) source = TRY(OfParts(whole.substr(kStack.size()), reading, objects));
  for (const auto& [name, by] : kJoined) {
    if (!whole.starts_with(name) || !whole.ends_with(')')) continue;
    source = TRY(OfParts(whole.substr(name.size(), whole.size() - name.size() - 1), reading, objects));
    source->joined_by = by;
  }
  const size_t open = whole.find('(');
  const bool is_call = open != whole.npos && open > 0 && whole.ends_with(')') && whole.find('/') > open;
  if (!source && is_call) {
    return Fail(
        ErrorCode::kBadInput,
        fmt::format("{}: no such file, and '{}' joins no profiles: expected merge(A,B), intersect(A,B) or "
                    "subtract(A,B)",
                    Printable(text), Printable(whole.substr(0, open))));
  }
  if (source) source->name = text;
  return source;
}

Result<profile::Document> Join(const FilterSource& source, const profile::Target& target) {
  std::vector<profile::Document> documents;
  for (const auto& part : source.parts) {
    if (part.document) {
      WarnOfOtherVersion(*part.document, target);
      documents.push_back(*part.document);
      continue;
    }
    return Fail(ErrorCode::kBadInput, fmt::format("{}: '{}' is no profile: only documents can be joined",
                                                  Printable(source.name), Printable(part.name)));
  }
  auto composed = TRY(algebra::Compose(*source.joined_by, documents, target));
  for (const auto& note : composed.notes) fmt::print(stderr, "note: {}\n", Printable(note));
  return std::move(composed.document);
}

Result<std::vector<filter::Program>> ProgramsOfParts(const FilterSource& source,
                                                     const profile::Target& target) {
  if (source.joined_by) {
    FilterSource whole;
    whole.document = TRY(Join(source, target));
    whole.name = source.name;
    return ProgramsOf(whole, target);
  }
  std::vector<filter::Program> programs;
  for (const auto& part : source.parts) {
    for (auto& program : TRY(ProgramsOf(part, target))) programs.push_back(std::move(program));
  }
  return programs;
}

}  // namespace

bool FilterSource::needs_target() const {
  return document.has_value() || std::ranges::any_of(parts, &FilterSource::needs_target);
}

Result<FilterSource> OpenFilterSource(const std::string& text, profile::Reading reading, Objects objects) {
  if (text.starts_with(kPid)) {
    const auto pid = ParseUnsigned(std::string_view(text).substr(kPid.size()));
    if (pid && *pid > 0 && *pid <= INT32_MAX) return OfProcess(static_cast<pid_t>(*pid), text);
    return Fail(ErrorCode::kBadInput,
                fmt::format("'{}' names no process: expected one like pid:1234", Printable(text)));
  }
  if (text.starts_with(kContainer))
    return OfProcess(TRY(PidOfContainer(text.substr(kContainer.size()))), text);
  if (!profile::IsProfileFile(text)) {
    if (auto several = TRY(OfSeveral(text, reading, objects))) return std::move(*several);
  }
  FilterSource source;
  source.name = text;
  if (text == profile::kUnconfined && !profile::IsProfileFile(text)) return source;
  if (text != "-" && !profile::IsProfileFile(text)) {
    source.document = TRY(profile::ReadProfile(text, reading));
    return source;
  }
  const std::string bytes = TRY(ReadFile(text));
  if (filter::LooksRaw(bytes)) {
    source.programs.push_back(TRY(filter::ParseRaw(bytes, Printable(text))));
  } else {
    const bool literal = objects == Objects::kAsAnEngine && IsJson(bytes);
    source.document =
        TRY(literal ? profile::Read(bytes, text, reading) : profile::ReadWithObjects(bytes, text, reading));
  }
  return source;
}

void WarnOfOtherVersion(const profile::Document& document, const profile::Target& target) {
  const auto other = filter::OtherVersionText(document, target);
  if (!other.empty()) fmt::print(stderr, "warning: {}\n", other);
}

Result<Installed> InstalledOf(const FilterSource& source, const profile::Target& target) {
  if (!source.parts.empty()) return Installed{TRY(ProgramsOfParts(source, target)), nullptr};
  if (!source.document) return Installed{source.programs, nullptr};
  WarnOfOtherVersion(*source.document, target);
  auto compiled = TRY(filter::Compile(*source.document, target));
  if (compiled.state == filter::Compiled::State::kRefused) {
    return Fail(ErrorCode::kBadInput, fmt::format("{}: {} would not take it: {}", compiled.where,
                                                  target.Text(), Printable(compiled.why)));
  }
  if (compiled.state == filter::Compiled::State::kUnconfined) {
    fmt::print(stderr, "note: {}: no filter would be installed: {}\n", compiled.where,
               Printable(compiled.why));
    return Installed{{}, compiled.meaning};
  }
  for (const auto& warning : compiled.warnings) fmt::print(stderr, "warning: {}\n", Printable(warning));
  return Installed{{std::move(compiled.program)}, compiled.meaning};
}

Result<std::vector<filter::Program>> ProgramsOf(const FilterSource& source, const profile::Target& target) {
  return std::move(TRY(InstalledOf(source, target)).programs);
}

Result<optimize::Judge> JudgeOf(const FilterSource& source, const profile::Target& target) {
  if (!source.document) return optimize::Judge::Create(TRY(ProgramsOf(source, target)));
  WarnOfOtherVersion(*source.document, target);
  for (const auto& warning : source.document->warnings) fmt::print(stderr, "warning: {}\n", warning);
  for (const auto& name : profile::UnknownNames(*source.document)) fmt::print(stderr, "warning: {}\n", name);
  auto judge = TRY(optimize::Judge::Create(*source.document, target));
  for (const auto& warning : judge.compiled().warnings)
    fmt::print(stderr, "warning: {}\n", Printable(warning));
  return judge;
}

}  // namespace whittle::cli

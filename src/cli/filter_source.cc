#include "cli/filter_source.h"

#include <fmt/core.h>

#include "base/file.h"
#include "base/text.h"
#include "container/engines.h"
#include "filter/compile.h"
#include "filter/live/read.h"
#include "filter/raw.h"
#include "profile/catalogue.h"

namespace whittle::cli {
namespace {

constexpr std::string_view kPid = "pid:";
constexpr std::string_view kContainer = "container:";

Result<FilterSource> OfProcess(pid_t pid, const std::string& name) {
  FilterSource source;
  source.programs = TRY(filter::ReadLiveFilters(pid)).programs;
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

}  // namespace

Result<FilterSource> OpenFilterSource(const std::string& text, profile::Reading reading) {
  if (text.starts_with(kPid)) {
    const auto pid = ParseUnsigned(std::string_view(text).substr(kPid.size()));
    if (pid && *pid > 0 && *pid <= INT32_MAX) return OfProcess(static_cast<pid_t>(*pid), text);
    return Fail(ErrorCode::kBadInput,
                fmt::format("'{}' names no process: expected one like pid:1234", Printable(text)));
  }
  if (text.starts_with(kContainer))
    return OfProcess(TRY(PidOfContainer(text.substr(kContainer.size()))), text);
  FilterSource source;
  source.name = text;
  if (text == profile::kUnconfined && !FileExists(text)) return source;
  if (text != "-" && !FileExists(text)) {
    source.document = TRY(profile::ReadProfile(text, reading));
    return source;
  }
  const std::string bytes = TRY(ReadFile(text));
  if (filter::LooksRaw(bytes)) {
    source.programs.push_back(TRY(filter::ParseRaw(bytes, Printable(text))));
  } else {
    source.document = TRY(profile::Read(bytes, text, reading));
  }
  return source;
}

Result<std::vector<filter::Program>> ProgramsOf(const FilterSource& source, const profile::Target& target) {
  if (!source.document) return source.programs;
  auto compiled = TRY(filter::Compile(*source.document, target));
  if (compiled.state == filter::Compiled::State::kRefused) {
    return Fail(ErrorCode::kBadInput, fmt::format("{}: {} would not take it: {}", Printable(source.name),
                                                  target.Text(), Printable(compiled.why)));
  }
  if (compiled.state == filter::Compiled::State::kUnconfined) {
    fmt::print(stderr, "note: {}: no filter would be installed: {}\n", Printable(source.name),
               Printable(compiled.why));
    return std::vector<filter::Program>{};
  }
  return std::vector<filter::Program>{std::move(compiled.program)};
}

}  // namespace whittle::cli

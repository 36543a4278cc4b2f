// Messages are known by fragments that must all be there, the more particular ones first: engines wrap the
// runtime's words into their own, and versions differ in what stands around them.
#include "diagnose/message.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "diagnose/log_line.h"

namespace whittle::diagnose {
namespace {

struct StepRow {
  std::string_view runtime, call, step, message;
};
constexpr StepRow kSteps[] = {
#include "runtime_steps.inc"
};

struct Pattern {
  std::array<std::string_view, 2> fragments;  // the second may be empty
  Kind kind;
};
// In small letters.
constexpr Pattern kPatterns[] = {
    {{"listenerpath is not set", ""}, Kind::kNoListener},
    {{"seccomp agent", ""}, Kind::kNoListener},
    {{"seccomp receiver", ""}, Kind::kNoListener},
    {{"seccomp profile", "no such file or directory"}, Kind::kProfileMissing},
    {{"seccomp profile", "not found"}, Kind::kProfileMissing},
    {{"seccomp profile", "is a directory"}, Kind::kProfileMissing},
    {{"seccomp profile", "permission denied"}, Kind::kProfileMissing},
    {{"localhost profile", "must"}, Kind::kProfilePath},
    {{"invalid seccomp profile name", ""}, Kind::kProfilePath},
    {{"seccomp profile", "invalid character '/'"}, Kind::kProfilePath},
    {{"seccomp profile", "invalid character"}, Kind::kProfileBroken},
    {{"seccomp profile", "unexpected end of json"}, Kind::kProfileBroken},
    {{"seccomp profile", "cannot unmarshal"}, Kind::kProfileRefused},
    {{"not a valid action for seccomp", ""}, Kind::kProfileRefused},
    {{"not a valid operator for seccomp", ""}, Kind::kProfileRefused},
    {{"not a valid arch for seccomp", ""}, Kind::kProfileRefused},
    {{"invalid seccomp action", ""}, Kind::kProfileRefused},
    {{"get_seccomp_operator", ""}, Kind::kProfileRefused},
    {{"seccomp flags", ""}, Kind::kProfileRefused},
    {{"seccomp_rule_add", ""}, Kind::kProfileRefused},
    {{"unable to init seccomp", ""}, Kind::kProfileRefused},
    {{"error adding seccomp", ""}, Kind::kProfileRefused},
    {{"decoding seccomp profile", ""}, Kind::kProfileRefused},
    {{"loading seccomp", ""}, Kind::kProfileRefused},
    {{"seccomp", "errno"}, Kind::kProfileRefused},
    {{"exec format error", ""}, Kind::kProgramUnusable},
    {{"executable file", "not found"}, Kind::kProgramMissing},
    {{"exec: \"", "no such file or directory"}, Kind::kProgramMissing},
    {{"exec /", "no such file or directory"}, Kind::kProgramMissing},
    {{"exec container process", "no such file or directory"}, Kind::kProgramMissing},
    {{"exec: \"", "permission denied"}, Kind::kProgramUnusable},
    {{"exec: \"", "is a directory"}, Kind::kProgramUnusable},
    {{"exec /", "permission denied"}, Kind::kProgramUnusable},
    {{"exec container process", "permission denied"}, Kind::kProgramUnusable},
    {{"open executable", ""}, Kind::kProgramUnusable},
    {{"unable to find user", ""}, Kind::kEngine},
    {{"error mounting", ""}, Kind::kEngine},
    {{"bind source path does not exist", ""}, Kind::kEngine},
    {{"no such image", ""}, Kind::kEngine},
    {{"unable to find image", ""}, Kind::kEngine},
    {{"pull access denied", ""}, Kind::kEngine},
    {{"manifest unknown", ""}, Kind::kEngine},
    {{"port is already allocated", ""}, Kind::kEngine},
    {{"address already in use", ""}, Kind::kEngine},
    {{"error setting rlimit", ""}, Kind::kHostRights},
    {{"unknown or invalid runtime name", ""}, Kind::kEngine},
};

// The first process died before it said anything, or while its parent waited for it.
constexpr std::string_view kDeaths[] = {
    "cannot start a stopped process",
    "cannot start a container that has stopped",
    "cannot start an already running",
    "read from the init process",
    "failed to connect to container's attach socket",
    "is not running",
    "unable to start container process: eof",
    "runc create failed: unable to start container process: unexpected eof",
    "init process"};

bool Has(std::string_view text, std::string_view fragment) { return text.find(fragment) != text.npos; }

const Pattern* FindPattern(std::string_view small) {
  for (const auto& pattern : kPatterns) {
    if (Has(small, pattern.fragments[0]) && Has(small, pattern.fragments[1])) return &pattern;
  }
  return nullptr;
}

// The longest fragment that is there decides; steps that share it are meant together.
std::optional<MessageMeaning> RuntimeMeaning(std::string_view message, std::string_view runtime) {
  std::string_view best;
  for (const auto& row : kSteps) {
    const bool fits = runtime.empty() || row.runtime == runtime;
    if (fits && row.message.size() > best.size() && Has(message, row.message)) best = row.message;
  }
  if (best.empty()) return std::nullopt;
  MessageMeaning meaning;
  meaning.kind = Kind::kRuntimeRefused;
  meaning.error = ErrorNamed(message);
  for (const auto& row : kSteps) {
    const bool fits = runtime.empty() || row.runtime == runtime;
    if (!fits || row.message != best) continue;
    meaning.calls.emplace_back(row.call);
    if (meaning.step.empty()) meaning.step = row.step;
  }
  return meaning;
}

// "opening seccomp profile (x.json) failed", "... failed: open /x.json: no such file", "profile \"/x.json\"".
std::string PathIn(std::string_view message) {
  constexpr std::array<std::pair<std::string_view, char>, 4> kFrames = {
      {{"profile (", ')'}, {"profile \"", '"'}, {"open ", ':'}, {"stat ", ':'}}};
  for (const auto& [before, after] : kFrames) {
    const size_t at = message.find(before);
    if (at == message.npos) continue;
    const auto rest = message.substr(at + before.size());
    const size_t end = rest.find(after);
    if (end != rest.npos && end > 0) return std::string(rest.substr(0, end));
  }
  return "";
}

// What the daemon or a kubelet was told: not a file's absolute name.
bool MeansNothingElsewhere(std::string_view path) { return !path.empty() && !path.starts_with('/'); }

}  // namespace

std::optional<MessageMeaning> MeaningOfMessage(std::string_view message, std::string_view runtime) {
  const std::string small = LowerCase(message);
  if (const Pattern* pattern = FindPattern(small)) {
    MessageMeaning meaning;
    meaning.kind = pattern->kind;
    meaning.error = ErrorNamed(message);
    const bool file = pattern->kind == Kind::kProfileMissing || pattern->kind == Kind::kProfileBroken;
    if (file) meaning.path = PathIn(message);
    if (pattern->kind == Kind::kProfileMissing && MeansNothingElsewhere(meaning.path)) {
      meaning.kind = Kind::kProfilePath;
    }
    return meaning;
  }
  if (auto meaning = RuntimeMeaning(message, runtime)) return meaning;
  for (const auto death : kDeaths) {
    if (Has(small, death)) return MessageMeaning{};
  }
  return std::nullopt;
}

std::optional<RuntimeStep> StepOf(std::string_view runtime, std::string_view call) {
  for (size_t i = 0; i < std::size(kSteps); ++i) {
    if (kSteps[i].runtime == runtime && kSteps[i].call == call) return RuntimeStep{i, kSteps[i].step};
  }
  return std::nullopt;
}

}  // namespace whittle::diagnose

#include "optimize/drift.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"

namespace whittle::optimize {
namespace {

std::set<std::string> CallsOf(const Baseline& baseline) {
  std::set<std::string> calls;
  for (const auto& row : baseline.rows) calls.insert(row.call);
  return calls;
}

// "Target: docker 20.10.24, runc 1.1.5, x86_64, kernel 6.18.44, no_new_privs." of TopComment().
std::optional<MadeFor> ReadTargetText(std::string_view comment) {
  constexpr std::string_view kStart = "Target: ";
  const size_t at = comment.find(kStart);
  if (at == comment.npos) return std::nullopt;
  const auto text = comment.substr(at + kStart.size());
  std::optional<MadeFor> made;
  for (const auto part : Split(text.substr(0, text.find(". ")), ',')) {
    const auto words = Words(part);
    if (words.size() == 1 && words[0].starts_with("no_new_privs") && made) made->no_new_privs = true;
    if (words.size() != 2 || made) continue;
    if (const auto id = ParseRuntimeId(fmt::format("{} {}", words[0], words[1]))) made = MadeFor{*id};
  }
  return made;
}

Drift::Verdict VerdictOf(const Drift& drift) {
  if (!drift.refused_because.empty() || !drift.refused.empty()) return Drift::Verdict::kBreaks;
  if (!drift.next.doubt.empty()) return Drift::Verdict::kUnknown;
  if (drift.made_for && !drift.new_calls.empty()) return Drift::Verdict::kCovered;
  return Drift::Verdict::kSame;
}

// The calls of one list that the other lacks.
std::vector<std::string> Without(const std::set<std::string>& calls, const std::set<std::string>& others) {
  std::vector<std::string> rest;
  std::ranges::set_difference(calls, others, std::back_inserter(rest));
  return rest;
}

}  // namespace

std::string RuntimeId::Text() const {
  return fmt::format("{} {}", profile::RuntimeName(runtime), version.Text());
}

Result<RuntimeId> ParseRuntimeId(std::string_view text) {
  const size_t cut = text.find_first_of("-: ");
  const auto runtime = profile::ParseRuntime(text.substr(0, cut));
  const auto version = cut == text.npos ? Result<profile::Version>(Fail(ErrorCode::kUsage, ""))
                                        : profile::ParseVersion(text.substr(cut + 1));
  if (runtime && version && *runtime != profile::Runtime::kNone) return RuntimeId{*runtime, *version};
  return Fail(
      ErrorCode::kUsage,
      fmt::format("'{}' is no runtime with a version: expected something like runc-1.1.5", Printable(text)));
}

std::optional<MadeFor> MadeForOf(const profile::Document& document) {
  for (const auto& rule : document.rules) {
    if (auto made = ReadTargetText(rule.comment)) return made;
  }
  return std::nullopt;
}

bool MadeForWhittle(const profile::Document& document) {
  profile::Target target;
  target.runtime = profile::Runtime::kNone;
  const std::string text = "Target: " + target.Text();
  const auto says_so = [&](const profile::Rule& rule) {
    return rule.comment.find(text.substr(0, text.find(','))) != std::string::npos;
  };
  return std::ranges::any_of(document.rules, says_so);
}

std::string_view VerdictName(Drift::Verdict verdict) {
  constexpr std::array<std::string_view, 4> kNames = {"same", "covered", "unknown", "breaks"};
  return kNames[static_cast<size_t>(verdict)];
}

Result<Drift> CompareRuntimes(const profile::Target& host, const std::optional<RuntimeId>& made_for,
                              const profile::Document* document, const std::optional<Baseline>& measured) {
  Drift drift;
  drift.host = {host.runtime, host.runtime_version};
  drift.made_for = made_for;
  drift.next = measured ? *measured : BaselineFor(host);
  if (made_for) {
    profile::Target then = host;
    then.runtime = made_for->runtime;
    then.runtime_version = made_for->version;
    drift.now = BaselineFor(then);
    // What was never measured is not compared: the nearest version's calls are not its own.
    if (drift.now.doubt.empty() && drift.next.doubt.empty()) {
      drift.new_calls = Without(CallsOf(drift.next), CallsOf(drift.now));
      drift.gone_calls = Without(CallsOf(drift.now), CallsOf(drift.next));
    }
  }
  if (document != nullptr) {
    RuntimeCalls calls;
    calls.next = drift.next;
    const auto verified = TRY(Verify(*document, host, {}, calls));
    drift.refused = verified.baseline_refused;
    drift.tolerated = verified.baseline_tolerated;
    if (verified.state != filter::Compiled::State::kFiltered) drift.refused_because = verified.why;
  }
  drift.verdict = VerdictOf(drift);
  return drift;
}

}  // namespace whittle::optimize

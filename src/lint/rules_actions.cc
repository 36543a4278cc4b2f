// Actions: what a program gets that is not let pass, and what that does to it.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <set>

#include "lint/rules.h"
#include "profile/library_names.h"
#include "syscalls/arguments.h"
#include "syscalls/purpose.h"
#include "syscalls/table.h"

namespace whittle::lint {
namespace {

using filter::Quirk;
using profile::Action;
using profile::Blocks;
using profile::Document;
using profile::Rule;
using profile::TakesErrno;

// What a program does in place of a new call on ENOSYS. Nothing for calls that it does without anyway.
std::optional<Fallback> NeededFallback(Abi abi, std::string_view name) {
  const auto fallback = SyscallFallback(abi, name);
  return fallback && fallback->also != "none needed" ? fallback : std::nullopt;
}

// New calls for which libcs have a fallback on ENOSYS, on the native ABI of a place.
std::vector<std::string_view> CallsWithFallback(Abi abi) {
  std::vector<std::string_view> calls;
  for (const auto name : AllSyscallNames()) {
    if (NeededFallback(abi, name) && SyscallNumber(abi, name)) calls.push_back(name);
  }
  return calls;
}

// A refusal after which libcs do not try otherwise.
bool Final(const filter::Decision& refusal) {
  return Blocks(refusal.action) && !(refusal.action == Action::kErrno && refusal.data == ENOSYS);
}
// The same, of a program that is alone: no supervisor or tracer decides.
bool FinalAlone(const filter::Decision& refusal) {
  return Final(refusal) && (refusal.action == Action::kErrno || Kills(refusal.action));
}

// "EPERM", "KILL_PROCESS".
std::string AnswerOf(const filter::Decision& decision) {
  return decision.action == Action::kErrno ? profile::ErrnoName(decision.data)
                                           : profile::VerdictText(decision.action, decision.data);
}

// Calls report(pointer, action) for the default and for each rule.
void ForEachAction(const Subject& subject, const auto& check) {
  const Document& document = *subject.document();
  if (document.has_default_action) check("/defaultAction", document.default_action);
  for (size_t i = 0; i < document.rules.size(); ++i) check(At(i, "action"), document.rules[i].action);
}

// Calls check(entry, its calls) for those that notify a supervisor.
void ForEachNotified(const Subject& subject, const auto& check) {
  const auto& rules = subject.document()->rules;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].action == Action::kNotify) check(i, subject.CallsOf(i));
  }
}

bool NotifiesByDefault(const Subject& subject) {
  const Document& document = *subject.document();
  return document.has_default_action && document.default_action == Action::kNotify;
}

bool UsesRunc(const Subject& subject) {
  return std::ranges::any_of(
      subject.places(), [](const Place& place) { return place.target.runtime == profile::Runtime::kRunc; });
}

bool Names(const std::vector<std::string>& calls, std::string_view name) {
  return std::ranges::find(calls, name) != calls.end();
}

// Which rules the place's runtime drops since they do what the default does.
std::vector<bool> DroppedRules(const Subject& subject, const Place& place) {
  const auto& rules = subject.document()->rules;
  std::vector<size_t> dropped_names(rules.size(), 0);
  for (const auto& note : place.meaning.notes) {
    if (note.quirk == Quirk::kRedundantRule) ++dropped_names[static_cast<size_t>(note.rule)];
  }
  std::vector<bool> dropped(rules.size());
  for (size_t i = 0; i < rules.size(); ++i) dropped[i] = dropped_names[i] > 0;
  return dropped;
}

// The largest number that the rules name on the ABI, with or without those that are dropped.
uint32_t LargestNumber(const Subject& subject, const Place& place, Abi abi,
                       const std::vector<bool>& left_out) {
  uint32_t largest = 0;
  for (const auto& [name, facts] : subject.names()) {
    if (!profile::LibraryKnows(name, place.target.libseccomp)) continue;
    const bool counts =
        std::ranges::any_of(facts.mentions, [&](const Mention& of) { return !left_out[of.rule]; });
    const auto number = profile::LibraryNumber(abi, name);
    if (counts && number) largest = std::max(largest, *number);
  }
  return largest;
}

// New calls with a fallback that no rule names, above the first number and up to the second.
std::vector<std::string> Between(const Subject& subject, Abi abi, uint32_t first, uint32_t last) {
  std::vector<std::string> calls;
  for (const auto call : CallsWithFallback(abi)) {
    const auto number = SyscallNumber(abi, call);
    if (number && *number > first && *number <= last && !subject.Mentions(call)) calls.emplace_back(call);
  }
  return calls;
}

// The first name of a rule that the place's library knows by a larger number.
std::optional<std::string> FirstAbove(const Subject& subject, const Place& place, Abi abi, size_t rule,
                                      uint32_t number) {
  for (const auto& name : subject.CallsOf(rule)) {
    const bool known = profile::LibraryKnows(name, place.target.libseccomp);
    if (known && profile::LibraryNumber(abi, name).value_or(0) > number) return name;
  }
  return std::nullopt;
}

void WarnOf(Action warned, std::string_view why, std::string_view instead, const Subject& subject,
            Sink& sink) {
  ForEachAction(subject, [&](std::string pointer, Action action) {
    if (action == warned)
      sink.Add(Severity::kWarning, std::move(pointer), std::string(why), std::string(instead));
  });
}

}  // namespace

void CheckDefaultAllows(const Subject& subject, Sink& sink) {
  if (!subject.deny_list()) return;
  const bool logs = subject.document()->default_action == Action::kLog;
  sink.Add(logs ? Severity::kInfo : Severity::kWarning, "/defaultAction",
           logs ? "what no rule names passes, and is logged: for trying a profile, not for protection"
                : "what no rule names passes: every call that a newer kernel adds is open",
           "list what is allowed, with the default SCMP_ACT_ERRNO");
}

void CheckDefaultEpermHidesNewCalls(const Subject& subject, Sink& sink) {
  std::map<std::string_view, std::set<std::string>> final_at;  // by call: the places
  for (const auto& place : subject.places()) {
    if (!place.filtered() || !FinalAlone(place.meaning.otherwise) || place.Ignores("defaultErrnoRet"))
      continue;
    for (const auto call : CallsWithFallback(place.target.arch)) {
      if (subject.Mentions(call) || PassesAt(place, place.target.arch, call) != Passes::kNever) continue;
      if (FinalAlone(RefusalAt(place, place.target.arch, call)))
        final_at[call].insert(PlaceName(place.target));
    }
  }
  if (final_at.empty()) return;
  std::vector<std::string> calls;
  std::set<std::string> places;
  // clone3 first: without its fallback no thread starts.
  if (final_at.contains("clone3")) calls.emplace_back("clone3");
  for (const auto& [call, at] : final_at) {
    if (call != "clone3") calls.emplace_back(call);
    places.insert(at.begin(), at.end());
  }
  const Document& document = *subject.document();
  const std::string where =
      fmt::format("{} ({})", Listed(calls, 6), Listed({places.begin(), places.end()}, 2));
  if (Kills(document.default_action)) {
    sink.Add(Severity::kWarning, "/defaultAction",
             fmt::format(
                 "calls that no rule names get {}, and libcs make new ones to fall back on ENOSYS: what "
                 "tries these dies of it{}: {}",
                 profile::VerdictText(document.default_action, 0),
                 final_at.contains("clone3") ? ", as programs of glibc from 2.34 of their first thread" : "",
                 where),
             "allow these, or answer them with SCMP_ACT_ERRNO and errnoRet 38 (ENOSYS)");
    return;
  }
  sink.Add(
      Severity::kWarning, "/defaultAction",
      fmt::format("calls that no rule names get {}, and libcs fall back on ENOSYS only: {}",
                  profile::VerdictText(Action::kErrno,
                                       static_cast<uint16_t>(document.default_errno_return.value_or(EPERM))),
                  where),
      R"(set "defaultErrnoRet": 38 (ENOSYS), and name the calls that are to get EPERM)");
}

void CheckEpermBreaksFallback(const Subject& subject, Sink& sink) {
  const auto& rules = subject.document()->rules;
  for (const auto& [name, facts] : subject.names()) {
    for (const auto& mention : facts.mentions) {
      const Rule& rule = rules[mention.rule];
      const bool final = Kills(rule.action) ||
                         (rule.action == Action::kErrno && rule.errno_return.value_or(EPERM) != ENOSYS);
      const bool podman_says = !rule.errno_text.empty();
      if (!final || podman_says || !rule.conditions.empty() || facts.opened) continue;
      const std::string error = rule.action == Action::kErrno
                                    ? profile::ErrnoName(rule.errno_return.value_or(EPERM))
                                    : std::string(profile::ScmpActionName(rule.action));
      if (name == "rseq" && rule.action == Action::kErrno) {
        sink.Add(
            Severity::kWarning, At(mention),
            fmt::format("'rseq' is refused with {}: glibc registers it in every thread, and from 2.35 on it "
                        "ends a program in which that fails later than at its start, as behind a filter "
                        "that the program loads itself",
                        error),
            "allow it: it is of no use to an attacker");
        continue;
      }
      const auto abi = std::ranges::find_if(
          subject.abis(), [&](Abi on) { return NeededFallback(on, name) && SyscallNumber(on, name); });
      if (abi == subject.abis().end()) continue;
      sink.Add(name == "clone3" ? Severity::kWarning : Severity::kInfo, At(mention),
               fmt::format("'{}' is refused with {}: {}, but on ENOSYS only", name, error,
                           NeededFallback(*abi, name)->reason),
               R"("errnoRet": 38)");
    }
  }
}

void CheckEnosysThreshold(const Subject& subject, Sink& sink) {
  std::set<size_t> told;
  for (const auto& place : subject.places()) {
    if (!place.filtered() || place.target.runtime != profile::Runtime::kRunc) continue;
    if (!Final(place.meaning.otherwise) || place.Ignores("defaultErrnoRet")) continue;
    const auto dropped = DroppedRules(subject, place);
    if (std::ranges::find(dropped, true) == dropped.end()) continue;
    for (const auto& [abi, border] : place.meaning.stub_above) {
      const uint32_t without = LargestNumber(subject, place, abi, dropped);
      const auto moved = Between(subject, abi, without, border);
      if (moved.empty()) continue;
      for (size_t i = 0; i < dropped.size(); ++i) {
        const auto raises = dropped[i] ? FirstAbove(subject, place, abi, i, without) : std::nullopt;
        if (!raises || !told.insert(i).second) continue;
        sink.Add(Severity::kWarning, At(i),
                 fmt::format(
                     "the entry changes nothing by itself, but naming {} turns ENOSYS into {} under runc for "
                     "{}: its stub answers only what lies above every number that is named",
                     *raises, AnswerOf(place.meaning.otherwise), Listed(moved, 6)),
                 R"(remove the entry, or set "defaultErrnoRet": 38)");
      }
    }
  }
}

void CheckErrnoWithoutErrnoAction(const Subject& subject, Sink& sink) {
  const Document& document = *subject.document();
  const auto tell = [&](std::string pointer, Action action) {
    sink.Add(Severity::kError, std::move(pointer),
             fmt::format("an errno beside {}: crun refuses the profile, runc ignores the number",
                         profile::ScmpActionName(action)),
             "remove it, or take SCMP_ACT_ERRNO");
  };
  if (document.default_errno_return && document.has_default_action && !TakesErrno(document.default_action))
    tell("/defaultErrnoRet", document.default_action);
  for (size_t i = 0; i < document.rules.size(); ++i) {
    const Rule& rule = document.rules[i];
    if (rule.errno_return && !TakesErrno(rule.action)) tell(At(i, "errnoRet"), rule.action);
  }
}

void CheckErrnoZero(const Subject& subject, Sink& sink) {
  const Document& document = *subject.document();
  const auto tell = [&](std::string pointer) {
    sink.Add(Severity::kWarning, std::move(pointer),
             "errno 0 is no error: the call is not made, and the program is told that it succeeded",
             "an errno that the program can see, as 1 (EPERM) or 38 (ENOSYS)");
  };
  if (document.has_default_action && document.default_action == Action::kErrno &&
      document.default_errno_return == uint32_t{0})
    tell("/defaultErrnoRet");
  for (size_t i = 0; i < document.rules.size(); ++i) {
    if (document.rules[i].action == Action::kErrno && document.rules[i].errno_return == uint32_t{0})
      tell(At(i, "errnoRet"));
  }
}

void CheckErrnoNotInherited(const Subject& subject, Sink& sink) {
  const Document& document = *subject.document();
  const uint32_t inherited = document.default_errno_return.value_or(EPERM);
  if (inherited == EPERM || !document.has_default_action || document.default_action != Action::kErrno) return;
  for (size_t i = 0; i < document.rules.size(); ++i) {
    const Rule& rule = document.rules[i];
    if (rule.action != Action::kErrno || rule.errno_return || !rule.errno_text.empty()) continue;
    sink.Add(
        Severity::kInfo, At(i),
        fmt::format(
            "an entry without errnoRet answers EPERM, not defaultErrnoRet ({}), which is for unnamed calls",
            profile::ErrnoName(inherited)),
        "say the errno that is meant");
  }
}

void CheckKillThread(const Subject& subject, Sink& sink) {
  WarnOf(Action::kKillThread,
         "kills the thread that made the call, and its program goes on without it: locks stay held, the "
         "container hangs and looks alive (SCMP_ACT_KILL is the same)",
         "SCMP_ACT_KILL_PROCESS, or SCMP_ACT_ERRNO", subject, sink);
}

void CheckTraceAction(const Subject& subject, Sink& sink) {
  WarnOf(Action::kTrace,
         "leaves the call to a tracer: without one it fails with ENOSYS, and whoever may trace the process "
         "decides",
         "SCMP_ACT_ERRNO in production, SCMP_ACT_LOG for trying a profile", subject, sink);
}

void CheckLogLetsPass(const Subject& subject, Sink& sink) {
  const auto& rules = subject.document()->rules;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].action != Action::kLog) continue;
    sink.Add(Severity::kInfo, At(i, "action"),
             "SCMP_ACT_LOG lets the call pass, and each one costs about 10 us: it protects from nothing",
             "SCMP_ACT_ERRNO once the profile is tried");
  }
}

void CheckNotifyWrite(const Subject& subject, Sink& sink) {
  if (!UsesRunc(subject)) return;  // crun takes it
  ForEachNotified(subject, [&](size_t i, const auto& calls) {
    if (!Names(calls, "write")) return;
    sink.Add(Severity::kError, At(i),
             "SCMP_ACT_NOTIFY for write: runc must write the listener's descriptor after it has loaded the "
             "filter, and "
             "refuses the profile");
  });
}

void CheckNotifyDefault(const Subject& subject, Sink& sink) {
  const Document& document = *subject.document();
  if (!document.has_default_action || document.default_action != Action::kNotify) return;
  sink.Add(
      Severity::kError, "/defaultAction",
      "SCMP_ACT_NOTIFY as the default: runc refuses it, since its own calls would wait for the supervisor",
      "notify for single calls");
}

void CheckNotifyWithoutListener(const Subject& subject, Sink& sink) {
  bool notifies = NotifiesByDefault(subject);
  ForEachNotified(subject, [&](size_t, const auto&) { notifies = true; });
  if (!notifies || !subject.document()->listener_path.empty()) return;
  sink.Add(Severity::kError, "/listenerPath",
           "SCMP_ACT_NOTIFY without a listenerPath: runc refuses the profile, and under crun 1.8.1 such "
           "calls fail with "
           "ENOSYS",
           "the path of the supervisor's socket");
}

void CheckNotifyRuntimeCalls(const Subject& subject, Sink& sink) {
  constexpr std::string_view kHandOver[] = {"fcntl", "sendmsg", "sendto", "close", "write"};
  const auto tell = [&](std::string pointer, const std::string& calls) {
    sink.Add(
        Severity::kInfo, std::move(pointer),
        fmt::format(
            "{} under SCMP_ACT_NOTIFY: the runtime makes such calls while it hands the listener over, and "
            "has hung on them (runc 1.2.0, crun)",
            calls));
  };
  if (NotifiesByDefault(subject)) tell("/defaultAction", "fcntl, sendmsg, sendto and close");
  ForEachNotified(subject, [&](size_t i, const auto& calls) {
    std::vector<std::string> named;
    for (const auto call : kHandOver) {
      if (Names(calls, call)) named.emplace_back(call);
    }
    if (!named.empty()) tell(At(i), Listed(named));
  });
}

void CheckNotifyIsNoBoundary(const Subject& subject, Sink& sink) {
  ForEachNotified(subject, [&](size_t i, const auto& calls) {
    const auto pointers = std::ranges::find_if(calls, [](const std::string& name) {
      for (uint32_t argument = 0; argument < 6; ++argument) {
        if (KindOfArgument(name, argument) == ArgumentKind::kPointer) return true;
      }
      return false;
    });
    if (pointers == calls.end()) return;
    sink.Add(
        Severity::kInfo, At(i, "action"),
        fmt::format(
            "a supervisor that looks at the memory of {} and answers CONTINUE is no boundary: another thread "
            "can change it between the look and the call",
            *pointers),
        "do the call for the program, or decide by what is in registers");
  });
}

}  // namespace whittle::lint

// Names of calls: unknown ones, ones that a place does not have, ones that are not enough.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <unordered_set>
#include <utility>

#include "lint/rules.h"
#include "profile/library_names.h"
#include "syscalls/facts.h"
#include "syscalls/purpose.h"
#include "syscalls/table.h"

namespace whittle::lint {
namespace {

using profile::Blocks;
using profile::Document;
using profile::LibraryName;
using profile::Rule;

// The name of the indirect call of MIPS, which is taken for a wildcard.
constexpr std::string_view kIndirect = "syscall";

bool Exists(Abi abi, std::string_view name) { return profile::LibraryNumber(abi, name).has_value(); }

std::string AbisWith(std::string_view name) {
  std::vector<std::string> names;
  for (const Abi abi : AllAbis()) {
    if (Exists(abi, name)) names.emplace_back(AbiName(abi));
  }
  return names.empty() ? "no ABI" : Listed(names, 4);
}

// Calls check(mention, name) for every name of the document, in its order.
void ForEachName(const Subject& subject, const auto& check) {
  const auto& rules = subject.document()->rules;
  for (size_t rule = 0; rule < rules.size(); ++rule) {
    for (size_t i = 0; i < rules[rule].names.size(); ++i) check(Mention{rule, i}, rules[rule].names[i]);
    if (!rules[rule].legacy_name.empty()) check(Mention{rule, Mention::kLegacy}, rules[rule].legacy_name);
  }
}

// What libraries use in the place of a call.
std::vector<Equivalent> TwinsOf(std::string_view name) {
  std::vector<Equivalent> twins;
  for (const auto& row : Equivalents()) {
    if (row.call == name) twins.push_back(row);
  }
  return twins;
}

// The 32-bit form of a call, which libcs of 32-bit ABIs call in its place, however old the program is.
bool IsNarrowForm(const Equivalent& twin) { return twin.abis == "32" && !Exists(Abi::kX86_64, twin.also); }

// A call that programs of the ABI make in the place of the one that is forbidden: since the ABI lacks that
// one, or since libcs have left it to old programs.
struct OpenTwin {
  Abi abi;
  std::string_view call;
};
// What programs of an ABI that lacks the call make: its row's, or what it is the 32-bit form of.
std::vector<Equivalent> TwinsElsewhere(std::string_view name) {
  std::vector<Equivalent> twins = TwinsOf(name);
  if (Exists(Abi::kX86_64, name)) return twins;
  const auto add = [&](std::string_view call, std::string_view reason) {
    if (std::ranges::find(twins, call, &Equivalent::also) == twins.end())
      twins.push_back({name, call, "all", true, reason});
  };
  for (const auto& row : Equivalents()) {
    if (row.also == name && IsNarrowForm(row)) add(row.call, row.reason);
  }
  for (const auto& row : Detours()) {
    if (row.also == name && row.back) add(row.call, row.reason);  // of calls like stime
  }
  return twins;
}

// `in_part`: the call is forbidden with some arguments, as its twin may be.
std::vector<OpenTwin> OpenTwins(const Subject& subject, std::string_view name, bool in_part) {
  std::vector<OpenTwin> open;
  const Passes enough = in_part ? Passes::kSometimes : Passes::kNever;
  for (const Abi abi : subject.abis()) {
    const bool here = Exists(abi, name);
    for (const auto& twin : here ? TwinsOf(name) : TwinsElsewhere(name)) {
      if (here && !IsNarrowForm(twin)) continue;
      const auto passes = [&](const Place& place) { return PassesAt(place, abi, twin.also) > enough; };
      if (AbisInclude(twin.abis, abi) && std::ranges::any_of(subject.places(), passes))
        open.push_back({abi, twin.also});
    }
  }
  return open;
}

// A new call that is tried first, and done without on ENOSYS.
bool HasFallback(std::string_view call) {
  return std::ranges::any_of(AllAbis(), [&](Abi abi) { return SyscallFallback(abi, call).has_value(); });
}

// The call passes somewhere where its twin does not, and fails with what libcs take for final: on ENOSYS they
// try otherwise.
bool FailsFinally(const Subject& subject, Abi abi, std::string_view name, const Equivalent& twin) {
  if (!AbisInclude(twin.abis, abi) || !Exists(abi, twin.also)) return false;
  // Some 32-bit ABIs have the 32-bit form only.
  const bool here = Exists(abi, name);
  if (!here && !IsNarrowForm(twin)) return false;
  return std::ranges::any_of(subject.places(), [&](const Place& place) {
    if (place.Ignores("defaultErrnoRet")) return false;  // told of by itself
    const bool allowed = PassesAt(place, here ? abi : place.target.arch, name) != Passes::kNever;
    if (!allowed || PassesAt(place, abi, twin.also) != Passes::kNever) return false;
    const auto refusal = RefusalAt(place, abi, twin.also);
    return refusal.action != profile::Action::kErrno || refusal.data != ENOSYS;
  });
}

// The profile says itself what the twin gets. Refused by name it is told of at that name, but for the 32-bit
// forms: who allows the one can hardly mean that.
bool IsAnswered(const Subject& subject, const Equivalent& twin) {
  return subject.Mentions(twin.also) && (!IsNarrowForm(twin) || subject.NameOf(twin.also).opened);
}

// --- Allowed under another machine's name

bool IsFiltered(const Place& place, Abi abi) {
  return place.filtered() &&
         std::ranges::find(place.meaning.abis, abi, &filter::AbiRules::abi) != place.meaning.abis.end();
}

// It is let pass at some place whose filter knows the ABI, or at none does the filter know it.
bool MayPass(const Subject& subject, Abi abi, std::string_view call) {
  bool filtered = false;
  for (const auto& place : subject.places()) {
    if (PassesAt(place, abi, call) != Passes::kNever) return true;
    filtered = filtered || IsFiltered(place, abi);
  }
  return !filtered;
}

// The call that programs of an ABI make where those of x86-64 make this one, if that is refused there, and
// nothing else does the job. Empty: none is, or it is told of as the 32-bit form.
std::string_view MissingInItsPlace(const Subject& subject, Abi abi, std::string_view name) {
  if (Exists(abi, name) || !Exists(Abi::kX86_64, name)) return "";
  std::string_view missing;
  for (const auto& row : Equivalents()) {
    if (row.call != name && row.also != name) continue;
    const auto other = row.call == name ? row.also : row.call;
    if (other.empty() || !Exists(abi, other)) continue;
    if (IsNarrowForm(row) || MayPass(subject, abi, other)) return "";
    const bool is_it = row.call == name && row.abis == "all" && row.same_power && !subject.Mentions(other);
    if (is_it && missing.empty()) missing = other;
  }
  return missing;
}

// What glibc has called for years on every machine, whatever the function is called (seen with 2.36).
struct GlibcCalls {
  std::string_view call, made;
};
constexpr GlibcCalls kGlibcCalls[] = {{"fork", "clone"},       {"getdents", "getdents64"},
                                      {"lstat", "newfstatat"}, {"nanosleep", "clock_nanosleep"},
                                      {"open", "openat"},      {"stat", "newfstatat"}};

std::string_view MissingForGlibc(const Subject& subject, Abi native, std::string_view name) {
  const auto row = std::ranges::find(kGlibcCalls, name, &GlibcCalls::call);
  if (row == std::end(kGlibcCalls) || !Exists(native, name) || !Exists(native, row->made)) return "";
  const bool needed = MayPass(subject, native, name) && !MayPass(subject, native, row->made);
  return needed && !subject.Mentions(row->made) ? row->made : "";
}

// Of one entry's names: those that are of no use alone, what is made in their place, and where.
struct Replaced {
  std::vector<std::string> names;
  std::set<std::string> made, abis;
  void Take(std::string_view name, std::string_view call, Abi abi) {
    if (call.empty()) return;
    if (names.empty() || names.back() != name) names.emplace_back(name);
    made.emplace(call);
    abis.emplace(ScmpArchName(abi));
  }
};

// Not for this machine: Docker's default has rules for s390x only.
bool ForOtherMachines(const Rule& rule) { return !rule.includes.arches.empty(); }

// Once for each entry, and of a name where it stands first.
void TellReplaced(const Subject& subject, Sink& sink) {
  if (subject.deny_list() || subject.made_of_evidence())
    return;  // what was made of evidence has what was made
  const Abi native = subject.places().front().target.arch;
  std::set<std::string_view> told;
  const auto& rules = subject.document()->rules;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (Blocks(rules[i].action) || ForOtherMachines(rules[i])) continue;
    Replaced elsewhere, by_glibc;
    for (const auto& name : subject.CallsOf(i)) {
      if (!subject.NameOf(name).known || !told.insert(name).second) continue;
      for (const Abi abi : subject.abis()) elsewhere.Take(name, MissingInItsPlace(subject, abi, name), abi);
      by_glibc.Take(name, MissingForGlibc(subject, native, name), native);
    }
    const auto tell = [&](const Replaced& of, const std::string& who) {
      if (of.names.empty()) return;
      sink.Add(Severity::kWarning, At(i),
               fmt::format("{} call {} in the place of {}, and {} not allowed", who,
                           Listed({of.made.begin(), of.made.end()}, 20), Listed(of.names),
                           of.made.size() == 1 ? "it is" : "they are"),
               of.made.size() == 1 ? "allow it too" : "allow them too");
    };
    tell(elsewhere, fmt::format("programs of {}", Listed({elsewhere.abis.begin(), elsewhere.abis.end()}, 4)));
    tell(by_glibc, "programs with a current glibc");
  }
}

}  // namespace

void CheckUnknownName(const Subject& subject, Sink& sink) {
  ForEachName(subject, [&](const Mention& mention, const std::string& name) {
    if (name.empty() || subject.NameOf(name).known) return;
    const Rule& rule = subject.document()->rules[mention.rule];
    const bool open = Blocks(rule.action) && subject.deny_list();
    const std::string meant = sink.Full() ? "" : DidYouMean(name);
    sink.Add(open ? Severity::kError : Severity::kWarning, At(mention),
             fmt::format("no system call is named '{}'{}: runtimes pass over the name in silence{}",
                         json::Quotable(name), meant, open ? ", and the call stays open" : ""));
  });
}

void CheckNewerThanNodeLibrary(const Subject& subject, Sink& sink) {
  for (const auto& [name, facts] : subject.names()) {
    if (!facts.here || !IsSyscallName(name)) continue;
    std::set<std::string> lacking;
    for (const auto& place : subject.places()) {
      const bool library = place.target.runtime != profile::Runtime::kNone;
      if (library && !profile::LibraryKnows(name, place.target.libseccomp))
        lacking.insert(place.target.libseccomp.Text());
    }
    if (lacking.empty()) continue;
    for (const auto& mention : facts.mentions) {
      const bool open = subject.deny_list() && Blocks(subject.document()->rules[mention.rule].action);
      sink.Add(open ? Severity::kWarning : Severity::kInfo, At(mention),
               fmt::format(
                   "'{}' is a real call, but libseccomp {} does not know it: the rule is lost for it there{}",
                   name, Listed({lacking.begin(), lacking.end()}), open ? ", and the call stays open" : ""));
    }
  }
}

void CheckNoSuchCallOnThisAbi(const Subject& subject, Sink& sink) {
  const auto nowhere = [&](const std::string& name) {
    const Name& facts = subject.NameOf(name);
    return facts.known && !facts.here;
  };
  const auto& rules = subject.document()->rules;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (ForOtherMachines(rules[i])) continue;
    // Among others that exist a name is there for other machines, as in every list that is meant for all.
    const auto& calls = subject.CallsOf(i);
    const bool all = std::ranges::all_of(calls, nowhere);
    for (size_t j = 0; j < calls.size(); ++j) {
      const auto& name = calls[j];
      if (!nowhere(name) || (!all && name != kIndirect)) continue;
      sink.Add(Severity::kInfo, subject.AtCall(i, j),
               fmt::format("'{}' exists on {} only: the rule does nothing for it here{}", name,
                           AbisWith(name), name == kIndirect ? ", and it is no wildcard" : ""));
    }
  }
}

void CheckDenyHasNoEffect(const Subject& subject, Sink& sink) {
  if (!subject.deny_list()) return;
  std::map<std::pair<std::string_view, bool>, std::vector<OpenTwin>> known;  // by name, and whether in part
  const auto& rules = subject.document()->rules;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (!Blocks(rules[i].action) || ForOtherMachines(rules[i])) continue;
    std::set<std::string> evaded, open, abis;
    for (const auto& name : subject.CallsOf(i)) {
      if (!subject.NameOf(name).known) continue;
      const bool in_part = !rules[i].conditions.empty();
      const auto [twins, is_new] = known.try_emplace({name, in_part});
      if (is_new) twins->second = OpenTwins(subject, name, in_part);
      for (const auto& [abi, twin] : twins->second) {
        evaded.insert(name);
        open.emplace(twin);
        abis.emplace(ScmpArchName(abi));
      }
    }
    if (evaded.empty()) continue;
    sink.Add(Severity::kError, At(i),
             fmt::format("on {} programs use {} in the place of {}: these stay open",
                         Listed({abis.begin(), abis.end()}), Listed({open.begin(), open.end()}, 20),
                         Listed({evaded.begin(), evaded.end()})),
             "name these too");
  }
}

void CheckMissingSibling(const Subject& subject, Sink& sink) {
  for (const auto& [name, facts] : subject.names()) {
    if (!facts.opened || !facts.here) continue;
    const auto opens = [&](const Mention& mention) {
      return !Blocks(subject.document()->rules[mention.rule].action);
    };
    const auto mention = std::ranges::find_if(facts.mentions, opens);
    for (const auto& twin : TwinsOf(name)) {
      if (!twin.same_power || IsAnswered(subject, twin)) continue;
      std::vector<std::string> abis;
      for (const Abi abi : subject.abis()) {
        if (FailsFinally(subject, abi, name, twin)) abis.emplace_back(ScmpArchName(abi));
      }
      const bool narrow = IsNarrowForm(twin);
      if (abis.empty() || (!narrow && !HasFallback(twin.also))) continue;
      sink.Add(narrow ? Severity::kWarning : Severity::kInfo, At(*mention),
               fmt::format("'{}' is allowed and {} is not, on {}: {}", name, twin.also, Listed(abis, 4),
                           twin.reason),
               fmt::format("allow {} too, or let the default answer ENOSYS", twin.also));
    }
  }
  TellReplaced(subject, sink);
}

void CheckRepeatedName(const Subject& subject, Sink& sink) {
  const auto& rules = subject.document()->rules;
  for (size_t i = 0; i < rules.size(); ++i) {
    std::unordered_set<std::string_view> seen;
    for (size_t j = 0; j < rules[i].names.size(); ++j) {
      if (!seen.insert(rules[i].names[j]).second)
        sink.Add(Severity::kInfo, At(i, "names", j),
                 fmt::format("'{}' stands twice in this entry", json::Quotable(rules[i].names[j])),
                 "remove one of them");
    }
  }
}

void CheckEmptyRule(const Subject& subject, Sink& sink) {
  const auto& rules = subject.document()->rules;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].names.empty() && rules[i].legacy_name.empty())
      sink.Add(Severity::kWarning, At(i), "the entry names no call: it does nothing",
               "name calls, or remove it");
    for (size_t j = 0; j < rules[i].names.size(); ++j) {
      if (rules[i].names[j].empty())
        sink.Add(Severity::kError, At(i, "names", j), "an empty name: runc refuses the whole profile",
                 "remove it");
    }
  }
}

}  // namespace whittle::lint

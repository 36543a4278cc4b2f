// socketcall and ipc: what a profile says of a socket or IPC call, and what 32-bit programs reach through
// these.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <tuple>

#include "lint/companion.h"
#include "lint/ranges.h"
#include "lint/rules.h"
#include "syscalls/table.h"

namespace whittle::lint {
namespace {

using filter::FlatRule;
using filter::Quirk;
using profile::Action;
using profile::Blocks;
using profile::Condition;

bool AsksFirstArgument(const profile::Rule& rule) {
  return std::ranges::any_of(rule.conditions,
                             [](const Condition& condition) { return condition.index == 0; });
}

bool NamesMultiplexer(std::string_view name) { return name == "socketcall" || name == "ipc"; }

// --- What libseccomp adds by itself

// The entry that forbids the multiplexer, and is dropped since it does what the default does.
std::optional<size_t> DroppedMultiplexer(const Place& place, std::string_view through) {
  for (const auto& note : place.meaning.notes) {
    if (note.quirk == Quirk::kRedundantRule && note.what == through) return static_cast<size_t>(note.rule);
  }
  return std::nullopt;
}

// What is lost of an entry of the document.
struct Lost {
  size_t rule;
  Abi abi;
  std::string_view through, call;
  std::vector<uint32_t> arguments;  // that the entry asks, and the companion does not
  bool refusal;
  bool opens;  // what was not to pass; else it refuses more than the entry does
};

// Where only argument 0 is asked nothing is left to avoid or to meet; else it is for the companion's own
// registers to say.
std::optional<bool> Opens(const Place& place, const Companion& companion, bool only_first) {
  const bool refusal = Blocks(companion.flat->action);
  if (only_first) return !refusal;
  const bool default_passes = !Blocks(place.meaning.otherwise.action);
  if (!refusal) return !default_passes && CanBeMet(place, companion) ? std::optional(true) : std::nullopt;
  if (CanBeAvoided(place, companion)) return true;
  if (LeavesSomething(companion) || !default_passes) return std::nullopt;  // other entries refuse the rest
  return false;
}

std::optional<Lost> LostOf(const Subject& subject, const Place& place, const Companion& companion) {
  const auto rule = static_cast<size_t>(companion.flat->rule);
  auto arguments = Misplaced(companion);
  const bool only_first = arguments.empty();
  if (AsksFirstArgument(subject.document()->rules[rule])) arguments.insert(arguments.begin(), 0);
  if (arguments.empty()) return std::nullopt;
  const auto opens = Opens(place, companion, only_first);
  if (!opens) return std::nullopt;
  return Lost{rule,           companion.abi,        companion.through,
              companion.call, std::move(arguments), Blocks(companion.flat->action),
              *opens};
}

std::vector<Lost> LostAt(const Subject& subject, const Place& place) {
  std::vector<Lost> found;
  for (const auto& rules : place.meaning.abis) {
    for (const auto& [number, of_call] : rules.calls()) {
      const auto through = SyscallName(rules.abi(), number);
      if (!through || !NamesMultiplexer(*through)) continue;
      for (const FlatRule& flat : of_call) {
        if (flat.quirk != Quirk::kCompanion || flat.rule < 0) continue;
        const auto call = filter::MultiplexedBy(*through, flat.conditions.front().value);
        auto lost = LostOf(subject, place, {&flat, rules.abi(), number, *through, call.value_or("")});
        if (lost) found.push_back(std::move(*lost));
      }
    }
  }
  return found;
}

// Where the entries of the document lose what they say.
struct Loss {
  Lost lost;                      // the first one found
  std::optional<size_t> dropped;  // a refusal of the multiplexer without effect
  std::set<std::string_view> calls;
  std::vector<const Place*> places;
};
// By the entry to be told of, and what is said of it.
using Losses = std::map<std::tuple<size_t, std::string_view, bool, std::vector<uint32_t>>, Loss>;

Losses LossesOf(const Subject& subject) {
  Losses losses;
  for (const auto& place : subject.places()) {
    if (!place.filtered() || place.target.runtime == profile::Runtime::kNone) continue;
    for (const auto& lost : LostAt(subject, place)) {
      const auto dropped = lost.refusal ? std::nullopt : DroppedMultiplexer(place, lost.through);
      const size_t at = dropped.value_or(lost.rule);
      auto& loss =
          losses.try_emplace({at, lost.through, lost.opens, lost.arguments}, Loss{lost, dropped, {}, {}})
              .first->second;
      if (loss.lost.rule == lost.rule) loss.calls.insert(lost.call);
      if (loss.places.empty() || loss.places.back() != &place) loss.places.push_back(&place);
    }
  }
  return losses;
}

// "argument 0", "arguments 0 and 1".
std::string ArgumentsText(std::span<const uint32_t> numbers) {
  std::string text = fmt::format("argument{} {}", numbers.size() > 1 ? "s" : "", numbers.front());
  for (size_t i = 1; i < numbers.size(); ++i)
    text += fmt::format("{}{}", i + 1 < numbers.size() ? ", " : " and ", numbers[i]);
  return text;
}

// What the rule does that libseccomp adds.
std::string CompanionText(const Lost& lost) {
  auto registers = std::span(lost.arguments);
  const bool drops = registers.front() == 0;
  if (drops) registers = registers.subspan(1);
  return fmt::format("{}asks {} of {} itself, which the program chooses",
                     drops ? "drops what is said of argument 0 and " : "", ArgumentsText(registers),
                     lost.through);
}

std::string OpenText(const Lost& lost, const std::string& calls) {
  const auto arch = ScmpArchName(lost.abi);
  if (lost.refusal)
    return fmt::format(
        "on {} {} is open through {}, whatever this entry refuses: the rule that libseccomp adds {}", arch,
        calls, lost.through, CompanionText(lost));
  const auto arguments = ArgumentsText(lost.arguments);
  if (lost.arguments.back() == 0)
    return fmt::format(
        "on {} {} is open through {} for every value of {}: libseccomp adds a rule for it, and "
        "what the entry says of the argument is lost",
        arch, calls, lost.through, arguments);
  return fmt::format("on {} {} is open through {} for every value of {}: the rule that libseccomp adds {}",
                     arch, calls, lost.through, arguments, CompanionText(lost));
}

// As the document has them.
std::string CallsText(const Subject& subject, const Loss& loss) {
  std::vector<std::string> calls;
  for (const auto& call : subject.CallsOf(loss.lost.rule)) {
    if (loss.calls.contains(call) && std::ranges::find(calls, call) == calls.end()) calls.push_back(call);
  }
  return Listed(calls, 3);
}

std::string LossText(const Subject& subject, const Loss& loss, bool old_docker_only) {
  const auto& lost = loss.lost;
  const auto calls = CallsText(subject, loss);
  const auto arguments = ArgumentsText(lost.arguments);
  if (!lost.opens)
    return fmt::format("on {} libseccomp refuses {} through {} for every value of {}", ScmpArchName(lost.abi),
                       calls, lost.through, arguments);
  if (loss.dropped)
    return fmt::format(
        "this refusal of {} does what the default does{}, so runtimes drop it: on {} {} stays open "
        "through it, whatever entry {} says of {}",
        lost.through,
        old_docker_only ? fmt::format(" where defaultErrnoRet is not read ({})", PlaceNames(loss.places))
                        : "",
        ScmpArchName(lost.abi), calls, lost.rule, arguments);
  return OpenText(lost, calls);
}

// A refusal that no runtime takes for the default's: of another errno, and not of the one that is the default
// where defaultErrnoRet is not read.
std::string RefusalAdvice(const Subject& subject, std::string_view through, Abi abi) {
  const auto& document = *subject.document();
  const bool enosys_is_default =
      document.default_action == Action::kErrno && document.default_errno_return == uint32_t{ENOSYS};
  const bool native = abi == subject.places().front().target.arch;
  return fmt::format(
      "refuse {} with errnoRet {}{}", through,
      enosys_is_default
          ? "13 (EACCES: neither the default's, which runtimes drop, nor 1, which old docker takes for it)"
          : "38 (ENOSYS: C libraries of that ABI then make the call itself)",
      native ? "" : fmt::format(", or leave {} out", ScmpArchName(abi)));
}

// --- What the document itself opens

// The entry of the document that lets a call of the native ABI pass through the multiplexer of another one.
struct Opening {
  Abi abi;
  std::string_view through;
  size_t rule;
};

std::optional<Opening> OpeningAt(const Place& place, std::string_view call) {
  for (const auto& rules : place.meaning.abis) {
    const auto way = filter::MultiplexerOf(rules.abi(), call);
    const auto number = way ? SyscallNumber(rules.abi(), way->through) : std::nullopt;
    if (!number) continue;
    const auto of_call = rules.calls().find(*number);
    if (of_call == rules.calls().end()) continue;
    // The first that is about this selector, whatever it asks of the pointer behind it.
    const auto is_about = [&](const Condition& condition) {
      return condition.index != 0 || condition.Matches(way->selector);
    };
    const auto decides = std::ranges::find_if(of_call->second, [&](const FlatRule& flat) {
      return std::ranges::all_of(flat.conditions, is_about);
    });
    if (decides == of_call->second.end() || Blocks(decides->action) || decides->rule < 0) continue;
    if (decides->quirk != Quirk::kCompanion)
      return Opening{rules.abi(), way->through, static_cast<size_t>(decides->rule)};
  }
  return std::nullopt;
}

// What the document says of a call, as the native ABI has it.
struct Said {
  size_t rule;
  bool refused;  // whatever its arguments
  bool mostly_open;
};

// Of some argument all values but a few are let pass, as where docker's default forbids two families of
// sockets.
bool OpenForMostValues(const filter::Resolution& resolution) {
  constexpr uint64_t kFew = 64;
  if (!Blocks(resolution.decision.action)) return true;
  std::map<uint32_t, std::vector<Condition>> passing;  // by argument
  for (const FlatRule& flat : *resolution.rules) {
    if (!Blocks(flat.action) && flat.conditions.size() == 1)
      passing[flat.conditions.front().index].push_back(flat.conditions.front());
  }
  return std::ranges::any_of(passing, [&](const auto& of) { return CoverAllBut(kFew, RangesOf(of.second)); });
}

std::optional<Said> SaidOf(const Subject& subject, const Place& place, std::string_view call) {
  const Abi abi = place.target.arch;
  const auto number = SyscallNumber(abi, call);
  if (!number) return std::nullopt;
  const auto resolution = filter::Resolve(place.meaning, abi, *number);
  switch (PassesAt(place, abi, call)) {
    case Passes::kAlways:
      return std::nullopt;
    case Passes::kSometimes: {
      int first = -1;
      for (const FlatRule& flat : *resolution.rules) {
        if (flat.rule >= 0 && (first < 0 || flat.rule < first)) first = flat.rule;
      }
      if (first < 0) return std::nullopt;
      return Said{static_cast<size_t>(first), false, OpenForMostValues(resolution)};
    }
    case Passes::kNever: {
      const auto* deciding = resolution.rules == nullptr ? nullptr : &resolution.rules->front();
      if (deciding != nullptr && deciding->rule >= 0 && deciding->conditions.empty())
        return Said{static_cast<size_t>(deciding->rule), true, false};
      // What does as the default does is dropped, and says it all the same.
      const auto& rules = subject.document()->rules;
      for (const auto& mention : subject.NameOf(call).mentions) {
        const auto& rule = rules[mention.rule];
        if (Blocks(rule.action) && rule.conditions.empty() && rule.includes.empty() && rule.excludes.empty())
          return Said{mention.rule, true, false};
      }
      return std::nullopt;  // left to the default: nothing is promised
    }
  }
  return std::nullopt;
}

struct Hole {
  Said said;
  Opening opening;
  std::vector<std::string> calls;
};

std::map<size_t, Hole> HolesOf(const Subject& subject) {
  std::map<size_t, Hole> holes;  // by the entry that says something else
  for (const auto& call : filter::MultiplexedCalls()) {
    if (!subject.Mentions(call)) continue;
    for (const auto& place : subject.places()) {
      if (!place.filtered()) continue;
      const auto opening = OpeningAt(place, call);
      const auto said = opening ? SaidOf(subject, place, call) : std::nullopt;
      if (!said) continue;
      holes.try_emplace(said->rule, Hole{*said, *opening, {}}).first->second.calls.emplace_back(call);
      break;
    }
  }
  return holes;
}

std::string HoleText(const Hole& hole) {
  const auto& [abi, through, rule] = hole.opening;
  if (hole.said.refused)
    return fmt::format("{} is refused here, and open on {} through {}, which entry {} allows",
                       Listed(hole.calls, 3), ScmpArchName(abi), through, rule);
  return fmt::format(
      "on {} {} is open through {} for all arguments, whatever this entry says of them: entry {} "
      "allows it, and what is asked of it lies in memory",
      ScmpArchName(abi), Listed(hole.calls, 3), through, rule);
}

}  // namespace

void CheckSocketcallBypass(const Subject& subject, Sink& sink) {
  for (const auto& [key, loss] : LossesOf(subject)) {
    const bool opens = loss.lost.opens;
    const bool old_docker_only =
        loss.places.size() < subject.places().size() &&
        std::ranges::all_of(
            loss.places, [](const Place* place) { return place->Ignores("defaultErrnoRet"); });
    sink.Add(opens && !old_docker_only ? Severity::kError : Severity::kWarning, At(std::get<0>(key)),
             LossText(subject, loss, old_docker_only),
             opens ? RefusalAdvice(subject, loss.lost.through, loss.lost.abi) : "");
  }
  for (const auto& [at, hole] : HolesOf(subject)) {
    const auto& [abi, through, rule] = hole.opening;
    sink.Add(
        hole.said.mostly_open ? Severity::kWarning : Severity::kError, At(at), HoleText(hole),
        fmt::format("take {} out of entry {}, and {}", through, rule, RefusalAdvice(subject, through, abi)));
  }
}

}  // namespace whittle::lint

#include "advise/flaws.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <span>

#include "filter/library.h"
#include "filter/meaning.h"
#include "syscalls/arguments.h"
#include "syscalls/constants.h"
#include "syscalls/table.h"

namespace whittle::advise {
namespace {

using filter::Compiled;
using optimize::Answer;

constexpr uint32_t kFamilyArgument = 0;  // of socket

Closed OfAnswer(Answer::Kind kind) {
  switch (kind) {
    case Answer::Kind::kAllowed:
      return Closed::kOpen;
    case Answer::Kind::kRefused:
      return Closed::kByArgument;
    case Answer::Kind::kDepends:
      break;
  }
  return Closed::kDepends;
}

enum class Holds { kAlways, kNever, kPerhaps };

// Of a rule, with one argument known.
Holds HoldsWith(const filter::FlatRule& rule, uint32_t argument, uint64_t value) {
  Holds holds = Holds::kAlways;
  for (const auto& condition : rule.conditions) {
    if (condition.index != argument) {
      holds = Holds::kPerhaps;
    } else if (!condition.Matches(value)) {
      return Holds::kNever;
    }
  }
  return holds;
}

// Whether calls pass whose argument is that value, as the filter sees the register.
Closed WithRegister(const filter::Resolution& resolution, uint32_t argument, uint64_t value) {
  bool passes = false, refused = false;
  const auto take = [&](profile::Action action) { (profile::Blocks(action) ? refused : passes) = true; };
  if (resolution.rules != nullptr) {
    for (const auto& rule : *resolution.rules) {
      const Holds holds = HoldsWith(rule, argument, value);
      if (holds == Holds::kNever) continue;
      take(rule.action);
      if (holds == Holds::kAlways)
        return passes && refused ? Closed::kDepends : passes ? Closed::kOpen : Closed::kByArgument;
    }
  }
  take(resolution.decision.action);
  return passes && refused ? Closed::kDepends : passes ? Closed::kOpen : Closed::kByArgument;
}

// The kernel takes an int of the low half; what the high half holds is the caller's choice.
Closed WithInt(const filter::Resolution& resolution, uint32_t argument, uint64_t value) {
  constexpr uint64_t kHighHalves[] = {0, uint64_t{1} << 32, uint64_t{0xffffffff} << 32};
  Closed closed = Closed::kClosed;
  for (const uint64_t high : std::span(kHighHalves).first(resolution.narrow ? 1 : std::size(kHighHalves)))
    closed = std::max(closed, WithRegister(resolution, argument, high | value));
  return closed;
}

std::optional<uint64_t> FamilyOf(Abi abi, const CvePair& pair) {
  const auto named = ValuesOfArgument(abi, pair.call, kFamilyArgument);
  if (!named) return std::nullopt;
  const auto family = std::ranges::find(named->values, pair.argument, &NamedValue::name);
  return family == named->values.end() ? std::nullopt : std::optional(family->value);
}

// Of a call that passes for some arguments only.
Result<Closed> ByArguments(const optimize::Judge& judge, Abi abi, uint32_t number, const CvePair& pair) {
  if (pair.argument == kNeedsMemory) return Closed::kDepends;
  if (pair.argument == kNeedsNamespaces && pair.call == "clone")
    return OfAnswer(TRY(judge.Ask(abi, number, evidence::CloneFlags::kNamespaces)).kind);
  const auto family = FamilyOf(abi, pair);
  const auto& meaning = judge.compiled().meaning;
  if (!family || meaning == nullptr) return Closed::kDepends;
  return WithInt(filter::Resolve(*meaning, abi, number), kFamilyArgument, *family);
}

// The value by which socketcall or ipc are told which call is meant: SYS_SOCKET, SEMGET.
std::optional<uint64_t> SelectorOf(Abi abi, std::string_view multiplexer, std::string_view call) {
  const auto named = ValuesOfArgument(abi, multiplexer, 0);
  if (!named) return std::nullopt;
  std::string name = multiplexer == "socketcall" ? "SYS_" : "";
  for (const char c : call) name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  const auto value = std::ranges::find(named->values, name, &NamedValue::name);
  return value == named->values.end() ? std::nullopt : std::optional(value->value);
}

// By socketcall or ipc, whose first argument says which call is meant; the others lie in memory.
Result<Closed> ByMultiplexer(const optimize::Judge& judge, Abi abi, std::string_view call) {
  if (!filter::IsMultiplexed(abi, call)) return Closed::kClosed;
  const std::string_view multiplexer = SyscallGroup(call) == "network" ? "socketcall" : "ipc";
  const auto number = SyscallNumber(abi, multiplexer);
  if (!number) return Closed::kClosed;
  const auto kind = TRY(judge.Ask(abi, *number)).kind;
  if (kind == Answer::Kind::kRefused) return Closed::kClosed;
  const auto& meaning = judge.compiled().meaning;
  const auto selector = SelectorOf(abi, multiplexer, call);
  if (kind == Answer::Kind::kAllowed || !selector || meaning == nullptr) return OfAnswer(kind);
  const Closed closed = WithRegister(filter::Resolve(*meaning, abi, *number), 0, *selector);
  return closed == Closed::kByArgument ? Closed::kClosed : closed;
}

Result<Closed> ClosedOn(const optimize::Judge& judge, Abi abi, const CvePair& pair) {
  const Closed other_way = TRY(ByMultiplexer(judge, abi, pair.call));
  const auto number = SyscallNumber(abi, pair.call);
  if (!number) return other_way;
  const auto kind = TRY(judge.Ask(abi, *number)).kind;
  if (kind == Answer::Kind::kRefused) return other_way;
  if (kind == Answer::Kind::kAllowed) return Closed::kOpen;
  return std::max(other_way, TRY(ByArguments(judge, abi, *number, pair)));
}

// By io_uring, which does the work of some calls without them. Whether the flaw is on that way, and whether
// the kernel has it already, the table does not say.
Result<Closed> ByRing(const optimize::Judge& judge, Abi abi, std::string_view call) {
  const auto ring = SyscallNumber(abi, kRing);
  if (!ring || !RingDoes(call)) return Closed::kClosed;
  return TRY(judge.Ask(abi, *ring)).kind == Answer::Kind::kRefused ? Closed::kClosed : Closed::kDepends;
}

// On the most open of the ABIs.
Result<Way> WayUnder(const optimize::Judge& judge, const Surface& surface, const CvePair& pair) {
  std::vector<Abi> abis = surface.other_abis;
  abis.push_back(surface.native);
  const bool filtered = judge.compiled().state == Compiled::State::kFiltered;
  Closed call = Closed::kClosed, ring = Closed::kClosed;
  for (const Abi abi : abis) {
    const Closed unfiltered = SyscallNumber(abi, pair.call) ? Closed::kOpen : Closed::kClosed;
    call = std::max(call, filtered ? TRY(ClosedOn(judge, abi, pair)) : unfiltered);
    if (filtered) ring = std::max(ring, TRY(ByRing(judge, abi, pair.call)));
  }
  return Way{pair, std::max(call, ring), ring > call};
}

}  // namespace

std::string_view ClosedName(Closed closed) {
  switch (closed) {
    case Closed::kClosed:
      return "closed";
    case Closed::kByArgument:
      return "closed-by-argument";
    case Closed::kDepends:
      return "depends";
    case Closed::kOpen:
      break;
  }
  return "open";
}

Result<std::vector<Flaw>> FlawsUnder(const optimize::Judge& judge, const Surface& surface) {
  std::map<std::string_view, Flaw> flaws;
  for (const auto& pair : CvePairs()) {
    auto& flaw = flaws[pair.cve];
    flaw.cve = pair.cve;
    flaw.ways.push_back(TRY(WayUnder(judge, surface, pair)));
  }
  std::vector<Flaw> list;
  for (auto& [cve, flaw] : flaws) {
    flaw.closed = std::ranges::max_element(flaw.ways, {}, &Way::closed)->closed;
    flaw.published = std::ranges::any_of(
        flaw.ways, [&](const Way& way) { return way.closed == flaw.closed && way.pair.published; });
    list.push_back(std::move(flaw));
  }
  return list;
}

std::string ArgumentRuleText(Abi abi, const CvePair& pair) {
  if (pair.argument == kNeedsNamespaces) return "yes: without flags that make namespaces";
  if (pair.argument == kNeedsMemory) return "no: what it needs lies in memory, where no filter looks";
  if (!pair.argument.empty()) return fmt::format("yes: without {}", pair.argument);
  const auto number = SyscallNumber(abi, pair.call);
  const uint32_t count = number ? ArgumentCount(abi, *number) : 0;
  for (uint32_t argument = 0; argument < count; ++argument) {
    if (KindOfArgument(pair.call, argument) != ArgumentKind::kPointer)
      return "not known: the table does not say which arguments it needs";
  }
  return "no: it has no argument that a filter can test";
}

}  // namespace whittle::advise

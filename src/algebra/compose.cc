// The idea. The wanted answer to each call is known as a diagram (ideal.h). Each name gets rules of its own:
// one rule where its answer is the same everywhere; else rules as they stand in the parts, or one for each
// path of the diagram, whichever is found to have exactly that meaning on every host and ABI; else one answer
// on the safe side. Then the whole document is compiled and asked again: names that runc's stub, a companion
// or another ABI made answer otherwise get a rule, or the safe answer.
//
// Why it is right: nothing rests on how the rules were found. At the end the prover compares the compiled
// document with the pointwise answers of the parts, for every call, and what is not on the safe side is an
// error. Cost: diagrams of the parts, and a small filter for each candidate of the few names that have
// conditions.
#include "algebra/compose.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <map>

#include "algebra/candidates.h"
#include "algebra/cubes.h"
#include "algebra/ideal.h"
#include "algebra/place.h"
#include "base/text.h"
#include "filter/call_text.h"
#include "filter/compile.h"
#include "filter/lower.h"
#include "filter/meaning.h"
#include "profile/library_names.h"
#include "prove/meaning.h"
#include "prove/outcomes.h"
#include "syscalls/table.h"

namespace whittle::algebra {
namespace {

using profile::Action;
using profile::Document;
using profile::Target;
using prove::Diagrams;
using prove::Node;

constexpr size_t kNodeBudget = 4'000'000;
constexpr int kRounds = 6;  // of mending; each adds names or makes some simpler

// One host and one ABI.
struct Place {
  size_t host;
  Abi abi;
};

// How a document's answer to a call compares with the wanted one.
enum class Fit : uint8_t { kExact, kSafe, kUnsafe };

bool TakesErrno(Action action) { return action == Action::kErrno || action == Action::kTrace; }

class Composer {
 public:
  Composer(Operation operation, std::span<const Document> parts, const Target& target)
      : operation_(operation),
        parts_(parts),
        targets_(TargetsOf(parts, target)),
        diagrams_(prove::Order::kByWord, kNodeBudget) {}

  Result<Composed> Run() {
    TRY(MakeIdeals());
    StartDocument();
    for (const auto& name : named_) Treat(name);
    TRY(Settle());
    Composed composed;
    composed.document = Written();
    composed.targets = targets_;
    composed.notes = notes_;
    for (const auto& ideal : ideals_) TRY(Prove(ideal, composed));
    return composed;
  }

 private:
  bool several() const { return ideals_.size() > 1; }

  Result<void> MakeIdeals() {
    std::vector<Target> hosts;
    for (const auto& target : targets_) {
      std::vector<const Document*> with_a_say;
      for (const auto& part : parts_) {
        if (targets_.size() == 1 || IsFor(part, target.arch)) with_a_say.push_back(&part);
      }
      const bool first_has = !with_a_say.empty() && with_a_say.front() == &parts_.front();
      if (with_a_say.empty() || (operation_ == Operation::kSubtract && !first_has)) continue;
      ideals_.push_back(TRY(Ideal::Create(operation_, with_a_say, target, diagrams_)));
      hosts.push_back(target);
    }
    targets_ = hosts;
    for (size_t host = 0; host < ideals_.size(); ++host) {
      const auto& ideal = ideals_[host];
      otherwise_ = host == 0 ? ideal.otherwise() : Safer(operation_, otherwise_, ideal.otherwise());
      named_.insert(ideal.named().begin(), ideal.named().end());
      for (const Abi abi : OwnAbis(ideal)) places_.push_back({host, abi});
    }
    otherwise_.by_default = true;
    return {};
  }

  // With several hosts, each filters what its own kernel serves.
  std::vector<Abi> OwnAbis(const Ideal& ideal) const {
    auto abis = ideal.abis();
    if (several()) {
      const auto siblings = SiblingAbis(ideal.target().arch);
      std::erase_if(abis, [&](Abi abi) { return std::ranges::find(siblings, abi) == siblings.end(); });
    }
    return abis;
  }

  // All but the rules.
  void StartDocument() {
    head_.default_action = otherwise_.action;
    if (TakesErrno(otherwise_.action) && otherwise_.data != EPERM)
      head_.default_errno_return = otherwise_.data;
    if (several() && targets_.front().loader != profile::Loader::kOci) {
      for (const auto& ideal : ideals_) {
        profile::ArchMapping mapping;
        mapping.architecture = ScmpArchName(ideal.target().arch);
        for (const Abi abi : OwnAbis(ideal)) {
          if (abi != ideal.target().arch) mapping.sub_architectures.emplace_back(ScmpArchName(abi));
        }
        head_.arch_map.push_back(std::move(mapping));
      }
    } else {
      for (const auto& ideal : ideals_) {
        for (const Abi abi : ideal.listed()) AddArchitecture(std::string(ScmpArchName(abi)));
      }
    }
    TakeFlags();
    TakeListener();
  }

  void AddArchitecture(std::string name) {
    auto& list = head_.architectures;
    if (std::ranges::find(list, name) == list.end()) list.push_back(std::move(name));
  }

  // Flags change no verdict: those that all parts have stay.
  void TakeFlags() {
    for (const auto& flag : parts_.front().flags) {
      const bool all = std::ranges::all_of(
          parts_, [&](const auto& part) { return std::ranges::find(part.flags, flag) != part.flags.end(); });
      if (all) head_.flags.push_back(flag);
    }
    for (const auto& part : parts_) {
      for (const auto& flag : part.flags) {
        if (std::ranges::find(head_.flags, flag) != head_.flags.end()) continue;
        notes_.push_back(
            fmt::format("{}: not every profile has {}: left out", Printable(part.file), Printable(flag)));
      }
    }
  }

  void TakeListener() {
    for (const auto& part : parts_) {
      if (part.listener_path.empty()) continue;
      if (head_.listener_path.empty()) {
        head_.listener_path = part.listener_path;
        head_.listener_metadata = part.listener_metadata;
      } else if (head_.listener_path != part.listener_path) {
        notes_.push_back(fmt::format("{}: another listenerPath; {} stays", Printable(part.file),
                                     Printable(head_.listener_path)));
      }
    }
  }

  std::optional<uint32_t> NumberAt(const Place& place, std::string_view name) const {
    const auto known = profile::LibraryName::Find(name);
    if (!known || !known->KnownTo(ideals_[place.host].target().libseccomp)) return std::nullopt;
    return known->NumberOn(place.abi);
  }

  // The wanted answers to a call, for each place that has it.
  struct Wanted {
    Place place;
    uint32_t number;
    Node node;
  };
  std::vector<Wanted> WantedFor(std::string_view name) const {
    std::vector<Wanted> wanted;
    for (const auto& place : places_) {
      const auto number = NumberAt(place, name);
      if (number) wanted.push_back({place, *number, ideals_[place.host].At(place.abi, *number)});
    }
    return wanted;
  }

  Answer LeafOf(Node leaf) const { return AnswerOf(diagrams_.VerdictOf(leaf)); }

  // The safest of all answers that a diagram ends in.
  Answer SafestOf(Node node) const {
    if (diagrams_.IsLeaf(node)) return LeafOf(node);
    std::optional<Answer> safest;
    std::set<Node> seen;
    const auto visit = [&](const auto& self, Node at) -> void {
      if (!seen.insert(at).second) return;
      if (!diagrams_.IsLeaf(at)) {
        self(self, diagrams_.No(at));
        self(self, diagrams_.Yes(at));
        return;
      }
      safest = safest ? Safer(operation_, *safest, LeafOf(at)) : LeafOf(at);
    };
    visit(visit, node);
    return *safest;
  }

  std::vector<Body> Constant(std::span<const Wanted> wanted) const {
    std::optional<Answer> answer;
    for (const auto& one : wanted) {
      const Answer safest = SafestOf(one.node);
      answer = answer ? Safer(operation_, *answer, safest) : safest;
    }
    if (!answer || IsDefault(*answer, otherwise_)) return {};
    return {{{}, answer->action, answer->data}};
  }

  // What a name gets. Those whose answer is the default's get nothing.
  void Treat(const std::string& name) {
    const auto wanted = WantedFor(name);
    const bool constant =
        std::ranges::all_of(wanted, [&](const Wanted& one) { return diagrams_.IsLeaf(one.node); });
    if (!constant && IsMultiplexer(name)) return;  // companions of what it multiplexes make its rules
    auto bodies = constant ? Constant(wanted) : Conditional(name, wanted);
    if (!bodies.empty()) rules_[name] = std::move(bodies);
  }

  static bool IsMultiplexer(std::string_view name) { return name == "socketcall" || name == "ipc"; }

  std::vector<Body> Conditional(const std::string& name, std::span<const Wanted> wanted) {
    const auto with_conditions =
        std::ranges::find_if(wanted, [&](const Wanted& one) { return !diagrams_.IsLeaf(one.node); });
    const auto& [place, number, node] = *with_conditions;
    auto candidates = Candidates(ideals_[place.host].RulesFor(place.abi, number), otherwise_);
    for (const Node cubes : {node, EveryPlace(wanted)}) {
      if (const auto bodies = CubesOf(diagrams_, cubes, place.abi, otherwise_)) candidates.push_back(*bodies);
    }
    const std::vector<Body>* best = nullptr;
    size_t fewest = SIZE_MAX;
    for (const auto& bodies : candidates) {
      const auto off = bodies.empty() ? std::nullopt : PlacesOff(name, bodies, wanted);
      if (!off || *off >= fewest) continue;
      best = &bodies;
      fewest = *off;
    }
    return best != nullptr ? *best : Constant(wanted);
  }

  // The safest of what the places want, argument by argument.
  Node EveryPlace(std::span<const Wanted> wanted) {
    Node all = wanted.front().node;
    for (const auto& one : wanted) {
      all = diagrams_.Together(all, one.node, [&](Node a, Node b) {
        return diagrams_.Verdict(CodeOf(Safer(operation_, LeafOf(a), LeafOf(b))));
      });
    }
    return all;
  }

  Fit FitOfNodes(Node wanted, Node got) {
    bool exact = true;
    bool safe = true;
    (void)diagrams_.Together(wanted, got, [&](Node a, Node b) {
      const Answer want = LeafOf(a);
      const uint32_t value = prove::Canonical(diagrams_.VerdictOf(b));
      const Action action = profile::ActionOf(value);
      const bool same_data =
          !profile::CarriesData(action) || want.by_default || static_cast<uint16_t>(value) == want.data;
      exact = exact && action == want.action && same_data;
      safe = safe && (operation_ == Operation::kMerge ? action >= want.action : action <= want.action);
      return Node{Diagrams::kFalse};
    });
    return exact ? Fit::kExact : safe ? Fit::kSafe : Fit::kUnsafe;
  }

  // At how many places a name with these rules is answered otherwise than it should be, on the safe side;
  // nothing if it is not on the safe side somewhere.
  std::optional<size_t> PlacesOff(const std::string& name, const std::vector<Body>& bodies,
                                  std::span<const Wanted> wanted) {
    Document document = head_;
    AddRules(document, {name}, bodies);
    size_t off = 0;
    for (size_t host = 0; host < ideals_.size(); ++host) {
      const auto meaning = filter::MeaningOf(document, ideals_[host].target());
      if (meaning.state != filter::Compiled::State::kFiltered) return std::nullopt;
      const auto program = filter::Lower(meaning, filter::PassSet::All());
      if (!filter::Validate(program)) return std::nullopt;
      const Node node = prove::MeaningOf(diagrams_, std::span<const sock_filter>(program));
      for (const auto& one : wanted) {
        if (one.place.host != host) continue;
        const Fit fit = FitOfNodes(one.node, AnswerTo(diagrams_, node, one.place.abi, one.number));
        if (fit == Fit::kUnsafe) return std::nullopt;
        off += fit == Fit::kExact ? 0 : 1;
      }
    }
    return off;
  }

  static void AddRules(Document& document, std::vector<std::string> names, const std::vector<Body>& bodies) {
    for (const auto& body : bodies) {
      auto& rule = document.rules.emplace_back();
      rule.names = names;
      rule.action = body.action;
      if (TakesErrno(body.action)) rule.errno_return = body.data;
      rule.conditions = body.conditions;
    }
  }

  // Names with the same rules stand together; what needs no arguments first.
  Document Written() const {
    Document document = head_;
    document.file = "composed.json";
    std::map<std::vector<Body>, std::vector<std::string>, decltype(&Before)> groups(&Before);
    for (const auto& [name, bodies] : rules_) groups[bodies].push_back(name);
    for (const auto& [bodies, names] : groups) AddRules(document, names, bodies);
    return document;
  }

  static bool Before(const std::vector<Body>& a, const std::vector<Body>& b) {
    const auto key = [](const Body& body) {
      std::vector<uint64_t> numbers;
      for (const auto& condition : body.conditions) {
        numbers.insert(numbers.end(), {condition.index, static_cast<uint64_t>(condition.op), condition.value,
                                       condition.value_two});
      }
      return std::tuple(body.conditions.size(), -static_cast<int>(body.action), body.data, numbers);
    };
    return std::ranges::lexicographical_compare(a, b, {}, key, key);
  }

  std::set<std::string> KnownNames() const {
    std::set<std::string> names = named_;
    for (const auto name : AllSyscallNames()) names.emplace(name);
    return names;
  }

  // Compiles the whole and mends what is not as it should be, until nothing changes.
  Result<void> Settle() {
    const auto names = KnownNames();
    for (int round = 0; round < kRounds; ++round) {
      bool changed = false;
      const Document document = Written();
      for (size_t host = 0; host < ideals_.size(); ++host) {
        const auto meaning = filter::MeaningOf(document, ideals_[host].target());
        if (meaning.state != filter::Compiled::State::kFiltered) {
          if (!Simplify()) return NotTaken(ideals_[host].target(), meaning.why);
          changed = true;
          break;
        }
        changed = MendStub(host, meaning) || changed;
        changed = Mend(host, filter::Lower(meaning, filter::PassSet::All()), names) || changed;
      }
      if (diagrams_.exhausted())
        return Fail(ErrorCode::kNotPossible, "these profiles are too large to compose");
      if (!changed) return {};
    }
    return {};
  }

  static Result<void> NotTaken(const Target& target, const std::string& why) {
    return Fail(ErrorCode::kNotPossible,
                fmt::format("what they come to would not be taken by {}: {}", target.Text(), Printable(why)));
  }

  // Rules of several names clash with companions: one answer for what is multiplexed does not.
  bool Simplify() {
    for (const std::string name : {"socketcall", "ipc"}) {
      if (forced_.contains(name)) continue;
      Force(name);
      return true;
    }
    return false;
  }

  void Force(const std::string& name) {
    forced_.insert(name);
    const auto wanted = WantedFor(name);
    auto bodies = Constant(wanted);
    if (bodies.empty() && IsMultiplexer(name)) bodies = AsGoodAsDefault();
    if (bodies.empty()) {
      rules_.erase(name);
    } else {
      rules_[name] = std::move(bodies);
    }
  }

  // An unconditional rule takes the place of companions, but one that says what the default says is dropped:
  // so it says something else, on the safe side.
  std::vector<Body> AsGoodAsDefault() const {
    if (TakesErrno(otherwise_.action))
      return {{{}, otherwise_.action, otherwise_.data == ENOSYS ? uint16_t{EPERM} : uint16_t{ENOSYS}}};
    if (operation_ == Operation::kMerge) return {{{}, Action::kAllow, 0}};
    const bool kills = otherwise_.action == Action::kKillProcess;
    return {{{}, kills ? Action::kKillThread : Action::kKillProcess, 0}};
  }

  // runc's stub answers above the largest number that is named: it must not begin below that of the parts.
  bool MendStub(size_t host, const filter::Meaning& meaning) {
    bool changed = false;
    for (const auto& place : places_) {
      if (place.host != host || meaning.stub_above.empty()) continue;
      const auto wanted = ideals_[host].StubAbove(place.abi);
      const auto stub = meaning.stub_above.find(place.abi);
      if (!wanted || (stub != meaning.stub_above.end() && stub->second >= *wanted)) continue;
      for (const auto& name : named_) {
        if (NumberAt(place, name) != wanted || rules_.contains(name)) continue;
        rules_[name] = {{{}, otherwise_.action, otherwise_.data}};
        changed = true;
      }
    }
    return changed;
  }

  bool Mend(size_t host, const filter::Program& program, const std::set<std::string>& names) {
    if (!filter::Validate(program)) return false;  // said by the proof
    const Node node = prove::MeaningOf(diagrams_, std::span<const sock_filter>(program));
    bool changed = false;
    for (const auto& name : names) {
      for (const auto& place : places_) {
        const auto number = place.host == host ? NumberAt(place, name) : std::nullopt;
        if (!number) continue;
        const Node wanted = ideals_[host].At(place.abi, *number);
        changed =
            MendName(name, FitOfNodes(wanted, AnswerTo(diagrams_, node, place.abi, *number))) || changed;
      }
    }
    return changed;
  }

  bool MendName(const std::string& name, Fit fit) {
    if (fit == Fit::kExact || forced_.contains(name)) return false;
    if (!rules_.contains(name) && !treated_.contains(name) && !IsMultiplexer(name)) {
      treated_.insert(name);
      Treat(name);
      // It has to be named, so that runc's stub does not answer.
      if (!rules_.contains(name)) rules_[name] = {{{}, otherwise_.action, otherwise_.data}};
      return true;
    }
    if (fit != Fit::kUnsafe) return false;
    Force(name);
    return true;
  }

  Result<void> Prove(const Ideal& ideal, Composed& composed) const {
    constexpr prove::Pointwise kHow[] = {prove::Pointwise::kLoosest, prove::Pointwise::kStrictest,
                                         prove::Pointwise::kWithout};
    const auto compiled = TRY(filter::Compile(composed.document, ideal.target()));
    if (compiled.state != filter::Compiled::State::kFiltered) return NotTaken(ideal.target(), compiled.why);
    const auto siblings = SiblingAbis(ideal.target().arch);
    const auto proof = TRY(prove::CompareWith(
        kHow[static_cast<size_t>(operation_)], ideal.stacks(), std::vector<filter::Program>{compiled.program},
        {.abis = {siblings.begin(), siblings.end()}, .node_budget = kNodeBudget}));
    if (proof.answer == prove::Answer::kUndecided)
      return Fail(ErrorCode::kNotPossible, "what they come to cannot be proven: the filters are too large");
    for (const auto& difference : proof.differences) {
      if (difference.change == prove::Change::kOther) continue;
      if (several() && IsForeign(difference, siblings)) continue;
      const bool wider = difference.change == prove::Change::kLooser;
      if (wider != (operation_ == Operation::kMerge) && !IsHarmless(difference))
        return Unwritable(ideal, difference);
      composed.deviations.push_back({ideal.target().arch, difference});
    }
    return {};
  }

  // On the wrong side, but both kill, or it is of no call that there is and neither lets it pass:
  // libseccomp's answer to ABIs that are not listed, and runc's stub, are beyond what a document can say.
  static bool IsHarmless(const prove::Difference& difference) {
    if (std::max(difference.first.action, difference.second.action) <= Action::kKillThread) return true;
    return !difference.abi && prove::Blocks(difference.first.action) &&
           prove::Blocks(difference.second.action);
  }

  // Of an architecture that the host's kernel does not serve.
  static bool IsForeign(const prove::Difference& difference, std::span<const Abi> siblings) {
    return std::ranges::none_of(siblings, [&](Abi abi) { return AuditArch(abi) == difference.call[1]; });
  }

  static Result<void> Unwritable(const Ideal& ideal, const prove::Difference& difference) {
    const auto name = difference.abi ? SyscallText(*difference.abi, difference.number)
                                     : fmt::format("number {} of architecture {:#x}", difference.call[0],
                                                   difference.call[1]);
    return Fail(
        ErrorCode::kNotPossible,
        fmt::format("no document says this for {}: {} should get {}, and would get {}", ideal.target().Text(),
                    name, profile::VerdictText(difference.first.action, difference.first.data),
                    profile::VerdictText(difference.second.action, difference.second.data)));
  }

  Operation operation_;
  std::span<const Document> parts_;
  std::vector<Target> targets_;
  Diagrams diagrams_;
  std::vector<Ideal> ideals_;  // one a host
  std::vector<Place> places_;
  std::set<std::string> named_;
  Answer otherwise_;
  Document head_;
  std::map<std::string, std::vector<Body>> rules_;  // by name
  std::set<std::string> forced_, treated_;          // what was mended already
  std::vector<std::string> notes_;
};

}  // namespace

Result<Composed> Compose(Operation operation, std::span<const Document> parts, const Target& target) {
  if (parts.size() < 2) return Fail(ErrorCode::kBadInput, "at least two profiles are needed");
  return Composer(operation, parts, target).Run();
}

}  // namespace whittle::algebra

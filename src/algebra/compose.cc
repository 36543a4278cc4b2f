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

#include <algorithm>
#include <cerrno>
#include <map>

#include "algebra/candidates.h"
#include "algebra/cubes.h"
#include "algebra/head.h"
#include "algebra/ideal.h"
#include "algebra/place.h"
#include "algebra/proof.h"
#include "filter/compile.h"
#include "filter/lower.h"
#include "filter/meaning.h"
#include "filter/resolve.h"
#include "profile/library_names.h"
#include "prove/meaning.h"
#include "syscalls/table.h"

namespace whittle::algebra {
namespace {

using profile::Action;
using profile::Document;
using profile::Target;
using prove::Diagrams;
using prove::Node;

constexpr size_t kNodeBudget = 4'000'000;
constexpr int kRounds = 8;  // of mending; each adds names or makes some simpler

// One host and one ABI.
struct Place {
  size_t host;
  Abi abi;
};

// How a document's answer to a call compares with the wanted one.
enum class Fit : uint8_t { kExact, kSafe, kUnsafe };

class Composer {
 public:
  Composer(Operation operation, std::span<const Document> parts, const Target& target)
      : operation_(operation),
        parts_(parts),
        targets_(TargetsOf(parts, target)),
        diagrams_(prove::Order::kByWord, kNodeBudget) {}

  Result<Composed> Run() {
    TRY(MakeIdeals());
    head_ = HeadOf(parts_, ideals_, otherwise_, notes_);
    stub_holders_ = FindStubHolders();
    for (const auto& name : named_) Treat(name);
    for (const std::string name : {"socketcall", "ipc"}) TreatMultiplexer(name);
    auto composed = Settled();
    if (composed && composed->deviations.empty()) return composed;
    if (auto part = APartThatSaysIt()) return std::move(*part);
    return composed;
  }

 private:
  Result<Composed> Settled() {
    TRY(Settle());
    return Proven(Written());
  }

  Result<Composed> Proven(Document document) const {
    Composed composed{std::move(document), targets_, {}, notes_};
    const Scope scope = ideals_.size() > 1 ? Scope::kOwnAbis : Scope::kEveryCall;
    for (const auto& ideal : ideals_) {
      const auto found = TRY(ProveOn(ideal, operation_, composed.document, scope));
      composed.deviations.insert(composed.deviations.end(), found.begin(), found.end());
    }
    return composed;
  }

  // A part that is what all come to, as a profile joined with itself is: whatever it says, it can be said.
  std::optional<Composed> APartThatSaysIt() const {
    if (ideals_.size() > 1) return std::nullopt;
    for (const auto& part : parts_) {
      auto flat = filter::Resolve(part, ideals_.front().target());
      if (!flat) continue;
      Document document = head_;
      document.architectures = flat->document.architectures;
      document.default_action = flat->document.default_action;
      document.default_errno_return = flat->document.default_errno_return;
      document.rules = std::move(flat->document.rules);
      auto composed = Proven(std::move(document));
      if (composed && composed->deviations.empty()) return std::move(*composed);
    }
    return std::nullopt;
  }

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
      for (const Abi abi : OwnAbis(ideal, ideals_.size())) places_.push_back({host, abi});
    }
    otherwise_.by_default = true;
    return {};
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
    const bool conditions =
        std::ranges::any_of(wanted, [&](const Wanted& one) { return !diagrams_.IsLeaf(one.node); });
    if (conditions && IsMultiplexer(name)) return;  // companions of what it multiplexes make its rules
    auto bodies = SameEverywhere(wanted) ? Constant(wanted) : Searched(name, wanted);
    if (!bodies.empty()) rules_[name] = std::move(bodies);
  }

  // What a multiplexer gets beside the companions of what it multiplexes, if that helps.
  void TreatMultiplexer(const std::string& name) {
    const auto wanted = WantedFor(name);
    const auto conditions =
        std::ranges::find_if(wanted, [&](const Wanted& one) { return !diagrams_.IsLeaf(one.node); });
    if (!named_.contains(name) || conditions == wanted.end()) return;
    auto rules = ideals_[conditions->place.host].RulesFor(conditions->place.abi, conditions->number,
                                                          RuleOrder::kWritten);
    for (auto& part : rules) std::erase_if(part, IsCompanion);
    Document companions = head_;
    for (const auto& [other, bodies] : rules_) {
      if (BringsCompanions(other)) AddRules(companions, {other}, bodies);
    }
    auto bodies = Best(companions, name, Candidates(rules, otherwise_), wanted);
    if (!bodies.empty()) rules_[name] = std::move(bodies);
  }

  static bool IsCompanion(const filter::FlatRule& rule) { return rule.quirk == filter::Quirk::kCompanion; }

  bool BringsCompanions(const std::string& name) const {
    return std::ranges::any_of(places_,
                               [&](const Place& place) { return filter::IsMultiplexed(place.abi, name); });
  }

  // True if one answer without conditions, or none but the default's, is wanted at every place.
  bool SameEverywhere(std::span<const Wanted> wanted) const {
    const auto is_like_first = [&](const Wanted& one) {
      if (!diagrams_.IsLeaf(one.node)) return false;
      if (one.node == wanted.front().node) return true;
      return diagrams_.IsLeaf(wanted.front().node) && IsDefault(LeafOf(one.node), otherwise_) &&
             IsDefault(LeafOf(wanted.front().node), otherwise_);
    };
    return std::ranges::all_of(wanted, is_like_first);
  }

  static bool IsMultiplexer(std::string_view name) { return name == "socketcall" || name == "ipc"; }

  // Of all ways to write it that are found, one that is on the safe side everywhere and off at the fewest
  // places. What an ABI answers without a look at the rule (runc's stub does) speaks against no rule.
  std::vector<Body> Searched(const std::string& name, std::span<const Wanted> wanted) {
    auto best = Best(head_, name, CandidatesFor(wanted), wanted);
    return best.empty() ? Constant(wanted) : best;
  }

  // The best of the candidates as rules for the name beside what `rest` has; empty if there is none.
  std::vector<Body> Best(const Document& rest, const std::string& name,
                         const std::vector<std::vector<Body>>& candidates, std::span<const Wanted> wanted) {
    const std::vector<Body>* best = nullptr;
    size_t fewest = SIZE_MAX;
    for (const auto& bodies : candidates) {
      if (bodies.empty()) continue;
      Document document = rest;
      AddRules(document, {name}, bodies);
      AddStubHolders(document, name);
      const auto off = PlacesOff(document, wanted);
      if (!off || *off >= fewest) continue;
      best = &bodies;
      fewest = *off;
    }
    return best != nullptr ? *best : std::vector<Body>{};
  }

  std::vector<std::vector<Body>> CandidatesFor(std::span<const Wanted> wanted) {
    std::vector<std::vector<Body>> candidates;
    for (const auto& one : wanted) {
      if (!diagrams_.IsLeaf(one.node)) continue;
      const auto bodies = Constant({&one, 1});
      if (std::ranges::find(candidates, bodies) == candidates.end()) candidates.push_back(bodies);
    }
    const auto with_conditions =
        std::ranges::find_if(wanted, [&](const Wanted& one) { return !diagrams_.IsLeaf(one.node); });
    if (with_conditions == wanted.end()) return candidates;
    const auto& [place, number, node] = *with_conditions;
    for (const auto order : {RuleOrder::kWritten, RuleOrder::kAsked}) {
      const auto rules = ideals_[place.host].RulesFor(place.abi, number, order);
      const auto from_parts = Candidates(rules, otherwise_);
      candidates.insert(candidates.end(), from_parts.begin(), from_parts.end());
    }
    for (const Node cubes : {node, EveryPlace(wanted)}) {
      if (const auto bodies = CubesOf(diagrams_, cubes, place.abi, otherwise_)) candidates.push_back(*bodies);
    }
    return candidates;
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

  // At how many places the document answers otherwise than it should, on the safe side; nothing if it is not
  // on the safe side somewhere.
  std::optional<size_t> PlacesOff(const Document& document, std::span<const Wanted> wanted) {
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

  // runc's stub answers above the largest number that is named. A small document has to name what puts it
  // where the whole one will have it: a rule for a call that the ABI multiplexes is below the stub nowhere.
  void AddStubHolders(Document& document, const std::string& but) const {
    std::vector<std::string> names;
    for (const auto& name : stub_holders_) {
      if (name != but) names.push_back(name);
    }
    if (!names.empty()) AddRules(document, names, {{{}, otherwise_.action, otherwise_.data}});
  }

  // Names with the number above which some part's stub answers, of any ABI.
  std::set<std::string> FindStubHolders() const {
    std::set<std::string> holders;
    for (const auto& place : places_) {
      const auto above = ideals_[place.host].StubAbove(place.abi);
      for (const auto& name : named_) {
        if (above && NumberAt(place, name) == above) holders.insert(name);
      }
    }
    return holders;
  }

  static void AddRules(Document& document, std::vector<std::string> names, const std::vector<Body>& bodies) {
    for (const auto& body : bodies) {
      auto& rule = document.rules.emplace_back();
      rule.names = names;
      rule.action = body.action;
      if (profile::TakesErrno(body.action)) rule.errno_return = body.data;
      rule.conditions = body.conditions;
    }
  }

  // Names with the same rules stand together; what needs no arguments first.
  Document Written() const {
    Document document = head_;
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
          if (!Simplify()) return std::unexpected(NotTaken(ideals_[host].target(), meaning.why));
          changed = true;
          break;
        }
        if (MendStub(host, meaning)) {
          changed = true;
          continue;  // what the stub answers else would count against rules that are as they should be
        }
        changed = Mend(host, filter::Lower(meaning, filter::PassSet::All()), names) || changed;
      }
      if (diagrams_.exhausted())
        return Fail(ErrorCode::kNotPossible, "these profiles are too large to compose");
      if (!changed) return {};
    }
    return {};
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

  // Where the default allows, nothing can be said against a companion but by leaving out the rules that bring
  // it. That is on the safe side for a union.
  bool OpenCompanions(const std::string& name) {
    if (!IsMultiplexer(name) || operation_ != Operation::kMerge || otherwise_.action != Action::kAllow)
      return false;
    std::set<std::string> gone;
    for (const auto& entry : rules_) {
      if (BringsCompanions(entry.first)) gone.insert(entry.first);
    }
    for (const auto& call : gone) rules_.erase(call);
    forced_.insert(gone.begin(), gone.end());
    return !gone.empty();
  }

  // An unconditional rule takes the place of companions, but one that says what the default says is dropped:
  // so it says something else, on the safe side.
  std::vector<Body> AsGoodAsDefault() const {
    if (profile::TakesErrno(otherwise_.action))
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
    if (fit == Fit::kExact) return false;
    if (forced_.contains(name)) return fit == Fit::kUnsafe && OpenCompanions(name);
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
  std::set<std::string> stub_holders_;
};

}  // namespace

Result<Composed> Compose(Operation operation, std::span<const Document> parts, const Target& target) {
  if (parts.size() < 2) return Fail(ErrorCode::kBadInput, "at least two profiles are needed");
  return Composer(operation, parts, target).Run();
}

}  // namespace whittle::algebra

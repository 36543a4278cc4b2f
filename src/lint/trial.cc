#include "lint/trial.h"

#include <algorithm>
#include <utility>

namespace whittle::lint {
namespace {

using filter::FlatRule;

// What a meaning costs in looks, however little it is of; and each name and condition that is in it.
constexpr size_t kLooksOfMeaning = 200, kLooksOfItem = 10;
constexpr size_t kBytesALook = 64;

std::string_view FamilyOf(std::string_view call) {
  const auto through = filter::MultiplexerOf(Abi::kI386, call);
  return through ? through->through : call;
}

size_t PriceOf(const std::string& text) { return 1 + text.size() / kBytesALook; }

size_t PriceOf(const std::vector<std::string>& texts) {
  size_t price = 0;
  for (const auto& text : texts) price += kLooksOfItem * PriceOf(text);
  return price;
}

size_t PriceOf(const profile::Selector& selector) {
  return PriceOf(selector.arches) + PriceOf(selector.capabilities) + PriceOf(selector.min_kernel);
}

// Of an entry but for its names.
size_t PriceOf(const profile::Rule& entry) {
  return kLooksOfItem * (1 + entry.conditions.size()) + PriceOf(entry.includes) + PriceOf(entry.excludes) +
         PriceOf(entry.errno_text);
}

size_t PriceOf(const profile::Document& frame) {
  size_t price = PriceOf(frame.architectures) + PriceOf(frame.flags) + PriceOf(frame.listener_path) +
                 PriceOf(frame.default_errno_text);
  for (const auto& mapping : frame.arch_map)
    price += kLooksOfItem * PriceOf(mapping.architecture) + PriceOf(mapping.sub_architectures);
  return price;
}

// libseccomp compares each rule of a call with those that it has.
size_t PriceOfKeeping(size_t conditions) {
  return conditions * std::min<size_t>(conditions, filter::kMaxInstructions) / 8;
}

// An entry without its names, and without what is for people.
profile::Rule Nameless(const profile::Rule& entry) {
  profile::Rule rule;
  rule.action = entry.action;
  rule.kill_name = entry.kill_name;
  rule.errno_return = entry.errno_return;
  rule.errno_text = entry.errno_text;
  rule.conditions = entry.conditions;
  rule.includes = entry.includes;
  rule.excludes = entry.excludes;
  // Runtimes tell a list of no names from none.
  if (entry.names.empty()) rule.spelling = entry.spelling;
  return rule;
}

bool DoTheSame(const FlatRule& a, const FlatRule& b) {
  return a.action == b.action && a.data == b.data && a.conditions == b.conditions;
}

// Whoever's they are.
bool SameRules(const std::vector<FlatRule>& a, const std::vector<FlatRule>& b) {
  return std::ranges::equal(a, b, DoTheSame);
}

// But for those of one entry.
bool SameRulesBut(int entry, const std::vector<FlatRule>& with, const std::vector<FlatRule>& without) {
  auto left = without.begin();
  for (const auto& rule : with) {
    if (rule.rule == entry) continue;
    if (left == without.end() || !DoTheSame(rule, *left)) return false;
    ++left;
  }
  return left == without.end();
}

// For each call: the same rules, or all but the entry's, which have no effect.
bool DoTheSame(const filter::Meaning& with, const RulesAt& rules_at, const filter::Meaning& without,
               int entry) {
  const auto filtered = filter::Compiled::State::kFiltered;
  if (with.state != filtered || without.state != filtered || with.abis.size() != without.abis.size())
    return false;
  for (size_t abi = 0; abi < with.abis.size(); ++abi) {
    const auto& others = without.abis[abi].calls();
    for (const auto& [number, rules] : with.abis[abi].calls()) {
      static const std::vector<FlatRule> kNone;
      const auto found = others.find(number);
      const auto& left = found == others.end() ? kNone : found->second;
      if (SameRules(rules, left)) continue;
      if (rules_at.Alive(rules, entry) || !SameRulesBut(entry, rules, left)) return false;
    }
  }
  return true;
}

}  // namespace

RulesAt::RulesAt(const filter::Meaning& meaning, size_t& looks_left) {
  for (const auto& abi : meaning.abis) {
    for (const auto& [_, rules] : abi.calls()) {
      const auto covers = CoversOf(rules, abi, looks_left);
      for (size_t i = 0; i < rules.size(); ++i) {
        if (covers[i]) AddCover({&rules, rules[i].rule}, *covers[i]);
        if (!covers[i]) alive_.emplace(&rules, rules[i].rule);
      }
    }
  }
}

const Cover* RulesAt::CoverOf(const std::vector<FlatRule>& rules, int rule) const {
  const auto cover = covered_.find({&rules, rule});
  return cover == covered_.end() ? nullptr : &cover->second;
}

// An entry may be several rules of a call.
void RulesAt::AddCover(const Key& key, const Cover& cover) {
  const auto [first, _] = covered_.try_emplace(key, cover);
  first->second.same = first->second.same && cover.same;
}

Families::Families(const Subject& subject) : subject_(subject) {
  for (const auto& [name, of] : subject.names()) {
    if (of.known) families_[FamilyOf(name)].names.push_back(name);
  }
}

Family* Families::Of(std::string_view name, size_t& looks_left) {
  Named& named = families_.at(FamilyOf(name));
  return named.made || Make(named, looks_left) ? &*named.made : nullptr;
}

bool Families::Make(Named& named, size_t& looks_left) {
  if (looks_left == 0) return false;  // as it is for each name from then on
  ReadFrame();
  std::vector<Listed> all;
  for (const auto name : named.names) {
    for (const auto& mention : subject_.NameOf(name).mentions)
      all.push_back({mention.rule, mention.index, name});
  }
  std::ranges::sort(all);
  Family family;
  size_t price = 0, conditions = 0;
  for (const auto& listed : all) {
    const auto& entry = subject_.document()->rules[listed.entry];
    const bool begins = family.entries.empty() || family.entries.back() != listed.entry;
    if (begins) price = PriceOf(entry);
    if (begins && !Pay(price, looks_left)) return false;
    if (begins) family.price += price;
    if (!AddTo(family, listed)) continue;
    family.price += price;  // a runtime makes a rule of each name
    conditions += entry.conditions.size();
  }
  family.price += kLooksOfMeaning + price_of_frame_ + PriceOfKeeping(conditions);
  named.made = std::move(family);
  return true;
}

// False if the entry has the name already.
bool Families::AddTo(Family& family, const Listed& listed) const {
  const auto& entry = subject_.document()->rules[listed.entry];
  if (family.entries.empty() || family.entries.back() != listed.entry) {
    family.entries.push_back(listed.entry);
    family.rules.push_back(Nameless(entry));
  }
  auto& rule = family.rules.back();
  const bool is_legacy = listed.index == Mention::kLegacy;
  if (is_legacy && entry.names.empty()) rule.legacy_name = listed.name;
  if (is_legacy || std::ranges::find(rule.names, listed.name) != rule.names.end()) return false;
  rule.names.emplace_back(listed.name);
  return true;
}

void Families::ReadFrame() {
  if (frame_) return;
  const auto& document = *subject_.document();
  frame_.emplace();
  frame_->default_action = document.default_action;
  frame_->default_kill_name = document.default_kill_name;
  frame_->has_default_action = document.has_default_action;
  frame_->default_errno_return = document.default_errno_return;
  frame_->default_errno_text = document.default_errno_text;
  frame_->architectures = document.architectures;
  frame_->arch_map = document.arch_map;
  frame_->flags = document.flags;
  frame_->listener_path = document.listener_path;
  frame_->decided_by_containerd = document.decided_by_containerd;
  price_of_frame_ = PriceOf(*frame_);
}

filter::Meaning Families::MeaningOf(Family& family, const profile::Target& target) {
  frame_->rules.swap(family.rules);  // not copied: it is asked once for each name
  auto meaning = filter::MeaningOf(*frame_, target);
  frame_->rules.swap(family.rules);
  return meaning;
}

bool Trial::ChangesNothing(size_t entry, std::string_view name) {
  Family* family = families_.Of(name, looks_left_);
  const Whole* whole = family == nullptr ? nullptr : WholeOf(*family);
  if (whole == nullptr || !Pay(family->price, looks_left_)) return false;
  const auto at = std::ranges::lower_bound(family->entries, entry);
  const auto index = static_cast<size_t>(at - family->entries.begin());
  return DoTheSame(whole->meaning, whole->rules_at, MeaningWithout(*family, index, name),
                   static_cast<int>(index));
}

const Trial::Whole* Trial::WholeOf(Family& family) {
  const auto known = wholes_.find(&family);
  if (known != wholes_.end()) return &known->second;
  if (!Pay(family.price, looks_left_)) return nullptr;
  auto meaning = families_.MeaningOf(family, place_.target);
  return &wholes_.try_emplace(&family, std::move(meaning), looks_left_).first->second;
}

// An entry without names goes as a whole.
filter::Meaning Trial::MeaningWithout(Family& family, size_t index, std::string_view name) {
  const auto at = family.rules.begin() + static_cast<std::ptrdiff_t>(index);
  const profile::Rule kept = *at;
  std::erase(at->names, name);
  if (at->names.empty()) family.rules.erase(at);
  auto meaning = families_.MeaningOf(family, place_.target);
  if (family.rules.size() < family.entries.size()) {
    family.rules.insert(family.rules.begin() + static_cast<std::ptrdiff_t>(index), kept);
  } else {
    family.rules[index] = kept;
  }
  return meaning;
}

}  // namespace whittle::lint

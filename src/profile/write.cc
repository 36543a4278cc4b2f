#include <span>

#include "profile/document.h"
#include "profile/members.h"

namespace whittle::profile {
namespace {

using json::Value;

// What a member has to say.
struct Written {
  Value value;
  enum class Worth {
    kNothing,    // empty: written only where the file had it
    kForm,       // says nothing, but what Whittle makes has it
    kSomething,  // must be written
  } worth = Worth::kNothing;
};
using Worth = Written::Worth;

Worth SomethingIf(bool something, Worth otherwise = Worth::kNothing) {
  return something ? Worth::kSomething : otherwise;
}

Written Text(const std::string& text) { return {text, SomethingIf(!text.empty())}; }

Written Strings(const std::vector<std::string>& strings, Worth if_empty = Worth::kNothing) {
  return {json::Array(std::vector<Value>(strings.begin(), strings.end())),
          SomethingIf(!strings.empty(), if_empty)};
}

Written Number(std::optional<uint32_t> number) {
  return {number ? Value(*number) : Value(), SomethingIf(number.has_value())};
}

Written ActionText(Action action, KillName name) {
  const bool kill = action == Action::kKillThread && name == KillName::kKill;
  return {kill ? kScmpActKill : ScmpActionName(action), Worth::kSomething};
}

// Writes the members as they stood in the file, then those that have something to say besides.
template <typename MemberOf>
Value WriteObject(std::span<const std::string_view> names, const Spelling& spelling, MemberOf member_of) {
  Value object = json::Object();
  std::vector<bool> done(names.size());
  auto other = spelling.others.begin();
  for (const char code : spelling.order) {
    if (code == kOtherMember) {
      object.members.push_back(*other++);
      continue;
    }
    const bool null = code < 'a';
    const auto member = static_cast<size_t>(code - (null ? 'A' : 'a'));
    Written written = member_of(member);
    if (null && written.worth != Worth::kSomething) written.value = Value();
    object.Set(std::string(names[member]), std::move(written.value));
    done[member] = true;
  }
  const Worth least = spelling.from_file ? Worth::kSomething : Worth::kForm;
  for (size_t member = 0; member < names.size(); ++member) {
    if (done[member]) continue;
    Written written = member_of(member);
    if (written.worth >= least) object.Set(std::string(names[member]), std::move(written.value));
  }
  return object;
}

template <typename Item, typename WriteOne>
Written List(const std::vector<Item>& items, Worth if_empty, WriteOne write) {
  std::vector<Value> values;
  values.reserve(items.size());
  for (size_t i = 0; i < items.size(); ++i) values.push_back(write(i));
  return {json::Array(std::move(values)), SomethingIf(!items.empty(), if_empty)};
}

Value WriteCondition(const Condition& condition, const Spelling& spelling) {
  return WriteObject(kConditionMembers, spelling, [&](size_t member) -> Written {
    switch (member) {
      case 0:
        return {condition.index, SomethingIf(condition.index != 0, Worth::kForm)};
      case 1:
        return {condition.value, SomethingIf(condition.value != 0, Worth::kForm)};
      case 2:
        return {condition.value_two, SomethingIf(condition.value_two != 0)};
      default:
        return {ScmpOperatorName(condition.op), Worth::kSomething};
    }
  });
}

Written WriteSelector(const Selector& selector) {
  const auto member_of = [&](size_t member) -> Written {
    switch (member) {
      case 0:
        return Strings(selector.capabilities);
      case 1:
        return Strings(selector.arches);
      default:
        return Text(selector.min_kernel);
    }
  };
  return {WriteObject(kSelectorMembers, selector.spelling, member_of), SomethingIf(!selector.empty())};
}

Written WriteConditions(const Rule& rule) {
  const bool as_read = rule.condition_spellings.size() == rule.conditions.size();
  return List(rule.conditions, Worth::kNothing, [&](size_t i) {
    return WriteCondition(rule.conditions[i], as_read ? rule.condition_spellings[i] : Spelling());
  });
}

Value WriteRule(const Rule& rule) {
  return WriteObject(kRuleMembers, rule.spelling, [&](size_t member) -> Written {
    switch (member) {
      case 0:
        return Strings(rule.names, rule.legacy_name.empty() ? Worth::kForm : Worth::kNothing);
      case 1:
        return Text(rule.legacy_name);
      case 2:
        return ActionText(rule.action, rule.kill_name);
      case 3:
        return Number(rule.errno_return);
      case 4:
        return Text(rule.errno_text);
      case 5:
        return WriteConditions(rule);
      case 6:
        return Text(rule.comment);
      case 7:
        return WriteSelector(rule.includes);
      default:
        return WriteSelector(rule.excludes);
    }
  });
}

Value WriteMapping(const ArchMapping& mapping) {
  return WriteObject(kMappingMembers, mapping.spelling, [&](size_t member) -> Written {
    return member == 0 ? Text(mapping.architecture) : Strings(mapping.sub_architectures, Worth::kForm);
  });
}

Written DocumentMember(const Document& document, size_t member) {
  switch (member) {
    case 0:
      if (!document.has_default_action) return {"", Worth::kNothing};
      return ActionText(document.default_action, document.default_kill_name);
    case 1:
      return Number(document.default_errno_return);
    case 2:
      return Text(document.default_errno_text);
    case 3:
      return Strings(document.architectures);
    case 4:
      return List(document.arch_map, Worth::kNothing,
                  [&](size_t i) { return WriteMapping(document.arch_map[i]); });
    case 5:
      return Strings(document.flags);
    case 6:
      return Text(document.listener_path);
    case 7:
      return Text(document.listener_metadata);
    default:
      return List(document.rules, Worth::kForm, [&](size_t i) { return WriteRule(document.rules[i]); });
  }
}

}  // namespace

std::string Write(const Document& document) {
  return json::Write(WriteObject(kDocumentMembers, document.spelling,
                                 [&](size_t member) { return DocumentMember(document, member); }));
}

Document Plain(Document document) {
  document.spelling = {};
  document.default_kill_name = KillName::kKillThread;
  for (auto& mapping : document.arch_map) mapping.spelling = {};
  for (auto& rule : document.rules) {
    rule.spelling = rule.includes.spelling = rule.excludes.spelling = {};
    rule.condition_spellings.clear();
    rule.kill_name = KillName::kKillThread;
  }
  return document;
}

}  // namespace whittle::profile

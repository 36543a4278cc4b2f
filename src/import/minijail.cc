// minijail's policies (minijail0(5)): "NAME: ACTION", "NAME: arg0 == 1; return EPERM", "{NAME, NAME}: {
// FILTER, ... }". Of tests of arguments those are worked out that evidence can hold: "arg0 == AF_UNIX || arg0
// == 2"; a call with others is one that is allowed for some arguments.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "import/format.h"
#include "import/intent.h"
#include "import/minijail_grammar.h"
#include "syscalls/constants.h"
#include "syscalls/table.h"

namespace whittle::import {
namespace {

using profile::Action;
constexpr size_t npos = std::string_view::npos;

std::optional<Action> ParseAction(std::string_view text) {
  constexpr std::pair<std::string_view, Action> kActions[] = {
      {"1", Action::kAllow},
      {"allow", Action::kAllow},
      {"kill", Action::kKillThread},
      {"kill-process", Action::kKillProcess},
      {"kill-thread", Action::kKillThread},
      {"trap", Action::kTrap},
      {"trace", Action::kTrace},
      {"log", Action::kLog},
      {"user-notify", Action::kNotify},
  };
  for (const auto& [name, action] : kActions) {
    if (text == name) return action;
  }
  const auto words = Words(text);
  const bool is_errno = words.size() == 2 && words[0] == "return" && IsMinijailErrno(words[1]);
  return is_errno ? std::optional(Action::kErrno) : std::nullopt;
}

struct Rule {
  Action action;
  Intent::Arguments arguments;
  MinijailTests tests = {};  // of kSome: those that it holds for, if it is for what passes
};

// One filter: an action, or tests of arguments, which allow, with another action behind a semicolon or
// without. That action is for what fails the tests; in a list, which only compile_seccomp_policy.py reads,
// for what passes them.
std::optional<std::vector<Rule>> ParseFilter(std::string_view text, bool in_list) {
  std::vector<Rule> rules;
  if (const auto action = ParseAction(Trim(text))) {
    rules.push_back({*action, Intent::Arguments::kAny});
    return rules;
  }
  // minijail0 passes over a semicolon at the end; compile_seccomp_policy has none there.
  if (!in_list && text.ends_with(';')) text.remove_suffix(1);
  const size_t semicolon = text.find(';');
  auto tests = ParseMinijailTests(text.substr(0, semicolon));
  if (!tests) return std::nullopt;
  if (semicolon == npos) {
    rules.push_back({Action::kAllow, Intent::Arguments::kSome, *std::move(tests)});
    return rules;
  }
  const auto action = ParseAction(Trim(text.substr(semicolon + 1)));
  if (!action) return std::nullopt;
  const auto passes = in_list ? *action : Action::kAllow;
  rules.push_back({passes, Intent::Arguments::kSome, *std::move(tests)});
  if (!in_list && *action != Action::kAllow) rules.push_back({*action, Intent::Arguments::kSome});
  return rules;
}

// "1", "arg0 == 1; return 1", "{ arg0 == 1: allow, return EPERM }"
std::optional<std::vector<Rule>> ParseFilters(std::string_view text) {
  if (!text.starts_with('{')) return ParseFilter(text, false);
  if (!text.ends_with('}')) return std::nullopt;
  std::vector<Rule> rules;
  for (const auto part : Split(text.substr(1, text.size() - 2), ',')) {
    auto filter = ParseFilter(part, true);
    if (!filter) return std::nullopt;
    std::ranges::move(*filter, std::back_inserter(rules));
  }
  return rules;
}

// May the text of filters go on in the next line?
bool BeginsFilters(std::string_view text) {
  const bool in_list = text.starts_with('{');
  if (in_list) text.remove_prefix(1);
  for (size_t comma = text.find(','); in_list && comma != npos; comma = text.find(',')) {
    if (!ParseFilter(text.substr(0, comma), true)) return false;
    text.remove_prefix(comma + 1);
  }
  text = Trim(text);
  if (ParseFilter(text, in_list)) return true;
  const bool needs_action = text.ends_with(';');
  return needs_action ? ParseMinijailTests(text.substr(0, text.size() - 1)).has_value()
                      : BeginsMinijailTests(text);
}

struct Statement {
  std::vector<std::string_view> names;
  std::string_view filters;
};

bool IsName(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == npos;
}

// "read[arch=x86_64]" -> "read"; empty if the call is of other architectures.
std::string_view WithoutMetadata(std::string_view name, Abi native) {
  const size_t open = name.find('[');
  if (open == npos || !name.ends_with(']')) return name;
  const auto metadata = name.substr(open + 1, name.size() - open - 2);
  constexpr std::string_view kArch = "arch=";
  if (!metadata.starts_with(kArch)) return Trim(name.substr(0, open));
  for (const auto arch : Split(metadata.substr(kArch.size()), ',')) {
    if (ParseAbi(Trim(arch)) == native) return Trim(name.substr(0, open));
  }
  return {};
}

// With each name once: a list may say one of them any number of times.
void SortNames(std::vector<std::string_view>& names) {
  std::ranges::sort(names);
  const auto twins = std::ranges::unique(names);
  names.erase(twins.begin(), twins.end());
}

// What a statement is about, and what is behind its colon.
std::optional<Statement> ParseStatement(std::string_view line, Abi native) {
  Statement statement;
  size_t colon = npos;
  if (line.starts_with('{')) {
    const size_t close = line.find('}');
    colon = close == npos ? npos : line.find(':', close);
    if (colon == npos || !Trim(line.substr(close + 1, colon - close - 1)).empty()) return std::nullopt;
    for (const auto name : Split(line.substr(1, close - 1), ',')) statement.names.push_back(Trim(name));
  } else {
    colon = line.find(':');
    if (colon == npos) return std::nullopt;
    statement.names.push_back(Trim(line.substr(0, colon)));
  }
  for (auto& name : statement.names) {
    if (!IsName(name.substr(0, name.find('[')))) return std::nullopt;
    name = WithoutMetadata(name, native);
  }
  SortNames(statement.names);
  statement.filters = Trim(line.substr(colon + 1));
  return statement;
}

// "arg0 == AF_UNIX": nothing for any other test.
std::optional<profile::Condition> ConditionOf(const MinijailTest& test, Abi abi, std::string_view call) {
  if (test.op != "==" || !test.has_plain_value) return std::nullopt;
  uint64_t value = test.numbers;
  for (const auto name : test.names) {
    const auto of_name = ConstantValue(abi, call, test.argument, name);
    if (!of_name) return std::nullopt;
    value |= *of_name;
  }
  return profile::Condition{test.argument, profile::Operator::kEqual, value, 0};
}

// "arg0 == 1 && arg1 == 2 || arg0 == 3": all that pass; not known if that cannot be told.
evidence::Arguments ValuesOfTests(const MinijailTests& tests, Abi abi, uint32_t number) {
  const auto call = SyscallName(abi, number).value_or("");
  std::optional<evidence::Arguments> all;
  for (const auto& alternative : tests) {
    std::vector<profile::Condition> conditions;
    for (const auto& test : alternative) {
      const auto condition = ConditionOf(test, abi, call);
      if (!condition) return {};
      conditions.push_back(*condition);
    }
    const auto values = ValuesOf(abi, number, conditions);
    if (!values.known()) return {};
    if (all) {
      all->Join(values);
    } else {
      all = values;
    }
  }
  return all.value_or(evidence::Arguments());
}

// One of each action, without tests: all that rules say of a call of which evidence keeps no arguments.
std::vector<Rule> WithoutTests(const std::vector<Rule>& rules) {
  std::vector<Rule> kinds;
  for (const auto& rule : rules) {
    const bool is_known = std::ranges::any_of(kinds, [&](const Rule& kind) {
      return kind.action == rule.action && kind.arguments == rule.arguments;
    });
    if (!is_known) kinds.push_back({rule.action, rule.arguments});
  }
  return kinds;
}

std::string_view WithoutComment(std::string_view line) { return Trim(line.substr(0, line.find('#'))); }

class MinijailParser final : public Parser {
 public:
  MinijailParser(Tally& tally, const Settings& settings)
      : tally_(tally), settings_(settings), intent_(tally) {}

  Result<std::vector<Complaint>> Document(std::string_view text, const std::string& shown) override;
  void End() override { intent_.End(); }

 private:
  void TakeLine(std::string_view line, uint64_t at);
  void TakeDirective(std::string_view line, uint64_t at);

  Tally& tally_;
  const Settings settings_;
  Intent intent_;
  std::vector<Complaint> complaints_;
};

// "@include PATH", "@default ACTION", "@denylist", "@frequency PATH"
void MinijailParser::TakeDirective(std::string_view line, uint64_t at) {
  const auto words = Words(line);
  const auto after = Trim(line.substr(words[0].size()));
  const auto action = ParseAction(after);
  if (line == "@denylist") {
    intent_.AllowsTheRest();
  } else if (words[0] == "@include" && words.size() == 2) {
    tally_.Lose("included", fmt::format("the policy includes '{}', which was not read: name that file, too",
                                        Printable(words[1])));
  } else if (words[0] == "@default" && action) {
    if (!profile::Blocks(*action)) intent_.AllowsTheRest();
  } else if (words[0] != "@frequency" || words.size() != 2) {
    AddComplaint(complaints_, at, [&] { return fmt::format("'{}'", Printable(line.substr(0, 160))); });
  }
}

void MinijailParser::TakeLine(std::string_view line, uint64_t at) {
  if (line.empty()) return;
  if (line.starts_with('@')) return TakeDirective(line, at);
  const auto statement = ParseStatement(line, settings_.native);
  const auto rules = statement ? ParseFilters(statement->filters) : std::nullopt;
  if (!rules) {
    AddComplaint(complaints_, at, [&] { return fmt::format("'{}'", Printable(line.substr(0, 160))); });
    return;
  }
  const auto kinds = WithoutTests(*rules);
  for (const auto name : statement->names) {
    if (name.empty()) continue;
    auto number = SyscallNumber(settings_.native, name);
    if (const auto plain = ParseUnsigned(name); !number && plain && *plain <= UINT32_MAX) {
      number = static_cast<uint32_t>(*plain);
    }
    if (!number) {
      AddComplaint(complaints_, at, [&] {
        return fmt::format("no system call of {} is named '{}'{}", AbiName(settings_.native), Printable(name),
                           DidYouMean(name));
      });
      continue;
    }
    const bool keeps = evidence::KeepsArguments(settings_.native, *number);
    for (const auto& rule : keeps ? *rules : kinds) {
      intent_.Add("-", settings_.native, *number, rule.action, rule.arguments,
                  ValuesOfTests(rule.tests, settings_.native, *number));
    }
  }
}

Result<std::vector<Complaint>> MinijailParser::Document(std::string_view text, const std::string&) {
  complaints_.clear();
  std::string whole;
  uint64_t at = 0;
  uint64_t begin = 0;
  for (const auto raw : Lines(text)) {
    ++at;
    const auto line = WithoutComment(raw.ends_with('\r') ? raw.substr(0, raw.size() - 1) : raw);
    if (whole.empty()) begin = at;
    const bool goes_on = line.ends_with('\\');
    whole += goes_on ? line.substr(0, line.size() - 1) : line;
    if (goes_on) continue;
    TakeLine(Trim(whole), begin);
    whole.clear();
  }
  TakeLine(Trim(whole), begin);
  return std::move(complaints_);
}

}  // namespace

bool LooksLikeMinijail(std::string_view line) {
  const auto text = WithoutComment(line);
  const bool directive = text == "@denylist" || text.starts_with("@include ") ||
                         text.starts_with("@frequency ") || text.starts_with("@default ");
  if (directive) return true;
  const bool goes_on = text.ends_with('\\');
  const auto statement = ParseStatement(goes_on ? text.substr(0, text.size() - 1) : text, Abi::kX86_64);
  if (!statement) return false;
  const bool are_calls = std::ranges::all_of(statement->names, [](std::string_view name) {
    return name.empty() || IsSyscallName(name) || ParseUnsigned(name);
  });
  if (!are_calls) return false;  // "index: 1" is a statement, too
  return ParseFilters(statement->filters) || (goes_on && BeginsFilters(statement->filters));
}

std::unique_ptr<Parser> MakeMinijail(Tally& tally, const Settings& settings) {
  return std::make_unique<MinijailParser>(tally, settings);
}

}  // namespace whittle::import

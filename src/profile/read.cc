#include <fmt/core.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/nearest.h"
#include "base/text.h"
#include "profile/document.h"
#include "profile/library_names.h"
#include "profile/members.h"
#include "profile/not_a_profile.h"
#include "syscalls/table.h"

namespace whittle::profile {
namespace {

using json::Kind;
using json::Position;
using json::Quotable;
using json::Value;

// A real profile is a hundredth of it; what is larger is refused before it costs time and memory.
constexpr json::Limits kLimits = {.bytes = size_t{16} << 20, .depth = 32, .values = 1'000'000};
constexpr uint64_t kMaxData = 0xffff;  // SECCOMP_RET_DATA
constexpr size_t kMaxMessages = 100;   // of one kind: nobody reads more

constexpr std::array<std::string_view, 20> kArchitectures = {
    "SCMP_ARCH_NATIVE",    "SCMP_ARCH_X86",     "SCMP_ARCH_X86_64",   "SCMP_ARCH_X32",
    "SCMP_ARCH_ARM",       "SCMP_ARCH_AARCH64", "SCMP_ARCH_MIPS",     "SCMP_ARCH_MIPS64",
    "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL",  "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32",
    "SCMP_ARCH_PPC",       "SCMP_ARCH_PPC64",   "SCMP_ARCH_PPC64LE",  "SCMP_ARCH_S390",
    "SCMP_ARCH_S390X",     "SCMP_ARCH_RISCV64", "SCMP_ARCH_PARISC",   "SCMP_ARCH_LOONGARCH64",
};

constexpr std::array<std::string_view, 9> kActions = {
    "SCMP_ACT_KILL",  "SCMP_ACT_KILL_THREAD", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRAP",   "SCMP_ACT_ERRNO",
    "SCMP_ACT_TRACE", "SCMP_ACT_ALLOW",       "SCMP_ACT_LOG",          "SCMP_ACT_NOTIFY",
};

constexpr std::array<std::string_view, 7> kOperatorNames = {
    "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE",        "SCMP_CMP_EQ",
    "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ",
};

std::string DidYouMeanOneOf(std::string_view word, std::span<const std::string_view> candidates) {
  const auto nearest = Nearest(word, candidates);
  return nearest ? fmt::format(", did you mean '{}'?", *nearest) : "";
}

// What people write instead, from other tools and from C.
constexpr std::pair<std::string_view, std::string_view> kOtherActions[] = {
    {"DENY", "SCMP_ACT_ERRNO"},   {"BLOCK", "SCMP_ACT_ERRNO"}, {"REJECT", "SCMP_ACT_ERRNO"},
    {"REFUSE", "SCMP_ACT_ERRNO"}, {"EPERM", "SCMP_ACT_ERRNO"}, {"PERMIT", "SCMP_ACT_ALLOW"},
    {"ACCEPT", "SCMP_ACT_ALLOW"}, {"AUDIT", "SCMP_ACT_LOG"},   {"USER_NOTIF", "SCMP_ACT_NOTIFY"},
};
constexpr std::pair<std::string_view, std::string_view> kOtherOperators[] = {
    {"==", "SCMP_CMP_EQ"}, {"!=", "SCMP_CMP_NE"}, {"<", "SCMP_CMP_LT"},        {"<=", "SCMP_CMP_LE"},
    {">", "SCMP_CMP_GT"},  {">=", "SCMP_CMP_GE"}, {"&", "SCMP_CMP_MASKED_EQ"},
};

std::string MeantBehind(std::string_view prefix, std::string_view word,
                        std::span<const std::pair<std::string_view, std::string_view>> others,
                        std::span<const std::string_view> names) {
  std::string bare(word);
  for (char& c : bare) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (bare.starts_with(prefix)) bare.erase(0, prefix.size());
  for (const auto& [other, name] : others) {
    if (bare == other) return DidYouMeanText(std::string(name));
  }
  return DidYouMeanText(NearestBehind(prefix, word, names));
}

// Other names of architectures, where our own spellings (ParseAbi) do not have them: Go's, Debian's, uname's.
constexpr std::pair<std::string_view, std::string_view> kOtherArchitectures[] = {
    {"386", "SCMP_ARCH_X86"},       {"i586", "SCMP_ARCH_X86"},          {"i686", "SCMP_ARCH_X86"},
    {"armel", "SCMP_ARCH_ARM"},     {"armv6l", "SCMP_ARCH_ARM"},        {"armv7l", "SCMP_ARCH_ARM"},
    {"mipsle", "SCMP_ARCH_MIPSEL"}, {"mips64le", "SCMP_ARCH_MIPSEL64"},
};

std::string ArchitectureMeant(std::string_view word) {
  constexpr std::string_view kPrefix = "SCMP_ARCH_";
  std::string upper;
  for (const char c : word) upper += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (!upper.starts_with(kPrefix)) upper.insert(0, kPrefix);
  const std::string bare = LowerCase(std::string_view(upper).substr(kPrefix.size()));
  const auto meant = [](std::string_view name) { return fmt::format(", did you mean '{}'?", name); };
  if (std::ranges::find(kArchitectures, upper) != kArchitectures.end()) return meant(upper);
  for (const auto& [other, name] : kOtherArchitectures) {
    if (bare == other) return meant(name);
  }
  if (const auto abi = ParseAbi(bare)) return meant(ScmpArchName(*abi));
  return DidYouMeanText(NearestBehind(kPrefix, word, kArchitectures));
}

bool SameButCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

// Where the reader is in the document.
class Path {
 public:
  // One step down, for as long as it lives.
  class Step {
   public:
    Step(Path& path, std::string_view name) : path_(path) { path_.steps_.push_back({name, 0}); }
    Step(Path& path, size_t index) : path_(path) { path_.steps_.push_back({{}, index}); }
    ~Step() { path_.steps_.pop_back(); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    Path& path_;
  };

  std::string Pointer() const {
    std::string pointer;
    for (const auto& [name, index] : steps_) {
      pointer += name.data() != nullptr ? json::PointerStep(name) : json::PointerStep(index);
    }
    return pointer.empty() ? "/" : pointer;
  }

 private:
  std::vector<std::pair<std::string_view, size_t>> steps_;  // a name without text: an index
};

// A whole number that is too large for 64 bits has its digits as text, and is no fraction.
std::string_view KindOf(const Value& value) {
  const bool whole = value.is(Kind::kReal) && !value.text.empty();
  return whole ? "a whole number of more than 64 bits" : json::KindText(value.kind);
}

class Reader {
 public:
  Reader(const std::string& file, Reading reading) : reading_(reading) { document_.file = file; }

  Result<Document> Run(const Value& root) {
    if (const std::string wrong = NotAProfileText(root); !wrong.empty()) return FailAt(root.at, wrong);
    document_.has_default_action = false;
    document_.at = root.at;
    TRY(TakeDocument(root));
    TRY(CheckDefault(root));
    if (complaints_ > kMaxMessages) {
      document_.warnings.push_back(
          fmt::format("{}: {} more of the kind", document_.file, complaints_ - kMaxMessages));
    }
    return std::move(document_);
  }

 private:
  using Done = Result<void>;

  std::unexpected<Error> FailAt(Position at, const std::string& message) const {
    return json::FailAt(document_.file, at, path_.Pointer() + ": " + message);
  }

  // What a person should mend and a runtime lets pass.
  Done Complain(Position at, const std::string& message) {
    if (reading_ == Reading::kStrict) return FailAt(at, message);
    if (++complaints_ <= kMaxMessages) document_.warnings.push_back(FailAt(at, message).error().message);
    return {};
  }

  Done CheckDefault(const Value& root) {
    if (document_.has_default_action) return {};
    const std::string inner = InnerProfile(root);
    if (!inner.empty()) {
      return Complain(root.at,
                      fmt::format("no defaultAction here, but in '{}': the file must hold that object itself "
                                  "(runtimes filter nothing with this one)",
                                  inner));
    }
    return Complain(root.at,
                    document_.rules.empty()
                        ? "no defaultAction and no syscalls: runtimes take this as 'no filter at all'"
                        : "defaultAction is missing: no runtime takes the profile");
  }

  // Calls take(index into `names`, value) for each member, and keeps how the object was spelled.
  template <size_t kCount, typename TakeOne>
  Done TakeMembers(const Value& object, std::string_view what,
                   const std::array<std::string_view, kCount>& names, Spelling& spelling, TakeOne take) {
    if (!object.is(Kind::kObject)) return WrongType(object, what, "an object");
    spelling.from_file = true;
    for (const auto& member : object.members) {
      const Path::Step step(path_, member.name);
      const size_t known = TRY(FindMember(member, what, names));
      if (known == kCount) {
        spelling.order += kOtherMember;
        spelling.others.push_back(member);
        continue;
      }
      TRY(TakeOut(spelling, known, member));
      const bool null = member.value.is(Kind::kNull);  // as absent, in every loader
      spelling.order += null ? GivenAsNull(known) : Given(known);
      if (!null) TRY(take(known, member.value));
    }
    return {};
  }

  // Of a member that is given again, the earlier place.
  Done TakeOut(Spelling& spelling, size_t known, const json::Member& member) {
    const size_t earlier =
        std::min(spelling.order.find(Given(known)), spelling.order.find(GivenAsNull(known)));
    if (earlier == std::string::npos) return {};
    spelling.order.erase(earlier, 1);
    return Complain(member.at,
                    fmt::format("'{}' is given twice: only the last one would count", Quotable(member.name)));
  }

  // Its index, or the number of names for a member that no loader knows.
  Result<size_t> FindMember(const json::Member& member, std::string_view what,
                            std::span<const std::string_view> names) {
    const auto exact = std::ranges::find(names, member.name);
    if (exact != names.end()) return static_cast<size_t>(exact - names.begin());
    if (IsNote(member.name)) return names.size();
    for (size_t i = 0; i < names.size(); ++i) {
      if (!SameButCase(names[i], member.name)) continue;
      TRY(Complain(member.at, fmt::format("'{}' is spelled '{}': only some loaders take it otherwise",
                                          Quotable(member.name), names[i])));
      return i;
    }
    TRY(Complain(member.at, fmt::format("unknown member '{}' of {}{}: every loader ignores it",
                                        Quotable(member.name), what, DidYouMeanOneOf(member.name, names))));
    return names.size();
  }

  std::unexpected<Error> WrongType(const Value& value, std::string_view what, std::string_view wanted) const {
    return FailAt(value.at, fmt::format("{} must be {}, not {}", what, wanted, KindOf(value)));
  }

  Done Text(const Value& value, std::string_view what, std::string& into) const {
    if (!value.is(Kind::kString)) return WrongType(value, what, "a string");
    into = value.text;
    return {};
  }

  // take(item) for each entry of a list.
  template <typename TakeOne>
  Done Items(const Value& value, std::string_view what, std::string_view wanted, TakeOne take) {
    if (!value.is(Kind::kArray)) return WrongType(value, what, wanted);
    for (size_t i = 0; i < value.items.size(); ++i) {
      const Path::Step step(path_, i);
      TRY(take(value.items[i]));
    }
    return {};
  }

  Done Texts(const Value& value, std::string_view what, std::vector<std::string>& into) {
    into.clear();
    return Items(value, what, "a list of strings", [&](const Value& item) -> Done {
      if (!item.is(Kind::kString)) return WrongType(item, fmt::format("an entry of {}", what), "a string");
      into.push_back(item.text);
      return {};
    });
  }

  Done Architectures(const Value& value, std::string_view what, std::vector<std::string>& into) {
    into.clear();
    return Items(value, what, "a list of strings", [&](const Value& item) -> Done {
      return Architecture(item, fmt::format("an entry of {}", what), into.emplace_back());
    });
  }

  Done Architecture(const Value& value, std::string_view what, std::string& into) const {
    TRY(Text(value, what, into));
    if (std::ranges::find(kArchitectures, into) != kArchitectures.end()) return {};
    return FailAt(value.at, fmt::format("unknown architecture '{}': expected one like SCMP_ARCH_X86_64{}",
                                        Quotable(into), ArchitectureMeant(into)));
  }

  template <typename Number>
  Done Whole(const Value& value, std::string_view what, uint64_t max, Number& into) const {
    const std::string wanted = fmt::format("a whole number from 0 to {}", max);
    if (!value.is(Kind::kUnsigned)) return WrongType(value, what, wanted);
    if (value.number > max)
      return FailAt(value.at, fmt::format("{} is {}: expected {}", what, value.number, wanted));
    into = static_cast<Number>(value.number);
    return {};
  }

  Done Errno(const Value& value, std::string_view what, std::optional<uint32_t>& into) const {
    return Whole(value, what, kMaxData, into.emplace());
  }

  Done ActionOf(const Value& value, std::string_view what, Action& into, KillName& kill_name) const {
    if (!value.is(Kind::kString)) return WrongType(value, what, "a string like SCMP_ACT_ERRNO");
    const auto action = ParseAction(value.text);
    if (!action) {
      return FailAt(value.at, fmt::format("unknown {} '{}': expected one like SCMP_ACT_ERRNO{}", what,
                                          Quotable(value.text),
                                          MeantBehind("SCMP_ACT_", value.text, kOtherActions, kActions)));
    }
    into = *action;
    kill_name = value.text == kScmpActKill ? KillName::kKill : KillName::kKillThread;
    return {};
  }

  Done TakeDocument(const Value& root) {
    Document& d = document_;
    return TakeMembers(root, "a profile", kDocumentMembers, d.spelling,
                       [&](size_t member, const Value& value) -> Done {
                         const auto name = kDocumentMembers[member];
                         d.member_at[member] = value.at;
                         switch (member) {
                           case 0:
                             return TakeDefaultAction(value);
                           case 1:
                             return Errno(value, name, d.default_errno_return);
                           case 2:
                             return Text(value, name, d.default_errno_text);
                           case 3:
                             return Architectures(value, name, d.architectures);
                           case 4:
                             return TakeArchMap(value);
                           case 5:
                             return Texts(value, name, d.flags);
                           case 6:
                             return Text(value, name, d.listener_path);
                           case 7:
                             return Text(value, name, d.listener_metadata);
                           default:
                             return TakeRules(value);
                         }
                       });
  }

  // To Go an empty string is an absent one.
  Done TakeDefaultAction(const Value& value) {
    Document& d = document_;
    d.has_default_action = !value.is(Kind::kString) || !value.text.empty();
    if (d.has_default_action) return ActionOf(value, "defaultAction", d.default_action, d.default_kill_name);
    return Complain(value.at, "defaultAction is empty: expected one like SCMP_ACT_ERRNO");
  }

  Done TakeArchMap(const Value& value) {
    document_.arch_map.clear();
    return Items(value, "archMap", "a list", [&](const Value& item) {
      ArchMapping& mapping = document_.arch_map.emplace_back();
      return TakeMembers(item, "an entry of archMap", kMappingMembers, mapping.spelling,
                         [&](size_t member, const Value& inner) -> Done {
                           const auto name = kMappingMembers[member];
                           if (member == 0) return Architecture(inner, name, mapping.architecture);
                           return Architectures(inner, name, mapping.sub_architectures);
                         });
    });
  }

  Done TakeRules(const Value& value) {
    document_.rules.clear();
    if (value.is(Kind::kArray)) document_.rules.reserve(value.items.size());
    return Items(value, "syscalls", "a list",
                 [&](const Value& item) { return TakeRule(item, document_.rules.emplace_back()); });
  }

  Done TakeRule(const Value& value, Rule& rule) {
    rule.at = value.at;
    bool has_action = false;
    TRY(TakeMembers(value, "a rule", kRuleMembers, rule.spelling,
                    [&](size_t member, const Value& inner) -> Done {
                      const auto name = kRuleMembers[member];
                      switch (member) {
                        case 0:
                          return Texts(inner, name, rule.names);
                        case 1:
                          return Text(inner, name, rule.legacy_name);
                        case 2:
                          has_action = true;
                          return ActionOf(inner, name, rule.action, rule.kill_name);
                        case 3:
                          return Errno(inner, name, rule.errno_return);
                        case 4:
                          return Text(inner, name, rule.errno_text);
                        case 5:
                          return TakeConditions(inner, rule);
                        case 6:
                          return Text(inner, name, rule.comment);
                        case 7:
                          return TakeSelector(inner, name, rule.includes);
                        default:
                          return TakeSelector(inner, name, rule.excludes);
                      }
                    }));
    if (!has_action) return FailAt(value.at, "the rule has no action: expected one like SCMP_ACT_ALLOW");
    return {};
  }

  Done TakeSelector(const Value& value, std::string_view what, Selector& into) {
    into = {};
    return TakeMembers(value, what, kSelectorMembers, into.spelling,
                       [&](size_t member, const Value& inner) -> Done {
                         const auto name = kSelectorMembers[member];
                         if (member == 0) return Texts(inner, name, into.capabilities);
                         if (member == 1) return Texts(inner, name, into.arches);
                         return TakeKernel(inner, into.min_kernel);
                       });
  }

  Done TakeKernel(const Value& value, std::string& into) const {
    TRY(Text(value, "minKernel", into));
    const auto parts = Split(into, '.');
    if (into.empty() || (parts.size() == 2 && ParseUnsigned(parts[0]) && ParseUnsigned(parts[1]))) return {};
    return FailAt(value.at, fmt::format("minKernel is '{}': expected two numbers like 4.8", Quotable(into)));
  }

  Done TakeConditions(const Value& value, Rule& rule) {
    rule.conditions.clear();
    rule.condition_spellings.clear();
    return Items(value, "args", "a list", [&](const Value& item) {
      return TakeCondition(item, rule.conditions.emplace_back(), rule.condition_spellings.emplace_back());
    });
  }

  Done TakeCondition(const Value& value, Condition& condition, Spelling& spelling) {
    constexpr uint32_t kLastArgument = 5;
    bool has_operator = false;
    TRY(TakeMembers(value, "a condition", kConditionMembers, spelling,
                    [&](size_t member, const Value& inner) -> Done {
                      const auto name = kConditionMembers[member];
                      switch (member) {
                        case 0:
                          return Whole(inner, name, kLastArgument, condition.index);
                        case 1:
                          return Whole(inner, name, UINT64_MAX, condition.value);
                        case 2:
                          return Whole(inner, name, UINT64_MAX, condition.value_two);
                        default:
                          has_operator = true;
                          return TakeOperator(inner, condition.op);
                      }
                    }));
    if (!has_operator) return FailAt(value.at, "the condition has no op: expected one like SCMP_CMP_EQ");
    return {};
  }

  Done TakeOperator(const Value& value, Operator& into) const {
    if (!value.is(Kind::kString)) return WrongType(value, "op", "a string like SCMP_CMP_EQ");
    const auto op = ParseOperator(value.text);
    if (!op) {
      return FailAt(
          value.at,
          fmt::format("unknown operator '{}': expected one like SCMP_CMP_EQ{}", Quotable(value.text),
                      MeantBehind("SCMP_CMP_", value.text, kOtherOperators, kOperatorNames)));
    }
    into = *op;
    return {};
  }

  Reading reading_;
  Path path_;
  size_t complaints_ = 0;
  Document document_;
};

}  // namespace

std::span<const std::string_view> ArchitectureNames() { return kArchitectures; }

Result<Value> ReadTree(std::string_view text, const std::string& file) {
  auto root = json::Parse(text, file, kLimits);
  if (root) return root;
  const std::string instead = NotJsonText(text);
  if (!instead.empty()) return json::FailAt(file, {1, 1}, "/: " + instead);
  return root;
}

Result<Document> Read(std::string_view text, const std::string& file, Reading reading) {
  return ReadValue(TRY(ReadTree(text, file)), file, reading);
}

Result<Document> ReadValue(const Value& root, const std::string& file, Reading reading) {
  return Reader(file, reading).Run(root);
}

Position PositionOf(const Document& document, std::string_view member) {
  const auto found = std::ranges::find(kDocumentMembers, member);
  if (found == kDocumentMembers.end()) return {};
  return document.member_at[static_cast<size_t>(found - kDocumentMembers.begin())];
}

std::vector<std::string> UnknownNames(const Document& document) {
  std::vector<std::string> messages;
  size_t count = 0;
  const auto check = [&](size_t rule, const std::string& where, const std::string& name) {
    if (name.empty() || LibraryName::Find(name) || ++count > kMaxMessages) return;
    const std::string message =
        fmt::format("/syscalls/{}/{}: no system call is named '{}'{}: runtimes ignore the name", rule, where,
                    Quotable(name), DidYouMean(name));
    messages.push_back(json::FailAt(document.file, document.rules[rule].at, message).error().message);
  };
  for (size_t rule = 0; rule < document.rules.size(); ++rule) {
    const auto& names = document.rules[rule].names;
    for (size_t i = 0; i < names.size(); ++i) check(rule, "names/" + std::to_string(i), names[i]);
    check(rule, "name", document.rules[rule].legacy_name);
  }
  if (count > kMaxMessages) {
    messages.push_back(
        fmt::format("{}: {} more names that are no system call", document.file, count - kMaxMessages));
  }
  return messages;
}

}  // namespace whittle::profile

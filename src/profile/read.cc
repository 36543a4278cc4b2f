#include <fmt/core.h>
#include <strings.h>

#include <array>
#include <functional>

#include "base/document_kind.h"
#include "base/text.h"
#include "profile/document.h"
#include "profile/library_names.h"
#include "syscalls/table.h"

namespace whittle::profile {
namespace {

using json::Kind;
using json::Position;
using json::Value;

// A profile with 100,000 rules is smaller; what is larger is refused before it costs time.
constexpr json::Limits kLimits = {.bytes = size_t{16} << 20, .depth = 32};
constexpr uint64_t kMaxData = 0xffff;  // SECCOMP_RET_DATA

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

bool SameButCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

using Take = std::function<Result<void>(const Value&)>;
struct Field {
  std::string_view name;
  Take take;
};

class Reader {
 public:
  Reader(const std::string& file, Reading reading) : reading_(reading) { document_.file = file; }

  Result<Document> Run(std::string_view text) {
    const Value root = TRY(ParseText(text));
    TRY(CheckRoot(root));
    document_.has_default_action = false;
    TRY(TakeDocument(root));
    TRY(CheckDefault(root));
    return std::move(document_);
  }

 private:
  std::unexpected<Error> FailAt(Position at, const std::string& message) const {
    return json::FailAt(document_.file, at, message);
  }

  // What a person should mend and a runtime lets pass.
  Result<void> Complain(Position at, const std::string& message) {
    auto failure = FailAt(at, message);
    if (reading_ == Reading::kStrict) return failure;
    document_.warnings.push_back(failure.error().message);
    return {};
  }

  Result<Value> ParseText(std::string_view text) const {
    auto root = json::Parse(text, document_.file, kLimits);
    if (root) return root;
    const std::string_view line = Trim(text);
    const bool one_word = !line.empty() && line.size() < 4096 && line.find_first_of("{}[]\"\n ") == line.npos;
    if (one_word && (line.find('/') != line.npos || line.ends_with(".json"))) {
      return FailAt({1, 1},
                    fmt::format("this is the name of a file ('{}'), not a profile: pass the file itself",
                                Printable(line)));
    }
    return root;
  }

  Result<void> CheckRoot(const Value& root) const {
    if (root.is(Kind::kObject)) {
      const std::string wrong = WrongKindText(root, DocumentKind::kProfile);
      if (wrong.empty()) return {};
      return FailAt(root.at, wrong);
    }
    if (root.is(Kind::kArray)) {
      return FailAt(root.at,
                    "this is a list of rules: a profile is an object with defaultAction and syscalls, "
                    "the list belongs into its member syscalls");
    }
    if (!root.is(Kind::kString)) {
      return FailAt(root.at, fmt::format("a profile is an object with defaultAction and syscalls, not {}",
                                         json::KindText(root.kind)));
    }
    if (Trim(root.text).starts_with('{')) {
      return FailAt(root.at,
                    "the profile is inside a JSON string (it was encoded twice): decode it once more");
    }
    return FailAt(root.at,
                  fmt::format("this is a string ('{}'), perhaps a file name: a profile is an object with "
                              "defaultAction and syscalls",
                              Printable(root.text.substr(0, 80))));
  }

  // Where a whole Kubernetes object, a container configuration or the like was given, the profile inside it.
  static std::string InnerProfile(const Value& root, int depth = 3) {
    for (const auto& member : root.members) {
      if (member.value.Find("defaultAction") != nullptr) return member.name;
      const std::string inner = depth > 0 ? InnerProfile(member.value, depth - 1) : "";
      if (!inner.empty()) return member.name + "." + inner;
    }
    return "";
  }

  Result<void> CheckDefault(const Value& root) {
    if (document_.has_default_action) return {};
    const std::string inner = InnerProfile(root);
    if (!inner.empty()) {
      return Complain(root.at,
                      fmt::format("no defaultAction here, but in '{}': the file must hold that object itself "
                                  "(runtimes filter nothing with this one)",
                                  Printable(inner)));
    }
    return Complain(root.at,
                    document_.rules.empty()
                        ? "no defaultAction and no syscalls: runtimes take this as 'no filter at all'"
                        : "defaultAction is missing: no runtime takes the profile");
  }

  Result<void> TakeMembers(const Value& object, std::string_view what, std::span<const Field> fields) {
    if (!object.is(Kind::kObject)) return WrongType(object, what, "an object");
    std::vector<const Field*> seen;
    for (const auto& member : object.members) {
      const Field* field = TRY(FindField(member, what, fields));
      if (field == nullptr) continue;
      for (const Field* earlier : seen) {
        if (earlier != field) continue;
        TRY(Complain(member.at,
                     fmt::format("'{}' is given twice: only the last one would count", field->name)));
      }
      seen.push_back(field);
      if (member.value.is(Kind::kNull)) continue;  // as absent, in every loader
      TRY(field->take(member.value));
    }
    return {};
  }

  Result<const Field*> FindField(const json::Member& member, std::string_view what,
                                 std::span<const Field> fields) {
    std::vector<std::string_view> names;
    for (const auto& field : fields) {
      if (field.name == member.name) return &field;
      names.push_back(field.name);
    }
    for (const auto& field : fields) {
      if (!SameButCase(field.name, member.name)) continue;
      TRY(Complain(member.at, fmt::format("'{}' is spelled '{}': only some loaders take it otherwise",
                                          Printable(member.name), field.name)));
      return &field;
    }
    TRY(Complain(member.at, fmt::format("unknown member '{}' of {}{}: every loader ignores it",
                                        Printable(member.name), what, DidYouMeanOneOf(member.name, names))));
    return nullptr;
  }

  std::unexpected<Error> WrongType(const Value& value, std::string_view what, std::string_view wanted) const {
    return FailAt(value.at, fmt::format("{} must be {}, not {}", what, wanted, json::KindText(value.kind)));
  }

  Take Text(std::string_view what, std::string& into) {
    return [this, what, &into](const Value& value) -> Result<void> {
      if (!value.is(Kind::kString)) return WrongType(value, what, "a string");
      into = value.text;
      return {};
    };
  }

  Take Texts(std::string_view what, std::vector<std::string>& into) {
    return [this, what, &into](const Value& value) -> Result<void> {
      into.clear();
      if (!value.is(Kind::kArray)) return WrongType(value, what, "a list of strings");
      for (const auto& item : value.items) {
        if (!item.is(Kind::kString)) return WrongType(item, fmt::format("an entry of {}", what), "a string");
        into.push_back(item.text);
      }
      return {};
    };
  }

  Take Architectures(std::string_view what, std::vector<std::string>& into) {
    return [this, what, &into](const Value& value) -> Result<void> {
      TRY(Texts(what, into)(value));
      for (const auto& item : value.items) TRY(CheckArchitecture(item));
      return {};
    };
  }

  Result<void> CheckArchitecture(const Value& value) const {
    for (const auto known : kArchitectures) {
      if (known == value.text) return {};
    }
    return FailAt(value.at, fmt::format("unknown architecture '{}'{}", Printable(value.text),
                                        DidYouMeanOneOf(value.text, kArchitectures)));
  }

  Take Number(std::string_view what, uint64_t max, uint64_t& into) {
    return [this, what, max, &into](const Value& value) -> Result<void> {
      if (!value.is(Kind::kUnsigned))
        return WrongType(value, what, fmt::format("a whole number from 0 to {}", max));
      if (value.number > max) {
        return FailAt(value.at,
                      fmt::format("{} is {}: expected a whole number from 0 to {}", what, value.number, max));
      }
      into = value.number;
      return {};
    };
  }

  Take Errno(std::string_view what, std::optional<uint32_t>& into) {
    return [this, what, &into](const Value& value) -> Result<void> {
      uint64_t number = 0;
      TRY(Number(what, kMaxData, number)(value));
      into = static_cast<uint32_t>(number);
      return {};
    };
  }

  Take ActionField(std::string_view what, Action& into, bool& given) {
    return [this, what, &into, &given](const Value& value) -> Result<void> {
      if (!value.is(Kind::kString)) return WrongType(value, what, "a string like SCMP_ACT_ERRNO");
      const auto action = ParseAction(value.text);
      if (!action) {
        return FailAt(value.at, fmt::format("unknown {} '{}'{}", what, Printable(value.text),
                                            DidYouMeanOneOf(value.text, kActions)));
      }
      into = *action;
      given = true;
      return {};
    };
  }

  template <typename Item>
  Take Items(std::string_view what, std::vector<Item>& into, Result<Item> (Reader::*take)(const Value&)) {
    return [this, what, &into, take](const Value& value) -> Result<void> {
      into.clear();
      if (!value.is(Kind::kArray)) return WrongType(value, what, "a list");
      for (const auto& item : value.items) into.push_back(TRY((this->*take)(item)));
      return {};
    };
  }

  Result<void> TakeDocument(const Value& root) {
    Document& d = document_;
    const Field fields[] = {
        {"defaultAction", ActionField("defaultAction", d.default_action, d.has_default_action)},
        {"defaultErrnoRet", Errno("defaultErrnoRet", d.default_errno_return)},
        {"defaultErrno", Text("defaultErrno", d.default_errno_text)},
        {"architectures", Architectures("architectures", d.architectures)},
        {"archMap", Items<ArchMapping>("archMap", d.arch_map, &Reader::TakeMapping)},
        {"flags", Texts("flags", d.flags)},
        {"listenerPath", Text("listenerPath", d.listener_path)},
        {"listenerMetadata", Text("listenerMetadata", d.listener_metadata)},
        {"syscalls", Items<Rule>("syscalls", d.rules, &Reader::TakeRule)},
    };
    return TakeMembers(root, "a profile", fields);
  }

  Result<ArchMapping> TakeMapping(const Value& value) {
    ArchMapping mapping;
    const Field fields[] = {
        {"architecture",
         [&](const Value& name) -> Result<void> {
           TRY(Text("architecture", mapping.architecture)(name));
           return CheckArchitecture(name);
         }},
        {"subArchitectures", Architectures("subArchitectures", mapping.sub_architectures)},
    };
    TRY(TakeMembers(value, "an entry of archMap", fields));
    return mapping;
  }

  Result<Rule> TakeRule(const Value& value) {
    Rule rule;
    rule.at = value.at;
    bool has_action = false;
    const Field fields[] = {
        {"names", Texts("names", rule.names)},
        {"name", Text("name", rule.legacy_name)},
        {"action", ActionField("action", rule.action, has_action)},
        {"errnoRet", Errno("errnoRet", rule.errno_return)},
        {"errno", Text("errno", rule.errno_text)},
        {"args", Items<Condition>("args", rule.conditions, &Reader::TakeCondition)},
        {"comment", Text("comment", rule.comment)},
        {"includes", Selection("includes", rule.includes)},
        {"excludes", Selection("excludes", rule.excludes)},
    };
    TRY(TakeMembers(value, "a rule", fields));
    if (!has_action) return FailAt(value.at, "the rule has no action: expected one like SCMP_ACT_ALLOW");
    return rule;
  }

  Take Selection(std::string_view what, Selector& into) {
    return [this, what, &into](const Value& value) -> Result<void> {
      into = {};
      const Field fields[] = {
          {"caps", Texts("caps", into.capabilities)},
          {"arches", Texts("arches", into.arches)},
          {"minKernel", Text("minKernel", into.min_kernel)},
      };
      TRY(TakeMembers(value, what, fields));
      return CheckKernel(value, into.min_kernel);
    };
  }

  Result<void> CheckKernel(const Value& value, const std::string& version) const {
    if (version.empty()) return {};
    const auto parts = Split(version, '.');
    if (parts.size() == 2 && ParseUnsigned(parts[0]) && ParseUnsigned(parts[1])) return {};
    return FailAt(value.Find("minKernel") != nullptr ? value.Find("minKernel")->at : value.at,
                  fmt::format("minKernel is '{}': expected two numbers like 4.8", Printable(version)));
  }

  Result<Condition> TakeCondition(const Value& value) {
    Condition condition;
    uint64_t index = 0;
    bool has_operator = false;
    const Field fields[] = {
        {"index", Number("index", 5, index)},
        {"value", Number("value", UINT64_MAX, condition.value)},
        {"valueTwo", Number("valueTwo", UINT64_MAX, condition.value_two)},
        {"op",
         [&](const Value& op) -> Result<void> {
           has_operator = true;
           return TakeOperator(op, condition.op);
         }},
    };
    TRY(TakeMembers(value, "a condition", fields));
    if (!has_operator) return FailAt(value.at, "the condition has no op: expected one like SCMP_CMP_EQ");
    condition.index = static_cast<uint32_t>(index);
    return condition;
  }

  Result<void> TakeOperator(const Value& value, Operator& into) const {
    if (!value.is(Kind::kString)) return WrongType(value, "op", "a string like SCMP_CMP_EQ");
    const auto op = ParseOperator(value.text);
    if (!op) {
      return FailAt(value.at, fmt::format("unknown operator '{}'{}", Printable(value.text),
                                          DidYouMeanOneOf(value.text, kOperatorNames)));
    }
    into = *op;
    return {};
  }

  Reading reading_;
  Document document_;
};

}  // namespace

std::span<const std::string_view> ArchitectureNames() { return kArchitectures; }

Result<Document> Read(std::string_view text, const std::string& file, Reading reading) {
  return Reader(file, reading).Run(text);
}

std::vector<std::string> UnknownNames(const Document& document) {
  std::vector<std::string> messages;
  const auto check = [&](const Rule& rule, const std::string& name) {
    if (name.empty() || LibraryName::Find(name)) return;
    const auto failure = json::FailAt(document.file, rule.at,
                                      fmt::format("no system call is named '{}'{}: runtimes ignore the name",
                                                  Printable(name), DidYouMean(name)));
    messages.push_back(failure.error().message);
  };
  for (const auto& rule : document.rules) {
    for (const auto& name : rule.names) check(rule, name);
    check(rule, rule.legacy_name);
  }
  return messages;
}

}  // namespace whittle::profile

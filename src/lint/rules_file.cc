// Files that are no profile, or one in which a member does not do what it seems to.
#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <unordered_set>

#include "base/text.h"
#include "base/yaml.h"
#include "lint/rules.h"
#include "profile/not_a_profile.h"
#include "syscalls/table.h"

namespace whittle::lint {
namespace {

using json::Kind;

constexpr std::string_view kMarks[] = {"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"};

bool HasByteOrderMark(const Subject& subject) {
  return std::ranges::any_of(kMarks, [&](auto mark) { return subject.text().starts_with(mark); });
}

bool IsDoublyEncoded(const json::Value& root) {
  return root.is(Kind::kString) && Trim(root.text).starts_with('{');
}

// Base64 of a text that begins with '{'.
bool IsBase64(std::string_view text) {
  const auto fits = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/' || c == '=' || c == '\n';
  };
  return text.size() > 20 && (text.starts_with("ey") || text.starts_with("ew")) &&
         std::ranges::all_of(text, fits);
}

// The text, or the JSON string that it is, looks like the name of a file.
bool IsPath(const Subject& subject) {
  if (subject.root() == nullptr)
    return !IsBase64(Trim(subject.text())) && !profile::NotJsonText(subject.text()).empty();
  return subject.root()->is(Kind::kString) && !profile::NotJsonText(subject.root()->text).empty();
}

// The whole of it lies in a member.
std::string Wrapped(const Subject& subject) {
  const json::Value* root = subject.root();
  const bool may_be = root->is(Kind::kObject) && root->Find("defaultAction") == nullptr;
  return may_be ? profile::InnerProfile(*root) : "";
}

bool HasCommentLine(std::string_view text) {
  return std::ranges::any_of(Lines(text), [](std::string_view line) {
    line = Trim(line);
    return line.starts_with("//") || line.starts_with("/*") || line.starts_with('#');
  });
}

// A comma before the bracket that closes; strings may have some, too, so it is a guess.
bool HasCommaTooMany(std::string_view text) {
  for (size_t at = text.find(','); at != text.npos; at = text.find(',', at + 1)) {
    const size_t next = text.find_first_not_of(" \t\r\n", at + 1);
    if (next != text.npos && (text[next] == '}' || text[next] == ']')) return true;
  }
  return false;
}

// What a text that is no JSON most likely is, and what to do about it; may be empty.
std::string SyntaxHint(std::string_view text) {
  const std::string_view trimmed = Trim(text);
  if (trimmed.starts_with("\x1f\x8b") || trimmed.starts_with("\x7f"
                                                             "ELF"))
    return "this is a binary file";
  if (text.find('\0') != text.npos) return "perhaps UTF-16 without a mark, or binary: save it as UTF-8";
  if (IsBase64(trimmed)) return "this looks like base64: decode it first";
  if (!trimmed.empty() && trimmed.front() != '{' && trimmed.front() != '[' && yaml::Parse(text, "profile") &&
      trimmed.find(": ") != trimmed.npos)
    return "this looks like YAML: loaders take JSON only";
  if (HasCommentLine(text)) return "JSON has no comments: loaders refuse the file";
  if (HasCommaTooMany(text)) return "there is a comma before the bracket that closes: it is one too many";
  if (text.find("{'") != text.npos) return "strings stand in double quotes";
  return "";
}

// A list of what entries, or conditions, are.
bool IsListOf(const json::Value* value, std::string_view member) {
  return value != nullptr && std::ranges::any_of(value->items, [&](const json::Value& item) {
           return item.Find(member) != nullptr;
         });
}

bool IsListOfCalls(const json::Value& value) {
  return std::ranges::any_of(value.items, [](const json::Value& item) {
    return item.is(Kind::kString) && IsSyscallName(item.text);
  });
}

// A member that every loader ignores, and that was to keep something out: the entries of a list of what is
// forbidden, or what an entry that lets calls pass asks of them.
// What it was to be is told by its shape, not by its name alone: people write notes into profiles.
bool LeavesOpen(const Subject& subject, const Located& located) {
  const auto means = [&](std::string_view name) {
    return located.message.find(fmt::format("did you mean '{}'?", name)) != std::string::npos;
  };
  const auto steps = Split(located.pointer, '/');  // the first one is empty
  if (!located.message.starts_with("unknown member") || steps.size() < 2) return false;
  const std::string name(steps.back());
  if (steps.size() == 2) return subject.deny_list() && IsListOf(subject.root()->Find(name), "action");
  const auto entry = steps.size() == 4 && steps[1] == "syscalls" ? ParseUnsigned(steps[2]) : std::nullopt;
  const auto& rules = subject.document()->rules;
  if (!entry || *entry >= rules.size()) return false;
  const auto* written = subject.root()->Find("syscalls");  // the first one, if it is given twice
  const auto* value = *entry < written->items.size() ? written->items[*entry].Find(name) : nullptr;
  if (value == nullptr) return false;
  if (profile::Blocks(rules[*entry].action))
    return subject.deny_list() && means("names") && IsListOfCalls(*value);
  const bool selects = (means("includes") || means("excludes")) && value->is(Kind::kObject);
  return !subject.deny_list() && (selects || IsListOf(value, "op"));
}

bool NotAProfile(const Subject& subject) {
  return !subject.root()->is(Kind::kObject) || !profile::NotAProfileText(*subject.root()).empty();
}

}  // namespace

void CheckByteOrderMark(const Subject& subject, Sink& sink) {
  if (!HasByteOrderMark(subject)) return;
  sink.AddAt(
      Severity::kError,
      {{1, 1}, "/", "the file starts with a byte order mark: Go's decoder, and so every loader, refuses it"},
      "save it as UTF-8 without one");
}

void CheckJsonSyntax(const Subject& subject, Sink& sink) {
  if (subject.root() != nullptr || HasByteOrderMark(subject) || IsPath(subject)) return;
  sink.AddAt(Severity::kError, *subject.error(), SyntaxHint(subject.text()));
}

void CheckPathNotContent(const Subject& subject, Sink& sink) {
  if (!IsPath(subject)) return;
  sink.AddAt(Severity::kError, {{1, 1}, "/", "this is the name of a file, not a profile"},
             "pass the file itself");
}

void CheckDoubleEncoded(const Subject& subject, Sink& sink) {
  if (IsDoublyEncoded(*subject.root()))
    sink.Add(Severity::kError, "/", "the profile is inside a JSON string: it was encoded twice",
             "decode it once more");
}

void CheckNotAnObject(const Subject& subject, Sink& sink) {
  if (IsDoublyEncoded(*subject.root()) || IsPath(subject) || !NotAProfile(subject)) return;
  sink.Add(Severity::kError, "/", profile::NotAProfileText(*subject.root()));
}

void CheckWrappedProfile(const Subject& subject, Sink& sink) {
  std::string inner = Wrapped(subject);
  if (inner.empty()) return;
  std::string pointer = "/" + inner;
  std::ranges::replace(pointer, '.', '/');
  sink.Add(
      Severity::kError, pointer,
      fmt::format("the profile is inside '{}': to a runtime this file has no defaultAction and no syscalls, "
                  "and it installs no filter at all",
                  inner),
      "the file must hold that object itself");
}

void CheckNoDefaultAction(const Subject& subject, Sink& sink) {
  const profile::Document& document = *subject.document();
  if (document.has_default_action || !Wrapped(subject).empty()) return;
  sink.Add(Severity::kError, "/",
           document.rules.empty() ? "no defaultAction and no syscalls: docker, podman and runc install no "
                                    "filter at all, and say nothing"
                                  : "defaultAction is missing: no runtime takes the profile",
           R"(say what happens to calls that no rule names: "defaultAction": "SCMP_ACT_ERRNO")");
}

void CheckInvalidMember(const Subject& subject, Sink& sink) {
  if (subject.document() != nullptr || NotAProfile(subject)) return;
  sink.AddAt(Severity::kError, *subject.error());
}

void CheckOddMember(const Subject& subject, Sink& sink) {
  if (!Wrapped(subject).empty()) return;  // none of them is meant for a profile
  for (const auto& warning : subject.document()->warnings) {
    Located located = ParseLocated(warning);
    const bool no_default = located.pointer == "/" || located.pointer == "/defaultAction";
    if (no_default && !subject.document()->has_default_action) continue;
    const bool open = LeavesOpen(subject, located);
    if (open) located.message += ", and what it was to keep out stays open";
    sink.AddAt(open ? Severity::kError : Severity::kWarning, located);
  }
  const auto& rules = subject.document()->rules;
  for (size_t i = 0; i < rules.size(); ++i) {
    for (size_t j = 0; j < rules[i].conditions.size(); ++j) {
      const auto& condition = rules[i].conditions[j];
      if (condition.value_two == 0 || condition.op == profile::Operator::kMaskedEqual) continue;
      sink.Add(Severity::kWarning, At(i, "args", j) + "/valueTwo",
               "valueTwo is for SCMP_CMP_MASKED_EQ: this operator does not look at it",
               "SCMP_CMP_MASKED_EQ, with the mask as value, if that is meant");
    }
  }
}

}  // namespace whittle::lint

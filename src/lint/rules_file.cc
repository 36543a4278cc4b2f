// Files that are no profile, or one in which a member does not do what it seems to.
#include <fmt/core.h>

#include <algorithm>
#include <unordered_set>

#include "base/text.h"
#include "lint/rules.h"
#include "profile/not_a_profile.h"

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

// The text, or the JSON string that it is, looks like the name of a file.
bool IsPath(const Subject& subject) {
  if (subject.root() == nullptr) return !profile::NotJsonText(subject.text()).empty();
  return subject.root()->is(Kind::kString) && !profile::NotJsonText(subject.root()->text).empty();
}

// The whole of it lies in a member.
std::string Wrapped(const Subject& subject) {
  const json::Value* root = subject.root();
  const bool may_be = root->is(Kind::kObject) && root->Find("defaultAction") == nullptr;
  return may_be ? profile::InnerProfile(*root) : "";
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
  sink.AddAt(Severity::kError, *subject.error());
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
    const Located located = ParseLocated(warning);
    const bool no_default = located.pointer == "/" || located.pointer == "/defaultAction";
    if (!no_default || subject.document()->has_default_action) sink.AddAt(Severity::kWarning, located);
  }
}

}  // namespace whittle::lint

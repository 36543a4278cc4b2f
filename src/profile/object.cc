#include "profile/object.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "base/yaml.h"

namespace whittle::profile {
namespace {

using json::Kind;
using json::Value;

constexpr std::string_view kBase = "baseProfileName";
// Of other profiles; of an object the API server drops it.
constexpr std::string_view kDefaultErrno = "defaultErrnoRet";

// JSON is not parsed twice only because it might be YAML.
bool IsYaml(std::string_view text) {
  if (json::BeginsAsJson(text)) return false;
  return std::ranges::any_of(Lines(text), [](std::string_view line) { return line.starts_with("kind:"); });
}

// The spec without the members that are the operator's own.
Result<Value> SpecOf(const Value& object, const std::string& file) {
  const auto* spec = object.Find("spec");
  if (spec == nullptr || !spec->is(Kind::kObject))
    return json::FailAt(file, object.at, "/spec: a SeccompProfile has an object there");
  if (const auto base = BaseOfSpec(*spec); !base.empty()) {
    return json::FailAt(
        file, spec->Find(kBase)->at,
        fmt::format("/spec/baseProfileName: the profile adds to '{}', which is not in the file",
                    json::Quotable(base)));
  }
  if (const auto* dropped = spec->Find(kDefaultErrno)) {
    return json::FailAt(
        file, dropped->at,
        "/spec/defaultErrnoRet: a SeccompProfile has no such member, and the API server drops it: "
        "take it away, and name the calls that are to get another errno, with errnoRet");
  }
  return ProfileOfSpec(*spec);
}

// Of the first object of Kubernetes among them; empty if there is none.
std::string_view KindOfObject(const std::vector<Value>& documents) {
  for (const auto& document : documents) {
    const auto* kind = document.Find("kind");
    if (kind != nullptr && kind->is(Kind::kString) && document.Find("apiVersion") != nullptr)
      return kind->text;
  }
  return "";
}

std::string NoProfileText(const std::string& file, std::string_view kind) {
  return fmt::format(
      "{}: a manifest ({}), and no profile: expected a profile or a SeccompProfile object; 'whittle lint' "
      "reads manifests, and 'whittle convert --to kubernetes'",
      file, Printable(kind));
}

}  // namespace

bool IsSeccompProfile(const Value& root) {
  const auto* kind = root.Find("kind");
  return kind != nullptr && kind->is(Kind::kString) && kind->text == "SeccompProfile";
}

Value ProfileOfSpec(const Value& spec) {
  Value profile = spec;
  std::erase_if(profile.members, [](const json::Member& member) {
    return member.name == kBase || member.name == "disabled" || member.name == kDefaultErrno;
  });
  return profile;
}

std::string_view BaseOfSpec(const Value& spec) {
  const auto* base = spec.Find(kBase);
  return base == nullptr ? std::string_view() : std::string_view(base->text);
}

Result<Document> ReadWithObjects(std::string_view text, const std::string& file, Reading reading) {
  if (!IsYaml(text)) {
    const Value root = TRY(ReadTree(text, file));
    return IsSeccompProfile(root) ? ReadValue(TRY(SpecOf(root, file)), file, reading)
                                  : ReadValue(root, file, reading);
  }
  const auto documents = TRY(yaml::Parse(text, file));
  // What is no object is told of as the profile that it would have to be.
  if (!std::ranges::any_of(documents, IsSeccompProfile)) {
    if (const auto kind = KindOfObject(documents); !kind.empty())
      return Fail(ErrorCode::kBadInput, NoProfileText(file, kind));
    return Read(text, file, reading);
  }
  if (documents.size() != 1) {
    return Fail(ErrorCode::kBadInput, fmt::format("{}: {} objects in one file: expected one SeccompProfile",
                                                  file, documents.size()));
  }
  return ReadValue(TRY(SpecOf(documents.front(), file)), file, reading);
}

}  // namespace whittle::profile

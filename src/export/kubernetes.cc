// The field for a profile, and manifests with annotations of old.
//
// A manifest is edited as text, since people's comments and order are theirs: annotations are lines that go,
// fields are lines that come, at places that the YAML's own positions give. That only the wanted has changed
// is not believed but checked: the new text is parsed and compared with the old values, changed as values.
#include "export/kubernetes.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/text.h"
#include "base/yaml.h"
#include "export/losses.h"
#include "export/name.h"
#include "manifest/localhost.h"
#include "manifest/pods.h"

namespace whittle::exporting {
namespace {

using json::Kind;
using json::Member;
using json::Value;

// In the order in which they are told of.
constexpr manifest::Kind kKinds[] = {manifest::Kind::kMain, manifest::Kind::kInit,
                                     manifest::Kind::kEphemeral};

using manifest::Field;
using manifest::kContainerAnnotation;
using manifest::kPodAnnotation;

Value ValueOf(const Field& field) {
  Value value = json::Object({{"type", field.type}});
  if (!field.path.empty()) value.Set("localhostProfile", field.path);
  return value;
}

// JSON's strings are YAML's; what looks like a file needs no quotes.
std::string PathText(const std::string& path) {
  constexpr std::string_view kOthers = "0123456789/.-_";
  const bool is_plain =
      std::ranges::all_of(path, [&](char c) { return IsLetter(c) || kOthers.find(c) != kOthers.npos; }) &&
      IsLetter(path.front()) && path.find_first_of("/.") != path.npos;
  return is_plain ? path : json::Write(Value(path), json::Style::kCompact);
}

std::string FieldText(const Field& field, const std::string& indent) {
  std::string text = fmt::format("{0}seccompProfile:\n{0}  type: {1}\n", indent, field.type);
  if (!field.path.empty()) text += fmt::format("{}  localhostProfile: {}\n", indent, PathText(field.path));
  return text;
}

std::string FlowText(const Field& field) {
  const std::string path = field.path.empty() ? "" : ", localhostProfile: " + PathText(field.path);
  return fmt::format("seccompProfile: {{type: {}{}}}", field.type, path);
}

Result<Field> FieldOf(const std::string& file, const Member& annotation) {
  auto field = manifest::FieldOfAnnotation(annotation.value);
  if (field) return field;
  return json::FailAt(file, annotation.value.at,
                      fmt::format("{}: {}", json::Quotable(annotation.name), field.error().message));
}

constexpr std::string_view kProfile = "seccompProfile";

// What is null is not there, for Kubernetes.
bool HasProfile(const Value* context) {
  const auto* profile = context == nullptr ? nullptr : context->Find(kProfile);
  return profile != nullptr && !profile->is(Kind::kNull);
}

Value* FindIn(Value& object, std::string_view name) {
  const auto found = std::ranges::find(object.members, name, &Member::name);
  return found == object.members.end() ? nullptr : &found->value;
}

Value& Ensured(Value& object, std::string_view name) {
  if (Value* there = FindIn(object, name)) {
    if (there->is(Kind::kNull)) *there = json::Object();
    return *there;
  }
  object.Set(std::string(name), json::Object());
  return object.members.back().value;
}

// The same, whatever the order of members.
bool SameValue(const Value& a, const Value& b) {
  if (a.kind != b.kind || a.text != b.text) return false;
  if (a.items.size() != b.items.size() || a.members.size() != b.members.size()) return false;
  if (a.is(Kind::kBoolean) && a.boolean != b.boolean) return false;
  const bool number = a.is(Kind::kUnsigned) || a.is(Kind::kInteger) || a.is(Kind::kReal);
  if (number && a.number != b.number) return false;
  for (size_t i = 0; i < a.items.size(); ++i) {
    if (!SameValue(a.items[i], b.items[i])) return false;
  }
  return std::ranges::all_of(a.members, [&](const Member& member) {
    const auto* other = b.Find(member.name);
    return other != nullptr && SameValue(member.value, *other);
  });
}

class Mover {
 public:
  Mover(std::string_view text, const std::string& file) : file_(file) {
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find('\n', at), text.size() - 1);
      lines_.emplace_back(text.substr(at, end + 1 - at));
      at = end + 1;
    }
    if (!lines_.empty() && lines_.front().ends_with("\r\n")) end_ = "\r\n";
  }

  Result<void> Move(Value& pod);
  std::string Text() const;
  Moved moved;

 private:
  using Fields = std::map<std::string, Field>;  // by container; the pod's own without a name

  Result<Fields> TakeAnnotations(Value& pod);
  Result<void> TakeLine(const Member& member);
  Result<void> Give(Value& container, bool init, const Fields& fields);
  Result<void> PutField(Value& container, const Field& field);
  Result<std::string> IndentOf(json::Position at) const;
  Result<void> PutBehind(uint32_t line, std::string text);
  Result<void> PutInBlock(const Member& context, const Field& field);
  void EraseNull(const Member& member);
  bool IsFlow(const Member& context) const;
  void PutInFlow(const Member& context, const Field& field);
  std::string PlaceOf(json::Position at) const { return fmt::format("{}:{}", file_, at.line); }
  std::unexpected<Error> Cannot(json::Position at, std::string_view why) const {
    return Fail(ErrorCode::kNotPossible,
                fmt::format("{}:{}:{}: {}: write it in block style, a line for each member", file_, at.line,
                            at.column, why));
  }

  const std::string& file_;
  std::string_view end_ = "\n";
  std::vector<std::string> lines_;                             // with their ends
  std::set<uint32_t> removed_;                                 // one-based
  std::map<uint32_t, std::string> replaced_;                   // by a comment that stood behind what is gone
  std::map<uint32_t, std::string> behind_;                     // what comes behind a line
  std::map<uint32_t, std::pair<size_t, std::string>> within_;  // what comes into a line, and where
};

// The blanks before a member that begins its line, or stands behind the "- " of a list.
Result<std::string> Mover::IndentOf(json::Position at) const {
  if (at.line == 0 || at.line > lines_.size()) return Cannot(at, "an alias cannot be changed");
  const std::string_view before = std::string_view(lines_[at.line - 1]).substr(0, at.column - 1);
  if (before.size() + 1 != at.column || before.find_first_not_of(" -") != before.npos)
    return Cannot(at, "this is not alone on its line");
  return std::string(before.size(), ' ');
}

Result<void> Mover::PutBehind(uint32_t line, std::string text) {
  if (behind_.contains(line) || removed_.contains(line))
    return Cannot({line, 1}, "this stands for several containers (an alias)");
  behind_.emplace(line, std::move(text));
  return {};
}

// "securityContext: {", whatever follows. Names in quotes are JSON's, where a field in YAML would be out of
// place.
bool Mover::IsFlow(const Member& context) const {
  const std::string_view line = lines_[context.at.line - 1];
  const size_t brace = context.value.at.column - 1;
  return context.value.at.line == context.at.line && brace < line.size() && line[brace] == '{' &&
         IsLetter(line[context.at.column - 1]);
}

void Mover::PutInFlow(const Member& context, const Field& field) {
  const std::string_view line = lines_[context.at.line - 1];
  const size_t behind_brace = context.value.at.column;
  std::string text = FlowText(field);
  if (!context.value.members.empty())
    text += line.find_first_of(" \r\n", behind_brace) == behind_brace ? "," : ", ";
  within_.emplace(context.at.line, std::pair(behind_brace, std::move(text)));
}

// A member of one line goes; a comment behind it stays.
Result<void> Mover::TakeLine(const Member& member) {
  const std::string indent = TRY(IndentOf(member.at));
  const bool is_null = member.value.is(Kind::kNull);  // which may be nothing at all
  if (!is_null && member.value.at.line != member.at.line)
    return Cannot(member.at, "the value is not on the same line");
  if (!removed_.insert(member.at.line).second) return Cannot(member.at, "this is not alone on its line");
  const std::string_view line = lines_[member.at.line - 1];
  size_t from = (is_null ? member.at : member.value.at).column - 1;
  const char first = from < line.size() ? line[from] : ' ';
  if (!is_null && (first == '|' || first == '>'))
    return Cannot(member.at, "the value goes on in the next lines");
  if (!is_null && (first == '"' || first == '\'')) from = line.find(first, from + 1);
  if (from == line.npos) return Cannot(member.at, "the value goes on in the next lines");
  const size_t comment = line.find(" #", from);
  if (comment != line.npos) replaced_[member.at.line] = indent + std::string(line.substr(comment + 1));
  return {};
}

Result<Mover::Fields> Mover::TakeAnnotations(Value& pod) {
  Fields fields;
  Value* metadata = FindIn(pod, "metadata");
  Value* annotations = metadata == nullptr ? nullptr : FindIn(*metadata, "annotations");
  if (annotations == nullptr) return fields;
  std::set<std::string> names;
  for (const auto kind : kKinds) {
    const auto* containers = pod.Find("spec")->Find(manifest::ListName(kind));
    if (containers == nullptr) continue;
    for (const auto& container : containers->items) {
      if (const auto* name = container.Find("name")) names.insert(name->text);
    }
  }
  std::vector<Member> kept;
  for (auto& member : annotations->members) {
    const std::string name =
        member.name == kPodAnnotation
            ? ""
            : member.name.substr(std::min(kContainerAnnotation.size(), member.name.size()));
    if (!manifest::IsSeccompAnnotation(member.name)) {
      kept.push_back(member);
    } else if (!name.empty() && !names.contains(name)) {
      moved.notes.push_back(fmt::format("{}: no container is named '{}': the annotation stays as it is",
                                        PlaceOf(member.at), json::Quotable(name)));
      kept.push_back(member);
    } else {
      fields.emplace(name, TRY(FieldOf(file_, member)));
      TRY(TakeLine(member));
    }
  }
  if (fields.empty()) return fields;
  if (!kept.empty()) {
    annotations->members = std::move(kept);
    return fields;
  }
  // None is left: the line above them goes, too.
  const auto& whole = *std::ranges::find(metadata->members, "annotations", &Member::name);
  TRY(IndentOf(whole.at));
  const std::string_view line = Trim(lines_[whole.at.line - 1]);
  if (!line.starts_with("annotations:")) return Cannot(whole.at, "this is not alone on its line");
  removed_.insert(whole.at.line);
  const size_t comment = line.find('#');
  if (comment != line.npos)
    replaced_[whole.at.line] =
        std::string(whole.at.column - 1, ' ') + std::string(Trim(line.substr(comment))) + std::string(end_);
  std::erase_if(metadata->members, [](const Member& member) { return member.name == "annotations"; });
  if (metadata->members.empty()) *metadata = Value();  // "metadata:" with nothing behind it is null
  return fields;
}

Result<void> Mover::PutField(Value& container, const Field& field) {
  const auto context = std::ranges::find(container.members, "securityContext", &Member::name);
  const bool is_there = context != container.members.end();
  const auto anchor = is_there ? context : std::ranges::find(container.members, "name", &Member::name);
  const std::string indent = TRY(IndentOf(anchor->at));
  if (!is_there) {
    if (anchor->value.at.line != anchor->at.line)
      return Cannot(anchor->at, "the name is not on the same line");
    TRY(PutBehind(anchor->at.line, indent + "securityContext:\n" + FieldText(field, indent + "  ")));
  } else if (context->value.is(Kind::kNull)) {
    EraseNull(*context);
    TRY(PutBehind(anchor->at.line, FieldText(field, indent + "  ")));
  } else if (IsFlow(*context)) {
    if (FindIn(context->value, kProfile) != nullptr) return Cannot(anchor->at, "this is in flow style");
    PutInFlow(*context, field);
  } else {
    TRY(PutInBlock(*context, field));
  }
  Value& given = Ensured(container, "securityContext");
  if (Value* null = FindIn(given, kProfile)) {
    *null = ValueOf(field);
  } else {
    given.Set(std::string(kProfile), ValueOf(field));
  }
  return {};
}

// As its first member, or in the place of one that is null.
Result<void> Mover::PutInBlock(const Member& context, const Field& field) {
  if (context.value.members.empty()) return Cannot(context.at, "this is in flow style");
  const auto first = context.value.members.front().at;
  const std::string inner = TRY(IndentOf(first));
  if (first.line <= context.at.line) return Cannot(context.at, "this is in flow style, or an alias");
  const auto null = std::ranges::find(context.value.members, kProfile, &Member::name);
  if (null == context.value.members.end()) return PutBehind(context.at.line, FieldText(field, inner));
  TRY(PutBehind(null->at.line, FieldText(field, inner)));
  return TakeLine(*null);
}

// "securityContext: null": what comes below it is its value.
void Mover::EraseNull(const Member& member) {
  std::string& line = lines_[member.at.line - 1];
  const size_t colon = line.find(':', member.at.column - 1);
  if (colon == line.npos) return;
  const size_t from = line.find_first_not_of(' ', colon + 1);
  for (const std::string_view null : {"null", "Null", "NULL", "~"}) {
    if (from == line.npos || !std::string_view(line).substr(from).starts_with(null)) continue;
    line.erase(colon + 1, from + null.size() - colon - 1);
    return;
  }
}

Result<void> Mover::Give(Value& container, bool init, const Fields& fields) {
  const auto* name = container.Find("name");
  if (name == nullptr || !name->is(Kind::kString))
    return json::FailAt(file_, container.at, "a container without a name: expected \"name: web\"");
  auto field = fields.find(name->text);
  const bool by_pod = field == fields.end();
  if (by_pod) field = fields.find("");
  if (field == fields.end()) return {};
  const std::string who = fmt::format("{}: {} {}", PlaceOf(name->at), init ? "init container" : "container",
                                      json::Quotable(name->text));
  const auto* context = container.Find("securityContext");
  if (HasProfile(context)) {
    moved.notes.push_back(
        fmt::format("{} has the field already: it stays, and '{}' is dropped", who, field->second.Text()));
    return {};
  }
  TRY(PutField(container, field->second));
  moved.moved.push_back(fmt::format("{}: {}", who, field->second.Text()));
  if (by_pod && init && field->second.type == "Localhost") {
    moved.notes.push_back(fmt::format(
        "{} gets the pod's profile, as by the annotation: take the field away if the profile was not "
        "made for it",
        who));
  }
  return {};
}

Result<void> Mover::Move(Value& pod) {
  const auto fields = TRY(TakeAnnotations(pod));
  if (fields.empty()) return {};
  Value& spec = *FindIn(pod, "spec");
  const auto* context = spec.Find("securityContext");
  const bool pod_has_field = HasProfile(context);
  auto own = fields;
  if (pod_has_field && own.erase("") > 0) {
    moved.notes.push_back(
        fmt::format("{}: the pod has the field already: it stays, and the pod's annotation is dropped",
                    PlaceOf(spec.at)));
  }
  for (const auto kind : kKinds) {
    Value* containers = FindIn(spec, manifest::ListName(kind));
    if (containers == nullptr) continue;
    for (auto& container : containers->items) TRY(Give(container, kind == manifest::Kind::kInit, own));
  }
  return {};
}

std::string Mover::Text() const {
  std::string text;
  for (size_t i = 0; i < lines_.size(); ++i) {
    const auto line = static_cast<uint32_t>(i + 1);
    if (const auto comment = replaced_.find(line); comment != replaced_.end()) {
      text += comment->second;
    } else if (!removed_.contains(line)) {
      const size_t begin = text.size();
      text += lines_[i];
      const auto within = within_.find(line);
      if (within != within_.end()) text.insert(begin + within->second.first, within->second.second);
    }
    const auto more = behind_.find(line);
    if (more == behind_.end()) continue;
    if (!text.ends_with('\n')) text += end_;
    for (const auto added : Lines(more->second)) text += std::string(added) + std::string(end_);
  }
  return text;
}

}  // namespace

bool HasPods(const std::vector<json::Value>& documents) {
  return std::ranges::any_of(documents, [](const Value& document) { return manifest::HasPods(document); });
}

namespace {

// The text that was made has just the wanted values.
Result<void> CheckMoved(const Result<std::vector<Value>>& made, const std::vector<Value>& wanted,
                        const std::string& file) {
  size_t same = 0;
  while (made && same < std::min(made->size(), wanted.size()) && SameValue((*made)[same], wanted[same]))
    ++same;
  if (made && same == wanted.size() && same == made->size()) return {};
  const uint32_t line = same < wanted.size() ? wanted[same].at.line : 1;
  return Fail(ErrorCode::kNotPossible,
              fmt::format("{}:{}: in the document that begins here, the lines cannot be changed without "
                          "changing more than the annotations (flow style, aliases, merge keys, values of "
                          "several lines): move them by hand",
                          file, made ? line : 1));
}

}  // namespace

Result<Moved> MoveAnnotations(std::string_view text, const std::string& file) {
  auto documents = TRY(yaml::Parse(text, file));
  Mover mover(text, file);
  for (auto& document : documents) {
    for (const auto* stray : manifest::StrayAnnotations(document)) {
      mover.moved.notes.push_back(
          fmt::format("{}:{}: {} is not of a pod's own metadata, so it has no effect and stays", file,
                      stray->at.line, json::Quotable(stray->name)));
    }
    for (auto* pod : manifest::PodValues(document)) TRY(mover.Move(*pod));
  }
  Moved moved = std::move(mover.moved);
  moved.text = mover.Text();
  TRY(CheckMoved(yaml::Parse(moved.text, file), documents, file));
  return moved;
}

Result<Exported> WriteKubernetes(const Source& source) {
  Exported exported;
  std::string path = source.options.name;
  if (path.empty()) path = fmt::format("profiles/{}.json", TRY(ObjectName(source)));
  TRY(manifest::CheckLocalhostProfile(path));
  if (path.starts_with("localhost/"))
    exported.notes.emplace_back(
        "'localhost/' belongs to the old annotation: here it is a folder of that name");
  profile::Target node = source.target;
  if (node.loader != profile::Loader::kOci) {
    node.loader = profile::Loader::kOci;
    node.loader_version = {2, 1, 0};
  }
  exported.lost = TRY(LostOnTheWay(source, source.document, node));
  if (source.document.decided_by_containerd)
    exported.notes.emplace_back(
        "for containerd's own no file is needed: it is what 'type: RuntimeDefault' gives");
  if (!exported.lost.empty()) {
    exported.notes.emplace_back(
        "containerd on a node reads the file as it is: put there what 'whittle convert --to oci' "
        "writes, and nothing of the below is lost");
  }
  exported.text = fmt::format(
      "# Made by whittle convert of {}\n"
      "# Each node needs the profile as the file seccomp/{} in the kubelet's folder (/var/lib/kubelet).\n"
      "# For a container, not for the pod: there its sidecars and init containers would get it, too.\n"
      "securityContext:\n{}",
      Origin(source), Printable(path), FieldText({"Localhost", path}, "  "));
  return exported;
}

}  // namespace whittle::exporting

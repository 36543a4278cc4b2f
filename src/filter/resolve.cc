#include "filter/resolve.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

#include "base/text.h"
#include "filter/loader.h"
#include "filter/meaning.h"

namespace whittle::filter {
namespace {

using profile::Action;
using profile::Document;
using profile::Rule;
using profile::TakesErrno;

// Runtimes take EPERM where the document says nothing; beside other actions a number means nothing, and crun
// would refuse it.
std::optional<uint32_t> ExplicitErrno(Action action, std::optional<uint32_t> errno_return) {
  if (!TakesErrno(action)) return std::nullopt;
  return errno_return.value_or(EPERM);
}

Rule Flat(const LoadedRule& loaded, const Document& document, Comments comments) {
  const Rule& origin = document.rules[static_cast<size_t>(loaded.rule)];
  Rule rule;
  rule.names = loaded.names;
  rule.action = loaded.action;
  rule.kill_name = origin.kill_name;
  rule.errno_return = ExplicitErrno(loaded.action, loaded.errno_return);
  rule.conditions = loaded.conditions;
  if (comments == Comments::kKeep) rule.comment = origin.comment;
  rule.at = origin.at;
  return rule;
}

// Members that some loader passes over, with what is lost there.
std::vector<std::string> LostMembers(const Document& flat) {
  std::vector<std::string> lost;
  const auto add = [&](bool there, std::string_view member, std::string_view loss) {
    if (there) lost.push_back(fmt::format("{}: docker before 23.0 ignores it: {}", member, loss));
  };
  add(flat.default_errno_return.value_or(EPERM) != EPERM, "defaultErrnoRet",
      "there the default action answers EPERM");
  add(!flat.flags.empty(), "flags", "there the filter is loaded without them");
  add(!flat.listener_path.empty(), "listenerPath", "there nobody gets the descriptor of SCMP_ACT_NOTIFY");
  return lost;
}

// What the document says and the target's loader does not read: the flat document does not say it either. One
// line for each member, with its first place.
std::vector<std::string> UnreadMembers(const Document& document, const std::vector<Note>& notes,
                                       const profile::Target& target) {
  std::vector<std::string> unread;
  std::vector<std::string_view> seen;
  for (const auto& note : notes) {
    if (note.quirk != Quirk::kIgnoredMember || std::ranges::find(seen, note.what) != seen.end()) continue;
    seen.push_back(note.what);
    const auto rules = std::ranges::count_if(notes, [&](const Note& other) {
      return other.quirk == note.quirk && other.what == note.what && other.rule != note.rule;
    });
    unread.push_back(fmt::format("{}: {} {} does not read it: it is not in what is written{}",
                                 PlaceText(document, {note.rule, note.what}), LoaderName(target.loader),
                                 target.loader_version.Text(),
                                 rules == 0 ? "" : fmt::format(" (nor in {} further rules)", rules)));
  }
  return unread;
}

Resolved NoFilter(const Document& document, const std::string& why) {
  Resolved resolved;
  resolved.document.file = document.file;
  resolved.document.has_default_action = false;
  resolved.warnings.push_back(
      fmt::format("defaultAction: {}; a plain OCI loader with crun refuses the document", why));
  return resolved;
}

}  // namespace

Result<Resolved> Resolve(const Document& document, const profile::Target& target, Comments comments) {
  const Meaning meaning = MeaningOf(document, target);
  if (meaning.state == Compiled::State::kUnconfined) return NoFilter(document, meaning.why);
  std::vector<Note> notes;
  const auto loaded = LoadForRuntime(document, target, notes);
  if (meaning.state == Compiled::State::kRefused || !loaded) {
    return Fail(ErrorCode::kBadInput, fmt::format("{}: {} does not take it: {}", meaning.where,
                                                  target.Text(), Printable(meaning.why)));
  }
  Resolved resolved;
  Document& flat = resolved.document;
  flat.file = document.file;
  flat.default_action = *loaded->default_action;
  flat.default_kill_name = document.default_kill_name;
  flat.default_errno_return = ExplicitErrno(flat.default_action, loaded->default_errno_return);
  flat.architectures = loaded->architectures;
  flat.flags = loaded->flags;
  flat.listener_path = loaded->listener_path;
  if (!flat.listener_path.empty()) flat.listener_metadata = document.listener_metadata;
  for (const auto& rule : loaded->rules) {
    if (!rule.names.empty()) flat.rules.push_back(Flat(rule, document, comments));
  }
  resolved.warnings = UnreadMembers(document, notes, target);
  for (auto& lost : LostMembers(flat)) resolved.warnings.push_back(std::move(lost));
  return resolved;
}

}  // namespace whittle::filter

// SeccompProfile objects of the Security Profiles Operator, security-profiles-operator.x-k8s.io/v1beta1. It
// writes the spec to the nodes as a plain OCI profile. Source: api/seccompprofile/v1beta1 of the operator.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

#include "base/json.h"
#include "base/text.h"
#include "export/losses.h"
#include "export/name.h"
#include "filter/loader.h"
#include "syscalls/table.h"

namespace whittle::exporting {
namespace {

using profile::Document;
using profile::Rule;

// What the API server takes.
constexpr std::array<std::string_view, 20> kArchitectures = {
    "SCMP_ARCH_NATIVE",    "SCMP_ARCH_X86",     "SCMP_ARCH_X86_64",   "SCMP_ARCH_X32",
    "SCMP_ARCH_ARM",       "SCMP_ARCH_AARCH64", "SCMP_ARCH_MIPS",     "SCMP_ARCH_MIPS64",
    "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL",  "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32",
    "SCMP_ARCH_PPC",       "SCMP_ARCH_PPC64",   "SCMP_ARCH_PPC64LE",  "SCMP_ARCH_S390",
    "SCMP_ARCH_S390X",     "SCMP_ARCH_PARISC",  "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64",
};
constexpr std::array<std::string_view, 4> kFlags = {"SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG",
                                                    "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
                                                    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};
constexpr uint64_t kLargest = std::numeric_limits<int64_t>::max();

template <size_t kSize>
bool Takes(const std::array<std::string_view, kSize>& values, const std::string& value) {
  return std::ranges::find(values, value) != values.end();
}

// JSON's strings are YAML's, whatever is in them.
std::string Quoted(const std::string& text) { return json::Write(json::Value(text), json::Style::kCompact); }

std::string NameText(const std::string& name) { return IsSyscallName(name) ? name : Quoted(name); }

// What the object can hold of the flat document; the rest is said.
Result<Document> Held(const Source& source, std::vector<std::string>& lost) {
  Document held = source.flat;
  if (held.default_action == profile::Action::kErrno && held.default_errno_return.value_or(EPERM) != EPERM) {
    lost.push_back(
        fmt::format("defaultErrnoRet: {}: the object has no such member, so what is not listed gets {}",
                    *held.default_errno_return, profile::ErrnoName(EPERM)));
  }
  if (held.default_action == profile::Action::kTrace && held.default_errno_return.value_or(EPERM) != EPERM)
    lost.push_back("defaultErrnoRet: the object has no such member: tracers are told 1");
  held.default_errno_return.reset();
  for (const auto& flag : held.flags) {
    if (!Takes(kFlags, flag))
      lost.push_back(fmt::format("flags: {}: the object does not take it", Printable(flag)));
  }
  std::erase_if(held.flags, [](const std::string& flag) { return !Takes(kFlags, flag); });
  for (const auto& architecture : held.architectures) {
    if (Takes(kArchitectures, architecture)) continue;
    return Fail(ErrorCode::kNotPossible,
                fmt::format("{}: the operator's objects do not take {}",
                            filter::PlaceText(source.document, {-1, "architectures"}), architecture));
  }
  for (auto& rule : held.rules) {
    rule.comment.clear();
    if (rule.errno_return == 0U) rule.errno_return.reset();  // its zero is not written, and means EPERM
    for (const auto& condition : rule.conditions) {
      if (condition.value <= kLargest && condition.value_two <= kLargest) continue;
      return Fail(ErrorCode::kNotPossible,
                  fmt::format("{}: a rule for {}: the operator's objects take no value above {:#x}",
                              Printable(source.document.file),
                              rule.names.empty() ? "" : Printable(rule.names.front()), kLargest));
    }
  }
  return held;
}

std::string RuleText(const Rule& rule) {
  std::string text = fmt::format("  - action: {}\n", profile::ScmpActionName(rule.action));
  if (rule.errno_return) text += fmt::format("    errnoRet: {}\n", *rule.errno_return);
  if (!rule.conditions.empty()) text += "    args:\n";
  for (const auto& condition : rule.conditions) {
    text += fmt::format("    - index: {}\n      op: {}\n      value: {}\n", condition.index,
                        profile::ScmpOperatorName(condition.op), condition.value);
    if (condition.value_two != 0) text += fmt::format("      valueTwo: {}\n", condition.value_two);
  }
  text += "    names:\n";
  for (const auto& name : rule.names) text += fmt::format("    - {}\n", NameText(name));
  return text;
}

std::string ListText(std::string_view member, const std::vector<std::string>& items) {
  if (items.empty()) return "";
  std::string text = fmt::format("  {}:\n", member);
  for (const auto& item : items) text += fmt::format("  - {}\n", item);
  return text;
}

std::string SpecText(const Document& held) {
  std::string text = fmt::format("  defaultAction: {}\n", profile::ScmpActionName(held.default_action));
  text += ListText("architectures", held.architectures) + ListText("flags", held.flags);
  if (!held.listener_path.empty()) text += fmt::format("  listenerPath: {}\n", Quoted(held.listener_path));
  if (!held.listener_metadata.empty())
    text += fmt::format("  listenerMetadata: {}\n", Quoted(held.listener_metadata));
  if (!held.rules.empty()) text += "  syscalls:\n";
  for (const auto& rule : held.rules) text += RuleText(rule);
  return text;
}

}  // namespace

Result<Exported> WriteOperator(const Source& source) {
  Exported exported;
  const auto held = TRY(Held(source, exported.lost));
  profile::Target node = source.target;
  if (node.loader != profile::Loader::kOci) {
    node.loader = profile::Loader::kOci;
    node.loader_version = {2, 1, 0};
  }
  for (auto& line : TRY(LostOnTheWay(source, held, node))) exported.lost.push_back(std::move(line));
  const bool comments =
      std::ranges::any_of(source.flat.rules, [](const Rule& rule) { return !rule.comment.empty(); });
  if (comments) exported.notes.emplace_back("comments of rules: the object has no place for them");
  exported.text = fmt::format(
      "# Made by whittle convert of {}\n"
      "apiVersion: security-profiles-operator.x-k8s.io/v1beta1\nkind: SeccompProfile\nmetadata:\n  name: {}\n"
      "spec:\n{}",
      Origin(source), Quoted(TRY(ObjectName(source))), SpecText(held));
  return exported;
}

}  // namespace whittle::exporting

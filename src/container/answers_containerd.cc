// What `ctr` prints. Tables have a head and columns between blanks; names hold none.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <optional>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "container/answer_reader.h"
#include "container/answers.h"

namespace whittle::container {
namespace {

using json::Kind;
using json::Value;

constexpr size_t kMaxName = 76;  // containerd's own limit
constexpr size_t kMaxTable = size_t{64} << 20;
constexpr std::string_view kRuncShim = "io.containerd.runc.v2";

// The rows of a table whose head begins with `head`, each with at least `columns` words.
Result<std::vector<std::vector<std::string_view>>> Rows(std::string_view text, std::string_view head,
                                                        size_t columns, const std::string& source) {
  const auto lines = Lines(text.substr(0, kMaxTable));
  if (lines.empty() || !lines.front().starts_with(head)) {
    return Fail(ErrorCode::kBadInput,
                fmt::format("{}: expected a table that begins with {}, found '{}'", source, head,
                            Printable(lines.empty() ? "" : lines.front().substr(0, 60))));
  }
  std::vector<std::vector<std::string_view>> rows;
  for (const auto line : std::span(lines).subspan(1)) {
    auto words = Words(line);
    if (words.empty()) continue;
    if (words.size() < columns) {
      return Fail(ErrorCode::kBadInput, fmt::format("{}: expected {} columns, found '{}'", source, columns,
                                                    Printable(line.substr(0, 80))));
    }
    rows.push_back(std::move(words));
  }
  return rows;
}

Result<std::string> TakeName(std::string_view word, const std::string& source) {
  if (IsContainerdName(word)) return std::string(word);
  return Fail(ErrorCode::kBadInput,
              fmt::format("{}: '{}' cannot be a container's id", source, Printable(word.substr(0, 80))));
}

std::optional<std::string> FromBase64(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text.substr(0, text.find('='))) {
    const size_t digit = kDigits.find(c);
    if (digit == kDigits.npos) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xff);
  }
  return bytes;
}

// Takes a protocol buffer's number off the front.
std::optional<uint64_t> TakeVarint(std::string_view& bytes) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

// The text in a field of a protocol buffer whose fields are numbers and texts; empty if it is not there.
std::string TextField(std::string_view bytes, uint64_t wanted) {
  while (!bytes.empty()) {
    const auto tag = TakeVarint(bytes);
    const auto value = tag ? TakeVarint(bytes) : std::nullopt;
    if (!value) return "";
    if ((*tag & 7) == 0) continue;  // a number
    if ((*tag & 7) != 2 || *value > bytes.size()) return "";
    if (*tag >> 3 == wanted) return std::string(bytes.substr(0, *value));
    bytes.remove_prefix(*value);
  }
  return "";
}

// containerd.runc.v1.Options, field 6: the runtime's program.
std::string BinaryName(const std::string& type, const std::string& value) {
  if (!type.ends_with("containerd.runc.v1.Options")) return "";
  const auto bytes = FromBase64(value);
  return bytes ? TextField(*bytes, 6) : "";
}

void TakeRuntime(AnswerReader& reader, ContainerInfo& info) {
  const std::string shim = reader.Text({"Runtime", "Name"});
  if (shim != kRuncShim) {
    info.runtime = shim;  // none that is known here: kata, gVisor
    return;
  }
  const std::string program = BinaryName(reader.Text({"Runtime", "Options", "type_url"}),
                                         reader.Text({"Runtime", "Options", "value"}));
  info.runtime = program.empty() ? "runc" : program.substr(program.rfind('/') + 1);
  if (program.find('/') != std::string::npos) info.runtime_path = program;
}

// "/default/web", or systemd's "slice:prefix:name", which becomes a unit somewhere below the slice.
std::string CgroupOf(const std::string& path) {
  const auto parts = Split(path, ':');
  if (parts.size() != 3) return path;
  return fmt::format("{}-{}.scope", parts[1], parts[2]);
}

}  // namespace

bool IsContainerdName(std::string_view text) {
  const auto alphanumeric = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  if (text.empty() || text.size() > kMaxName) return false;
  if (!alphanumeric(text.front()) || !alphanumeric(text.back())) return false;
  for (size_t i = 1; i < text.size(); ++i) {
    if (alphanumeric(text[i])) continue;
    const bool mark = text[i] == '.' || text[i] == '_' || text[i] == '-';
    if (!mark || !alphanumeric(text[i - 1])) return false;
  }
  return true;
}

Result<std::vector<ContainerSummary>> ParseContainerTable(std::string_view text, std::string_view name_space,
                                                          const std::string& source) {
  std::vector<ContainerSummary> containers;
  for (const auto& row : TRY(Rows(text, "CONTAINER", 2, source))) {
    ContainerSummary summary;
    summary.name = TRY(TakeName(row[0], source));
    summary.id = fmt::format("{}/{}", name_space, summary.name);
    summary.cgroup = "/" + summary.id;
    if (row[1] != "-") summary.image = row[1];
    containers.push_back(std::move(summary));
  }
  return containers;
}

Result<std::map<std::string, Task>> ParseTaskTable(std::string_view text, const std::string& source) {
  std::map<std::string, Task> tasks;
  for (const auto& row : TRY(Rows(text, "TASK", 3, source))) {
    const auto pid = ParseUnsigned(row[1]);
    if (!pid || *pid > static_cast<uint64_t>(std::numeric_limits<pid_t>::max())) {
      return Fail(ErrorCode::kBadInput, fmt::format("{}: expected a process id, found '{}'", source,
                                                    Printable(row[1].substr(0, 80))));
    }
    tasks[TRY(TakeName(row[0], source))] = {static_cast<pid_t>(*pid), LowerCase(row[2])};
  }
  return tasks;
}

Result<ContainerInfo> ParseContainerdContainer(std::string_view text, std::string_view name_space,
                                               const std::string& source) {
  const Value root = TRY(json::Parse(text, source, kAnswerLimits));
  AnswerReader reader(root, source);
  ContainerInfo info;
  info.engine = EngineKind::kContainerd;
  info.name = TRY(TakeName(reader.Text({"ID"}), source));
  info.id = fmt::format("{}/{}", name_space, info.name);
  info.image = reader.Text({"Image"});
  TakeRuntime(reader, info);
  info.no_new_privs = reader.Flag({"Spec", "process", "noNewPrivileges"});
  const auto bounding = reader.Texts({"Spec", "process", "capabilities", "bounding"});
  info.capabilities.insert(bounding.begin(), bounding.end());
  info.cgroup = CgroupOf(reader.Text({"Spec", "linux", "cgroupsPath"}));
  const Value* seccomp = reader.Get({"Spec", "linux", "seccomp"}, Kind::kObject);
  info.seccomp = seccomp != nullptr ? "" : "unconfined";
  if (seccomp != nullptr) info.oci_seccomp = json::Write(*seccomp, json::Style::kCompact);
  info.command = reader.Texts({"Spec", "process", "args"});
  info.tty = reader.Flag({"Spec", "process", "terminal"});
  info.created_ms = ParseTimeText(reader.Text({"CreatedAt"})).value_or(0);
  TRY(reader.status());
  return info;
}

Result<std::vector<ImageRow>> ParseImageTable(std::string_view text, const std::string& source) {
  constexpr std::string_view kDigest = "sha256:";
  std::vector<ImageRow> images;
  for (const auto& row : TRY(Rows(text, "REF", 3, source))) {
    if (!row[2].starts_with(kDigest)) continue;
    images.push_back({std::string(row[0]), std::string(row[2].substr(kDigest.size()))});
  }
  return images;
}

// DATE TIME ZONE ZONE NAMESPACE TOPIC JSON
Result<std::optional<ContainerSummary>> ParseEvent(std::string_view line, const std::string& source) {
  constexpr size_t kNamespace = 4, kTopic = 5;
  const auto words = Words(line.substr(0, line.find('{')));
  if (words.size() != kTopic + 1 || words[kTopic] != "/containers/create") return std::nullopt;
  const Value root = TRY(json::Parse(line.substr(line.find('{')), source, kAnswerLimits));
  AnswerReader reader(root, source);
  ContainerSummary summary;
  summary.name = TRY(TakeName(reader.Text({"id"}), source));
  summary.id = fmt::format("{}/{}", TRY(TakeName(words[kNamespace], source)), summary.name);
  summary.cgroup = "/" + summary.id;
  summary.image = reader.Text({"image"});
  summary.state = "created";
  summary.runtime = reader.Text({"runtime", "name"});
  if (summary.runtime == kRuncShim) {
    const std::string program = BinaryName(reader.Text({"runtime", "options", "type_url"}),
                                           reader.Text({"runtime", "options", "value"}));
    summary.runtime = program.empty() ? "runc" : program;
  }
  TRY(reader.status());
  return summary;
}

Result<std::string> ParseContainerdVersion(std::string_view text, const std::string& source) {
  bool server = false;
  for (const auto line : Lines(text.substr(0, 1 << 16))) {
    const auto words = Words(line);
    if (!words.empty() && words[0] == "Server:") server = true;
    if (server && words.size() == 2 && words[0] == "Version:") return std::string(words[1]);
  }
  return Fail(ErrorCode::kBadInput,
              fmt::format("{}: no server's version in '{}'", source, Printable(text.substr(0, 60))));
}

}  // namespace whittle::container

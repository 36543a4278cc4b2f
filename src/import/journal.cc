// The journal as `journalctl -o json`, json-pretty, json-seq, json-sse, export or verbose prints it: the same
// audit records, with serial numbers that the journal's short form lacks. An entry is written as the line
// that a log would have of it, and read as such (audit.cc). Who wrote an entry says the journal, not its
// text.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "import/audit_record.h"
#include "import/format.h"

namespace whittle::import {
namespace {

constexpr size_t kMaxEntry = 1 << 20;
constexpr size_t npos = std::string_view::npos;

struct Entry {
  std::string transport, facility, identifier, user, program, host, audit_type, audit_id, source_time, time,
      message;

  // Where a field goes; null for one that does not matter.
  std::string* Of(std::string_view name) {
    const std::pair<std::string_view, std::string*> kFields[] = {{"_TRANSPORT", &transport},
                                                                 {"SYSLOG_FACILITY", &facility},
                                                                 {"SYSLOG_IDENTIFIER", &identifier},
                                                                 {"_UID", &user},
                                                                 {"_COMM", &program},
                                                                 {"_HOSTNAME", &host},
                                                                 {"_AUDIT_TYPE", &audit_type},
                                                                 {"_AUDIT_ID", &audit_id},
                                                                 {"MESSAGE", &message},
                                                                 {"_SOURCE_REALTIME_TIMESTAMP", &source_time},
                                                                 {"__REALTIME_TIMESTAMP", &time}};
    for (const auto& [known, field] : kFields) {
      if (known == name) return field;
    }
    return nullptr;
  }
};

// Text that is not UTF-8, or has control characters, is an array of its bytes.
std::string TextOf(const json::Value& value) {
  if (value.is(json::Kind::kString)) return value.text;
  std::string bytes;
  for (const auto& item : value.items) {
    if (item.is(json::Kind::kUnsigned) && item.number < 256) bytes += static_cast<char>(item.number);
  }
  return bytes;
}

std::optional<Entry> ParseEntry(std::string_view text) {
  const auto root = json::Parse(text, "entry", {.bytes = kMaxEntry, .depth = 4, .values = kMaxEntry / 2});
  if (!root || !root->is(json::Kind::kObject)) return std::nullopt;
  Entry entry;
  for (const auto& member : root->members) {
    if (auto* field = entry.Of(member.name)) *field = TextOf(member.value);
  }
  return entry;
}

std::string NodeText(const Entry& entry) {
  const bool is_word = !entry.host.empty() && entry.host.find_first_of(" \t=") == std::string::npos;
  return is_word ? fmt::format("node={} ", entry.host) : "";
}

// "SECCOMP auid=0 ...", which journald took from the kernel itself.
std::string AuditText(const Entry& entry) {
  const auto us = ParseUnsigned(entry.source_time.empty() ? entry.time : entry.source_time);
  if (!us || !ParseUnsigned(entry.audit_id)) return fmt::format("Jan 1 audit[1]: {}", entry.message);
  const size_t blank = std::min(entry.message.find(' '), entry.message.size());
  return fmt::format("{}type={} msg=audit({}.{:03}:{}): {}", NodeText(entry), entry.message.substr(0, blank),
                     *us / 1'000'000, *us / 1000 % 1000, entry.audit_id, entry.message.substr(blank));
}

std::string KernelText(const Entry& entry) {
  std::string_view message = entry.message;
  const bool is_of_program = !entry.facility.empty() && entry.facility != "0";  // written to /dev/kmsg
  if (is_of_program) return fmt::format("<13>[0.0] {}", message);
  if (message.starts_with("audit: type=")) message.remove_prefix(7);
  const bool is_record = message.starts_with("type=");
  return fmt::format("{}{}", is_record ? NodeText(entry) : "[0.0] ", message);
}

// By what the journal itself knows of who wrote it, as far as the entry has that: the identifier is whatever
// the program said that it is.
bool IsOfAuditDaemon(const Entry& entry) {
  static constexpr std::array<std::string_view, 5> kWriters = {"audispd", "audisp-syslog", "auditd",
                                                               "systemd-journald", "systemd-journal"};
  const auto is_one = [&](std::string_view name) {
    return std::ranges::find(kWriters, name) != kWriters.end();
  };
  return is_one(entry.identifier) && (entry.program.empty() || is_one(entry.program)) &&
         (entry.user.empty() || entry.user == "0");
}

// The line of a log that says the same; empty for one of no concern. What programs write that reads like a
// record is none, and that is told.
std::string LineOf(const Entry& entry) {
  std::string line;
  if (entry.transport == "audit") {
    line = AuditText(entry);
  } else if (entry.transport == "kernel") {
    line = KernelText(entry);
  } else if (const bool is_daemon = IsOfAuditDaemon(entry);
             is_daemon || entry.message.find("type=") != npos) {
    line = fmt::format("Jan 1 00:00:00 host {}: {}", is_daemon ? entry.identifier : "program", entry.message);
  }
  return line.substr(0, line.find('\n'));
}

bool IsFieldName(std::string_view text) {
  const bool has_digit_first = !text.empty() && text[0] >= '0' && text[0] <= '9';
  return !text.empty() && !has_digit_first &&
         text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == npos;
}

// "Sun 2026-11-29 07:53:10.300123 UTC [s=5e1f...;i=1f;b=9f5c...;m=1;t=1a;x=2]": an entry of -o verbose
// begins, whose fields follow, indented.
bool IsVerboseStart(std::string_view line) {
  const size_t cursor = line.find(" [s=");
  return cursor != npos && line.ends_with(']') && line.find(";t=", cursor) != npos;
}

class JournalParser final : public Parser {
 public:
  JournalParser(Tally& tally, const Settings& settings) : tally_(tally), audit_(MakeAudit(tally, settings)) {}

  void BeginFile(std::string_view name) override { audit_->BeginFile(name); }
  Understood Line(std::string_view line) override;
  void Blank() override;
  size_t Bytes(std::string_view bytes) override;
  void EndFile() override;
  void End() override { audit_->End(); }

 private:
  Understood Take(const Entry& entry);
  Understood TakeObject(std::string_view text);
  Understood TakePretty(std::string_view line);
  Understood TakeField(std::string_view line);
  void EndBinary();
  Understood TakeIndented(std::string_view line);
  Understood Flush();

  Tally& tally_;
  std::unique_ptr<Parser> audit_;
  std::string pretty_;             // an object over several lines, whose end has not come
  Entry exported_;                 // of -o export or verbose, whose end has not come
  bool is_export_ = false;         // blank lines end entries
  std::string* binary_ = nullptr;  // the field of it whose bytes follow; null for one that does not matter
  bool is_binary_ = false;
  std::string length_, text_;  // of it, as far as they have come and are kept
  uint64_t read_ = 0;          // how many of its bytes have come
};

Understood JournalParser::Take(const Entry& entry) {
  // A refusal of which --output-fields= left out the text.
  if (entry.audit_type == kSeccompNumber && entry.message.empty()) return Understood::kNo;
  const std::string line = LineOf(entry);
  return line.empty() ? Understood::kYes : audit_->Line(line);
}

// Most entries are of other programs; they are not taken apart.
Understood JournalParser::TakeObject(std::string_view text) {
  if (!text.ends_with('}')) return Understood::kNo;
  const bool may_matter =
      text.find("audi") != npos || text.find("kernel") != npos || text.find("systemd-journald") != npos;
  if (!may_matter) return text.find("\"__") != npos ? Understood::kYes : Understood::kNo;
  const auto entry = ParseEntry(text);
  return entry ? Take(*entry) : Understood::kNo;
}

Understood JournalParser::TakePretty(std::string_view line) {
  if (pretty_.size() + line.size() > kMaxEntry) {
    pretty_.clear();
    return Understood::kNo;
  }
  pretty_ += line;
  if (line != "}") return Understood::kYes;
  const auto understood = TakeObject(pretty_);
  pretty_.clear();
  return understood;
}

// What follows "MESSAGE" in -o export: the length in eight bytes, as much text, and an end of line. What is
// longer than an entry may be is passed over.
size_t JournalParser::Bytes(std::string_view bytes) {
  constexpr size_t kLength = 8;
  if (!is_binary_) return 0;
  size_t taken = std::min(kLength - length_.size(), bytes.size());
  length_ += bytes.substr(0, taken);
  if (length_.size() < kLength) return taken;
  uint64_t size = 0;
  for (size_t i = kLength; i > 0; --i) size = size << 8 | static_cast<uint8_t>(length_[i - 1]);
  const auto more = bytes.substr(taken, size - read_);
  read_ += more.size();
  taken += more.size();
  if (text_.size() <= kMaxEntry) text_ += more;
  const bool ends = read_ == size && taken < bytes.size();
  if (!ends) return taken;
  if (size > kMaxEntry && binary_ != nullptr)
    tally_.Lose("truncated", "fields of the journal are longer than can be read", 1);
  if (size <= kMaxEntry && binary_ != nullptr) *binary_ = text_;
  EndBinary();
  return taken + 1;
}

void JournalParser::EndBinary() {
  is_binary_ = false;
  length_.clear();
  text_.clear();
  read_ = 0;
}

// "MESSAGE=text", or "MESSAGE" and then its bytes.
Understood JournalParser::TakeField(std::string_view line) {
  const size_t equals = std::min(line.find('='), line.size());
  const auto name = line.substr(0, equals);
  if (!IsFieldName(name)) return Understood::kNo;
  if (equals == line.size()) {
    binary_ = exported_.Of(name);
    is_binary_ = true;
    return Understood::kYes;
  }
  const auto understood = name == "__CURSOR" ? Flush() : Understood::kYes;
  if (auto* field = exported_.Of(name)) *field = line.substr(equals + 1);
  return understood;
}

// "    MESSAGE=text" of -o verbose. What is indented further is more of the text before it.
Understood JournalParser::TakeIndented(std::string_view line) {
  constexpr std::string_view kIndent = "    ";
  const bool is_field = line.starts_with(kIndent) && line.size() > kIndent.size() &&
                        line[kIndent.size()] != ' ' && line.find('=') != npos;
  return is_field ? TakeField(line.substr(kIndent.size())) : Understood::kYes;
}

// The entry whose fields came is over.
Understood JournalParser::Flush() { return Take(std::exchange(exported_, {})); }

void JournalParser::Blank() {
  if (is_export_ && Flush() == Understood::kNo)
    tally_.Lose("truncated", "entries of the journal have no text", 1);
}

Understood JournalParser::Line(std::string_view line) {
  if (!pretty_.empty() || line == "{") return TakePretty(line);
  if (line.starts_with('\x1e')) line.remove_prefix(1);    // -o json-seq
  if (line.starts_with("data: ")) line.remove_prefix(6);  // -o json-sse
  if (line.starts_with('{')) return TakeObject(line);
  if (line.starts_with("-- ")) return Understood::kYes;  // "-- No entries --"
  if (IsVerboseStart(line)) return Flush();
  if (line.starts_with(' ')) return TakeIndented(line);
  is_export_ = true;
  return TakeField(line);
}

void JournalParser::EndFile() {
  const bool is_cut = !pretty_.empty() || is_binary_;
  if (is_cut) tally_.Lose("truncated", "the last entry of the journal is cut off", 1);
  EndBinary();
  if (Flush() == Understood::kNo) tally_.Lose("truncated", "the last entry of the journal is cut off", 1);
  pretty_.clear();
  is_export_ = false;
  audit_->EndFile();
}

}  // namespace

bool LooksLikeJournal(std::string_view line) {
  if (line.starts_with('\x1e')) line.remove_prefix(1);
  if (line.starts_with("data: ")) line.remove_prefix(6);
  const bool has_stamp = line.find("\"__REALTIME_TIMESTAMP\"") != npos;
  const auto first = Trim(line);
  return (has_stamp && (first.starts_with('{') || first.starts_with('"'))) ||
         line.starts_with("__REALTIME_TIMESTAMP=") || IsVerboseStart(line);
}

std::unique_ptr<Parser> MakeJournal(Tally& tally, const Settings& settings) {
  return std::make_unique<JournalParser>(tally, settings);
}

}  // namespace whittle::import

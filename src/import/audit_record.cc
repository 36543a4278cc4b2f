#include "import/audit_record.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "base/text.h"
#include "import/registers.h"
#include "syscalls/table.h"

namespace whittle::import {
namespace {

using evidence::Fate;
using Kind = AuditLine::Kind;

constexpr size_t npos = std::string_view::npos;
constexpr size_t kMaxPath = 4096;

// The fields of a record that matter, as written: a word, or what stands in quotes (with them). Kernel and
// auditd never put a blank into a word or a quote into quotes: such text is written in hexadecimal.
// `ausearch -i` undoes that for names: words without a '=' are more of the name before them.
struct Fields {
  // Said, not defaulted: each record makes one, and would fill it with zeros first.
  Fields() {}  // NOLINT(modernize-use-equals-default)

  using Text = std::optional<std::string_view>;
  Text syscall, arch, compat, code, exe, comm, pid;

  bool AllThere() const { return code && syscall && arch && exe && comm && compat && pid; }

  Text* Of(std::string_view name) {
    switch (name.size()) {
      case 3:
        return name == "exe" ? &exe : name == "pid" ? &pid : nullptr;
      case 4:
        return name == "comm" ? &comm : name == "code" ? &code : name == "arch" ? &arch : nullptr;
      case 6:
        return name == "compat" ? &compat : nullptr;
      case 7:
        return name == "syscall" ? &syscall : nullptr;
      default:
        return nullptr;
    }
  }
};

// What ends a field, and what ends its name. By tables, since every character of a log is asked.
constexpr auto kEndsField = [] {
  std::array<bool, 256> table{};
  table[' '] = table['\x1d'] = true;
  return table;
}();
constexpr auto kEndsName = [] {
  auto table = kEndsField;
  table['='] = true;
  return table;
}();

// The first such character from `at` on, or the end.
size_t FirstOf(const std::array<bool, 256>& wanted, std::string_view text, size_t at) {
  while (at < text.size() && !wanted[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

// Where "name=" stands first. By its '=': letters are in every line of a log, often.
size_t FindField(std::string_view text, std::string_view name) {
  const size_t length = name.size() - 1;
  for (size_t at = text.find('='); at != npos; at = text.find('=', at + 1)) {
    if (at >= length && text.substr(at - length, name.size()) == name) return at - length;
  }
  return npos;
}

// The kernel begins with whose the process is (auid=, uid=, gid=, ses=, subj=), of which nothing is asked.
size_t BehindItsOwner(std::string_view record) {
  const size_t pid = record.starts_with("auid=") ? record.find(" pid=") : npos;
  return pid == npos ? 0 : pid + 1;
}

// One pass, which ends where the kernel's records have their last field: logs are long.
Fields FieldsOf(std::string_view record) {
  Fields fields;
  Fields::Text* name_before = nullptr;
  for (size_t at = BehindItsOwner(record); at < record.size() && !fields.AllThere();) {
    const size_t equals = FirstOf(kEndsName, record, at);
    const bool is_field = equals < record.size() && record[equals] == '=';
    size_t end = is_field ? equals + 1 : equals;
    if (is_field && end < record.size() && record[end] == '"') {
      end = record.find('"', end + 1);
      if (end == npos) break;
      ++end;
    }
    end = FirstOf(kEndsField, record, end);
    Fields::Text* field = is_field ? fields.Of(record.substr(at, equals - at)) : nullptr;
    if (field != nullptr && !*field) {
      *field = record.substr(equals + 1, end - equals - 1);
      const bool is_name = field == &fields.exe || field == &fields.comm;
      name_before = is_name && !(*field)->starts_with('"') ? field : nullptr;
    } else if (is_field) {
      name_before = nullptr;
    } else if (name_before != nullptr && end > at) {
      const char* start = (*name_before)->data();
      *name_before = std::string_view(start, static_cast<size_t>(record.data() + end - start));
    }
    at = end + 1;
  }
  return fields;
}

std::optional<uint64_t> Hexadecimal(std::string_view text) {
  if (text.starts_with("0x")) text.remove_prefix(2);
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::string> FromHexadecimal(std::string_view text) {
  if (text.empty() || text.size() % 2 != 0) return std::nullopt;
  std::string bytes(text.size() / 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    const char* pair = text.data() + 2 * i;
    uint8_t byte = 0;
    const auto [end, error] = std::from_chars(pair, pair + 2, byte, 16);
    if (error != std::errc() || end != pair + 2) return std::nullopt;
    bytes[i] = static_cast<char>(byte);
  }
  return bytes;
}

// Quoted text is text, even if it looks like hexadecimal; "(null)" is what the kernel writes for an unknown
// one. Empty if there is none.
std::string TextOf(const std::optional<std::string_view>& value) {
  if (!value || value->empty() || *value == "(null)" || *value == "?") return "";
  if (value->starts_with('"')) return std::string(value->substr(1, value->size() - 2));
  if (auto bytes = FromHexadecimal(*value)) return std::move(*bytes);
  return std::string(*value);
}

std::string ExecutableOf(const Fields& fields) {
  std::string path = TextOf(fields.exe);
  return path.empty() || path.size() > kMaxPath ? "?" : path;
}

struct Named {
  std::string_view name;
  uint32_t value;
};
// SECCOMP_RET_* and how `ausearch -i` writes them.
constexpr std::array kActions = {
    Named{"kill-process", 0x80000000}, Named{"kill_process", 0x80000000}, Named{"kill", 0},
    Named{"kill-thread", 0},           Named{"kill_thread", 0},           Named{"trap", 0x00030000},
    Named{"errno", 0x00050000},        Named{"user-notif", 0x7fc00000},   Named{"user_notif", 0x7fc00000},
    Named{"trace", 0x7ff00000},        Named{"log", 0x7ffc0000},          Named{"allow", 0x7fff0000},
};

// Enriched records that lost the separator: "code=0x7ffc0000AUID=\"unset\" ...". rsyslog writes it, and an
// end of line, as "#035" and "#012".
std::string_view WithoutEnrichment(std::string_view text) {
  text = text.substr(0, text.find('#'));
  size_t end = text.find('=');
  if (end == npos) return text;
  while (end > 0 && text[end - 1] >= 'A' && text[end - 1] <= 'Z') --end;
  return text.substr(0, end);
}

std::optional<uint32_t> ActionCode(std::string_view text) {
  constexpr std::string_view kUnknown = "unknown-seccomp-code(";  // ausearch -i that is older than LOG
  if (text.starts_with(kUnknown)) text = text.substr(0, text.find(')')).substr(kUnknown.size());
  auto code = Hexadecimal(text);  // nearly all there are
  if (!code) {
    text = WithoutEnrichment(text);
    code = Hexadecimal(text);
  }
  if (code && *code <= UINT32_MAX) return static_cast<uint32_t>(*code);
  for (const auto& action : kActions) {
    if (action.name == text) return action.value;
  }
  return std::nullopt;
}

// Records of old kernels have no arch: then compat tells the native ABI from the 32-bit one beside it.
std::optional<Abi> AbiOf(const Fields& fields, uint32_t number, Abi native) {
  const auto& arch = fields.arch;
  if (!arch) {
    if (fields.compat != "1") return native;
    for (const Abi abi : SiblingAbis(native)) {
      if (Is32Bit(abi)) return abi;
    }
    return std::nullopt;
  }
  const auto value = Hexadecimal(*arch);
  if (value && *value <= UINT32_MAX) return AbiOfAuditArch(static_cast<uint32_t>(*value), number);
  const auto named = *arch == "armeb" ? Abi::kArm : ParseAbi(*arch);  // ausearch calls any ARM so
  return named ? std::optional(AbiOfNumber(*named, number)) : std::nullopt;
}

constexpr uint32_t kLittleEndian = 0x40000000;  // __AUDIT_ARCH_LE
// The ABIs of which there are two byte orders, and here only the little-endian one.
constexpr std::array kTwoOrders = {Abi::kPpc64, Abi::kMips64, Abi::kMips64N32, Abi::kMips, Abi::kArm};

// Whether the record is of the other byte order. Of the names only ppc64 tells: `ausearch` calls the other
// one ppc64le.
bool IsOfBigEndian(const Fields& fields, Abi abi) {
  if (!fields.arch || std::ranges::find(kTwoOrders, abi) == kTwoOrders.end()) return false;
  const auto value = Hexadecimal(*fields.arch);
  return value ? *value == (AuditArch(abi) & ~kLittleEndian) : *fields.arch == "ppc64";
}

// "257", interpreted "openat", or "unknown-syscall(2000)".
std::optional<int64_t> NumberIn(std::string_view text) {
  constexpr std::string_view kUnknown = "unknown-syscall(";
  if (text.starts_with(kUnknown) && text.ends_with(')')) {
    text = text.substr(kUnknown.size(), text.size() - kUnknown.size() - 1);
  }
  return ParseSigned(text);
}

// Which call it is, whatever became of it.
bool SetNumber(const Fields& fields, Abi native, evidence::CallKey& call) {
  const auto& text = fields.syscall;
  if (!text) return false;
  const auto value = NumberIn(*text);
  if (value && (*value < INT32_MIN || *value > UINT32_MAX)) return false;
  const auto abi = AbiOf(fields, static_cast<uint32_t>(value.value_or(0)), native);
  const auto number = !abi    ? std::nullopt
                      : value ? std::optional(static_cast<uint32_t>(*value))
                              : SyscallNumber(*abi, *text);
  if (!number) return false;
  call.abi = *abi;
  call.number = *number;
  return true;
}

bool SetCall(const Fields& fields, Abi native, evidence::CallKey& call) {
  evidence::CallKey which;
  if (!SetNumber(fields, native, which)) return false;
  const auto code = fields.code ? ActionCode(*fields.code) : std::nullopt;
  // A number that is all data is the beginning of one that was cut: "0x7ff" is no KILL.
  const bool whole = code && (*code == 0 || *code > UINT16_MAX);
  const auto fate = whole ? FateOfAction(*code) : std::nullopt;
  if (!fate) return false;
  call = {which.abi, which.number, *fate, true};
  return true;
}

// "1625236000.100" or, interpreted, "07/02/2021 14:26:40.100" in an unknown time zone.
std::optional<int64_t> ParseTime(std::string_view text) {
  const size_t dot = text.rfind('.');
  if (dot == npos) return std::nullopt;
  const auto fraction = ParseUnsigned(text.substr(dot + 1));
  if (!fraction || text.size() - dot != 4) return std::nullopt;
  const auto whole = text.substr(0, dot);
  if (const auto seconds = ParseUnsigned(whole); seconds && *seconds <= UINT32_MAX) {
    return static_cast<int64_t>(*seconds * 1000 + *fraction);
  }
  tm parts = {};
  const std::string copy(whole);
  const bool has_century = whole.size() > 10 && whole[8] != ' ';  // the C locale has none
  const char* end = strptime(copy.c_str(), has_century ? "%m/%d/%Y %H:%M:%S" : "%m/%d/%y %H:%M:%S", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  const time_t seconds = timegm(&parts);
  if (seconds < 0 || seconds > int64_t{UINT32_MAX}) return std::nullopt;
  return int64_t{seconds} * 1000 + static_cast<int64_t>(*fraction);
}

// ausearch writes the day as the locale has it, which cannot be told from the text: "14.11.2023
// 22:13:20.002".
bool IsLocalTime(std::string_view text) {
  const auto words = Words(text);
  if (words.size() < 2 || words.back().size() != 12) return false;
  const auto clock = words.back();
  return clock[2] == ':' && clock[5] == ':' && clock[8] == '.' &&
         words[0].find_first_of("0123456789") != npos;
}

// What stands in "audit(...)".
std::optional<AuditStamp> ParseStamp(std::string_view inside) {
  const size_t colon = inside.rfind(':');
  if (colon == npos) return std::nullopt;
  const auto serial = ParseUnsigned(inside.substr(colon + 1));
  const auto time = inside.substr(0, colon);
  const auto ms = ParseTime(time);
  if (!serial || (!ms && !IsLocalTime(time))) return std::nullopt;
  return AuditStamp{"", ms.value_or(-1), *serial};
}

// A record cut into its parts: `type=TYPE [msg=]audit(STAMP): BODY`.
struct Parts {
  std::string_view type, stamp, body;
  bool printed = false;  // by the kernel: daemons write msg=
};

std::optional<Parts> Cut(std::string_view text) {
  if (!text.starts_with("type=")) return std::nullopt;
  const size_t blank = text.find(' ');
  if (blank == npos) return std::nullopt;
  auto rest = text.substr(blank + 1);
  const bool printed = !rest.starts_with("msg=");
  if (!printed) rest.remove_prefix(4);
  if (!rest.starts_with("audit(")) return std::nullopt;
  const size_t close = rest.find(')');
  if (close == npos) return std::nullopt;
  auto body = rest.substr(close + 1);
  while (body.starts_with(':') || body.starts_with(' ')) body.remove_prefix(1);
  return Parts{text.substr(5, blank - 5), rest.substr(6, close - 6), body, printed};
}

// The kernel's own messages have a facility of 0; what programs write into its log (/dev/kmsg) has another.
bool IsOfKernel(std::string_view priority) {
  constexpr uint64_t kFirstOfPrograms = 8;
  return ParseUnsigned(priority).value_or(kFirstOfPrograms) < kFirstOfPrograms;
}

// The types that a refusal has: by number, by name, and as auditd and journald write a number that they know
// no name for.
constexpr std::array<std::string_view, 5> kSeccomp = {kSeccompNumber, "SECCOMP", "UNKNOWN[1326]", "AUDIT1326",
                                                      "<audit-1326>"};

// "<5>", as `dmesg -r` prints it.
bool IsLevel(std::string_view text) {
  return text.size() > 2 && text.starts_with('<') && text.ends_with('>') &&
         IsOfKernel(text.substr(1, text.size() - 2));
}

// "2023-11-14T22:13:20,123456+00:00", as `dmesg --time-format iso` prints it.
bool IsIsoTime(std::string_view text) {
  return text.size() > 19 && text[4] == '-' && text[7] == '-' && text[10] == 'T' && text.find(' ') == npos &&
         text.find_first_not_of("0123456789-:T,.+Z") == npos;
}

// Whether a colon and a blank are in it. By blanks, which are fewer: times have colons.
bool HasTag(std::string_view text) {
  for (size_t at = text.find(' '); at != npos; at = text.find(' ', at + 1)) {
    if (at > 0 && text[at - 1] == ':') return true;
  }
  return false;
}

// "kernel: ", "auditd[77]: ", "audisp-syslog: ", "tag_audit_log: " (what rsyslog's manuals call audit.log);
// RFC 5424 has dashes instead: "kernel - - - ".
bool IsWriter(std::string_view before) {
  const size_t dashes = before.find_last_not_of("- ");
  if (dashes == npos) return false;
  if (before.find('-', dashes + 1) != npos) {
    constexpr size_t kMostFields = 5;  // a length, "<5>1", time, host, program
    const auto fields = before.substr(0, dashes + 1);
    return fields.ends_with(" kernel") && Words(fields).size() <= kMostFields;
  }
  if (!before.ends_with(": ")) return false;
  before.remove_suffix(2);
  if (before.ends_with(']')) before = before.substr(0, before.rfind('['));
  const size_t blank = before.rfind(' ');
  const auto tag = before.substr(blank + 1);
  // Behind another's tag it is that one's text.
  if (HasTag(before.substr(0, blank + 1))) return false;
  return tag == "kernel" || tag == "audispd" || tag == "audisp-syslog" || tag == "auditd" ||
         tag == "tag_audit_log";
}

// "[ T1234]", "[    C1]": the task or processor that printed, with CONFIG_PRINTK_CALLER.
bool IsCaller(std::string_view bracket) {
  const size_t kind = bracket.find_first_not_of("[ ");
  return kind != npos && (bracket[kind] == 'T' || bracket[kind] == 'C') &&
         ParseUnsigned(bracket.substr(kind + 1)).has_value();
}

// Without "[   12.345678] " or "[   12.345678][ T1234] " at its end.
std::string_view WithoutKernelTime(std::string_view before) {
  if (!before.ends_with("] ")) return before;
  const size_t open = std::min(before.rfind('['), before.size());
  const bool is_caller = IsCaller(before.substr(open, before.size() - 2 - open));
  before = before.substr(0, open);
  if (!is_caller) return before;
  while (before.ends_with(' ')) before.remove_suffix(1);
  return before.ends_with(']') ? before.substr(0, before.rfind('[')) : before;
}

// Text of any program may stand in a log: a record counts only where the kernel or an audit daemon puts it.
bool IsRecordPrefix(std::string_view before) {
  const size_t node = before.find('=') == npos ? npos : before.rfind("node=");  // few have any
  if (node != npos && before.find(' ', node) == before.size() - 1) before = before.substr(0, node);
  if (before.ends_with("audit: ")) before.remove_suffix(7);
  before = WithoutKernelTime(before);
  constexpr std::string_view kFacility = "kern  :notice: ";  // of dmesg -x
  const bool has_facility = before.starts_with(kFacility.substr(0, 7)) && before.size() >= kFacility.size();
  if (has_facility) before.remove_prefix(kFacility.size());
  const bool kmsg = before.ends_with(";") && before.find_first_not_of("0123456789,-caler=TC;") == npos &&
                    IsOfKernel(before.substr(0, before.find(',')));
  const bool iso = before.ends_with(' ') && IsIsoTime(before.substr(0, before.size() - 1));
  if (before.empty() || kmsg || iso || IsLevel(before)) return true;
  return IsWriter(before);
}

AuditLine AuditOf(Kind kind, std::optional<AuditStamp> stamp = std::nullopt) {
  AuditLine line;
  line.kind = kind;
  line.stamp = std::move(stamp);
  return line;
}

// The next record stands behind what is there of this one, whose end is missing. Blanks are in no name: those
// are written in hexadecimal then.
bool HasAnotherRecord(std::string_view body) {
  for (size_t at = body.find('('); at != npos; at = body.find('(', at + 1)) {
    const auto before = body.substr(0, at);
    if (before.ends_with(" audit") || before.ends_with(" msg=audit")) return true;
  }
  return false;
}

AuditLine BrokenRefusal() {
  AuditLine line = AuditOf(Kind::kBroken);
  line.is_refusal = true;
  return line;
}

AuditLine Seccomp(std::string_view body, std::optional<AuditStamp> stamp, Abi native) {
  AuditLine parsed;
  parsed.stamp = std::move(stamp);
  const Fields fields = FieldsOf(body);
  parsed.kind =
      !HasAnotherRecord(body) && SetCall(fields, native, parsed.call) ? Kind::kSeccomp : Kind::kBroken;
  parsed.big_endian = parsed.kind == Kind::kSeccomp && IsOfBigEndian(fields, parsed.call.abi);
  parsed.is_refusal = parsed.kind == Kind::kBroken;
  parsed.executable = ExecutableOf(fields);
  parsed.command = TextOf(fields.comm);
  parsed.pid = ParseUnsigned(fields.pid.value_or("")).value_or(0);
  return parsed;
}

// "... a0=10 a1=2 a2=0 a3=0 ...": hexadecimal; `ausearch -i` writes some of them as names.
std::vector<uint64_t> RegistersOf(std::string_view body) {
  std::vector<uint64_t> registers;
  for (const std::string_view name : {" a0=", " a1=", " a2=", " a3="}) {
    const size_t at = body.find(name);
    if (at == npos) return {};
    const auto text = body.substr(at + name.size());
    const auto value = Hexadecimal(text.substr(0, text.find(' ')));
    if (!value) return registers;
    registers.push_back(*value);
  }
  return registers;
}

AuditLine OfParts(const Parts& parts, std::string_view before, Abi native) {
  auto stamp = ParseStamp(parts.stamp);
  const size_t node = FindField(before, "node=");
  if (stamp && node != npos)
    stamp->node = Words(before.substr(node + 5)).empty() ? "" : Words(before.substr(node + 5))[0];
  const bool is_seccomp = std::ranges::find(kSeccomp, parts.type) != kSeccomp.end();
  if (is_seccomp && !stamp) return BrokenRefusal();
  // The daemon counts its own messages apart.
  if (parts.type.starts_with("DAEMON_")) stamp.reset();
  AuditLine line =
      is_seccomp ? Seccomp(parts.body, std::move(stamp), native) : AuditOf(Kind::kOther, std::move(stamp));
  line.printed = parts.printed;
  const bool is_call = parts.type == "SYSCALL" || parts.type == "1300";
  // Of most calls nobody asks for them, and logs are long.
  const bool is_asked = is_call && SetNumber(FieldsOf(parts.body), native, line.call) &&
                        KeepsRegisters(line.call.abi, line.call.number);
  if (is_asked) line.registers = RegistersOf(parts.body);
  return line;
}

// "Nov 14 22:13:20 host audit[5]", or without a process as some syslogs write it.
bool IsJournalsTag(std::string_view before) {
  if (before.ends_with(']')) before = before.substr(0, before.rfind('['));
  return before.ends_with(" audit") && before.find(": ") == npos;
}

// "BEFORE: SECCOMP auid=..."
struct Journals {
  std::string_view before, body;
};
std::optional<Journals> JournalsRecord(std::string_view line) {
  const size_t blank = line.find(" auid=");
  if (blank == npos) return std::nullopt;
  const size_t colon = line.rfind(": ", blank);
  if (colon == npos || colon + 2 > blank) return std::nullopt;
  const auto type = line.substr(colon + 2, blank - colon - 2);
  if (std::ranges::find(kSeccomp, type) == kSeccomp.end()) return std::nullopt;
  return Journals{line.substr(0, colon), line.substr(blank + 1)};
}

// "type=SECCOMP msg=audit(1700", cut before its stamp ends.
bool BeginsRefusal(std::string_view text) {
  const auto words = Words(text.substr(0, text.find('(') + 1));
  return words.size() == 2 && (words[1] == "msg=audit(" || words[1] == "audit(");
}

// The stamps and separators that lines of logs begin with.
bool IsLogLine(std::string_view line) {
  if (line.empty()) return false;
  static constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  for (const auto month : kMonths) {
    if (line.starts_with(month) && line.size() > 6 && line[3] == ' ') return true;
  }
  for (const std::string_view start : {"<", "----", "time->", "-- ", "audit: ", "type=", "node="}) {
    if (line.starts_with(start)) return true;
  }
  // "kern  :notice: ", "daemon:info  : " of dmesg -x
  if (line.size() > 13 && line[6] == ':' && line[13] == ':' && IsLetter(line[0])) return true;
  // "[ 12.3]", "[Sun Nov 29 ...]", "[  +0.000003]", "[<    0.000003>]"
  if (line[0] == '[') return line.find_first_of("0123456789+<") < line.find(']');
  if (const size_t blank = line.find(" <"); blank != npos && blank == line.find_first_not_of("0123456789"))
    return true;  // RFC 6587
  if (line.starts_with("1 ") && line.size() > 2) line.remove_prefix(2);
  const bool iso = line.size() > 10 && IsDigit(line[0]) && line[4] == '-' && line[7] == '-';
  const bool kmsg = IsDigit(line[0]) && line.find(',') < line.find(';') && line.find(';') != npos;
  return iso || kmsg;
}

}  // namespace

std::optional<Abi> AbiOfAuditArch(uint32_t arch, uint32_t number) {
  if (arch == AuditArch(Abi::kX86_64)) return AbiOfNumber(Abi::kX86_64, number);
  for (const Abi abi : AllAbis()) {
    if (AuditArch(abi) == arch) return abi;
  }
  for (const Abi abi : kTwoOrders) {
    if ((AuditArch(abi) & ~kLittleEndian) == arch) return abi;
  }
  return std::nullopt;
}

std::optional<Fate> FateOfAction(uint32_t code) {
  switch (code & 0xffff0000) {
    case 0x80000000:
    case 0x00000000:
      return Fate::kKilled;
    case 0x00030000:
    case 0x00050000:
      return Fate::kDenied;
    case 0x7fc00000:  // the answer is the listener's, or the tracer's
    case 0x7ff00000:
      return Fate::kUnknown;
    case 0x7ffc0000:
      return Fate::kLogged;
    case 0x7fff0000:
      return Fate::kAllowed;
    default:
      return std::nullopt;
  }
}

AuditLine ParseAuditLine(std::string_view line, Abi native) {
  const size_t type = FindField(line, "type=");
  if (type != npos && IsRecordPrefix(line.substr(0, type))) {
    if (const auto parts = Cut(line.substr(type))) return OfParts(*parts, line.substr(0, type), native);
  }
  const auto journal = JournalsRecord(line);
  if (journal && IsJournalsTag(journal->before)) return Seccomp(journal->body, std::nullopt, native);
  const bool claims = type != npos && (line.substr(type).starts_with("type=1326") ||
                                       line.substr(type).starts_with("type=SECCOMP"));
  if (claims && IsRecordPrefix(line.substr(0, type))) {
    return BeginsRefusal(line.substr(type)) ? BrokenRefusal() : AuditOf(Kind::kBroken);
  }
  if (line.starts_with("type=") || line.starts_with("node=")) return AuditOf(Kind::kBroken);
  if (!IsLogLine(line)) return AuditOf(Kind::kUnknown);
  AuditLine foreign = AuditOf(Kind::kForeign);
  foreign.disowned = claims || journal.has_value();
  return foreign;
}

}  // namespace whittle::import

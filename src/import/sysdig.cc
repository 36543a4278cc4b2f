// sysdig's lines: "NUMBER TIME CPU [CONTAINER (ID)] PROCESS (THREAD) > CALL ARGUMENTS", '>' where a call
// begins and
// '<' where it ends; newer ones have ends only. Calls have sysdig's own names, of which some stand for
// several.
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "import/fate.h"
#include "import/format.h"
#include "import/open_calls.h"
#include "syscalls/constants.h"
#include "syscalls/table.h"

namespace whittle::import {
namespace {

constexpr size_t npos = std::string_view::npos;

struct SysdigLine {
  int64_t when_ms = kUndated;
  std::string_view container = "-";
  uint64_t thread = 0;
  bool ends = false;
  std::string_view type;
  std::string_view arguments;
};

// "18:07:01.474013000", or seconds since 1970 of -t a and -t r.
std::optional<int64_t> ParseMoment(std::string_view word) {
  const size_t dot = word.find('.');
  if (dot == npos || word.size() - dot != 10) return std::nullopt;
  const auto fraction = ParseUnsigned(word.substr(dot + 1));
  const auto parts = Split(word.substr(0, dot), ':');
  if (!fraction || (parts.size() != 1 && parts.size() != 3)) return std::nullopt;
  uint64_t seconds = 0;
  for (const auto part : parts) {
    const auto value = ParseUnsigned(part);
    if (!value || *value > UINT32_MAX) return std::nullopt;
    seconds = seconds * 60 + *value;
  }
  return static_cast<int64_t>(seconds * 1000 + *fraction / 1'000'000);
}

// "7513", "7513.7514" (process and thread), "3011:42" (in the host and in the container).
std::optional<uint64_t> ParseThread(std::string_view inside) {
  const size_t cut = inside.find_first_of(".:");
  const auto first = ParseUnsigned(inside.substr(0, cut));
  if (!first || cut == npos) return first;
  const auto second = ParseUnsigned(inside.substr(cut + 1));
  if (!second) return std::nullopt;
  return inside[cut] == '.' ? second : first;
}

std::string_view TakeWord(std::string_view& rest) {
  const size_t end = std::min(rest.find(' '), rest.size());
  const auto word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

std::optional<SysdigLine> ParseSysdigLine(std::string_view text) {
  SysdigLine line;
  auto rest = text;
  if (!ParseUnsigned(TakeWord(rest))) return std::nullopt;
  const auto moment = ParseMoment(TakeWord(rest));
  if (!moment || !ParseUnsigned(TakeWord(rest))) return std::nullopt;
  line.when_ms = *moment;
  // The direction stands behind the first bracket with a thread's id; names before it may have blanks.
  for (size_t at = rest.find(") "); at != npos; at = rest.find(") ", at + 1)) {
    const size_t open = rest.rfind('(', at);
    if (open == npos) return std::nullopt;
    const bool has_direction =
        at + 3 < rest.size() && (rest[at + 2] == '>' || rest[at + 2] == '<') && rest[at + 3] == ' ';
    const auto thread = has_direction ? ParseThread(rest.substr(open + 1, at - open - 1)) : std::nullopt;
    if (!thread) {
      if (line.container == "-" && open > 0) line.container = Trim(rest.substr(0, open));
      continue;
    }
    line.thread = *thread;
    line.ends = rest[at + 2] == '<';
    rest.remove_prefix(at + 4);
    line.type = TakeWord(rest);
    line.arguments = rest;
    if (line.container == "host" || line.container.empty()) line.container = "-";
    return line.type.empty() ? std::nullopt : std::optional(line);
  }
  return std::nullopt;
}

// The value of "name=" at the beginning of a word.
std::string_view Value(std::string_view arguments, std::string_view name) {
  for (const auto word : Words(arguments)) {
    if (word.starts_with(name)) return word.substr(name.size());
  }
  return {};
}

// "-1(EPERM)"
std::string_view ErrorIn(std::string_view arguments) {
  for (const std::string_view name : {"res=", "fd="}) {
    const auto value = Value(arguments, name);
    if (value.starts_with('-') && value.ends_with(')') && value.find("(E") != npos) {
      return value.substr(value.find("(E") + 1, value.size() - value.find("(E") - 2);
    }
  }
  return {};
}

// Events of sysdig's own and of the scheduler: no calls.
constexpr std::array<std::string_view, 14> kNoCalls = {
    "container", "cpu_hotplug", "infra",     "k8s",           "mesos",       "notification", "page_fault",
    "procexit",  "procinfo",    "scapevent", "signaldeliver", "sysdigevent", "switch",       "tracer"};

struct OtherName {
  std::string_view sysdig, kernel;
};
constexpr std::array kOtherNames = {
    OtherName{"pread", "pread64"},  OtherName{"pwrite", "pwrite64"},    OtherName{"prlimit", "prlimit64"},
    OtherName{"umount", "umount2"}, OtherName{"fstatat", "newfstatat"}, OtherName{"llseek", "_llseek"},
};
// Older ones call accept4, dup2 and dup3, getdents64 so, too.
constexpr std::array<std::string_view, 3> kSeveral = {"accept", "dup", "getdents"};

// An argument that sysdig shows as it was. Its flags are not among these: it drops those that it does not
// know.
struct ShownArgument {
  std::string_view call;
  uint32_t index;
  std::string_view name;
  enum class As { kName, kDecimal, kHex } as;
};
using As = ShownArgument::As;
constexpr std::array kShownArguments = {
    ShownArgument{"socket", 0, "domain=", As::kName}, ShownArgument{"socket", 1, "type=", As::kDecimal},
    ShownArgument{"fcntl", 1, "cmd=", As::kName},     ShownArgument{"ioctl", 1, "request=", As::kHex},
    ShownArgument{"kill", 1, "sig=", As::kDecimal},   ShownArgument{"tkill", 1, "sig=", As::kDecimal},
    ShownArgument{"tgkill", 2, "sig=", As::kDecimal},
};

// "2(AF_INET)", "524289", "5401". The numbers before names are sysdig's own in some calls, and AF_UNSPEC is
// also what it makes of a domain that it does not know.
std::optional<uint64_t> ShownValue(Abi abi, const ShownArgument& argument, std::string_view text) {
  const size_t open = std::min(text.find('('), text.size());
  if (argument.as == As::kDecimal) return ParseUnsigned(text.substr(0, open));
  if (argument.as == As::kHex) return ParseUnsigned("0x" + std::string(text));
  if (open == text.size() || !text.ends_with(')')) return std::nullopt;
  const auto name = text.substr(open + 1, text.size() - open - 2);
  return name == "AF_UNSPEC" ? std::nullopt : ConstantValue(abi, argument.call, argument.index, name);
}

// What stands behind the name. Nothing unless it is there just once, since names of files may have any text,
// and whole: the end of a line may be cut.
std::optional<std::string_view> OnlyValue(std::string_view arguments, std::string_view name) {
  std::optional<std::string_view> value;
  const auto words = Words(arguments);
  for (const auto word : words) {
    if (!word.starts_with(name)) continue;
    const bool may_be_cut = word.end() == words.back().end() && !word.ends_with(')');
    if (value || may_be_cut) return std::nullopt;
    value = word.substr(name.size());
  }
  return value;
}

evidence::Arguments ArgumentsOf(std::string_view text, Abi abi, uint32_t number) {
  auto indices = evidence::KeptArguments(abi, number);
  evidence::Arguments::Values values;
  for (const uint32_t index : indices) {
    const auto is_it = [&](const ShownArgument& one) {
      return one.index == index && SyscallNumber(abi, one.call) == number;
    };
    const auto argument = std::ranges::find_if(kShownArguments, is_it);
    const auto shown = argument == kShownArguments.end() ? std::nullopt : OnlyValue(text, argument->name);
    const auto value = shown ? ShownValue(abi, *argument, *shown) : std::nullopt;
    if (!value) return {};
    values.push_back(evidence::AsTaken(abi, number, index, *value));
  }
  return {std::move(indices), std::move(values)};
}

class SysdigParser final : public Parser {
 public:
  SysdigParser(Tally& tally, const Settings& settings) : tally_(tally), settings_(settings), open_(tally) {}

  void BeginFile(std::string_view) override {}
  Understood Line(std::string_view text) override;
  void EndFile() override { open_.End(); }
  void End() override;

 private:
  std::optional<uint32_t> NumberOf(const SysdigLine& line) const;

  Tally& tally_;
  const Settings settings_;
  OpenCalls open_;
  bool any_call_ = false;
  std::set<std::string> several_;
};

// "syscall" is any call that sysdig has no event for: "ID=334(rseq)".
std::optional<uint32_t> SysdigParser::NumberOf(const SysdigLine& line) const {
  if (line.type == "syscall") {
    auto id = Value(line.arguments, "ID=");
    const size_t open = id.find('(');
    if (open != npos && id.ends_with(')')) {
      const auto name = id.substr(open + 1, id.size() - open - 2);
      if (const auto number = SyscallNumber(settings_.native, name)) return number;
    }
    return std::nullopt;
  }
  if (const auto number = SyscallNumber(settings_.native, line.type)) return number;
  const auto other = std::ranges::find(kOtherNames, line.type, &OtherName::sysdig);
  return other == kOtherNames.end() ? std::nullopt : SyscallNumber(settings_.native, other->kernel);
}

Understood SysdigParser::Line(std::string_view text) {
  const auto line = ParseSysdigLine(text);
  if (!line) return Understood::kNo;
  if (line->type == "drop") {
    tally_.Lose("ring-overrun", "sysdig dropped events", 1);
    return Understood::kYes;
  }
  if (std::ranges::find(kNoCalls, line->type) != kNoCalls.end()) return Understood::kYes;
  const auto number = NumberOf(*line);
  if (!number) {
    tally_.Warn(
        fmt::format("'{}' is no call of {}: not imported", Printable(line->type), AbiName(settings_.native)));
    return Understood::kNo;
  }
  any_call_ = true;
  if (std::ranges::find(kSeveral, line->type) != kSeveral.end()) several_.emplace(line->type);
  const evidence::Subject subject{std::string(line->container.substr(0, 4096)), "?",
                                  evidence::Arrival::kWorkload};
  Sighting call{&tally_.Of(subject), {settings_.native, *number}, line->when_ms};
  call.key.under_filter = settings_.enforced != nullptr;
  if (evidence::KeepsArguments(settings_.native, *number))
    call.arguments = ArgumentsOf(line->arguments, settings_.native, *number);
  if (!line->ends) {
    open_.Enter(line->thread, call);
    return Understood::kYes;
  }
  call.key.fate = FateOfResult(settings_, settings_.native, *number, ErrorIn(line->arguments));
  open_.Return(line->thread, call);
  return Understood::kYes;
}

void SysdigParser::End() {
  open_.End();
  if (!any_call_) return;
  tally_.Lose("mixed-abi",
              fmt::format("possible: sysdig names calls of 32-bit processes as if they were {}'s",
                          AbiName(settings_.native)));
  tally_.Lose("late-attach", "possible: sysdig watches what runs already: start-up calls may be missing");
  for (const auto& name : several_) {
    tally_.Lose("merged-names",
                fmt::format("possible: sysdig's '{}' may stand for other calls of its kind", name));
  }
}

}  // namespace

bool LooksLikeSysdig(std::string_view line) { return ParseSysdigLine(line).has_value(); }

std::unique_ptr<Parser> MakeSysdig(Tally& tally, const Settings& settings) {
  return std::make_unique<SysdigParser>(tally, settings);
}

}  // namespace whittle::import

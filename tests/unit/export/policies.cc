#include "policies.h"

#include <gtest/gtest.h>
#include <linux/filter.h>

#include <algorithm>

#include "base/text.h"
#include "import/systemd_groups.h"
#include "profile/library_names.h"
#include "syscalls/table.h"

namespace whittle::exporting::testing {
namespace {

using filter::Decision;
using filter::Program;
using profile::Action;

constexpr Decision kKilled{Action::kKillProcess, 0};
constexpr Decision kAllowed{Action::kAllow, 0};

Decision ErrorNamed(std::string_view text) {
  if (text.empty() || text == "kill") return kKilled;
  if (const auto number = ParseUnsigned(text)) return {Action::kErrno, static_cast<uint16_t>(*number)};
  for (uint16_t number = 1; number < 200; ++number) {
    if (profile::ErrnoName(number) == text) return {Action::kErrno, number};
  }
  ADD_FAILURE() << "no errno: " << text;
  return kKilled;
}

uint64_t Number(std::string_view text) {
  const auto number = ParseUnsigned(text);
  EXPECT_TRUE(number) << text;
  return number.value_or(0);
}

// "arg0 & 0x2"
PolicyTest TestOf(std::string_view text) {
  const auto words = Words(text);
  if (words.size() != 3 || !words[0].starts_with("arg")) {
    ADD_FAILURE() << text;
    return {};
  }
  static const std::set<std::string_view> kOperators = {"==", "!=", "<", "<=", ">", ">=", "&", "in"};
  EXPECT_TRUE(kOperators.contains(words[1])) << "no operator: " << text;
  return {std::string(words[1]), static_cast<uint32_t>(Number(words[0].substr(3))), Number(words[2])};
}

bool Holds(const PolicyTest& test, const filter::Call& call) {
  const uint64_t argument = call.arguments.at(test.argument);
  if (test.op == "==") return argument == test.value;
  if (test.op == "!=") return argument != test.value;
  if (test.op == "<") return argument < test.value;
  if (test.op == "<=") return argument <= test.value;
  if (test.op == ">") return argument > test.value;
  if (test.op == ">=") return argument >= test.value;
  if (test.op == "&") return (argument & test.value) != 0;
  return (argument & ~test.value) == 0;
}

std::vector<std::string> SplitAt(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(separator, at), text.size());
    parts.emplace_back(text.substr(at, end - at));
    at = end + separator.size();
  }
  return parts;
}

std::vector<std::vector<PolicyTest>> ClausesOf(std::string_view expression) {
  std::vector<std::vector<PolicyTest>> clauses;
  for (const auto& clause : SplitAt(expression, "||")) {
    clauses.emplace_back();
    for (const auto& test : SplitAt(clause, "&&")) clauses.back().push_back(TestOf(test));
  }
  return clauses;
}

// "return 1"
Decision Returned(std::string_view text) {
  const auto words = Words(text);
  EXPECT_EQ(words.size(), 2U) << text;
  EXPECT_EQ(words[0], "return") << text;
  return {Action::kErrno, static_cast<uint16_t>(Number(words[1]))};
}

// What stands behind "NAME: " of a policy.
PolicyLine LineOf(std::string_view text) {
  if (text == "1") return {{}, kAllowed};
  if (text.starts_with("return")) return {{}, Returned(text)};
  const size_t semicolon = std::min(text.find(';'), text.size());
  return {ClausesOf(text.substr(0, semicolon)),
          semicolon == text.size() ? kKilled : Returned(text.substr(semicolon + 1))};
}

// A filter that does what lines say, call by call.
class Writer {
 public:
  void Load(uint32_t word) { Put(BPF_LD | BPF_W | BPF_ABS, word * 4); }
  void Return(const Decision& answer) { Put(BPF_RET | BPF_K, filter::ReturnOf(answer)); }
  void Put(uint16_t code, uint32_t k, size_t yes = 0, size_t no = 0) {
    program_.push_back({code, static_cast<uint8_t>(yes), static_cast<uint8_t>(no), k});
  }
  void Append(const Program& program) { program_.insert(program_.end(), program.begin(), program.end()); }
  void Skip(size_t count) { Put(BPF_JMP | BPF_JA, static_cast<uint32_t>(count)); }
  const Program& program() const { return program_; }

 private:
  Program program_;
};

// Goes on behind its end if the test holds, and `failed` instructions behind that if not.
Program Tested(const PolicyTest& test, Abi abi, size_t failed) {
  const uint32_t first = 4 + test.argument * 2;
  const uint32_t high = IsBigEndian(abi) ? first : first + 1;
  const uint32_t low = IsBigEndian(abi) ? first + 1 : first;
  const bool bits = test.op == "&" || test.op == "in";
  const uint64_t value = test.op == "in" ? ~test.value : test.value;
  const auto high_half = static_cast<uint32_t>(value >> 32);
  const auto low_half = static_cast<uint32_t>(value);
  Writer writer;
  writer.Load(high);
  // Jumps to the three ends: 0 more (or some bit), 1 equal (or none), 2 less.
  if (bits) {
    writer.Put(BPF_JMP | BPF_JSET | BPF_K, high_half, 2, 0);
    writer.Load(low);
    writer.Put(BPF_JMP | BPF_JSET | BPF_K, low_half, 0, 1);
  } else {
    writer.Put(BPF_JMP | BPF_JGT | BPF_K, high_half, 4, 0);
    writer.Put(BPF_JMP | BPF_JEQ | BPF_K, high_half, 0, 5);
    writer.Load(low);
    writer.Put(BPF_JMP | BPF_JGT | BPF_K, low_half, 1, 0);
    writer.Put(BPF_JMP | BPF_JEQ | BPF_K, low_half, 1, 2);
  }
  const bool more = test.op == ">" || test.op == ">=" || test.op == "!=" || test.op == "&";
  const bool equal = test.op == "==" || test.op == "<=" || test.op == ">=" || test.op == "in";
  const bool less = test.op == "<" || test.op == "<=" || test.op == "!=";
  const bool ends[] = {more, equal, less};
  for (size_t i = 0; i < 3; ++i) writer.Skip(2 - i + (ends[i] ? 0 : failed));
  return writer.program();
}

// The tests of a clause, then "allow".
Program Clause(const std::vector<PolicyTest>& tests, Abi abi) {
  Writer end;
  end.Return(kAllowed);
  Program program = end.program();
  for (auto test = tests.rbegin(); test != tests.rend(); ++test) {
    Program longer = Tested(*test, abi, program.size());
    longer.insert(longer.end(), program.begin(), program.end());
    program = std::move(longer);
  }
  return program;
}

// Names for numbers without one in the table: that of the tests' documents, and those of podman's default.
constexpr std::string_view kGone[] = {"uselib", "bdflush", "nfsservctl", "query_module"};

// For the calls of one ABI, the number being loaded: what each name gets, or the rest.
template <typename LineOfName>
Program Calls(Abi abi, const PolicyLine& rest, const LineOfName& line_of_name) {
  std::set<std::string_view> names(AllSyscallNames().begin(), AllSyscallNames().end());
  names.insert(std::begin(kGone), std::end(kGone));
  Writer writer;
  for (const auto name : names) {
    auto number = SyscallNumber(abi, name);
    if (!number && std::ranges::find(kGone, name) != std::end(kGone))
      number = profile::LibraryNumber(abi, name);
    const PolicyLine line = line_of_name(std::string(name));
    if (!number ||
        (line.clauses.empty() && filter::ReturnOf(line.otherwise) == filter::ReturnOf(rest.otherwise)))
      continue;
    Writer block;
    for (const auto& clause : line.clauses) block.Append(Clause(clause, abi));
    block.Return(line.otherwise);
    writer.Put(BPF_JMP | BPF_JEQ | BPF_K, *number, 1, 0);
    writer.Skip(block.program().size());
    writer.Append(block.program());
  }
  writer.Return(rest.otherwise);
  return writer.program();
}

// Lets a block of that many instructions follow only if the number is of the ABI: x86_64 and x32 share an
// architecture. libseccomp, which systemd uses, takes the number -1 for one of x86_64's.
void AddNumberCheck(Abi abi, size_t size, Writer& writer) {
  if (abi == Abi::kX86_64) {
    writer.Put(BPF_JMP | BPF_JGE | BPF_K, kX32Bit, 0, 2);
    writer.Put(BPF_JMP | BPF_JEQ | BPF_K, UINT32_MAX, 1, 0);
    writer.Skip(size);
  }
  if (abi == Abi::kX32) {
    writer.Put(BPF_JMP | BPF_JGE | BPF_K, kX32Bit, 1, 0);
    writer.Skip(size);
  }
}

// `calls`: of each ABI that is not killed as a whole.
Program Dispatched(const std::map<Abi, Program>& calls) {
  Writer writer;
  writer.Load(1);
  for (const auto& [abi, program] : calls) {
    Writer block;
    block.Load(0);
    AddNumberCheck(abi, program.size(), block);
    block.Append(program);
    block.Load(1);
    writer.Put(BPF_JMP | BPF_JEQ | BPF_K, AuditArch(abi), 1, 0);
    writer.Skip(block.program().size());
    writer.Append(block.program());
  }
  writer.Return(kKilled);
  return writer.program();
}

// The name by which a policy lists the call, if it does.
template <typename Listed>
std::string NameIn(const std::map<std::string, Listed>& listed, const filter::Call& call) {
  const auto gone = std::ranges::find_if(kGone, [&](std::string_view name) {
    return listed.contains(std::string(name)) && profile::LibraryNumber(call.abi, name) == call.number;
  });
  return gone == std::end(kGone) ? NameOf(call.abi, call.number) : std::string(*gone);
}

}  // namespace

std::string NameOf(Abi abi, uint32_t number) {
  if (const auto name = SyscallName(abi, number)) return std::string(*name);
  return profile::LibraryNumber(abi, kGone[0]) == number ? std::string(kGone[0]) : "";
}

SystemdUnit::SystemdUnit(std::string_view text) {
  for (const auto line : Lines(text)) {
    if (line.empty() || line.starts_with('#') || line.starts_with('[')) continue;
    const size_t equals = line.find('=');
    const auto key = line.substr(0, equals);
    const auto value = line.substr(equals + 1);
    if (key == "SystemCallFilter") {
      Filter(value);
    } else if (key == "SystemCallLog") {
      Log(value);
    } else if (key == "SystemCallErrorNumber") {
      error_ = value;
    } else if (key == "SystemCallArchitectures") {
      for (const auto word : Words(value)) architectures_.emplace(word);
    } else {
      ADD_FAILURE() << "no such option: " << line;
    }
  }
}

void SystemdUnit::Filter(std::string_view value) {
  if (value.empty()) {
    any_ = false;
    listed_.clear();
    return;
  }
  const bool inverted = value.starts_with('~');
  if (inverted) value.remove_prefix(1);
  if (!any_) {
    any_ = true;
    allows_ = !inverted;
    if (allows_) {
      for (const auto name : import::CallsOfSystemdSet("@default")) listed_[std::string(name)] = "";
    }
  }
  for (const auto word : Words(value)) {
    if (word == "@default") continue;
    const size_t colon = std::min(word.find(':'), word.size());
    const std::string name(word.substr(0, colon));
    const std::string error(word.substr(std::min(colon + 1, word.size())));
    if (allows_ == inverted && error.empty()) {
      listed_.erase(name);
    } else {
      listed_[name] = error;
    }
  }
}

void SystemdUnit::Log(std::string_view value) {
  if (value.empty()) {
    logs_ = false;
    logged_.clear();
    return;
  }
  const bool inverted = value.starts_with('~');
  if (inverted) value.remove_prefix(1);
  if (!logs_) logs_listed_ = !inverted;
  logs_ = true;
  for (const auto word : Words(value)) {
    if (word == "@known") {
      for (const auto name : AllSyscallNames()) logged_.emplace(name);
    } else {
      logged_.emplace(word);
    }
  }
}

Decision SystemdUnit::Listed(const std::string& name) const {
  const auto found = listed_.find(name);
  const bool is_listed = found != listed_.end();
  if (any_ && allows_ && !is_listed) return ErrorNamed(error_);
  if (is_listed && (!allows_ || !found->second.empty()))
    return ErrorNamed(found->second.empty() ? error_ : found->second);
  const bool logged = logs_ && logged_.contains(name) == logs_listed_;
  return logged ? Decision{Action::kLog, 0} : kAllowed;
}

bool SystemdUnit::Takes(Abi abi, Abi native) const {
  if (abi == native) return architectures_.contains("native");
  std::string name(abi == Abi::kI386 ? "x86" : AbiName(abi));
  std::ranges::replace(name, '_', '-');
  return architectures_.contains(name);
}

Decision SystemdUnit::Answer(const filter::Call& call, Abi native) const {
  if (!Takes(call.abi, native)) return kKilled;
  return Listed(NameIn(listed_, call));
}

Program SystemdUnit::Compiled(Abi native) const {
  std::map<Abi, Program> calls;
  for (const Abi abi : AllAbis()) {
    if (!Takes(abi, native)) continue;
    calls[abi] =
        Calls(abi, {{}, Listed("")}, [&](const std::string& name) { return PolicyLine{{}, Listed(name)}; });
  }
  return Dispatched(calls);
}

MinijailPolicy::MinijailPolicy(std::string_view text) {
  for (const auto line : Lines(text)) {
    if (line.starts_with('#')) continue;
    if (line == "@denylist") {
      denies_ = true;
      continue;
    }
    const size_t colon = line.find(": ");
    if (colon == line.npos) {
      ADD_FAILURE() << "no line of a policy: " << line;
      continue;
    }
    EXPECT_TRUE(lines_.emplace(line.substr(0, colon), LineOf(line.substr(colon + 2))).second) << line;
  }
}

Decision MinijailPolicy::Unlisted() const { return denies_ ? kAllowed : kKilled; }

Decision MinijailPolicy::Answer(const filter::Call& call, Abi native) const {
  if (call.abi != native) return kKilled;
  const auto found = lines_.find(NameIn(lines_, call));
  if (found == lines_.end()) return Unlisted();
  const bool passes = std::ranges::any_of(found->second.clauses, [&](const auto& clause) {
    return std::ranges::all_of(clause, [&](const PolicyTest& test) { return Holds(test, call); });
  });
  return passes ? kAllowed : found->second.otherwise;
}

Program MinijailPolicy::Compiled(Abi native) const {
  const PolicyLine rest{{}, Unlisted()};
  const auto line_of_name = [&](const std::string& name) {
    const auto found = lines_.find(name);
    return found == lines_.end() ? rest : found->second;
  };
  return Dispatched({{native, Calls(native, rest, line_of_name)}});
}

}  // namespace whittle::exporting::testing

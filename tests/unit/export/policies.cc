#include "policies.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"
#include "import/systemd_groups.h"
#include "profile/library_names.h"
#include "syscalls/table.h"

namespace whittle::exporting::testing {
namespace {

using filter::Decision;
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
bool Holds(std::string_view test, const filter::Call& call) {
  const auto words = Words(test);
  EXPECT_EQ(words.size(), 3U) << test;
  EXPECT_TRUE(words[0].starts_with("arg")) << test;
  const uint64_t argument = call.arguments.at(Number(words[0].substr(3)));
  const uint64_t value = Number(words[2]);
  if (words[1] == "==") return argument == value;
  if (words[1] == "!=") return argument != value;
  if (words[1] == "<") return argument < value;
  if (words[1] == "<=") return argument <= value;
  if (words[1] == ">") return argument > value;
  if (words[1] == ">=") return argument >= value;
  if (words[1] == "&") return (argument & value) != 0;
  if (words[1] == "in") return (argument & ~value) == 0;
  ADD_FAILURE() << "no operator: " << test;
  return false;
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

bool Passes(std::string_view expression, const filter::Call& call) {
  return std::ranges::any_of(SplitAt(expression, "||"), [&](const std::string& clause) {
    return std::ranges::all_of(SplitAt(clause, "&&"),
                               [&](const std::string& test) { return Holds(test, call); });
  });
}

// "return 1"
Decision Returned(std::string_view text) {
  const auto words = Words(text);
  EXPECT_EQ(words.size(), 2U) << text;
  EXPECT_EQ(words[0], "return") << text;
  return {Action::kErrno, static_cast<uint16_t>(Number(words[1]))};
}

}  // namespace

std::string NameOf(const filter::Call& call) {
  if (const auto name = SyscallName(call.abi, call.number)) return std::string(*name);
  // The only one of the tests' that the table has no name for.
  return profile::LibraryNumber(call.abi, "uselib") == call.number ? "uselib" : "";
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
    if (allows_ == inverted) {
      listed_.erase(name);
    } else {
      listed_[name] = word.substr(std::min(colon + 1, word.size()));
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
  if (any_ && !allows_ && is_listed) return ErrorNamed(found->second.empty() ? error_ : found->second);
  const bool logged = logs_ && logged_.contains(name) == logs_listed_;
  return logged ? Decision{Action::kLog, 0} : kAllowed;
}

Decision SystemdUnit::Answer(const filter::Call& call, Abi native) const {
  const std::string abi = call.abi == Abi::kI386 ? "x86" : std::string(AbiName(call.abi));
  if (!architectures_.contains(call.abi == native ? "native" : abi)) return kKilled;
  return Listed(NameOf(call));
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
    EXPECT_TRUE(lines_.emplace(line.substr(0, colon), line.substr(colon + 2)).second) << line;
  }
}

Decision MinijailPolicy::Answer(const filter::Call& call, Abi native) const {
  if (call.abi != native) return kKilled;
  const auto found = lines_.find(NameOf(call));
  if (found == lines_.end()) return denies_ ? kAllowed : kKilled;
  const std::string& line = found->second;
  if (line == "1") return kAllowed;
  if (line.starts_with("return")) return Returned(line);
  const size_t semicolon = std::min(line.find(';'), line.size());
  if (Passes(line.substr(0, semicolon), call)) return kAllowed;
  return semicolon == line.size() ? kKilled : Returned(line.substr(semicolon + 1));
}

}  // namespace whittle::exporting::testing

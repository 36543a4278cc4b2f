#include "diagnose/log_line.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "profile/action.h"
#include "syscalls/table.h"

namespace whittle::diagnose {
namespace {

struct Row {
  std::string_view word, calls;
};
constexpr Row kRows[] = {
#include "log_words.inc"
};

constexpr size_t kMaxLine = 2000;
constexpr uint32_t kLastErrno = 133;

struct ErrorText {
  uint32_t number;
  std::string text;  // in small letters
  std::string name;  // "EPERM"
};

const std::vector<ErrorText>& ErrorTexts() {
  static const auto all = [] {
    std::vector<ErrorText> texts;
    for (uint32_t number = 1; number <= kLastErrno; ++number) {
      texts.push_back(
          {number, LowerCase(std::strerror(static_cast<int>(number))), profile::ErrnoName(number)});
    }
    return texts;
  }();
  return all;
}

bool IsWordCharacter(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::vector<std::string> WordsOf(std::string_view line) {
  std::vector<std::string> words;
  for (size_t at = 0; at < line.size();) {
    if (!IsWordCharacter(line[at])) {
      ++at;
      continue;
    }
    size_t end = at;
    while (end < line.size() && IsWordCharacter(line[end])) ++end;
    // What stands in a path names a file, no call.
    if (at == 0 || line[at - 1] != '/') words.emplace_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

bool HasWord(std::string_view text, std::string_view word) {
  const auto words = WordsOf(text);
  return std::ranges::find(words, word) != words.end();
}

void AddCalls(std::string_view word, std::vector<std::string>& calls) {
  const auto add = [&](std::string_view call) {
    if (std::ranges::find(calls, call) == calls.end()) calls.emplace_back(call);
  };
  for (const auto& row : kRows) {
    if (row.word != word) continue;
    for (const auto call : Split(row.calls, ' ')) add(call);
    return;
  }
  if (IsSyscallName(word)) add(word);
}

}  // namespace

uint32_t ErrorNamed(std::string_view text) {
  const std::string small = LowerCase(text.substr(0, kMaxLine));
  const ErrorText* best = nullptr;
  for (const auto& error : ErrorTexts()) {
    const bool there = small.find(error.text) != std::string::npos || HasWord(text, error.name);
    if (there && (best == nullptr || error.text.size() > best->text.size())) best = &error;
  }
  return best == nullptr ? 0 : best->number;
}

std::optional<FailedCall> FailedCallIn(std::string_view line) {
  line = line.substr(0, kMaxLine);
  FailedCall failed;
  failed.error = ErrorNamed(line);
  if (failed.error == 0) return std::nullopt;
  // busybox says of any mount that failed with EPERM: "permission denied (are you root?)".
  if (failed.error == EACCES && LowerCase(line).find("are you root") != std::string::npos)
    failed.error = EPERM;
  for (const auto& word : WordsOf(line)) AddCalls(word, failed.calls);
  failed.line = line;
  return failed;
}

std::vector<std::string> CallsMeantBy(std::string_view word) {
  std::vector<std::string> calls;
  AddCalls(word, calls);
  return calls;
}

bool TellsOfSigsys(std::string_view line) {
  return line.find("Bad system call") != line.npos || HasWord(line, "SIGSYS");
}

}  // namespace whittle::diagnose

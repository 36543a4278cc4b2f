#include "import/envelope.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json.h"
#include "base/text.h"

namespace whittle::import {
namespace {

constexpr size_t npos = std::string_view::npos;
constexpr size_t kMaxLine = 1 << 20;

// "2026-11-29T07:53:10.289123456Z " or with an offset: its length, with the blank; 0 if there is none.
size_t TimeLength(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd";
  if (text.size() <= kShape.size()) return 0;
  for (size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == 'd' ? !IsDigit(text[i]) : text[i] != kShape[i]) return 0;
  }
  const size_t end = text.find(' ');
  const auto zone = text.substr(kShape.size(), end == npos ? npos : end - kShape.size());
  const bool fits = zone.find_first_not_of("0123456789.,+-:Z") == npos;
  return end != npos && fits ? end + 1 : 0;
}

// "Nov 29 07:53:10 ", also with a fraction.
size_t OldTimeLength(std::string_view text) {
  constexpr std::string_view kShape = "lll dd dd:dd:dd";
  if (text.size() <= kShape.size()) return 0;
  for (size_t i = 0; i < kShape.size(); ++i) {
    const char c = text[i];
    const bool fits = kShape[i] == 'l'   ? IsLetter(c)
                      : kShape[i] == 'd' ? IsDigit(c) || (i == 4 && c == ' ')
                                         : c == kShape[i];
    if (!fits) return 0;
  }
  const size_t end = text.find_first_not_of(".0123456789", kShape.size());
  return end != npos && text[end] == ' ' ? end + 1 : 0;
}

// "\x1b[32m" and the like.
bool TakeColours(std::string& text) {
  if (text.find('\x1b') == npos) return false;
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\x1b') {
      plain += text[i];
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == '[') ++i;
    while (i + 1 < text.size() && !IsLetter(text[i + 1])) ++i;
    ++i;
  }
  text = std::move(plain);
  return true;
}

// {"log":"...\n","stream":"stderr","time":"..."}; without the end of line it is a piece.
bool TakeDocker(std::string& text, bool& is_piece) {
  if (!text.starts_with("{\"log\":\"") || !text.ends_with('}')) return false;
  const auto entry = json::Parse(text, "log");
  const auto* log = entry ? entry->Find("log") : nullptr;
  if (log == nullptr || !log->is(json::Kind::kString)) return false;
  std::string inside = log->text;
  is_piece = !inside.ends_with('\n');
  if (!is_piece) inside.pop_back();
  text = std::move(inside);
  return true;
}

bool Take(std::string& text, size_t length) {
  text.erase(0, length);
  return length > 0;
}

// "2026-11-29T07:53:10.289123456Z stderr F ", where P marks a piece; without both words it is what `docker
// logs -t` and `kubectl logs --timestamps` put in front.
bool TakeTime(std::string& text, bool& is_piece) {
  const size_t time = TimeLength(text);
  if (time == 0) return false;
  const auto rest = std::string_view(text).substr(time);
  for (const std::string_view stream : {"stdout ", "stderr "}) {
    const bool is_cri = rest.starts_with(stream) && rest.size() >= stream.size() + 2 &&
                        (rest[stream.size()] == 'F' || rest[stream.size()] == 'P');
    if (!is_cri) continue;
    is_piece = rest[stream.size()] == 'P';
    return Take(text, time + std::min(stream.size() + 2, rest.size()));
  }
  return Take(text, time);
}

// "web-1  | ", "[pod/web-7d4/web] ", "FILE:", "FILE:17:".
bool TakeName(std::string& text) {
  const size_t word = std::min(text.find_first_of(" :|(\"=<["), text.size());
  const auto name = std::string_view(text).substr(0, word);
  if (text.starts_with("[pod/")) {
    const size_t close = text.find("] ");
    return close != npos && Take(text, close + 2);
  }
  if (word == 0 || word == text.size()) return false;
  if (text[word] == ' ') {
    const size_t bar = text.find_first_not_of(' ', word);
    const bool is_compose = bar != npos && text.compare(bar, 2, "| ") == 0;
    return is_compose && Take(text, bar + 2);
  }
  // "/usr/bin/strace: Process 7 attached"
  const bool is_tracer = name.substr(name.rfind('/') + 1) == "strace" && text.compare(word, 2, ": ") == 0;
  if (is_tracer || text[word] != ':' || name.find_first_of("./") == npos ||
      name.find_first_not_of("0123456789.") == npos)
    return false;
  size_t end = word + 1;
  while (end < text.size() && IsDigit(text[end])) ++end;
  const bool has_line = end > word + 1 && end < text.size() && text[end] == ':';
  return Take(text, has_line ? end + 1 : word + 1);
}

// "<13>Nov 29 07:53:10 host strace[123]: ", "2026-11-29T07:53:10+0000 host strace[123]: ", and RFC 5424's
// "<13>1 2026-11-29T07:53:10Z host strace 123 - - ".
bool TakeSyslog(std::string& text) {
  std::string_view rest = text;
  if (rest.starts_with('<') && rest.size() > 2 && IsDigit(rest[1])) {
    rest.remove_prefix(std::min(rest.find('>') + 1, rest.size()));
  }
  const bool is_new = rest.starts_with("1 ") && TimeLength(rest.substr(2)) > 0;
  if (is_new) rest.remove_prefix(2);
  const size_t time = std::max(TimeLength(rest), OldTimeLength(rest));
  if (time == 0) return false;
  rest.remove_prefix(time);
  const int words = is_new ? 4 : 1;  // host, program, process, message id; or the host
  for (int i = 0; i < words; ++i) {
    const size_t blank = rest.find(' ');
    if (blank == npos) return false;
    rest.remove_prefix(blank + 1);
  }
  const size_t end = is_new ? rest.find(rest.starts_with('[') ? "] " : "- ") : rest.find(": ");
  const bool has_tag = end != npos && (is_new || rest.substr(0, end).find_first_of(" (\"") == npos);
  if (!has_tag) return false;
  rest.remove_prefix(end + 2);
  text = std::string(rest);
  return true;
}

}  // namespace

bool Envelope::OpenOne() {
  if (TakeColours(text_) || TakeDocker(text_, is_piece_)) return true;
  if (opens_syslog_ && TakeSyslog(text_)) return true;
  return TakeTime(text_, is_piece_) || TakeName(text_);
}

// A line with a hole would read as another one than it was: of one that is too long its beginning stays.
void Envelope::Keep() {
  constexpr size_t kBeginning = 256;
  if (is_cut_) return;
  pieces_ += text_;
  is_cut_ = pieces_.size() > kMaxLine;
  if (is_cut_) pieces_ = pieces_.substr(0, kBeginning);
}

Envelope::Inside Envelope::Whole() {
  text_ = std::move(pieces_);
  pieces_.clear();
  return {text_, std::exchange(is_cut_, false)};
}

std::optional<Envelope::Inside> Envelope::Open(std::string_view line) {
  constexpr int kMostLayers = 4;
  text_ = line;
  is_piece_ = false;
  for (int i = 0; i < kMostLayers && OpenOne(); ++i) {
  }
  if (text_.ends_with('\r')) text_.pop_back();
  if (!is_piece_ && pieces_.empty()) return Inside{text_};
  Keep();
  return is_piece_ ? std::nullopt : std::optional(Whole());
}

std::optional<Envelope::Inside> Envelope::End() {
  return pieces_.empty() ? std::nullopt : std::optional(Whole());
}

}  // namespace whittle::import

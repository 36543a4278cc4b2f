// Files to importers: which format each is of, and which belong into one recording.
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/fd.h"
#include "base/text.h"
#include "import/import.h"
#include "import/strace_line.h"

namespace whittle::import {
namespace {

constexpr size_t kChunk = size_t{1} << 20;

// An open input, whose beginning has been read to see what it is.
struct Input {
  Fd fd;
  std::string path;   // canonical, to tell files of one name apart
  std::string shown;  // in messages
  std::string name;   // without folders
  std::string start;
  const Format* format = nullptr;
};

// What was read into `buffer`; empty at the end.
Result<std::string_view> ReadChunk(int fd, const std::string& shown, std::string& buffer) {
  buffer.resize(kChunk);
  for (;;) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return Fail(ErrorCode::kBadInput, fmt::format("{}: cannot be read: {}", shown, strerror(errno)));
    return std::string_view(buffer).substr(0, static_cast<size_t>(got));
  }
}

std::string Canonical(const std::string& path) {
  char* resolved = ::realpath(path.c_str(), nullptr);
  std::string result = resolved == nullptr ? path : resolved;
  std::free(resolved);
  return result;
}

// The first megabyte; a pipe gives it in pieces.
Result<void> ReadStart(Input& input) {
  std::string buffer;
  while (input.start.size() < kChunk) {
    const auto chunk = TRY(ReadChunk(input.fd.get(), input.shown, buffer));
    if (chunk.empty()) return {};
    input.start += chunk;
  }
  return {};
}

Result<Input> Open(const std::string& path, const std::string& format) {
  Input input;
  input.path = Canonical(path);
  input.shown = path == "-" ? "standard input" : Printable(path);
  input.name = path == "-" ? "standard input" : path.substr(path.rfind('/') + 1);
  input.fd = Fd(path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!input.fd.valid()) {
    return Fail(ErrorCode::kBadInput, fmt::format("{}: cannot be opened: {}", input.shown, strerror(errno)));
  }
  TRY(ReadStart(input));
  input.format = format.empty() ? TRY(DetectFormat(input.start, input.shown)) : TRY(FindFormat(format));
  return input;
}

Result<void> Feed(Input& input, Importer& importer) {
  importer.Feed(input.start);
  input.start = {};
  std::string buffer;
  for (;;) {
    const auto chunk = TRY(ReadChunk(input.fd.get(), input.shown, buffer));
    if (chunk.empty()) break;
    importer.Feed(chunk);
  }
  return {};
}

Result<void> Pour(Input& input, Importer& importer) {
  importer.BeginFile(input.shown, input.name, ComesInEnvelopes(input.start, *input.format));
  TRY(Feed(input, importer));
  return importer.EndFile();
}

// A unit and its drop-ins are one document, as `systemctl cat` prints it.
Result<void> PourUnit(const std::vector<Input*>& files, Importer& importer) {
  std::string shown;
  for (const Input* input : files) shown += (shown.empty() ? "" : " + ") + input->shown;
  importer.BeginFile(shown, files.front()->name);
  for (Input* input : files) {
    TRY(Feed(*input, importer));
    importer.Feed("\n");
  }
  return importer.EndFile();
}

// "/etc/systemd/system/web.service.d/override.conf" -> "/etc/systemd/system/web.service"; empty if the file
// is no drop-in.
std::string UnitOfDropIn(const Input& input) {
  const size_t end = input.path.size() - input.name.size();
  const auto folder = std::string_view(input.path).substr(0, end);
  const bool is_one = input.format->name == "systemd" && folder.ends_with(".d/");
  return is_one ? std::string(folder.substr(0, folder.size() - 3)) : "";
}

std::string_view NameOf(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// The unit that a drop-in adds to: the one beside it, or the only one of that name; null if it was not given.
const Input* FindUnit(const std::vector<Input>& inputs, const Input& drop_in) {
  const std::string wanted = UnitOfDropIn(drop_in);
  if (wanted.empty()) return nullptr;
  const Input* found = nullptr;
  size_t count = 0;
  for (const auto& input : inputs) {
    if (input.name != NameOf(wanted)) continue;
    if (input.path == wanted) return &input;
    found = &input;
    ++count;
  }
  return count == 1 ? found : nullptr;
}

// What `-f -o FILE` writes has the process in front of each line, and is a whole run however it is called.
bool HasPids(std::string_view trace) {
  const auto line = ParseStraceLine(trace.substr(0, trace.find('\n')));
  return line.pid && line.kind != StraceLine::Kind::kUnknown;
}

// Files of one group make one recording: all pieces of a log; the files that `strace -ff -o NAME` made of one
// run, NAME.PID; else each file by itself.
std::string GroupOf(const Input& input) {
  if (input.format->files == Files::kOneLog) return fmt::format("{}\n", input.format->name);
  const size_t dot = input.path.rfind('.');
  const bool numbered =
      dot != std::string::npos && ParseUnsigned(std::string_view(input.path).substr(dot + 1));
  const bool family = numbered && input.format->name == "strace" && !HasPids(input.start);
  return fmt::format("{}\n{}", input.format->name, family ? input.path.substr(0, dot) : input.path);
}

// Of `strace -ff`: parents before their children, whose numbers are higher unless they began anew.
uint64_t PidOf(const Input* input) {
  if (input->format->name != "strace") return 0;
  const size_t dot = input->path.rfind('.');
  if (dot == std::string::npos) return 0;
  return ParseUnsigned(std::string_view(input->path).substr(dot + 1)).value_or(0);
}

// The groups in the order in which their first files were named.
std::vector<std::vector<Input*>> Groups(std::vector<Input>& inputs) {
  std::vector<std::vector<Input*>> groups;
  std::map<std::string, size_t> known;
  for (auto& input : inputs) {
    const Input* unit = FindUnit(inputs, input);
    const auto [group, is_new] = known.try_emplace(GroupOf(unit == nullptr ? input : *unit), groups.size());
    if (is_new) groups.emplace_back();
    groups[group->second].push_back(&input);
  }
  for (auto& group : groups) {
    std::ranges::stable_sort(group, {}, PidOf);
    // A unit before its drop-ins, which systemd reads in the order of their names.
    const auto rank = [](const Input* input) {
      return UnitOfDropIn(*input).empty() ? std::string() : input->name;
    };
    if (group.front()->format->name == "systemd") std::ranges::stable_sort(group, {}, rank);
  }
  return groups;
}

void Add(Imported& into, Imported one) {
  for (auto& [key, row] : one.rows) {
    Row& mine = into.rows[key];
    const bool earlier =
        row.first_ms != kUndated && (mine.first_ms == kUndated || row.first_ms < mine.first_ms);
    if (earlier) mine.first_ms = row.first_ms;
    mine.last_ms = std::max(mine.last_ms, row.last_ms);
    mine.count += row.count;
  }
  into.formats.merge(one.formats);
  into.lines += one.lines;
  into.not_understood += one.not_understood;
  into.complaints.insert(into.complaints.end(), one.complaints.begin(), one.complaints.end());
  into.warnings.merge(one.warnings);
}

}  // namespace

Result<Imported> ImportFiles(const std::vector<std::string>& paths, const Options& options) {
  std::vector<Input> inputs;
  std::set<std::string> opened;
  for (const auto& path : paths) {
    if (!opened.insert(Canonical(path)).second) continue;  // the same file, named twice
    inputs.push_back(TRY(Open(path, options.format)));
  }
  Imported all;
  std::map<std::string, int> salts;
  for (const auto& group : Groups(inputs)) {
    Importer importer(*group.front()->format, options.settings);
    if (group.size() > 1 && importer.format().name == "systemd") {
      TRY(PourUnit(group, importer));
    } else {
      for (Input* input : group) TRY(Pour(*input, importer));
    }
    // Replicas may look the same, to their names: each counts. A log is one, however it is cut into files.
    const bool is_log = importer.format().files == Files::kOneLog;
    const std::string name = is_log ? "" : group.front()->name;
    const int again = salts[name]++;
    auto one = Finish(importer, again == 0 ? name : fmt::format("{}#{}", name, again), options);
    all.evidence = TRY(evidence::Merge(all.evidence, one.evidence));
    Add(all, std::move(one));
  }
  return all;
}

}  // namespace whittle::import

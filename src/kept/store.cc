#include "kept/store.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"

namespace whittle::kept {
namespace {

constexpr size_t kMinPrefix = 12;
constexpr size_t kMaxListed = 20'000;  // of a folder that others may have written into
constexpr std::string_view kEnd = ".json";

// ID-STARTED_MS.json
struct Listed {
  uint64_t started_ms = 0;
  std::string id;
  std::string path;
};

std::optional<Listed> ParseName(std::string_view name) {
  if (!name.ends_with(kEnd)) return std::nullopt;
  name.remove_suffix(kEnd.size());
  const size_t dash = name.rfind('-');
  if (dash == name.npos || dash == 0) return std::nullopt;
  const auto started = ParseUnsigned(name.substr(dash + 1));
  if (!started) return std::nullopt;
  std::string id(name.substr(0, dash));
  std::ranges::replace(id, '+', '/');
  return Listed{*started, std::move(id), ""};
}

// What WriteFile() had not finished: NAME.XXXXXX.
bool IsHalfWritten(std::string_view name) {
  constexpr size_t kSuffix = 7;
  return name.size() > kSuffix && name[name.size() - kSuffix] == '.' &&
         ParseName(name.substr(0, name.size() - kSuffix)).has_value();
}

template <typename Take>
void List(const std::string& folder, const Take& take) {
  std::error_code error;
  size_t count = 0;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->is_regular_file(error)) take(at->path().filename().string(), at->path().string());
    if (++count >= kMaxListed) break;
  }
}

// The newest first.
std::vector<Listed> FilesOf(const std::string& folder) {
  std::vector<Listed> files;
  List(folder, [&](const std::string& name, const std::string& path) {
    if (auto listed = ParseName(name)) {
      listed->path = path;
      files.push_back(std::move(*listed));
    }
  });
  std::ranges::sort(files, [](const Listed& a, const Listed& b) {
    return std::pair(a.started_ms, a.path) > std::pair(b.started_ms, b.path);
  });
  return files;
}

bool Means(std::string_view wanted, std::string_view id) {
  return wanted == id || (wanted.size() >= kMinPrefix && id.starts_with(wanted));
}

std::unexpected<Error> FailErrno(const std::string& folder, std::string_view what) {
  return Fail(ErrorCode::kBadInput, fmt::format("{}: {}: {}", Printable(folder), what, strerror(errno)));
}

}  // namespace

Result<std::optional<File>> Find(const std::string& folder, std::string_view name_or_id) {
  std::vector<std::pair<std::string, Error>> broken;  // ids of files that cannot be read
  for (const auto& listed : FilesOf(folder)) {
    const auto text = TRY(ReadFile(listed.path));
    auto life = Read(text, listed.path);
    if (!life && Means(name_or_id, listed.id)) return std::unexpected(life.error());
    if (!life) {
      broken.emplace_back(listed.id, life.error());
      continue;
    }
    if (life->name != name_or_id && !Means(name_or_id, life->id)) continue;
    // A later life of the same container may be what is broken.
    const auto later = std::ranges::find(broken, life->id, &std::pair<std::string, Error>::first);
    if (later != broken.end()) return std::unexpected(later->second);
    return File{std::move(*life), listed.path};
  }
  if (!broken.empty()) return std::unexpected(broken.front().second);
  return std::nullopt;
}

Result<Store> Store::Open(const std::string& folder) {
  std::error_code error;
  const std::filesystem::path path(folder);
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (error) {
    return Fail(ErrorCode::kBadInput,
                fmt::format("{}: cannot be made: {}", Printable(folder), error.message()));
  }
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return FailErrno(folder, "cannot be made");
  Fd lock(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock.valid()) return FailErrno(folder, "cannot be opened as a folder");
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return Fail(ErrorCode::kBadInput,
                fmt::format("{}: another 'whittle denials --keep' writes there; name another folder",
                            Printable(folder)));
  }
  if (faccessat(lock.get(), ".", W_OK | X_OK, AT_EACCESS) != 0) return FailErrno(folder, "cannot be written");
  List(folder, [](const std::string& name, const std::string& half) {
    if (IsHalfWritten(name)) unlink(half.c_str());
  });
  return Store(folder, std::move(lock));
}

std::string Store::PathOf(const Life& life) const {
  std::string id = life.id;
  std::ranges::replace(id, '/', '+');
  return fmt::format("{}/{}-{}{}", folder_, id, life.started_ms, kEnd);
}

Result<void> Store::Write(const Life& life, const std::vector<std::string>& spared) {
  const std::string path = PathOf(life);
  const bool is_new = !FileExists(path);
  TRY(WriteFile(path, kept::Write(life)));
  if (is_new) RemoveOldest(spared);
  return {};
}

void Store::RemoveOldest(const std::vector<std::string>& spared) const {
  const auto files = FilesOf(folder_);
  size_t left = files.size();
  for (auto file = files.rbegin(); file != files.rend() && left > kMaxFiles; ++file) {
    if (std::ranges::find(spared, file->path) != spared.end()) continue;
    if (unlink(file->path.c_str()) == 0) left--;
  }
}

std::optional<Life> Store::Earlier(std::string_view id, const std::vector<std::string>& marks) const {
  for (const auto& listed : FilesOf(folder_)) {
    if (listed.id != id) continue;
    const auto text = ReadFile(listed.path);
    auto life = text ? Read(*text, listed.path) : Result<Life>(std::unexpected(text.error()));
    const bool same = life && std::ranges::any_of(life->marks, [&](const auto& mark) {
                        return std::ranges::find(marks, mark) != marks.end();
                      });
    if (same) return std::move(*life);
  }
  return std::nullopt;
}

}  // namespace whittle::kept

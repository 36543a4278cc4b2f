// The folder of denials files, one for each life of a container (docs/format-denials.md, "The store"). Not
// thread safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "kept/life.h"

namespace whittle::kept {

inline constexpr const char* kFolder = "/var/lib/whittle/denials";
inline constexpr size_t kMaxFiles = 1000;

struct File {
  Life life;
  std::string path;
};

// The latest life of the container with that name, id or prefix of one (12 digits at least); nothing if the
// folder is not there or has none. Files that cannot be read are passed over if one is found that is of
// another container. Errors: kBadInput.
Result<std::optional<File>> Find(const std::string& folder, std::string_view name_or_id);

// A folder that is written to. One at a time: two writers would each know half of a container's life.
class Store {
 public:
  // Makes the folder (mode 0700) if it is not there, and removes what a killed writer left half written.
  // Errors: kBadInput if it cannot be made or written, or if another writer has it.
  static Result<Store> Open(const std::string& folder);

  const std::string& folder() const { return folder_; }

  // Replaces the life's file in one step: what was written before stays whole, whatever happens. Then removes
  // the oldest files beyond kMaxFiles, but none whose name is in `spared` (PathOf). Errors: kBadInput.
  Result<void> Write(const Life& life, const std::vector<std::string>& spared = {});

  // The life that shares a mark with `marks`, if a file of that container has one: what a writer that was
  // killed knew of it. A file that cannot be read is none.
  std::optional<Life> Earlier(std::string_view id, const std::vector<std::string>& marks) const;

  std::string PathOf(const Life& life) const;

 private:
  Store(std::string folder, Fd lock) : folder_(std::move(folder)), lock_(std::move(lock)) {}
  void RemoveOldest(const std::vector<std::string>& spared) const;

  std::string folder_;
  Fd lock_;
};

}  // namespace whittle::kept

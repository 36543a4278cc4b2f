// A temporary folder that is removed with its contents at the end. Not thread safe. Internal to this folder.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include "base/result.h"

namespace whittle::container {

class ScratchFolder {
 public:
  static Result<ScratchFolder> Create() {
    std::string path = (std::filesystem::temp_directory_path() / "whittle-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr)
      return Fail(ErrorCode::kNotPossible, "cannot make a folder like " + path);
    return ScratchFolder(std::move(path));
  }
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, "")) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace whittle::container

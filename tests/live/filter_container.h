// Real containers under a profile, for the tests that read installed filters back.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "profile/document.h"

namespace whittle::filter::testing {

// A folder that is removed at the end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A sleeping busybox container; removed at the end.
class Container {
 public:
  // Through docker, with what stands between `docker run` and the image. Errors: what docker says.
  static Result<Container> StartDocker(const std::vector<std::string>& options);
  // Through crun and an OCI bundle, in a mount namespace with a pure cgroup2, which crun wants.
  static Result<Container> StartCrun(const profile::Document& document, const Folder& folder);

  ~Container();
  Container(Container&& other) noexcept;
  Container& operator=(Container&&) = delete;
  pid_t pid() const { return pid_; }
  const std::string& name() const { return name_; }

 private:
  Container() = default;
  std::string name_;
  std::vector<std::string> remove_;  // the command
  pid_t pid_ = 0;
};

// Empty if containers can be started that way; else why not.
std::string WhyNoDocker();
std::string WhyNoCrun();

}  // namespace whittle::filter::testing

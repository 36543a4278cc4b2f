// What the container tests share: an engine that answers, the tiny image in it, containers that go away
// again.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "container/engines.h"
#include "container/scratch.h"

namespace whittle::container {

inline constexpr const char* kTestImage = "whittle-test-tiny:1";

class ContainerTest : public ::testing::Test {
 protected:
  // Skips, loudly, if no docker answers or we are not root.
  void SetUp() override;
  // Removes the containers that Run() made.
  void TearDown() override;

  const Engine& engine() const { return *engines_.answering().front(); }
  // `docker ARGUMENTS...`; fails the test if it exits with anything but 0.
  std::string Docker(const std::vector<std::string>& arguments);
  // A name of this test's own, removed at the end.
  std::string NewName();
  // Starts `docker run -d` of /pause under a new name, which it returns.
  std::string RunPause(const std::vector<std::string>& arguments = {});
  std::string Scratch(const std::string& name) const { return scratch_->File(name); }

  Engines engines_;

 private:
  std::vector<std::string> client_;
  std::vector<std::string> names_;
  std::unique_ptr<ScratchFolder> scratch_;
};

}  // namespace whittle::container

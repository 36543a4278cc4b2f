#include "container_harness.h"

#include <fmt/core.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "container/client.h"
#include "container/tiny_image.h"

namespace whittle::container {

void ContainerTest::SetUp() {
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root";
  engines_ = Engines::Find(EngineKind::kDocker);
  if (engines_.answering().empty()) {
    GTEST_SKIP() << "SKIPPED: no docker answers: " << engines_.RequireOne().error().message;
  }
  auto client = ClientWords(engine().info());
  ASSERT_TRUE(client) << client.error().message;
  client_ = std::move(*client);
  auto scratch = ScratchFolder::Create();
  ASSERT_TRUE(scratch);
  scratch_ = std::make_unique<ScratchFolder>(std::move(*scratch));
  const auto image = TinyImage(Abi::kX86_64);
  ASSERT_TRUE(image);
  ASSERT_TRUE(WriteFile(Scratch("tiny.tar"), *image));
  Docker({"import", Scratch("tiny.tar"), kTestImage});
}

void ContainerTest::TearDown() {
  for (const auto& name : names_) {
    std::vector<std::string> words = client_;
    words.insert(words.end(), {"rm", "-f", name});
    [[maybe_unused]] const auto gone_already = RunProcess(words);
  }
}

std::string ContainerTest::Docker(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = client_;
  words.insert(words.end(), arguments.begin(), arguments.end());
  const auto answer = RunProcess(words, 60'000);
  if (!answer) {
    ADD_FAILURE() << answer.error().message;
    return "";
  }
  EXPECT_EQ(answer->exit_code, 0) << Join(arguments, " ") << ": " << answer->errors;
  return std::string(Trim(answer->output));
}

std::string ContainerTest::NewName() {
  names_.push_back(fmt::format("whittle-test-{}-{}", ::getpid(), names_.size()));
  return names_.back();
}

std::string ContainerTest::RunPause(const std::vector<std::string>& arguments) {
  std::string name = NewName();
  std::vector<std::string> words = {"run", "-d", "--network", "none", "--name", name};
  words.insert(words.end(), arguments.begin(), arguments.end());
  words.insert(words.end(), {kTestImage, std::string(kTinyPause)});
  Docker(words);
  return name;
}

}  // namespace whittle::container

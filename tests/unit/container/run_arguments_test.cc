#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "container/run.h"

namespace whittle::container {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Words = std::vector<std::string>;

TEST(RunArgumentsTest, UnderstandsWhatTouchesTheFilter) {
  const auto read =
      ReadEngineArguments({"--name", "web", "--cap-add=SYS_PTRACE", "--cap-drop", "ALL", "--security-opt",
                           "no-new-privileges", "-p", "80:80", "--cidfile", "/tmp/id"});
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->no_new_privs);
  EXPECT_FALSE(read->detached);
  EXPECT_THAT(read->add, ElementsAre("SYS_PTRACE"));
  EXPECT_THAT(read->drop, ElementsAre("ALL"));
  EXPECT_EQ(read->id_file, "/tmp/id");
}

TEST(RunArgumentsTest, SeesDetachInEverySpelling) {
  for (const Words& words : {Words{"-d"}, Words{"--detach"}, Words{"--detach=true"}, Words{"-itd"}}) {
    EXPECT_TRUE(ReadEngineArguments(words)->detached) << words.front();
  }
  for (const Words& words :
       {Words{"-it"}, Words{"--detach=false"}, Words{"--detach-keys", "d"}, Words{"-edition"}}) {
    EXPECT_FALSE(ReadEngineArguments(words)->detached) << words.front();
  }
}

TEST(RunArgumentsTest, RefusesWhatWouldSwitchTheFilterOff) {
  for (const Words& words :
       {Words{"--privileged"}, Words{"--privileged=true"}, Words{"--security-opt", "seccomp=unconfined"},
        Words{"--security-opt=seccomp=x.json"}, Words{"--security-opt", "seccomp:unconfined"}}) {
    const auto read = ReadEngineArguments(words);
    ASSERT_FALSE(read) << words.front();
    EXPECT_EQ(read.error().code, ErrorCode::kUsage);
  }
  EXPECT_TRUE(ReadEngineArguments({"--privileged=false"}));
  EXPECT_FALSE(ReadEngineArguments({"--security-opt", "no-new-privileges:false"})->no_new_privs);
}

}  // namespace
}  // namespace whittle::container

#include "kept/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/file.h"

namespace whittle::kept {
namespace {

using ::testing::HasSubstr;

const std::string kId(64, 'a');

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() { std::filesystem::remove_all(folder_); }
  ~StoreTest() override { std::filesystem::remove_all(folder_); }

  static Life LifeOf(const std::string& name, int64_t started_ms, const std::string& id = kId) {
    Life life;
    life.id = id;
    life.name = name;
    life.started_ms = life.updated_ms = started_ms;
    return life;
  }
  size_t Files() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }

  const std::string folder_ = ::testing::TempDir() + "whittle-store-" + std::to_string(getpid());
};

TEST_F(StoreTest, TheFolderIsRootsOwnAndFindsTheLatestLife) {
  auto store = Store::Open(folder_ + "/below");
  ASSERT_TRUE(store) << store.error().message;
  struct stat info{};
  ASSERT_EQ(stat(store->folder().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  ASSERT_TRUE(store->Write(LifeOf("web", 1000)));
  ASSERT_TRUE(store->Write(LifeOf("web", 2000)));
  ASSERT_TRUE(store->Write(LifeOf("db", 3000, "default/db")));
  for (const auto& name : {std::string("web"), kId, kId.substr(0, 12)}) {
    const auto found = Find(store->folder(), name);
    ASSERT_TRUE(found && *found) << name;
    EXPECT_EQ((*found)->life.started_ms, 2000);
    EXPECT_EQ((*found)->path, store->folder() + "/" + kId + "-2000.json");
  }
  ASSERT_TRUE(*Find(store->folder(), "default/db"));
  EXPECT_FALSE(*Find(store->folder(), "aaa"));
  EXPECT_FALSE(*Find(folder_ + "/none", "web"));
}

TEST_F(StoreTest, AFileThatCannotBeReadHidesItsOwnContainerOnly) {
  auto store = Store::Open(folder_);
  ASSERT_TRUE(store && store->Write(LifeOf("web", 1000)) &&
              store->Write(LifeOf("db", 1000, std::string(64, 'b'))));
  ASSERT_TRUE(WriteFile(folder_ + "/" + kId + "-3000.json", "{"));
  ASSERT_TRUE(WriteFile(folder_ + "/notes.txt", "{"));
  EXPECT_FALSE(Find(folder_, "web"));
  EXPECT_FALSE(Find(folder_, kId));
  EXPECT_FALSE(Find(folder_, "unknown"));  // it may be that one
  EXPECT_TRUE(Find(folder_, "db") && *Find(folder_, "db"));
}

TEST_F(StoreTest, KeepsTheNewestThousandAndThoseThatAreSpared) {
  auto store = Store::Open(folder_);
  ASSERT_TRUE(store);
  const auto oldest = LifeOf("old", 1), next = LifeOf("next", 2);
  ASSERT_TRUE(store->Write(oldest) && store->Write(next));
  for (int i = 0; i < 998; i++) {  // as Write() names them, and quicker
    std::ofstream(folder_ + "/" + kId + "-" + std::to_string(10 + i) + ".json") << "{}";
  }
  EXPECT_EQ(Files(), 1000u);
  ASSERT_TRUE(store->Write(LifeOf("web", 5000), {store->PathOf(oldest)}));
  EXPECT_EQ(Files(), 1000u);
  EXPECT_TRUE(FileExists(store->PathOf(oldest)));
  EXPECT_FALSE(FileExists(store->PathOf(next)));
  EXPECT_TRUE(FileExists(store->PathOf(LifeOf("web", 5000))));
}

TEST_F(StoreTest, OneWriterAtATimeAndHalfWrittenFilesAreRemoved) {
  ASSERT_TRUE(std::filesystem::create_directories(folder_));
  const std::string half = folder_ + "/" + kId + "-1000.json.Ab12Cd", other = folder_ + "/notes.Ab12Cd";
  ASSERT_TRUE(WriteFile(half, "{") && WriteFile(other, "{"));
  const auto store = Store::Open(folder_);
  ASSERT_TRUE(store);
  EXPECT_FALSE(FileExists(half));
  EXPECT_TRUE(FileExists(other));
  const auto second = Store::Open(folder_);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("another"));
}

TEST_F(StoreTest, WhereNothingCanBeWrittenItSaysSo) {
  ASSERT_TRUE(WriteFile(::testing::TempDir() + "whittle-store-file", ""));
  for (const std::string& folder :
       {::testing::TempDir() + "whittle-store-file", std::string("/proc/none/x")}) {
    const auto store = Store::Open(folder);
    ASSERT_FALSE(store);
    EXPECT_THAT(store.error().message, HasSubstr(folder));
  }
}

TEST_F(StoreTest, FindsWhatAKilledWriterKnewOfTheSameLife) {
  auto store = Store::Open(folder_);
  ASSERT_TRUE(store);
  Life life = LifeOf("web", 1000);
  life.marks = {"boot v2 1", "boot pids 9"};
  ASSERT_TRUE(store->Write(life));
  EXPECT_EQ(store->Earlier(kId, {"boot pids 9"}), life);
  EXPECT_FALSE(store->Earlier(kId, {"boot v2 2"}));
  EXPECT_FALSE(store->Earlier(std::string(64, 'b'), {"boot v2 1"}));
}

}  // namespace
}  // namespace whittle::kept

#include "symbols/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace whittle::symbols {
namespace {

TEST(ModulesOfMaps, TakesExecutableMappingsOfFiles) {
  const auto modules = ModulesOfMaps(
      "55d0c0000000-55d0c0001000 r--p 00000000 08:01 77                 /usr/bin/app\n"
      "55d0c0001000-55d0c0002000 r-xp 00001000 08:01 77                 /usr/bin/app\n"
      "7f0000000000-7f0000010000 r-xp 00002000 00:2a 99                 /opt/with blank.so (deleted)\n"
      "7f1000000000-7f1000001000 rwxp 00000000 00:00 0 \n"
      "7ffd00000000-7ffd00001000 r-xp 00000000 00:00 0                  [vdso]\n"
      "nonsense\n");
  ASSERT_EQ(modules.size(), 2u);
  EXPECT_EQ(modules[0], (Module{0x55d0c0001000, 0x55d0c0002000, 0x1000, 77, "/usr/bin/app"}));
  EXPECT_EQ(modules[1], (Module{0x7f0000000000, 0x7f0000010000, 0x2000, 99, "/opt/with blank.so"}));
}

class OpenFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/whittle-files-XXXXXX";
    root_ = mkdtemp(name);
    std::filesystem::create_directory(root_ / "lib");
    std::ofstream(root_ / "lib/a.so") << "inside";
    root_fd_ = Fd(open(root_.c_str(), O_PATH | O_DIRECTORY));
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::string Content(const std::string& path) const {
    const Fd file = OpenBelow(root_fd_.get(), path);
    char text[16] = {};
    return file.valid() && read(file.get(), text, sizeof(text) - 1) >= 0 ? text : "none";
  }

  std::filesystem::path root_;
  Fd root_fd_;
};

TEST_F(OpenFilesTest, FollowsNoWayOutOfTheRoot) {
  std::filesystem::create_symlink("/lib/a.so", root_ / "absolute");
  std::filesystem::create_symlink("../../../../../../etc/passwd", root_ / "out");
  EXPECT_EQ(Content("/lib/a.so"), "inside");
  EXPECT_EQ(Content("/absolute"), "inside") << "a link of a container means its own files";
  EXPECT_EQ(Content("/out"), "none");
  EXPECT_EQ(Content("/../../../../etc/passwd"), "none");
}

TEST_F(OpenFilesTest, OpensRegularFilesOnlyAndNeverWaits) {
  ASSERT_EQ(mkfifo((root_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(Content("/pipe"), "none");
  EXPECT_EQ(Content("/lib"), "none");
  EXPECT_EQ(Content("/missing"), "none");
}

TEST(OpenModules, LeavesOutAFileThatIsAnotherOneByNow) {
  Sample sample;
  sample.modules = {{0, 4096, 0, 1, "/proc/self/exe"}, {0, 4096, 0, 1, "/etc/passwd"}, {0, 4096, 0, 0, ""}};
  const auto files = OpenModules(sample, getpid());
  ASSERT_EQ(files.modules.size(), 3u);
  for (const auto& file : files.modules) EXPECT_FALSE(file.valid());
}

}  // namespace
}  // namespace whittle::symbols

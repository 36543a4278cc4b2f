// Lists and folders of a node's profiles.
#include "manifest/node_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"

namespace whittle::manifest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

NodeFiles Parsed(std::string_view text, std::string_view root = kKubeletRoot) {
  const auto files = ParseNodeFiles(text, "node", root);
  EXPECT_TRUE(files) << (files ? "" : files.error().message);
  return files.value_or(NodeFiles());
}

TEST(NodeFiles, AreListedWithTheFolderOrBelowIt) {
  EXPECT_THAT(Parsed("/var/lib/kubelet/seccomp/profiles/app.json\n/var/lib/kubelet/seccomp/app\n").files,
              ElementsAre("app", "profiles/app.json"));
  EXPECT_THAT(Parsed("./profiles/app.json\r\n\napp\nprofiles/\n.\n").files,
              ElementsAre("app", "profiles/app.json"));
  EXPECT_THAT(Parsed("/var/lib/kubelet/seccomp/a\n/etc/passwd\n").files, ElementsAre("a"));
  EXPECT_THAT(Parsed("/data/kubelet/seccomp/a\n", "/data/kubelet/").files, ElementsAre("a"));
  EXPECT_THAT(Parsed("").files, IsEmpty());
  EXPECT_THAT(Parsed("/var/lib/kubelet/seccomp/\n").files, IsEmpty());
}

TEST(NodeFiles, ElsewhereAreAnError) {
  const auto files = ParseNodeFiles("/data/kubelet/seccomp/a\n", "node", kKubeletRoot);
  ASSERT_FALSE(files);
  EXPECT_THAT(files.error().message, HasSubstr("--kubelet-root"));
}

TEST(NodeFiles, AreReadFromAFolder) {
  const std::string folder = testing::TempDir() + "/seccomp-" + std::to_string(::getpid());
  std::filesystem::create_directories(folder + "/profiles/old");
  ASSERT_TRUE(WriteFile(folder + "/profiles/app.json", "{}"));
  ASSERT_TRUE(WriteFile(folder + "/profiles/old/app.json", "{}"));
  std::filesystem::create_symlink("app.json", folder + "/profiles/link.json");
  std::filesystem::create_symlink("nowhere", folder + "/profiles/broken.json");
  const auto files = ReadNodeFiles(folder, kKubeletRoot);
  ASSERT_TRUE(files);
  EXPECT_THAT(files->files, ElementsAre("profiles/app.json", "profiles/link.json", "profiles/old/app.json"));
  EXPECT_TRUE(files->IsFolder("profiles/old"));
  EXPECT_FALSE(files->IsFolder("profiles/ol"));
  std::filesystem::remove_all(folder);
  EXPECT_FALSE(ReadNodeFiles(folder, kKubeletRoot));
}

TEST(NodeFiles, AreNotLookedForInCircles) {
  const std::string folder = testing::TempDir() + "/circles-" + std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  for (const auto name : {"a", "b", "c", "d"})
    std::filesystem::create_directory_symlink(".", folder + "/" + name);
  const auto files = ReadNodeFiles(folder, kKubeletRoot);
  ASSERT_FALSE(files);
  EXPECT_THAT(files.error().message, HasSubstr("more than 100000 files and folders"));
  std::filesystem::remove_all(folder);
}

TEST(NodeFiles, NameTheFileThatIsMeant) {
  const auto node = Parsed("app\nprofiles/web.json\nlocalhost/x\n");
  EXPECT_EQ(NearestFile(node, "localhost/app"), "app");
  EXPECT_EQ(NearestFile(node, "profiles/Web.JSON"), "profiles/web.json");
  EXPECT_EQ(NearestFile(node, "web.json"), "profiles/web.json");
  EXPECT_EQ(NearestFile(node, "profiles/web"), "profiles/web.json");
  EXPECT_EQ(NearestFile(node, "profiles/wbe.json"), "profiles/web.json");
  EXPECT_EQ(NearestFile(node, "profiles/webb"), "profiles/web.json");
  EXPECT_EQ(NearestFile(node, "something/quite/different"), std::nullopt);
  EXPECT_EQ(NearestFile(node, "profiles/other.json"), std::nullopt) << "the folder alone makes none near";
  EXPECT_EQ(NearestFile(node, "profiles/api.json"), std::nullopt);
}

}  // namespace
}  // namespace whittle::manifest

#include "diagnose/program_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"

namespace whittle::diagnose {
namespace {

namespace fs = std::filesystem;

std::string Elf(char bits, unsigned char machine) {
  std::string head =
      "\x7f"
      "ELF";
  head += bits;
  head += '\1';
  head.resize(18, '\0');
  head += static_cast<char>(machine);
  head += '\0';
  return head;
}

TEST(ProgramFileTest, KnowsMachinesByTheirHead) {
  EXPECT_EQ(AbiOfElf(Elf(2, 62)), Abi::kX86_64);
  EXPECT_EQ(AbiOfElf(Elf(1, 62)), Abi::kX32);
  EXPECT_EQ(AbiOfElf(Elf(1, 3)), Abi::kI386);
  EXPECT_EQ(AbiOfElf(Elf(2, 183)), Abi::kAarch64);
  EXPECT_FALSE(AbiOfElf("#!/bin/sh\n ................"));
  EXPECT_FALSE(AbiOfElf(Elf(2, 62).substr(0, 18)));
}

// An ELF file with one program header of that type.
std::string ElfWith(char type, size_t at = 64) {
  std::string head = Elf(2, 62);
  head.resize(at + 56, '\0');
  head[32] = static_cast<char>(at);
  head[54] = 56;
  head[56] = 1;
  head[at] = type;
  return head;
}

TEST(ProgramFileTest, KnowsWhoNeedsALoader) {
  EXPECT_EQ(IsDynamicElf(ElfWith(3)), true);
  EXPECT_EQ(IsDynamicElf(ElfWith(1)), false);
  EXPECT_FALSE(IsDynamicElf(ElfWith(3).substr(0, 100)));
  EXPECT_FALSE(IsDynamicElf(Elf(2, 62)));
  std::string hostile = ElfWith(3);
  for (size_t i = 32; i < 40; ++i) hostile[i] = '\xff';
  EXPECT_FALSE(IsDynamicElf(hostile));
}

class LayersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_ + "/upper/bin");
    fs::create_directories(folder_ + "/lower/bin");
    fs::create_directories(folder_ + "/mount");
    ASSERT_TRUE(WriteFile(folder_ + "/lower/bin/busybox", Elf(2, 62)));
    fs::create_symlink("busybox", folder_ + "/lower/bin/sh");
    fs::create_symlink("/bin/sh", folder_ + "/upper/bin/ash");
    ASSERT_TRUE(WriteFile(folder_ + "/mount/old", Elf(1, 3)));
    info_.layers = {folder_ + "/upper", folder_ + "/lower"};
    info_.mounts = {{folder_ + "/mount", "/m"}};
  }
  void TearDown() override { fs::remove_all(folder_); }
  ProgramFile Find(const std::string& program) {
    info_.command = {program};
    return FindProgramFile(info_);
  }

  std::string folder_ = ::testing::TempDir() + "whittle-layers";
  container::ContainerInfo info_;
};

TEST_F(LayersTest, FollowsLinksThroughLayersPathAndMounts) {
  const auto shell = Find("ash");
  EXPECT_EQ(shell.path, "/bin/busybox");
  EXPECT_EQ(shell.abi, Abi::kX86_64);
  EXPECT_EQ(Find("/m/old").abi, Abi::kI386);
  EXPECT_EQ(Find("nosuch").state, ProgramFile::State::kMissing);
}

TEST_F(LayersTest, WhatNobodyMayExecuteIsUnusable) {
  EXPECT_EQ(Find("/bin/busybox").state, ProgramFile::State::kUnusable);
  fs::permissions(folder_ + "/lower/bin/busybox", fs::perms::owner_all);
  EXPECT_EQ(Find("sh").state, ProgramFile::State::kThere);
  EXPECT_EQ(Find("/bin").state, ProgramFile::State::kUnusable);
}

TEST_F(LayersTest, AStoreThatCannotBeReadTellsNothing) {
  info_.layers.push_back(folder_ + "/gone");
  EXPECT_EQ(Find("nosuch").state, ProgramFile::State::kUnknown);
  info_.layers.clear();
  EXPECT_EQ(Find("nosuch").state, ProgramFile::State::kUnknown);
}

TEST_F(LayersTest, LinksInACircleLeadNowhere) {
  fs::create_symlink("/bin/b", folder_ + "/upper/bin/a");
  fs::create_symlink("/bin/a", folder_ + "/upper/bin/b");
  EXPECT_EQ(Find("a").state, ProgramFile::State::kMissing);
}

TEST_F(LayersTest, DoesNotLeaveTheContainer) {
  fs::create_symlink("../../../../../../bin/busybox", folder_ + "/upper/bin/up");
  EXPECT_EQ(Find("up").path, "/bin/busybox");
}

}  // namespace
}  // namespace whittle::diagnose

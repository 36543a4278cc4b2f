#include "record/subjects.h"

#include <gtest/gtest.h>

namespace whittle::record {
namespace {

using namespace std::string_view_literals;

TEST(PathFromComponents, PutsThemInOrder) {
  EXPECT_EQ(PathFromComponents("sleep\0bin\0usr\0"sv), "/usr/bin/sleep");
  EXPECT_EQ(PathFromComponents("init\0"sv), "/init");
  EXPECT_EQ(PathFromComponents("memfd:runc_cloned:/proc/self/exe\0"sv), "/memfd:runc_cloned:/proc/self/exe");
  EXPECT_EQ(PathFromComponents(""), "");
}

TEST(IsBelow, MeansWholeComponents) {
  EXPECT_TRUE(IsBelow("/a/b", "/a"));
  EXPECT_TRUE(IsBelow("/a", "/a"));
  EXPECT_TRUE(IsBelow("/a", "/"));
  EXPECT_FALSE(IsBelow("/ab", "/a"));
  EXPECT_FALSE(IsBelow("/a", "/a/b"));
}

TEST(LastComponent, IsWhatStandsBehindTheLastSlash) {
  EXPECT_EQ(LastComponent("/docker/4f1a"), "4f1a");
  EXPECT_EQ(LastComponent("plain"), "plain");
}

}  // namespace
}  // namespace whittle::record

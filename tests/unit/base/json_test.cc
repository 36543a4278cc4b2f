#include "base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace whittle::json {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(std::string_view text) {
  const auto value = Parse(text, "x.json");
  return value ? "" : value.error().message;
}

TEST(Json, EveryValueKnowsWhereItStood) {
  const auto root = Parse("{\n  \"a\": [1, 22,\n    {\"b\": \"x\"}],\n  \"c\" : -7\n}", "x.json");
  ASSERT_TRUE(root) << root.error().message;
  const Value& list = *root->Find("a");
  EXPECT_EQ(list.at.line, 2u);
  EXPECT_EQ(list.at.column, 8u);
  EXPECT_EQ(list.items[1].at.column, 12u);
  EXPECT_EQ(list.items[2].at.line, 3u);
  EXPECT_EQ(list.items[2].Find("b")->at.column, 11u);
  EXPECT_EQ(root->Find("c")->at.line, 4u);
  EXPECT_EQ(root->Find("c")->at.column, 9u);
  EXPECT_EQ(root->Find("c")->integer, -7);
}

TEST(Json, BrokenDocumentsNameLineAndColumn) {
  EXPECT_THAT(ErrorOf("{\n \"a\": nope}"), HasSubstr("x.json:2:"));
  EXPECT_THAT(ErrorOf("{\"a\": 1} trailing"), HasSubstr("x.json:1:1"));
  EXPECT_THAT(ErrorOf("{\"a\": [1, 2"), HasSubstr("not valid JSON"));
}

TEST(Json, ACommaAfterTheLastEntryIsPointedAt) {
  EXPECT_THAT(ErrorOf("{\"a\": [],}"),
              HasSubstr("x.json:1:9: /: not valid JSON: a comma after the last entry"));
  EXPECT_THAT(ErrorOf("[1,\n 2,\n]"), HasSubstr("x.json:2:3:"));
  EXPECT_THAT(ErrorOf("[1 2]"), testing::Not(HasSubstr("comma after")));
}

TEST(Json, EmptyFilesAndByteOrderMarksAreNamed) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("empty"));
  EXPECT_THAT(ErrorOf(" \n"), HasSubstr("empty"));
  EXPECT_THAT(ErrorOf("\xef\xbb\xbf{}"), HasSubstr("byte order mark"));
  EXPECT_THAT(ErrorOf(std::string_view("\xff\xfe{\0}\0", 6)), HasSubstr("byte order mark of UTF-16"));
  EXPECT_THAT(ErrorOf(std::string_view("\xfe\xff\0{\0}", 6)), HasSubstr("byte order mark of UTF-16"));
}

TEST(Json, AWholeNumberOfMoreThan64BitsKeepsItsDigits) {
  const auto root = Parse("[18446744073709551616, -9223372036854775809, 1.5, 1e3]", "x.json");
  ASSERT_TRUE(root);
  EXPECT_EQ(Write(*root, Style::kCompact), "[18446744073709551616,-9223372036854775809,1.5,1000.0]");
}

TEST(Json, DepthAndSizeAreLimited) {
  const std::string deep(100, '[');
  EXPECT_THAT(ErrorOf(deep), HasSubstr("nested deeper than 64"));
  EXPECT_FALSE(Parse("[1,2,3]", "x.json", {.bytes = 3}));
  EXPECT_FALSE(Parse("[1,[2]]", "x.json", {.values = 3}));
  EXPECT_TRUE(Parse("[1,[2]]", "x.json", {.values = 4}));
}

TEST(Json, WritingWhatWasReadChangesNothing) {
  const std::string text =
      "{\n  \"z\": 1,\n  \"a\": [\n    true,\n    null,\n    \"\\u0001\\n\"\n  ],\n  \"e\": {}\n}\n";
  const auto root = Parse(text, "x.json");
  ASSERT_TRUE(root);
  EXPECT_EQ(Write(*root), text);
  EXPECT_EQ(Write(*root, Style::kCompact), R"({"z":1,"a":[true,null,"\u0001\n"],"e":{}})");
}

TEST(Json, TheLastOfTwoMembersCountsAsInGo) {
  const auto root = Parse(R"({"a":1,"a":2})", "x.json");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->Find("a")->number, 2u);
  EXPECT_EQ(root->members.size(), 2u);
}

}  // namespace
}  // namespace whittle::json

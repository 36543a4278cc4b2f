#include "base/yaml.h"

#include <gtest/gtest.h>

namespace whittle::yaml {
namespace {

// The documents as compact JSON, one a line, or the error.
std::string Json(std::string_view text, const json::Limits& limits = {size_t{1} << 20, 16, 1000}) {
  const auto documents = yaml::Parse(text, "in", limits);
  if (!documents) return documents.error().message;
  std::string all;
  for (const auto& document : *documents) all += json::Write(document, json::Style::kCompact) + "\n";
  return all;
}

TEST(Yaml, ReadsBlocksFlowsAndSeveralDocuments) {
  EXPECT_EQ(Json("a: 1\nb:\n- x\n- {c: [d, 'e']}\n"), "{\"a\":1,\"b\":[\"x\",{\"c\":[\"d\",\"e\"]}]}\n");
  EXPECT_EQ(Json("---\na\n---\nb\n...\n"), "\"a\"\n\"b\"\n");
  EXPECT_EQ(Json(""), "");
}

TEST(Yaml, PlainScalarsAreWhatTheCoreSchemaSays) {
  EXPECT_EQ(Json("[null, ~, true, False, 0x1f, 0o17, -5, +5, 1.5, yes, 1_000, read, -]"),
            "[null,null,true,false,31,15,-5,5,1.5,\"yes\",\"1_000\",\"read\",\"-\"]\n");
  EXPECT_EQ(Json("['1', \"true\", !!str 7]"), Json("['1', 'true', '7']"));
  EXPECT_EQ(Json("a: |-\n  2\nb: >\n  3\n"), "{\"a\":\"2\",\"b\":\"3\\n\"}\n");
  EXPECT_EQ(Json("{1: a, true: b}"), "{\"1\":\"a\",\"true\":\"b\"}\n");
}

TEST(Yaml, ValuesKnowWhereTheyStood) {
  const auto documents = yaml::Parse("a:\n  bc: [x,\n    y]\n", "in");
  ASSERT_TRUE(documents);
  const auto& list = *documents->front().Find("a")->Find("bc");
  EXPECT_EQ(list.items[1].at.line, 3);
  EXPECT_EQ(list.items[1].at.column, 5);
}

TEST(Yaml, AliasesStandForWhatTheyName) {
  EXPECT_EQ(Json("a: &x [1, 2]\nb: *x\n"), "{\"a\":[1,2],\"b\":[1,2]}\n");
  EXPECT_EQ(Json("a: *x\n"), "in:1:4: an alias of an anchor that is not there yet");
  EXPECT_EQ(Json("a: &x [*x]\n"), "in:1:8: an alias of an anchor that is not there yet");
}

TEST(Yaml, AliasesOfAliasesOfAliasesCostNoMoreThanTheLimit) {
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    const std::string name = "a" + std::to_string(i);
    laughs += name + ": &" + name + " [" + before;
    for (int k = 0; k < 8; ++k) laughs += ", " + before;
    laughs += "]\n";
  }
  EXPECT_NE(Json(laughs).find("more than 1000 values"), std::string::npos);
}

TEST(Yaml, DepthIsBoundedAlsoThroughAliases) {
  EXPECT_NE(Json(std::string(100'000, '[')).find("more than 16 levels deep"), std::string::npos);
  std::string nested = "a0: &a0 [x]\n";
  for (int i = 1; i < 20; ++i) {
    nested += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  }
  EXPECT_NE(Json(nested).find("more than 16 levels deep"), std::string::npos);
}

TEST(Yaml, BrokenTextNamesItsPlace) {
  EXPECT_TRUE(Json("a: [1\nb: 2\n").starts_with("in:2:")) << Json("a: [1\nb: 2\n");
  EXPECT_TRUE(Json("<<: 5\n").starts_with("in:1:5: expected a mapping"));
  EXPECT_TRUE(Json("[a]: b\n").starts_with("in:1:1: expected the name of a member"));
  EXPECT_TRUE(Json("a: \x01\n").starts_with("in:"));
  EXPECT_TRUE(
      Json("x:\n  a: 1\n  b: {c: 1}\n  a: 2\n").starts_with("in:4:3: 'a' is given twice: also in line 2"));
}

TEST(Yaml, MergeKeysGiveWhatIsNotThere) {
  EXPECT_EQ(Json("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\n"), R"({"a":{"x":1,"y":2},"b":{"y":3,"x":1}})"
                                                                "\n");
  EXPECT_EQ(Json("- &a {x: 1}\n- &b {x: 2, y: 3}\n- {<<: [*a, *b], z: 4}\n"),
            R"([{"x":1},{"x":2,"y":3},{"z":4,"x":1,"y":3}])"
            "\n");
  EXPECT_EQ(Json("<<: {a: {<<: {b: 1}}}\n"), R"({"a":{"b":1}})"
                                             "\n");
}

}  // namespace
}  // namespace whittle::yaml

#include "base/text.h"

#include <gtest/gtest.h>

#include <limits>

namespace whittle {
namespace {

TEST(Text, SplitKeepsEmptyPieces) {
  EXPECT_EQ(Split("a,,b", ',').size(), 3u);
  EXPECT_EQ(Split("", ',').size(), 1u);
}

TEST(Text, LinesIgnoreOneFinalNewline) {
  EXPECT_EQ(Lines("a\nb\n").size(), 2u);
  EXPECT_EQ(Lines("a\n\n").size(), 2u);
  EXPECT_EQ(Lines("").size(), 0u);
  EXPECT_EQ(Lines("a\r\n")[0], "a");
}

TEST(Text, SmallLettersAreThoseOfAscii) {
  EXPECT_EQ(LowerCase("CAP_Sys-9"), "cap_sys-9");
  EXPECT_EQ(LowerCase("\xc3\x84"), "\xc3\x84");
}

TEST(Text, ListsEndWithAnd) {
  EXPECT_EQ(JoinWithAnd({}), "");
  EXPECT_EQ(JoinWithAnd(std::vector<std::string>{"a"}), "a");
  EXPECT_EQ(JoinWithAnd(std::vector<std::string>{"a", "b", "c"}), "a, b and c");
}

TEST(Text, HexadecimalDigitsAreSmall) {
  EXPECT_EQ(HexDigit('9'), 9);
  EXPECT_EQ(HexDigit('f'), 15);
  EXPECT_EQ(HexDigit('F'), -1);
  EXPECT_EQ(HexDigit('g'), -1);
}

TEST(Text, NumbersMustBeWhole) {
  EXPECT_EQ(ParseUnsigned("0x1F"), 31u);
  EXPECT_EQ(ParseUnsigned("18446744073709551615"), std::numeric_limits<uint64_t>::max());
  EXPECT_FALSE(ParseUnsigned("18446744073709551616"));
  EXPECT_FALSE(ParseUnsigned("12x"));
  EXPECT_FALSE(ParseUnsigned("0x"));
  EXPECT_FALSE(ParseUnsigned(""));
  EXPECT_EQ(ParseSigned("-1"), -1);
  EXPECT_EQ(ParseSigned("-9223372036854775808"), std::numeric_limits<int64_t>::min());
  EXPECT_FALSE(ParseSigned("9223372036854775808"));
}

TEST(Text, Durations) {
  EXPECT_EQ(*ParseDurationMs("5m"), 300'000);
  EXPECT_EQ(*ParseDurationMs("90"), 90'000);
  EXPECT_EQ(*ParseDurationMs("250ms"), 250);
  EXPECT_FALSE(ParseDurationMs("soon"));
  EXPECT_FALSE(ParseDurationMs("-5s"));
  EXPECT_FALSE(ParseDurationMs("99999999999999999h"));
}

TEST(Text, PrintableNeverDrivesATerminal) {
  EXPECT_EQ(Printable("a\x1b[2J\nb"), "a\\x1b[2J\\x0ab");
  EXPECT_EQ(Printable("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(Printable("\xff\xc2\x9b"), "\\xff\\xc2\\x9b");
}

TEST(Text, NearestFindsTypingErrorsOnly) {
  const std::string_view names[] = {"openat", "openat2", "read"};
  EXPECT_EQ(Nearest("opneat", names), "openat");
  EXPECT_EQ(Nearest("zzzzzz", names), std::nullopt);
}

}  // namespace
}  // namespace whittle

#include "base/scan.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace whittle {
namespace {

size_t FirstOneByOne(std::string_view text, size_t from) {
  const size_t found = text.find_first_of("\"<\xff", from);
  return found == std::string_view::npos ? text.size() : found;
}

TEST(FirstOf, IsWhatAskingOneByOneFinds) {
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 70, 'a');
    for (size_t i = random() % 4; i > 0 && !text.empty(); --i)
      text[random() % text.size()] = "\"<\xff\0"[random() % 4];
    const size_t from = random() % (text.size() + 1);
    ASSERT_EQ((FirstOf<'"', '<', '\xff'>(text, from)), FirstOneByOne(text, from))
        << "'" << text << "' from " << from;
  }
}

TEST(FirstOf, StandsBeforeTheStartNowhere) {
  const std::string text = "<23456789012345678901";
  EXPECT_EQ(FirstOf<'<'>(text), 0U);
  for (size_t from = 1; from <= text.size(); ++from) EXPECT_EQ(FirstOf<'<'>(text, from), text.size()) << from;
}

TEST(ReadDigits, OfEachLengthAndEnd) {
  const std::string digits = "9081726354";
  for (const std::string_view end :
       {"", "x", " = 0 <0.000010>", "/////////", ":::::::::", "\xb0\xb1\xb2\xb3\xb4\xb5\xb6\xb7\xb8"}) {
    for (size_t count = 0; count <= digits.size(); ++count) {
      const std::string text = digits.substr(0, count) + std::string(end);
      const auto read = ReadDigits(text);
      const size_t wanted = std::min(count, kDigitsAtOnce);
      EXPECT_EQ(read.count, wanted) << text;
      EXPECT_EQ(read.value, wanted == 0 ? 0 : std::stoull(digits.substr(0, wanted))) << text;
    }
  }
}

TEST(ReadDigits, NoByteButADigitIsOne) {
  for (int c = 0; c < 256; ++c) {
    const std::string text = "12" + std::string(1, static_cast<char>(c)) + "4567890";
    EXPECT_EQ(ReadDigits(text).count, c >= '0' && c <= '9' ? kDigitsAtOnce : 2) << c;
  }
}

}  // namespace
}  // namespace whittle

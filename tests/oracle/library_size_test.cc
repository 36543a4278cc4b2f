// How long libseccomp's filters are is known well enough to warn of those that the kernel would not take.
#include "filter/library_size.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "filter/compile.h"
#include "second_opinion.h"

namespace whittle::oracle {
namespace {

using profile::Document;
using profile::Operator;

profile::Target PlainTarget() {
  profile::Target target;
  target.loader = profile::Loader::kOci;
  return target;
}

void ExpectClose(const Document& document) {
  const auto opinion = AskLibseccomp(document, PlainTarget());
  ASSERT_EQ(opinion.kind, Opinion::Kind::kTaken);
  const filter::Meaning meaning = filter::MeaningOf(document, PlainTarget());
  ASSERT_EQ(meaning.state, filter::Compiled::State::kFiltered);
  const auto size = static_cast<double>(opinion.program.size());
  EXPECT_NEAR(static_cast<double>(filter::EstimateLibraryInstructions(meaning)), size,
              std::max(24.0, size / 10));
}

Document Listing(std::vector<std::string> architectures) {
  Document document;
  document.architectures = std::move(architectures);
  document.rules.emplace_back().names = {"read", "write", "openat", "close", "futex", "exit_group"};
  return document;
}

TEST(LibrarySize, OfAListOfValuesIsAboutOneInstructionAValue) {
  const std::vector<std::string> one = {"SCMP_ARCH_X86_64"};
  const std::vector<std::string> three = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"};
  for (const auto& architectures : {one, three}) {
    for (const uint64_t mask : {uint64_t{0}, uint64_t{UINT32_MAX}, uint64_t{0xffff}}) {
      for (const uint64_t count : {10, 300, 2000}) {
        auto document = Listing(architectures);
        auto& rule = document.rules.emplace_back();
        rule.names = {"ioctl"};
        for (uint64_t value = 1; value <= count; ++value) {
          rule.conditions.push_back(mask == 0
                                        ? profile::Condition{1, Operator::kEqual, 7 * value, 0}
                                        : profile::Condition{1, Operator::kMaskedEqual, mask, 7 * value});
        }
        ExpectClose(document);
      }
    }
  }
}

TEST(LibrarySize, OfValuesOfTwoArgumentsIsAboutOneInstructionAPair) {
  auto document = Listing({"SCMP_ARCH_X86_64"});
  for (uint64_t value = 0; value < 900; ++value) {
    auto& rule = document.rules.emplace_back();
    rule.names = {"ioctl"};
    rule.conditions = {{0, Operator::kEqual, value % 30, 0}, {1, Operator::kEqual, value / 30, 0}};
  }
  ExpectClose(document);
}

TEST(LibrarySize, OfManyCallsIsAboutOneInstructionACall) {
  const std::vector<std::string> three = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"};
  ExpectClose(Listing(three));
  auto document = profile::ReadProfile("docker-default");
  ASSERT_TRUE(document);
  document->arch_map.clear();
  document->architectures = three;
  std::erase_if(document->rules, [](const profile::Rule& rule) {
    return !rule.includes.empty() || !rule.excludes.empty() || !rule.legacy_name.empty();
  });
  ExpectClose(*document);
}

}  // namespace
}  // namespace whittle::oracle

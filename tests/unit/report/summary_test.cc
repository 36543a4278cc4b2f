#include "report/summary.h"

#include <gtest/gtest.h>

namespace whittle::report {
namespace {

using evidence::Arrival;
using evidence::Evidence;
using evidence::Fate;

Evidence Hostile() {
  Evidence evidence;
  evidence.recordings["r"].epochs = 3;
  evidence
      .subjects[{"web\n", "/bin/a\t\x1b[2J", Arrival::kWorkload}][{Abi::kX86_64, 1, Fate::kAllowed, false}]
      .epochs["r"]
      .Add(0);
  evidence.subjects[{"web\n", "/bin/a\t\x1b[2J", Arrival::kWorkload}][{Abi::kX86_64, 1, Fate::kAllowed, true}]
      .epochs["r"]
      .Add(1);
  evidence.subjects[{"-", "/usr/bin/runc", Arrival::kArrived}][{Abi::kX86_64, 700, Fate::kDenied, false}]
      .epochs["r"]
      .Add(0);
  evidence.gaps.insert({"r", "lost\x1b", "two\nlines", 7});
  return evidence;
}

TEST(CallLines, AreOneALineTabSeparatedAndPrintable) {
  EXPECT_EQ(CallLines(Hostile(), Subjects::kWorkload),
            "web\\x0a\t/bin/a\\x09\\x1b[2J\tx86_64\twrite\tallowed\n");
}

TEST(CallLines, ArrivedSubjectsAreAddedWhenAskedFor) {
  EXPECT_EQ(CallLines(Hostile(), Subjects::kAll),
            "-\t/usr/bin/runc\tx86_64\t#700\tdenied\n"
            "web\\x0a\t/bin/a\\x09\\x1b[2J\tx86_64\twrite\tallowed\n");
}

TEST(GapLines, ArePrintableAndEmptyIfComplete) {
  EXPECT_EQ(GapLines(Hostile()), "r\tlost\\x1b\t7\ttwo\\x0alines\n");
  EXPECT_EQ(GapLines(Evidence()), "");
}

TEST(SummaryText, NeverDrivesATerminal) {
  for (const char c : SummaryText(Hostile())) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
}

TEST(SummaryText, SaysHowMuchItDoesNotList) {
  const auto text = SummaryText(Hostile());
  EXPECT_NE(text.find("arrived: 1 different call by what came from outside"), std::string::npos) << text;
  EXPECT_NE(text.find("workload: 1 different call (x86_64 1)"), std::string::npos) << text;
}

}  // namespace
}  // namespace whittle::report

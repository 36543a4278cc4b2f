#include "evidence/phases.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace whittle::evidence {
namespace {

constexpr CallKey kOpenat{Abi::kX86_64, 257, Fate::kAllowed, false};

std::string HowOf(const Evidence& evidence, std::string_view phase) {
  for (const auto& missing : PhasesNotExercised(evidence)) {
    if (missing.phase.name == phase) return missing.how;
  }
  return "exercised";
}

Evidence Container(const std::string& executable) {
  Evidence evidence;
  auto& recording = evidence.recordings["r"];
  recording.target = "container web";
  recording.engine = "docker 20.10.24";
  recording.exercised = {"start"};
  recording.epochs = 60;
  evidence.subjects[{"web", executable, Arrival::kWorkload}][kOpenat].epochs["r"].Add(1, 59);
  return evidence;
}

TEST(Phases, ThoseThatNoRecordingSawAreNamed) {
  Evidence evidence;
  evidence.recordings["a"].exercised = {"start"};
  evidence.recordings["b"].exercised = {"shutdown"};
  EXPECT_EQ(HowOf(evidence, "start"), "exercised");
  EXPECT_EQ(HowOf(evidence, "shutdown"), "exercised");
  EXPECT_EQ(PhasesNotExercised(evidence).size(), KnownPhases().size() - 2);
}

TEST(Phases, AreExercisedByCommandLinesWithTheContainersName) {
  const auto evidence = Container("/usr/sbin/nginx");
  EXPECT_EQ(HowOf(evidence, "reload"), "docker kill --signal HUP web (nginx)");
  EXPECT_EQ(HowOf(evidence, "log-rotation"), "docker kill --signal USR1 web (nginx)");
  EXPECT_EQ(HowOf(evidence, "shutdown"), "docker stop web, while it is recorded");
  EXPECT_NE(HowOf(Container("/usr/bin/redis-server"), "log-rotation").find("opens its log file anew"),
            std::string::npos);
}

TEST(Phases, OfAPlainProcessNameNoContainer) {
  Evidence evidence;
  evidence.recordings["r"].target = "command nginx";
  evidence.subjects[{"-", "/usr/sbin/nginx", Arrival::kWorkload}][kOpenat].epochs["r"].Add(0);
  EXPECT_EQ(HowOf(evidence, "reload"), "kill -HUP PID (nginx)");
}

TEST(Phases, AContainersNameCannotBecomeACommand) {
  auto evidence = Container("/usr/sbin/nginx");
  for (const char* name : {"container x; rm -rf /", "container -f", "container ", "x"}) {
    evidence.recordings["r"].target = name;
    EXPECT_EQ(HowOf(evidence, "reload"), "docker kill --signal HUP CONTAINER (nginx)") << name;
  }
}

TEST(Phases, WhatEnteredLaterIsAnExec) {
  auto evidence = Container("/usr/sbin/nginx");
  auto& runc = evidence.subjects[{"web", "/usr/bin/runc", Arrival::kArrived}][kOpenat].epochs["r"];
  runc.Add(0, 1);  // the start itself
  EXPECT_NE(HowOf(evidence, "exec"), "exercised");
  runc.Add(20);  // docker exec
  EXPECT_EQ(HowOf(evidence, "exec"), "exercised");
}

TEST(Phases, WhatWasThereWhenRecordingBeganIsNoExec) {
  auto evidence = Container("/usr/sbin/nginx");
  evidence.recordings["r"].exercised.clear();
  evidence.subjects[{"web", "/sbin/agent", Arrival::kArrived}][kOpenat].epochs["r"].Add(1, 59);
  EXPECT_NE(HowOf(evidence, "exec"), "exercised");
  evidence.subjects[{"web", "/usr/bin/runc", Arrival::kArrived}][kOpenat].epochs["r"].Add(30);
  EXPECT_EQ(HowOf(evidence, "exec"), "exercised");
}

}  // namespace
}  // namespace whittle::evidence

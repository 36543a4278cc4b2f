// What a subject is called: interpreters and their scripts, programs without a file of their own, hostile
// names.
#include <fcntl.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"
#include "base/time.h"
#include "record_calls_numbers.h"
#include "record_harness.h"

namespace whittle::record {
namespace {

using evidence::Arrival;

class RecordNames : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = WhyNotLive(); !why.empty()) GTEST_SKIP() << why;
    char path[] = "/tmp/whittle-names-XXXXXX";
    folder_ = mkdtemp(path);
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  std::string File(const std::string& name) const { return folder_ + "/" + name; }
  std::string Script(const std::string& name, const std::string& interpreter) const {
    EXPECT_TRUE(WriteFile(File(name), "#!" + interpreter + "\n"));
    chmod(File(name).c_str(), 0755);
    return File(name);
  }
  static evidence::Evidence Record(const std::vector<std::string>& argv) {
    auto evidence = RecordCommand({}, argv);
    EXPECT_TRUE(evidence) << evidence.error().message;
    return evidence.value_or(evidence::Evidence());
  }
  static evidence::Scripts ScriptsOf(const evidence::Evidence& evidence, const std::string& executable,
                                     Arrival arrival = Arrival::kWorkload) {
    const auto found = evidence.scripts.find({"-", executable, arrival});
    return found == evidence.scripts.end() ? evidence::Scripts() : found->second;
  }

 private:
  std::string folder_;
};

TEST_F(RecordNames, AScriptIsAnAttributeOfItsInterpreter) {
  const std::string one = Script("one.sh", ProgramPath() + " n:600");
  const std::string two = Script("two \x1b[31m\xff", ProgramPath() + " i:601");
  const auto evidence =
      Record({ProgramPath(), "n:39", "F", "E", one, ".", "F", "E", two, ".", "F", "E", one, "."});
  const CallSet calls = {{Abi::kX86_64, NR_mmap},  {Abi::kX86_64, 39},           {Abi::kX86_64, NR_clone},
                         {Abi::kX86_64, NR_wait4}, {Abi::kX86_64, NR_execve},    {Abi::kX86_64, 600},
                         {Abi::kI386, 601},        {Abi::kX86_64, NR_exit_group}};
  EXPECT_EQ(Text(Seen(evidence, "-", ProgramPath())), Text(calls));
  EXPECT_EQ(ScriptsOf(evidence, ProgramPath()), (evidence::Scripts{one, two}));
  EXPECT_EQ(evidence.scripts.size(), 1u);
  EXPECT_EQ(Gaps(evidence), "");
  const auto again = evidence::Read(evidence::Write(evidence), "written");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, evidence);
}

TEST_F(RecordNames, OfAChainOfInterpretersTheFirstLinkIsTheScript) {
  const std::string inner = Script("inner", ProgramPath() + " n:600");
  const std::string outer = Script("outer", inner);
  const auto evidence = Record({ProgramPath(), "F", "E", outer, "."});
  EXPECT_TRUE(Seen(evidence, "-", ProgramPath()).contains({Abi::kX86_64, 600}));
  EXPECT_EQ(ScriptsOf(evidence, ProgramPath()), (evidence::Scripts{outer}));
}

// `env` is what the kernel makes of it; what env executes has the script as a mere argument.
TEST_F(RecordNames, EnvIsTheInterpreterThatTheKernelSees) {
  const std::string script = Script("script", "/usr/bin/env " + ProgramPath());
  const auto evidence = Record({script});
  EXPECT_EQ(ScriptsOf(evidence, "/usr/bin/env"), (evidence::Scripts{script}));
  EXPECT_EQ(ScriptsOf(evidence, ProgramPath()), evidence::Scripts());
  EXPECT_TRUE(Seen(evidence, "-", ProgramPath()).contains({Abi::kX86_64, NR_exit_group}));
}

TEST_F(RecordNames, AScriptWhoseNameIsTooLongIsAGapAndItsCallsAreThere) {
  std::string folder = File("");
  while (folder.size() < WHITTLE_SCRIPT) folder += std::string(100, 'x') + "/";
  std::filesystem::create_directories(folder);
  const std::string script = folder + "script";
  ASSERT_TRUE(WriteFile(script, "#!" + ProgramPath() + " n:600\n"));
  chmod(script.c_str(), 0755);
  const auto evidence = Record({ProgramPath(), "F", "E", script, "."});
  EXPECT_TRUE(Seen(evidence, "-", ProgramPath()).contains({Abi::kX86_64, 600}));
  EXPECT_TRUE(evidence.scripts.empty());
  EXPECT_EQ(Gaps(evidence).find("script-unnamed (1)"), 0u) << Gaps(evidence);
}

// A memory file has a name and no place; a file that was removed keeps the path that it had.
TEST_F(RecordNames, ProgramsWithoutAFileOfTheirOwnAreNamedByWhatIsLeft) {
  const int memory = memfd_create("in memory", 0);
  const auto program = ReadFile(ProgramPath());
  ASSERT_TRUE(program);
  ASSERT_EQ(write(memory, program->data(), program->size()), static_cast<ssize_t>(program->size()));
  const std::string path = fmt::format("/proc/self/fd/{}", memory);
  const auto in_memory = Record({ProgramPath(), "F", "E", path, "n:600", "."});
  EXPECT_TRUE(Seen(in_memory, "-", "/memfd:in memory").contains({Abi::kX86_64, 600}));
  EXPECT_EQ(Gaps(in_memory), "");

  std::filesystem::copy_file(ProgramPath(), File("removed"));
  const int removed = open(File("removed").c_str(), O_RDONLY);
  std::filesystem::remove(File("removed"));
  const auto gone = Record({ProgramPath(), "F", "E", fmt::format("/proc/self/fd/{}", removed), "n:601", "."});
  EXPECT_TRUE(Seen(gone, "-", File("removed")).contains({Abi::kX86_64, 601}));
  EXPECT_EQ(Gaps(gone), "");
  close(memory);
  close(removed);
}

TEST_F(RecordNames, AProgramThatIsReplacedWhileItRunsIsRecordedUnderOneName) {
  std::filesystem::copy_file(ProgramPath(), File("program"));
  std::filesystem::copy_file(ProgramPath(), File("new"));
  HeldChild child(
      {File("program"), "L:100000", "n:24", ".", "n:600", "F", "E", File("program"), "i:601", "."});
  auto recorder = Recorder::Create({});
  ASSERT_TRUE(recorder) << recorder.error().message;
  ASSERT_TRUE((*recorder)->AddChild(child.pid()));
  child.Go();
  std::filesystem::rename(File("new"), File("program"));
  for (const int64_t end = MonotonicMs() + 60'000; !child.Ended() && MonotonicMs() < end;) {
    ASSERT_TRUE((*recorder)->Poll(5));
  }
  ASSERT_TRUE((*recorder)->Stop());
  const auto calls = Seen((*recorder)->Snapshot(), "-", File("program"));
  EXPECT_TRUE(calls.contains({Abi::kX86_64, 600}));
  EXPECT_TRUE(calls.contains({Abi::kI386, 601}));
}

}  // namespace
}  // namespace whittle::record

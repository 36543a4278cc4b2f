// Whose cgroups are whose, with a recorder and engines that do as the test says: no kernel, no engine.
#include "container/recording_containers.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "container/recording.h"

namespace whittle::container {
namespace {

using record::Cgroup;
using record::CgroupKey;
using ::testing::HasSubstr;

const std::string kWebId(64, 'a');
const std::string kOtherId(64, 'b');

class ScriptedRecorder final : public record::Recorder {
 public:
  Result<void> AddCgroup(CgroupKey, record::CgroupKind) override { return {}; }
  Result<void> AddProcessTree(pid_t) override { return {}; }
  Result<void> AddChild(pid_t) override { return {}; }
  Result<void> Keep(CgroupKey cgroup) override {
    kept.push_back(cgroup.id());
    Decided(cgroup);
    return {};
  }
  Result<void> Drop(CgroupKey cgroup) override {
    dropped.push_back(cgroup.id());
    Decided(cgroup);
    return {};
  }
  std::vector<Cgroup> Undecided() const override { return undecided; }
  void Name(CgroupKey cgroup, std::string container) override { names[cgroup.id()] = container; }
  evidence::Recording& facts() override { return recording; }
  Result<std::vector<record::Event>> Poll(int) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    for (auto& cgroup : std::exchange(unnoticed, {})) {
      events.push_back({record::Event::Kind::kCgroupMade, cgroup.key, 0, cgroup.path});
      undecided.push_back(std::move(cgroup));
    }
    return std::exchange(events, {});
  }
  Result<void> Stop() override { return {}; }
  evidence::Evidence Snapshot() override {
    evidence::Evidence evidence;
    recording.epoch_ms = 1000;
    recording.epochs = 1;
    evidence.recordings["r"] = recording;
    for (const auto& [key, name] : names) {
      evidence.subjects[{name, "/bin/web", evidence::Arrival::kWorkload}][call].epochs["r"].Add(0);
      evidence.subjects[{name, "/bin/runc", evidence::Arrival::kArrived}][execve].epochs["r"].Add(0);
    }
    return evidence;
  }
  std::vector<record::Denial> denials() override { return {}; }

  void Make(uint64_t id, const std::string& path) {
    undecided.push_back({CgroupKey{id}, path});
    events.push_back({record::Event::Kind::kCgroupMade, CgroupKey{id}, 0, path});
  }

  std::vector<Cgroup> undecided;
  std::vector<Cgroup> unnoticed;  // made, and undecided from the next Poll() on
  std::vector<record::Event> events;
  std::vector<uint64_t> kept, dropped;
  std::map<uint64_t, std::string> names;
  evidence::Recording recording;
  evidence::CallKey call;  // that everybody makes
  evidence::CallKey execve{Abi::kX86_64, 59};

 private:
  void Decided(CgroupKey cgroup) {
    std::erase_if(undecided, [&](const Cgroup& one) { return one.key == cgroup; });
  }
};

class ScriptedEngine final : public Engine {
 public:
  explicit ScriptedEngine(EngineKind kind) {
    info_.kind = kind;
    info_.version = "1.2.3";
    info_.where = "here";
  }
  Result<std::vector<ContainerSummary>> List() const override {
    const std::scoped_lock lock(mutex);
    if (hangs) std::this_thread::sleep_for(std::chrono::milliseconds(300));
    if (fails) return Fail(ErrorCode::kNotPossible, "it does not answer");
    return list;
  }
  Result<std::optional<ContainerInfo>> Inspect(std::string_view) const override { return std::nullopt; }
  Result<std::optional<Image>> FindImage(std::string_view reference) const override {
    const std::scoped_lock lock(mutex);
    for (const auto& [name, image] : images) {
      if (name == reference) return image;
    }
    return std::nullopt;
  }
  Result<std::unique_ptr<NewContainers>> WatchNew() const override {
    if (!tells) return nullptr;
    return std::make_unique<News>(*this);
  }
  void Start(ContainerSummary container) {
    const std::scoped_lock lock(mutex);
    list.push_back(std::move(container));
  }

  struct News final : NewContainers {
    explicit News(const ScriptedEngine& teller) : engine(teller) {}
    std::vector<ContainerSummary> Take() override {
      const std::scoped_lock lock(engine.mutex);
      auto told = engine.list;
      told.insert(told.end(), engine.gone.begin(), engine.gone.end());
      for (auto& container : told) container.image_id.clear();  // events do not have it
      return told;
    }
    bool whole() const override { return engine.whole; }
    const ScriptedEngine& engine;
  };

  mutable std::mutex mutex;
  bool tells = false;
  std::vector<ContainerSummary> list;
  std::map<std::string, Image> images;
  std::vector<ContainerSummary> gone;  // told of, and no more in the list
  std::atomic<bool> fails = false, hangs = false, whole = true;
};

class RecordingTest : public ::testing::Test {
 protected:
  static ContainerSummary OfDocker(const std::string& id, const std::string& name, const std::string& image,
                                   const std::string& image_id) {
    ContainerSummary summary;
    summary.id = id;
    summary.name = name;
    summary.image = image;
    summary.image_id = image_id;
    return summary;
  }
  static ContainerSummary OfContainerd(const std::string& name) {
    ContainerSummary summary;
    summary.name = name;
    summary.id = "default/" + name;
    summary.cgroup = "/default/" + name;
    return summary;
  }
  void Make(RecordingPlan plan, EngineKind kind = EngineKind::kDocker) {
    auto engine = std::make_unique<ScriptedEngine>(kind);
    engine_ = engine.get();
    std::vector<std::unique_ptr<Engine>> engines;
    engines.push_back(std::move(engine));
    auto recorder = std::make_unique<ScriptedRecorder>();
    recorder_ = recorder.get();
    recording_.emplace(std::move(plan), Engines(std::move(engines)), std::move(recorder),
                       [this](const std::string& line) { said_.push_back(line); });
  }
  static RecordingPlan WaitFor(TargetKind kind, const std::string& name) {
    RecordingPlan plan;
    plan.kind = kind;
    plan.name = name;
    plan.existence = RecordingPlan::Existence::kMayComeLater;
    return plan;
  }
  // Until nothing is undecided; true if that came about.
  bool Decide(int turns = 200) {
    for (int i = 0; i < turns; i++) {
      EXPECT_TRUE(recording_->Step(1));
      if (recorder_->undecided.empty()) return true;
    }
    return false;
  }

  std::set<std::string> GapKinds() {
    std::set<std::string> kinds;
    for (const auto& gap : recording_->Snapshot().gaps) kinds.insert(gap.kind);
    return kinds;
  }

  ScriptedEngine* engine_ = nullptr;
  ScriptedRecorder* recorder_ = nullptr;
  std::vector<std::string> said_;
  std::optional<Recording> recording_;
};

TEST_F(RecordingTest, KeepsTheContainerThatWasAskedForAndDropsTheOthers) {
  Make(WaitFor(TargetKind::kContainer, "web"));
  ASSERT_TRUE(recording_->Begin());
  engine_->Start(OfDocker(kOtherId, "other", "nginx", "2222"));
  engine_->Start(OfDocker(kWebId, "web", "nginx", "2222"));
  recorder_->Make(1, "/docker/" + kOtherId);
  recorder_->Make(2, "/docker/" + kWebId);
  recorder_->Make(3, "/system.slice/cron.service");
  ASSERT_TRUE(Decide());
  EXPECT_EQ(recorder_->kept, std::vector<uint64_t>{2});
  EXPECT_THAT(recorder_->dropped, ::testing::UnorderedElementsAre(1u, 3u));
  const auto evidence = recording_->Snapshot();
  ASSERT_EQ(evidence.subjects.size(), 2u) << "the workload, and the runtime";
  EXPECT_EQ(evidence.subjects.begin()->first.container, "web");
}

TEST_F(RecordingTest, AllContainersOfAnImageAreOneSubjectAndRecordingsOfTheirOwn) {
  Make(WaitFor(TargetKind::kImage, "nginx"));
  engine_->images["nginx"] = {.id = "1111", .names = {"nginx:latest"}};
  ASSERT_TRUE(recording_->Begin());
  engine_->Start(OfDocker(kWebId, "sad_nobel", "nginx", "1111"));
  engine_->Start(OfDocker(kOtherId, "happy_bohr", "nginx", "1111"));
  recorder_->Make(1, "/docker/" + kWebId);
  recorder_->Make(2, "/docker/" + kOtherId);
  ASSERT_TRUE(Decide());
  ASSERT_TRUE(recording_->End());
  const auto evidence = recording_->Snapshot();
  ASSERT_EQ(evidence.subjects.size(), 2u) << "the workload, and the runtime";
  EXPECT_EQ(evidence.subjects.begin()->first.container, "nginx:latest");
  ASSERT_EQ(evidence.recordings.size(), 2u);
  std::set<std::string> targets;  // in the order in which the engine was heard
  for (const auto& [id, recording] : evidence.recordings) targets.insert(recording.target);
  EXPECT_THAT(targets, ::testing::ElementsAre("image nginx, container happy_bohr",
                                              "image nginx, container sad_nobel"));
  EXPECT_EQ(evidence.recordings.at("r.2").engine, "docker 1.2.3");
  EXPECT_EQ(evidence.recordings.at("r.2").runtime, "") << "it could not be asked: not the default's name";
  EXPECT_EQ(recording_->Nothing(), "");
}

TEST_F(RecordingTest, OfEveryContainerItSaysWhichHasEndedAndThatLifeCanBeForgotten) {
  RecordingPlan plan = WaitFor(TargetKind::kContainers, "");
  plan.restarts = RecordingPlan::Restarts::kFollow;
  Make(plan);
  ASSERT_TRUE(recording_->Begin());
  engine_->Start(OfDocker(kWebId, "web", "nginx", "1111"));
  recorder_->Make(uint64_t{1} << 60, "/docker/" + kWebId);  // there is no such cgroup: it has ended
  ASSERT_TRUE(Decide());
  for (int i = 0; i < 2000 && said_.back().find("ended") == std::string::npos; i++) (void)recording_->Step(1);
  EXPECT_EQ(said_.back(), "container web has ended; 0 run");
  const auto seen = recording_->SeenLives();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_TRUE(seen[0].ended && seen[0].from_start);
  recording_->Forget(seen[0].life);
  EXPECT_TRUE(recording_->SeenLives().empty());
  EXPECT_TRUE(recording_->Snapshot().subjects.empty());
}

TEST_F(RecordingTest, AContainerUnderAFilterThatNobodyWatchedIsNotComplete) {
  Make(WaitFor(TargetKind::kContainer, "web"));
  recorder_->call.under_filter = true;
  ASSERT_TRUE(recording_->Begin());
  engine_->Start(OfDocker(kWebId, "web", "nginx", "2222"));
  recorder_->Make(1, "/docker/" + kWebId);
  ASSERT_TRUE(Decide());
  const auto evidence = recording_->Snapshot();
  ASSERT_EQ(evidence.gaps.size(), 1u);
  EXPECT_EQ(evidence.gaps.begin()->recording, "r.1");
  EXPECT_EQ(evidence.gaps.begin()->kind, "under-filter");
  recorder_->recording.refusals_watched = true;
  EXPECT_TRUE(recording_->Snapshot().complete());
}

TEST_F(RecordingTest, AnEngineThatHangsDoesNotHoldUpTheRecorder) {
  Make(WaitFor(TargetKind::kContainer, "web"));
  ASSERT_TRUE(recording_->Begin());
  engine_->Start(OfDocker(kWebId, "web", "nginx", "2222"));
  engine_->hangs = true;
  recorder_->Make(1, "/docker/" + kWebId);
  ASSERT_TRUE(recording_->Step(1));
  EXPECT_TRUE(recorder_->kept.empty()) << "it went on without the answer";
  engine_->hangs = false;
  ASSERT_TRUE(Decide(1000));
  EXPECT_EQ(recorder_->kept, std::vector<uint64_t>{1});
}

TEST_F(RecordingTest, WhoNamesItsCgroupsAsItLikesIsAskedAboutEveryPath) {
  Make(WaitFor(TargetKind::kContainer, "web"), EngineKind::kContainerd);
  ASSERT_TRUE(recording_->Begin());
  engine_->Start(OfContainerd("web"));
  engine_->Start(OfContainerd("other"));
  recorder_->Make(1, "/default/web");
  recorder_->Make(2, "/default/other");
  recorder_->Make(3, "/system.slice/cron.service");
  ASSERT_TRUE(Decide());
  EXPECT_EQ(recorder_->kept, std::vector<uint64_t>{1});
  EXPECT_THAT(recorder_->dropped, ::testing::UnorderedElementsAre(2u, 3u));
}

TEST_F(RecordingTest, AContainerThatItsEngineAnnouncedNeedsNoQuestion) {
  Make(WaitFor(TargetKind::kContainer, "web"), EngineKind::kContainerd);
  engine_->tells = true;
  ASSERT_TRUE(recording_->Begin());
  engine_->fails = true;  // the container is gone before anybody could ask
  engine_->Start(OfContainerd("web"));
  recorder_->Make(1, "/default/web/below");
  ASSERT_TRUE(recording_->Step(1));
  EXPECT_EQ(recorder_->kept, std::vector<uint64_t>{1});
}

TEST_F(RecordingTest, ACgroupThatNoAnsweringEngineNamesIsAGap) {
  Make(WaitFor(TargetKind::kContainer, "web"));
  ASSERT_TRUE(recording_->Begin());
  engine_->fails = true;
  recorder_->Make(1, "/docker/" + kWebId);
  ASSERT_TRUE(recording_->Step(1));
  ASSERT_TRUE(recording_->End());
  EXPECT_EQ(recorder_->dropped, std::vector<uint64_t>{1});
  EXPECT_EQ(GapKinds(), (std::set<std::string>{"not-started", "undecided"}));
  EXPECT_THAT(recording_->Nothing(), HasSubstr("'web' did not start"));
}

// A container whose image was named by another tag, and that is gone before the list was asked for.
TEST_F(RecordingTest, AnAnnouncedContainerOfWhichNobodyKnowsTheImageIsAGap) {
  Make(WaitFor(TargetKind::kImage, "nginx"));
  engine_->images["nginx"] = {.id = "1111", .names = {"nginx:latest"}};
  engine_->tells = true;
  ASSERT_TRUE(recording_->Begin());
  engine_->gone.push_back(OfDocker(kWebId, "web", "another:tag", ""));
  recorder_->Make(1, "/docker/" + kWebId);
  ASSERT_TRUE(recording_->Step(1));
  ASSERT_TRUE(recording_->End());
  EXPECT_EQ(recorder_->dropped, std::vector<uint64_t>{1});
  EXPECT_EQ(GapKinds(), (std::set<std::string>{"not-started", "undecided"}));
}

TEST_F(RecordingTest, WhatIsInTheListIsWhatItsImageSaysWhateverTheEventDoes) {
  Make(WaitFor(TargetKind::kImage, "nginx"));
  engine_->images["nginx"] = {.id = "1111", .names = {"nginx:latest"}};
  engine_->tells = true;
  ASSERT_TRUE(recording_->Begin());
  engine_->Start(OfDocker(kWebId, "web", "another:tag", "1111"));
  engine_->Start(OfDocker(kOtherId, "other", "some:tag", "2222"));
  recorder_->Make(1, "/docker/" + kWebId);
  recorder_->Make(2, "/docker/" + kOtherId);
  ASSERT_TRUE(Decide());
  EXPECT_EQ(recorder_->kept, std::vector<uint64_t>{1});
  EXPECT_EQ(recorder_->dropped, std::vector<uint64_t>{2});
}

TEST_F(RecordingTest, WhatDockerDidNotTellOfIsAnotherDaemonsIfItTellsOfEverything) {
  for (const bool whole : {true, false}) {
    Make(WaitFor(TargetKind::kContainer, "web"));
    engine_->tells = true;
    engine_->whole = whole;
    ASSERT_TRUE(recording_->Begin());
    recorder_->Make(1, "/docker/" + kWebId);
    ASSERT_TRUE(recording_->Step(1));
    ASSERT_TRUE(recording_->End());
    EXPECT_EQ(recorder_->dropped, std::vector<uint64_t>{1});
    EXPECT_EQ(GapKinds().contains("undecided"), !whole);
  }
}

// The recorder was stopped, or the end came at once: nothing had told of the container yet.
TEST_F(RecordingTest, WhatWasMadeJustBeforeTheEndIsKept) {
  Make(WaitFor(TargetKind::kContainer, "web"));
  ASSERT_TRUE(recording_->Begin());
  engine_->Start(OfDocker(kWebId, "web", "nginx", "2222"));
  recorder_->unnoticed.push_back({CgroupKey{1}, "/docker/" + kWebId});
  ASSERT_TRUE(recording_->End());
  EXPECT_EQ(recorder_->kept, std::vector<uint64_t>{1});
}

TEST_F(RecordingTest, AnImageThatNobodyHasIsAnErrorUnlessItMayComeLater) {
  auto plan = WaitFor(TargetKind::kImage, "ngnix");
  plan.existence = RecordingPlan::Existence::kRequired;
  Make(plan);
  const auto begun = recording_->Begin();
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code, ErrorCode::kBadInput);
  EXPECT_THAT(begun.error().message, HasSubstr("no image 'ngnix' at docker at here"));
}

}  // namespace
}  // namespace whittle::container

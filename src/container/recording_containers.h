// One container, or every container of an image, followed through its starts and ends. Internal to
// recording*.cc; not thread safe.
//
// Every new cgroup is recorded from its making on (record/recorder.h); this decides which of them are kept.
#pragma once

#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "container/cgroup_path.h"
#include "container/engines.h"
#include "container/lives.h"
#include "container/recording.h"
#include "container/whose.h"

namespace whittle::container {

class FollowedContainers final : public FollowedTarget {
 public:
  FollowedContainers(RecordingPlan plan, const Engines& engines, record::Recorder& recorder, const Say& say,
                     std::set<std::string> exercised);

  Result<void> Begin() override;
  void Take(const record::Event& event) override;
  Result<bool> Turn() override;
  Result<void> End() override;
  evidence::Evidence Named(evidence::Evidence evidence) const override;
  evidence::Subject Named(const evidence::Subject& subject) const override { return lives_.Named(subject); }
  std::string Nothing() const override;
  std::vector<SeenLife> SeenLives(const evidence::Evidence& run,
                                  std::vector<record::Denial> denials) override;
  void Forget(size_t life) override;
  uint64_t News() const override { return lives_.count() + ended_ + gaps_.size() + answers_; }

 private:
  // A wanted container that runs.
  struct Running {
    KnownContainer container;
    pid_t pid = 0;
  };
  // What the runtime of a life is: asked in the background.
  struct RuntimeQuestion {
    size_t life = 0;
    std::future<std::string> answer;
  };

  struct Teller;

  Result<void> Listen();
  void TakeNews();
  void TakeNews(Teller& teller);
  // Why a container of that id, which no engine knows now, may yet be one that was asked for; or nothing.
  std::string MayBeWanted(const CgroupOwner& owner) const;
  Result<void> FindContainer();
  Result<void> FindImage();
  std::vector<Running> AskRunning(const EnginesAnswer& answer) const;
  Result<void> Attach(const Running& running);
  void SayWhatBegan();

  Result<void> Decide();
  Result<bool> DecideOne(const record::Cgroup& cgroup, int64_t since);
  Result<void> Keep(const record::Cgroup& cgroup, const KnownContainer& container);
  bool IsAnyUnanswered();
  bool Asks(EngineKind kind) const;
  Result<void> GiveUp(const record::Cgroup& cgroup);
  // The life that a cgroup of a container belongs to; a new one gets its facts.
  size_t AddToLife(const record::Cgroup& cgroup, const KnownContainer& container, Beginning beginning);

  void TakeRuntimes(int64_t wait_ms);
  Result<void> LookForMissed();
  bool LookForEnded();
  void SayEnded(size_t life);
  Result<void> AskHowTheyEnded();
  std::string ContainerText(const KnownContainer& container) const;

  RecordingPlan plan_;
  const Engines& engines_;
  record::Recorder& recorder_;
  const Say& say_;
  std::set<std::string> exercised_;
  Whose whose_;
  Lives lives_;
  std::set<size_t> forgotten_;  // lives of which the recorder may still have something
  uint64_t ended_ = 0;
  uint64_t answers_ = 0;                          // of engines about runtimes
  std::map<record::CgroupKey, int64_t> seen_at_;  // undecided cgroups: when they appeared
  std::map<record::CgroupKey, int64_t> kept_at_;
  std::set<std::pair<std::string, std::string>> gaps_;  // kind, detail
  std::vector<RuntimeQuestion> runtimes_;
  std::future<std::vector<Running>> missed_;
  // Engines that tell themselves what they make, with what each takes the plan's image for.
  struct Teller {
    const Engine* engine = nullptr;
    std::unique_ptr<NewContainers> news;
    std::optional<Image> image;
  };
  std::vector<Teller> tellers_;
  std::map<std::string, int64_t>
      announced_;  // ids of which only a list can tell whether they are wanted: when
  int64_t news_taken_ms_ = 0;
  bool news_late_ = false;           // once nobody listened for long: an engine may have given up telling
  int64_t look_for_missed_ms_ = -1;  // when; -1: not any more
  int64_t next_look_ms_ = 0;
  bool look_for_ended_ = false;
};

}  // namespace whittle::container

// Targets that no engine has to be asked about: a cgroup, a process and its children, a command of ours.
// Internal to recording*.cc; not thread safe.
#pragma once

#include <cstdint>
#include <optional>

#include "base/fd.h"
#include "container/recording.h"
#include "record/command.h"

namespace whittle::container {

// Until the cgroup is removed.
class FollowedCgroup final : public FollowedTarget {
 public:
  FollowedCgroup(const RecordingPlan& plan, record::Recorder& recorder, const Say& say)
      : plan_(plan), recorder_(recorder), say_(say) {}
  Result<void> Begin() override;
  Result<bool> Turn() override;

 private:
  const RecordingPlan& plan_;
  record::Recorder& recorder_;
  const Say& say_;
  record::CgroupKey key_;
  int64_t next_look_ms_ = 0;
};

// Until that process has ended, with whatever it left behind.
class FollowedProcess final : public FollowedTarget {
 public:
  FollowedProcess(const RecordingPlan& plan, record::Recorder& recorder, const Say& say)
      : plan_(plan), recorder_(recorder), say_(say) {}
  Result<void> Begin() override;
  Result<bool> Turn() override;

 private:
  const RecordingPlan& plan_;
  record::Recorder& recorder_;
  const Say& say_;
  Fd pidfd_;
};

// Until it and all that it left behind have ended; End() asks it to.
class FollowedCommand final : public FollowedTarget {
 public:
  FollowedCommand(const RecordingPlan& plan, record::Recorder& recorder, const Say& say)
      : plan_(plan), recorder_(recorder), say_(say) {}
  Result<void> Begin() override;
  Result<bool> Turn() override;
  Result<void> End() override;

 private:
  bool Ended();

  const RecordingPlan& plan_;
  record::Recorder& recorder_;
  const Say& say_;
  std::optional<record::Command> command_;
};

}  // namespace whittle::container

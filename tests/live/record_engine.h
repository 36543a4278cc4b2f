// Container engines for live tests of the recorder: containers that run record_calls, and a recorder that
// keeps theirs.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "evidence/evidence.h"
#include "record/recorder.h"
#include "record_plan.h"

namespace whittle::record {

// Where containers find the programs.
inline constexpr char kInside[] = "/t/record_calls";
inline constexpr char kCopyInside[] = "/t/record_calls_copy";

// One engine with one runtime. Thread safe.
class TestEngine {
 public:
  virtual ~TestEngine() = default;
  // What the engine's command prints. Errors: its own, as kNotPossible.
  Result<std::string> Run(std::vector<std::string> arguments) const;
  std::string image() const { return image_; }

 protected:
  std::vector<std::string> command_;
  std::string image_;
};

// The docker that DOCKER_HOST names, with the image whittle-busybox. Null, and the reason, if there is none.
std::unique_ptr<TestEngine> FindDocker(std::string& why_not);
// A podman with a store of its own, and this runtime. Null, and the reason, if there is none.
std::unique_ptr<TestEngine> MakePodman(const std::string& runtime, std::string& why_not);

// A container that is made now, and removed in the end.
class Container {
 public:
  // Its cgroup lies in the engine's usual folder, or in a folder that is new with this container, as the usual one is
  // with the first container of a host.
  enum class Folder { kUsual, kNew };
  Container(const TestEngine& engine, const std::vector<std::string>& command, Folder kind = Folder::kUsual);
  ~Container();
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;
  const std::string& name() const { return name_; }
  const std::string& id() const { return id_; }
  // Runs it to its end.
  void Start() const;
  void Exec(const std::vector<std::string>& command) const;

 private:
  void RemoveFolder() const;

  const TestEngine& engine_;
  std::string name_;
  std::string new_folder_;  // the new one, from a hierarchy's root
  std::string id_;
};

// Keeps the cgroups of the containers given, and drops all others, until `work` has ended; it runs in a
// thread of its own. `prepare` may add targets before that.
Result<evidence::Evidence> RecordContainers(
    const std::vector<const Container*>& wanted, const std::function<void()>& work,
    const std::function<void(Recorder&)>& prepare = [](Recorder&) {});

std::vector<std::string> CommandOf(const Plan& plan);
void ExpectExactly(const evidence::Evidence& evidence, const std::string& container, const Plan& plan);

}  // namespace whittle::record

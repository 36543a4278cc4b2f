#include "filter_container.h"

#include <fmt/core.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/process.h"
#include "base/text.h"

namespace whittle::filter::testing {
namespace {

constexpr const char* kDocker = "/usr/bin/docker";
constexpr const char* kBusybox = "/bin/busybox";
constexpr const char* kImage = "whittle-test-filter";

std::unexpected<Error> FailProcess(const std::vector<std::string>& command, const ProcessResult& result) {
  return Fail(ErrorCode::kBadInput,
              fmt::format("{}: {} {}", Join(command, " "), result.output, result.errors));
}

Result<std::string> Run(const std::vector<std::string>& command) {
  const auto result = TRY(RunProcess(command));
  if (result.exit_code != 0) return FailProcess(command, result);
  return std::string(Trim(result.output));
}

std::string NextName() {
  static int number = 0;
  return fmt::format("whittle-test-filter-{}-{}", getpid(), ++number);
}

Result<void> MakeRoot(const std::filesystem::path& root) {
  std::error_code error;
  std::filesystem::create_directories(root / "bin", error);
  std::filesystem::copy_file(kBusybox, root / "bin/busybox", std::filesystem::copy_options::skip_existing,
                             error);
  if (error) return Fail(ErrorCode::kNotPossible, "busybox cannot be copied: " + error.message());
  return {};
}

Result<void> ImportImage() {
  if (Run({kDocker, "image", "inspect", kImage})) return {};
  const Folder folder;
  TRY(MakeRoot(folder.path() / "root"));
  const std::string archive = folder.path() / "root.tar";
  TRY(Run({"tar", "-C", folder.path() / "root", "-cf", archive, "."}));
  TRY(Run({kDocker, "import", archive, kImage}));
  return {};
}

void Replace(json::Value& object, const std::string& name, json::Value value) {
  std::erase_if(object.members, [&](const json::Member& member) { return member.name == name; });
  object.Set(name, std::move(value));
}

// What `crun spec` makes, with our command and the profile, and without what needs a controller.
Result<std::string> BundleConfig(const profile::Document& document, const Folder& folder) {
  TRY(Run({"sh", "-c", fmt::format("cd {} && rm -f config.json && crun spec", folder.path().string())}));
  const std::string made = TRY(ReadFile(folder.path() / "config.json"));
  auto config = TRY(json::Parse(made, "config.json"));
  for (auto& member : config.members) {
    if (member.name == "process") {
      Replace(member.value, "terminal", false);
      Replace(member.value, "args", json::Array({"/bin/busybox", "sleep", "300"}));
    }
    if (member.name == "linux") {
      Replace(member.value, "resources", json::Object());
      Replace(member.value, "seccomp", TRY(json::Parse(profile::Write(document), "profile")));
    }
  }
  return json::Write(config);
}

// Runs it where /sys/fs/cgroup is cgroup2 alone; the machine's own mounts stay as they are.
std::vector<std::string> InCgroup2(const std::string& script) {
  return {"unshare",
          "-m",
          "--propagation",
          "private",
          "sh",
          "-c",
          "mount -t cgroup2 none /sys/fs/cgroup && " + script};
}

}  // namespace

Folder::Folder() {
  std::string pattern = "/tmp/whittle-filter.XXXXXX";
  path_ = mkdtemp(pattern.data());
}
Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Container::Container(Container&& other) noexcept
    : name_(std::move(other.name_)), remove_(std::exchange(other.remove_, {})), pid_(other.pid_) {}
Container::~Container() {
  if (!remove_.empty()) (void)RunProcess(remove_);
}

Result<Container> Container::StartDocker(const std::vector<std::string>& options) {
  Container container;
  container.name_ = NextName();
  std::vector<std::string> command = {kDocker, "run", "-d", "--network", "none", "--name", container.name_};
  command.insert(command.end(), options.begin(), options.end());
  command.insert(command.end(), {kImage, "/bin/busybox", "sleep", "300"});
  container.remove_ = {kDocker, "rm", "-f", container.name_};
  TRY(Run(command));
  const std::string pid = TRY(Run({kDocker, "inspect", "-f", "{{.State.Pid}}", container.name_}));
  container.pid_ = static_cast<pid_t>(ParseUnsigned(pid).value_or(0));
  if (container.pid_ == 0) return Fail(ErrorCode::kBadInput, "the container has ended");
  return container;
}

Result<Container> Container::StartCrun(const profile::Document& document, const Folder& folder) {
  TRY(MakeRoot(folder.path() / "rootfs"));
  const std::string config = TRY(BundleConfig(document, folder));
  TRY(WriteFile(folder.path() / "config.json", config));
  Container container;
  container.name_ = NextName();
  const std::string place = folder.path();
  const std::string crun = fmt::format("crun --cgroup-manager=disabled --root {}/state ", place);
  container.remove_ = InCgroup2(crun + "delete -f " + container.name_);
  const auto started =
      Run(InCgroup2(fmt::format("{}run -d --pid-file {}/pid -b {} {} < /dev/null > {}/log 2>&1", crun, place,
                                place, container.name_, place)));
  if (!started)
    return Fail(ErrorCode::kBadInput, "crun: " + ReadFile(folder.path() / "log").value_or("no log"));
  const std::string pid = TRY(ReadFile(folder.path() / "pid"));
  container.pid_ = static_cast<pid_t>(ParseUnsigned(Trim(pid)).value_or(0));
  return container;
}

std::string WhyNoDocker() {
  if (geteuid() != 0) return "reading filters back needs root";
  if (!FileExists(kBusybox)) return "busybox-static is not installed";
  if (const auto version = Run({kDocker, "version"}); !version)
    return "no Docker daemon answers (scripts/test starts one)";
  const auto image = ImportImage();
  return image ? "" : image.error().message;
}

std::string WhyNoCrun() {
  if (geteuid() != 0) return "starting containers needs root";
  if (FindProgram("crun").empty()) return "crun is not installed";
  const auto mount = Run(InCgroup2("true"));
  return mount ? "" : "no cgroup2 can be mounted in a mount namespace: " + mount.error().message;
}

}  // namespace whittle::filter::testing

#include "container/runtime.h"

#include <dlfcn.h>
#include <fmt/core.h>

#include <array>

#include "base/process.h"
#include "base/text.h"

namespace whittle::container {
namespace {

constexpr size_t kMaxAnswer = 1 << 16;
constexpr int kDeadlineMs = 5'000;

// Daemons look runtimes up in a system PATH, which a user's often lacks parts of.
std::string FindRuntimeProgram(const std::string& program) {
  if (const std::string path = FindProgram(program); !path.empty()) return path;
  if (program.find('/') != std::string::npos) return "";
  for (const char* folder : {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"}) {
    if (const std::string path = FindProgram(fmt::format("{}/{}", folder, program)); !path.empty())
      return path;
  }
  return "";
}

std::optional<std::string_view> AfterPrefix(std::string_view line, std::string_view prefix) {
  if (!line.starts_with(prefix)) return std::nullopt;
  return Trim(line.substr(prefix.size()));
}

bool TakeName(std::string_view line, RuntimeProgram& program) {
  constexpr std::array<std::pair<std::string_view, profile::Runtime>, 2> kNames = {
      {{"runc version ", profile::Runtime::kRunc}, {"crun version ", profile::Runtime::kCrun}}};
  for (const auto& [prefix, runtime] : kNames) {
    const auto rest = AfterPrefix(line, prefix);
    if (!rest) continue;
    program.runtime = runtime;
    program.version_text = std::string(*rest);
    return true;
  }
  return false;
}

}  // namespace

Result<RuntimeProgram> ParseRuntimeVersion(std::string_view text, const std::string& program) {
  RuntimeProgram out;
  bool found = false;
  for (const auto line : Lines(text.substr(0, kMaxAnswer))) {
    if (!found) found = TakeName(line, out);
    if (const auto version = AfterPrefix(line, "libseccomp: ")) {
      if (const auto parsed = profile::ParseVersion(*version)) out.libseccomp = *parsed;
    }
  }
  const auto version = profile::ParseVersion(out.version_text);
  if (!found || !version) {
    return Fail(ErrorCode::kBadInput, fmt::format("'{} --version' is neither runc's nor crun's answer: '{}'",
                                                  program, Printable(text.substr(0, 60))));
  }
  out.version = *version;
  out.path = program;
  return out;
}

Result<RuntimeProgram> AskRuntime(const std::string& program) {
  const std::string path = FindRuntimeProgram(program);
  if (path.empty()) {
    return Fail(ErrorCode::kNotPossible,
                fmt::format("the runtime '{}' is not installed here", Printable(program)));
  }
  const auto answer = TRY(RunProcess({path, "--version"}, kDeadlineMs));
  auto parsed = ParseRuntimeVersion(answer.output, path);
  if (!parsed) return Fail(ErrorCode::kNotPossible, parsed.error().message);
  if (!parsed->libseccomp) parsed->libseccomp = HostLibseccomp();
  return parsed;
}

std::optional<profile::Version> HostLibseccomp() {
  // The declaration of seccomp.h, so that its package is no dependency of ours.
  struct LibraryVersion {
    unsigned major, minor, micro;
  };
  void* library = ::dlopen("libseccomp.so.2", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return std::nullopt;
  using VersionFunction = const LibraryVersion* (*)();
  const auto ask = reinterpret_cast<VersionFunction>(::dlsym(library, "seccomp_version"));
  const LibraryVersion* version = ask == nullptr ? nullptr : ask();
  std::optional<profile::Version> out;
  if (version != nullptr) out = profile::Version{version->major, version->minor, version->micro};
  ::dlclose(library);
  return out;
}

}  // namespace whittle::container

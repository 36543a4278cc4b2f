#include "profile/target.h"

#include <fmt/core.h>

#include <array>
#include <cctype>

#include "base/text.h"

namespace whittle::profile {
namespace {

constexpr std::array<std::string_view, 3> kLoaders = {"docker", "podman", "oci"};
constexpr std::array<std::string_view, 3> kRuntimes = {"runc", "crun", "none"};

template <typename Enum, size_t kCount>
Result<Enum> ParseName(const std::array<std::string_view, kCount>& names, std::string_view text,
                       const char* what) {
  for (size_t i = 0; i < kCount; ++i) {
    if (names[i] == text) return static_cast<Enum>(i);
  }
  return Fail(ErrorCode::kUsage, fmt::format("unknown {} '{}': expected {}, {} or {}", what, text, names[0],
                                             names[1], names[2]));
}

// Takes digits from the front of `text`; more than nine are no version number.
std::optional<uint32_t> TakeNumber(std::string_view& text) {
  size_t length = 0;
  uint32_t value = 0;
  while (length < text.size() && length < 10 && IsDigit(text[length])) {
    value = value * 10 + static_cast<uint32_t>(text[length++] - '0');
  }
  if (length == 0 || length > 9) return std::nullopt;
  text.remove_prefix(length);
  return value;
}

bool TakeDot(std::string_view& text) {
  if (text.size() < 2 || text[0] != '.' || !IsDigit(text[1])) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Version> VersionAt(std::string_view text) {
  Version version;
  const auto major = TakeNumber(text);
  if (!major || !TakeDot(text)) return std::nullopt;
  const auto minor = TakeNumber(text);
  if (!minor) return std::nullopt;
  version.major = *major;
  version.minor = *minor;
  if (TakeDot(text)) version.patch = TakeNumber(text).value_or(0);
  return version;
}

}  // namespace

std::string_view LoaderName(Loader loader) { return kLoaders[static_cast<size_t>(loader)]; }
std::string_view RuntimeName(Runtime runtime) { return kRuntimes[static_cast<size_t>(runtime)]; }
Result<Loader> ParseLoader(std::string_view text) { return ParseName<Loader>(kLoaders, text, "loader"); }
Result<Runtime> ParseRuntime(std::string_view text) {
  auto runtime = ParseName<Runtime>(kRuntimes, text, "runtime");
  if (!runtime)
    runtime.error().message +=
        ", with a version if need be, like crun:1.8.1 (before 1.30 it honours six conditions)";
  return runtime;
}

std::string Version::Text() const { return fmt::format("{}.{}.{}", major, minor, patch); }

Result<Version> ParseVersion(std::string_view text) {
  for (size_t start = 0; start < text.size(); ++start) {
    if (!IsDigit(text[start]) || (start > 0 && IsDigit(text[start - 1]))) continue;
    if (const auto version = VersionAt(text.substr(start))) return *version;
  }
  return Fail(
      ErrorCode::kUsage,
      fmt::format("no version in '{}': expected two or three numbers with dots, as in 1.24 or 28.5.2", text));
}

std::string Target::Text() const {
  const std::string loading = runtime == Runtime::kNone
                                  ? "loaded by whittle"
                                  : fmt::format("{} {}, {} {}", LoaderName(loader), loader_version.Text(),
                                                RuntimeName(runtime), runtime_version.Text());
  return fmt::format("{}, {}, kernel {}{}", loading, AbiName(arch), kernel.Text(),
                     no_new_privs ? ", no_new_privs" : "");
}

std::set<std::string> DefaultCapabilities() {
  return {"CAP_AUDIT_WRITE", "CAP_CHOWN",   "CAP_DAC_OVERRIDE",     "CAP_FOWNER",    "CAP_FSETID",
          "CAP_KILL",        "CAP_MKNOD",   "CAP_NET_BIND_SERVICE", "CAP_NET_RAW",   "CAP_SETFCAP",
          "CAP_SETGID",      "CAP_SETPCAP", "CAP_SETUID",           "CAP_SYS_CHROOT"};
}

}  // namespace whittle::profile

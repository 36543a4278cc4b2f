#include "profile/catalogue.h"

#include <fmt/core.h>

#include <array>
#include <filesystem>

#include "base/file.h"
#include "base/nearest.h"
#include "base/text.h"
#include "profile/document.h"
#include "profile/edit.h"

namespace whittle::profile {
namespace {

struct CatalogueRow {
  std::string_view name;
  std::string_view text;
};

constexpr CatalogueRow kRows[] = {
#include "catalogue.inc"
};

constexpr std::string_view kComplain = "complain";
constexpr std::string_view kContainerd = "containerd-default";

// Who builds a default in, in which version the catalogue has it, and what later ones refuse besides.
struct Maker {
  std::string_view name;
  Loader loader;
  Version of_catalogue, refuses_vsock, refuses_io_uring;
};
// moby's pull requests 44562 and 46762.
constexpr Maker kDockerItself{"docker", Loader::kDocker, {20, 10, 24}, {23, 0, 0}, {25, 0, 0}};
// By scripts/containerd-default of each.
constexpr Maker kContainerdItself{"containerd", Loader::kOci, {1, 6, 20}, {1, 7, 0}, {2, 0, 0}};

std::optional<Maker> MakerOf(std::string_view entry) {
  if (entry == "docker-default" || entry == kComplain) return kDockerItself;
  if (entry == kContainerd) return kContainerdItself;
  return std::nullopt;
}

// Docker's default, but what it refuses passes and is logged. Made, so that it follows its origin.
const std::string& ComplainText() {
  static const std::string text = [] {
    const auto origin = ReadCatalogue("docker-default");
    const auto edited = origin ? Apply(*origin, {{}, {}, Action::kLog}) : std::unexpected(origin.error());
    return edited ? Write(edited->document) : std::string();
  }();
  return text;
}

Result<Document> ReadEntry(std::string_view text, const std::string& name, Reading reading) {
  auto document = TRY(Read(text, name, reading));
  document.decided_by_containerd = name == kContainerd;
  return document;
}

}  // namespace

std::span<const CatalogueEntry> Catalogue() {
  static constexpr std::array<CatalogueEntry, 13> kEntries = {{
      {"docker-default", "what docker 20.10.24 uses if it is told nothing"},
      {"podman-default", "what podman uses if it is told nothing (containers-common 0.50.1)"},
      {kContainerd, "what containerd 1.6.20 gives to containers of Kubernetes' type RuntimeDefault"},
      {"audit", "every call passes, and the kernel logs it"},
      {kComplain, "docker-default, but what it refuses passes, and the kernel logs it"},
      {"allow-all", "a filter that refuses nothing"},
      {"static-web", "for servers of files and proxies: nginx, apache, caddy and their like"},
      {"jvm", "for services and jobs in Java, with any of the garbage collectors"},
      {"node", "for services and tools on Node.js"},
      {"python", "for services in Python: WSGI, coroutines, children, SQLite"},
      {"go-service", "for services in Go, with C in them or without"},
      {"batch", "for jobs of shells, coreutils, archives, text tools, perl and python"},
      {"database", "for databases: PostgreSQL, MariaDB, Redis, SQLite and their like"},
  }};
  return kEntries;
}

std::optional<std::string_view> CatalogueText(std::string_view name) {
  if (name == kComplain) return ComplainText();
  for (const auto& row : kRows) {
    if (row.name == name) return row.text;
  }
  return std::nullopt;
}

bool IsContainerdsOwn(const std::string& name_or_path) {
  return name_or_path == kContainerd && !IsProfileFile(name_or_path);
}

bool IsProfileFile(const std::string& path) {
  std::error_code ignored;
  return FileExists(path) && !std::filesystem::is_directory(path, ignored);
}

std::optional<std::string> CatalogueNameMeant(const std::string& word) {
  if (word.find('/') != word.npos || word.ends_with(".json")) return std::nullopt;
  std::vector<std::string_view> names = {kUnconfined};
  for (const auto& entry : Catalogue()) names.push_back(entry.name);
  return Nearest(word, names);
}

std::string NoSuchProfileText(const std::string& word, const std::optional<std::string>& meant) {
  return fmt::format("{}: no such file, and no profile of the catalogue is named so{}", Printable(word),
                     DidYouMeanText(meant));
}

std::string OtherVersionText(std::string_view name, const Target& target) {
  const auto maker = MakerOf(name);
  if (!maker || target.loader != maker->loader || target.loader_version <= maker->of_catalogue) return "";
  std::string text = fmt::format("{} is made of what {} {} has built in, not {} {}", name, maker->name,
                                 maker->of_catalogue.Text(), maker->name, target.loader_version.Text());
  if (target.loader_version >= maker->refuses_vsock)
    text += fmt::format(": {}'s own refuses socket(AF_VSOCK) from {}.{} on", maker->name,
                        maker->refuses_vsock.major, maker->refuses_vsock.minor);
  if (target.loader_version >= maker->refuses_io_uring)
    text += fmt::format(", io_uring_* from {}.{} on", maker->refuses_io_uring.major,
                        maker->refuses_io_uring.minor);
  return text;
}

Result<Document> ReadCatalogue(std::string_view entry) {
  if (const auto text = CatalogueText(entry)) return ReadEntry(*text, std::string(entry), Reading::kStrict);
  return Fail(ErrorCode::kInternal, fmt::format("the catalogue has no '{}'", entry));
}

Result<Document> ReadProfile(const std::string& name_or_path, Reading reading) {
  if (!IsProfileFile(name_or_path)) {
    if (const auto text = CatalogueText(name_or_path)) return ReadEntry(*text, name_or_path, reading);
    if (name_or_path == kUnconfined) {
      return Fail(ErrorCode::kBadInput,
                  "unconfined is no profile but the lack of one: allow-all refuses nothing, audit also logs");
    }
    const auto meant = FileExists(name_or_path) ? std::nullopt : CatalogueNameMeant(name_or_path);
    if (meant) return Fail(ErrorCode::kBadInput, NoSuchProfileText(name_or_path, meant));
  }
  return Read(TRY(ReadFile(name_or_path)), name_or_path, reading);
}

}  // namespace whittle::profile

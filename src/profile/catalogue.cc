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

constexpr Version kDockerOfCatalogue{20, 10, 24};
// moby's pull requests 44562 and 46762.
constexpr Version kDockerRefusesVsock{23, 0, 0};
constexpr Version kDockerRefusesIoUring{25, 0, 0};

// Docker's default, but what it refuses passes and is logged. Made, so that it follows its origin.
const std::string& ComplainText() {
  static const std::string text = [] {
    const auto origin = ReadCatalogue("docker-default");
    const auto edited = origin ? Apply(*origin, {{}, {}, Action::kLog}) : std::unexpected(origin.error());
    return edited ? Write(edited->document) : std::string();
  }();
  return text;
}

}  // namespace

std::span<const CatalogueEntry> Catalogue() {
  static constexpr std::array<CatalogueEntry, 12> kEntries = {{
      {"docker-default", "what docker 20.10.24 uses if it is told nothing"},
      {"podman-default", "what podman uses if it is told nothing (containers-common 0.50.1)"},
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
  if (name != "docker-default" && name != kComplain) return "";
  if (target.loader != Loader::kDocker || target.loader_version <= kDockerOfCatalogue) return "";
  std::string text = fmt::format("{} is made of what docker {} has built in, not docker {}", name,
                                 kDockerOfCatalogue.Text(), target.loader_version.Text());
  if (target.loader_version >= kDockerRefusesVsock)
    text += ": docker's own refuses socket(AF_VSOCK) from 23.0 on";
  if (target.loader_version >= kDockerRefusesIoUring) text += ", io_uring_* from 25.0 on";
  return text;
}

Result<Document> ReadCatalogue(std::string_view entry) {
  if (const auto text = CatalogueText(entry)) return Read(*text, std::string(entry));
  return Fail(ErrorCode::kInternal, fmt::format("the catalogue has no '{}'", entry));
}

Result<Document> ReadProfile(const std::string& name_or_path, Reading reading) {
  if (!IsProfileFile(name_or_path)) {
    if (const auto text = CatalogueText(name_or_path)) return Read(*text, name_or_path, reading);
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

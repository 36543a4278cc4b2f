#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "export/export.h"
#include "filter/meaning.h"
#include "filter/resolve.h"

namespace whittle::exporting {
namespace {

using filter::Compiled;

constexpr std::array kFormats = {
    Format{"docker", "the JSON that docker and podman take", Format::Named::kNo, WriteDocker,
           Format::Choices::kKept},
    Format{"oci", "the same made flat, for containerd and so most nodes of Kubernetes", Format::Named::kNo,
           WriteOci},
    Format{"spo", "a SeccompProfile object of the Security Profiles Operator", Format::Named::kYes,
           WriteOperator},
    Format{"kubernetes", "the field seccompProfile of a container; of a manifest: annotations moved to it",
           Format::Named::kYes, WriteKubernetes, Format::Choices::kKept},
    Format{"systemd", "a drop-in with SystemCallFilter=", Format::Named::kNo, WriteSystemd},
    Format{"minijail", "a policy of minijail", Format::Named::kNo, WriteMinijail},
    Format{"raw", "the compiled filter: struct sock_filter, in the target's byte order", Format::Named::kNo,
           WriteRaw},
    Format{"c", "the same as an array in C", Format::Named::kYes, WriteC},
    Format{"go", "the same as a slice in Go", Format::Named::kYes, WriteGo},
};

std::string NamesText() {
  std::string text;
  for (const auto& format : kFormats) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : "; ", format.name, format.what);
  }
  return text;
}

bool HasChoices(const profile::Document& document) {
  return !document.arch_map.empty() || std::ranges::any_of(document.rules, [](const profile::Rule& rule) {
    return !rule.includes.empty() || !rule.excludes.empty();
  });
}

// What is true of the target whatever the format is.
std::vector<std::string> CommonNotes(const Format& format, const Source& source) {
  std::vector<std::string> notes;
  const bool decided = format.choices == Format::Choices::kDecided && source.compiled.ignored.empty();
  if (HasChoices(source.document) && decided)
    notes.push_back("includes, excludes and archMap are decided for the target above: it is for such hosts");
  for (const auto& member : source.compiled.ignored) {
    notes.push_back(fmt::format("{}: {} {} does not read it, so it counts for nothing here", member,
                                LoaderName(source.target.loader), source.target.loader_version.Text()));
  }
  std::set<std::string> unknown;
  for (const auto& note : source.compiled.meaning->notes) {
    if (note.quirk == filter::Quirk::kUnknownName) unknown.insert(Printable(note.what));
  }
  if (!unknown.empty()) {
    notes.push_back(fmt::format("names that libseccomp {} does not know have no effect on the target: {}",
                                source.target.libseccomp.Text(),
                                Join(std::vector(unknown.begin(), unknown.end()), ", ")));
  }
  for (const auto& warning : source.compiled.warnings) notes.push_back(Printable(warning));
  return notes;
}

}  // namespace

std::span<const Format> Formats() { return kFormats; }

Result<const Format*> FindFormat(std::string_view name) {
  for (const auto& format : kFormats) {
    if (format.name == name) return &format;
  }
  return Fail(ErrorCode::kUsage,
              fmt::format("unknown format '{}'; there are: {}", Printable(name), NamesText()));
}

Result<Exported> Export(const Format& format, const profile::Document& document,
                        const profile::Target& target, const Options& options) {
  if (format.named == Format::Named::kNo && !options.name.empty())
    return Fail(ErrorCode::kUsage, fmt::format("what is made for '{}' has no name", format.name));
  auto compiled = TRY(filter::Compile(document, target));
  if (compiled.state == Compiled::State::kRefused) {
    return Fail(ErrorCode::kBadInput,
                fmt::format("{} does not take it: {}", target.Text(), Printable(compiled.LocatedWhy())));
  }
  if (compiled.state == Compiled::State::kUnconfined) {
    return Fail(ErrorCode::kBadInput, fmt::format("{} would install no filter: {}", target.Text(),
                                                  Printable(compiled.LocatedWhy())));
  }
  auto resolved = TRY(filter::Resolve(document, target, filter::Comments::kKeep));
  const Source source{document, target, options, std::move(resolved.document), std::move(compiled)};
  auto exported = TRY(format.write(source));
  auto notes = CommonNotes(format, source);
  exported.notes.insert(exported.notes.begin(), notes.begin(), notes.end());
  return exported;
}

}  // namespace whittle::exporting

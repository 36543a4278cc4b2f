// Profiles that have a name: it can stand wherever a file can. Pure; thread safe. Source: data/catalogue/.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "profile/target.h"

namespace whittle::profile {

struct CatalogueEntry {
  std::string_view name;
  std::string_view summary;
};

std::span<const CatalogueEntry> Catalogue();

// The entry's document, or nothing if there is no such name.
std::optional<std::string_view> CatalogueText(std::string_view name);

// containerd-default by its name (and no file is called so): see Document::decided_by_containerd.
bool IsContainerdsOwn(const std::string& name_or_path);

// A file, a device or a pipe has that path: it comes before a name of the catalogue, since the user sees it
// in the folder. A folder does not: it can be no profile.
bool IsProfileFile(const std::string& path);

// For what is neither a file nor a name: the name that may be meant. Nothing for a path, and where none is
// near.
std::optional<std::string> CatalogueNameMeant(const std::string& word);
// "docker-defalt: no such file, and no profile of the catalogue is named so, did you mean 'docker-default'?".
std::string NoSuchProfileText(const std::string& word, const std::optional<std::string>& meant);

// What sets the entry apart from the target's own: docker-default is of one version of docker, and a later
// one refuses more. Empty where nothing does, and for what is no entry.
std::string OtherVersionText(std::string_view name, const Target& target);

// The name that means "no filter at all" to engines. It is no profile, so it is in no catalogue.
inline constexpr std::string_view kUnconfined = "unconfined";

}  // namespace whittle::profile

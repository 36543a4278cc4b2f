// The JSON of docker and podman, which is what Whittle reads and writes; and its flat form, which plain OCI
// loaders read as well.
#include "export/losses.h"

namespace whittle::exporting {
namespace {

// Of loaders, the newest that was looked at.
profile::Target Under(const profile::Target& target, profile::Loader loader, profile::Version version) {
  profile::Target other = target;
  if (other.loader == loader) return other;
  other.loader = loader;
  other.loader_version = version;
  return other;
}

}  // namespace

Result<Exported> WriteDocker(const Source& source) {
  const auto reader = Under(source.target, profile::Loader::kDocker, {28, 5, 2});
  auto lost = TRY(LostOnTheWay(source, source.document, reader));
  return Exported{profile::Write(source.document), std::move(lost), {}};
}

Result<Exported> WriteOci(const Source& source) {
  const auto reader = Under(source.target, profile::Loader::kOci, {2, 1, 0});
  auto lost = TRY(LostOnTheWay(source, source.flat, reader));
  return Exported{profile::Write(source.flat), std::move(lost), {}};
}

}  // namespace whittle::exporting

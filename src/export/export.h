// Profiles in the formats of others. What a profile means depends on its target, so an export is made for
// one; and what a format cannot hold is said, line by line, never left out in silence. To add a format: write
// NAME.cc with a `WriteNAME`, and add its row in formats.cc. Pure; thread safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "filter/compile.h"
#include "profile/document.h"
#include "profile/target.h"

namespace whittle::exporting {

// What becomes of a call that is allowed with some arguments, where the format cannot test them.
enum class Inexact : uint8_t { kAllow, kRefuse };

struct Options {
  std::string name;  // of the object, the file on nodes or the array that is made; empty: of the file's
  Inexact inexact = Inexact::kAllow;
};

struct Exported {
  std::string text;  // bytes, of raw filters
  // What the format does not hold, one line each: "looser: x86_64: socket (/syscalls/3): ALLOW instead of
  // ...".
  std::vector<std::string> lost;
  // What is not lost for this target, but worth knowing, one line each.
  std::vector<std::string> notes;
};

// What a format's writer is given.
struct Source {
  const profile::Document& document;
  const profile::Target& target;
  const Options& options;
  profile::Document flat;     // the document made flat for the target (filter/resolve.h)
  filter::Compiled compiled;  // and compiled for it
};

struct Format {
  std::string_view name;                                        // of --to
  std::string_view what;                                        // for people
  enum class Named : uint8_t { kNo, kYes } named = Named::kNo;  // is Options::name of use?
  Result<Exported> (*write)(const Source& source) = nullptr;
  // What becomes of includes, excludes and archMap: are they decided for the target, or does the profile keep
  // them?
  enum class Choices : uint8_t { kDecided, kKept } choices = Choices::kDecided;
};

std::span<const Format> Formats();
// Errors: kUsage, with the names that there are.
Result<const Format*> FindFormat(std::string_view name);

// Errors: kBadInput where the target refuses the document, or would install no filter for it; kUsage for a
// name that the format cannot have; kNotPossible where the format can hold nothing of the kind.
Result<Exported> Export(const Format& format, const profile::Document& document,
                        const profile::Target& target, const Options& options);

Result<Exported> WriteDocker(const Source& source);
Result<Exported> WriteOci(const Source& source);
Result<Exported> WriteOperator(const Source& source);
Result<Exported> WriteKubernetes(const Source& source);
Result<Exported> WriteSystemd(const Source& source);
Result<Exported> WriteMinijail(const Source& source);
Result<Exported> WriteRaw(const Source& source);
Result<Exported> WriteC(const Source& source);
Result<Exported> WriteGo(const Source& source);

}  // namespace whittle::exporting

// The seccomp document that runtimes read: the `linux.seccomp` object of the OCI runtime-spec with the
// extensions of Docker and containers/common. This is the file as written; what it means depends on a Target
// (filter/meaning.h). Pure; thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "profile/action.h"

namespace whittle::profile {

enum class Operator : uint8_t {
  kNotEqual,
  kLess,
  kLessOrEqual,
  kEqual,
  kGreaterOrEqual,
  kGreater,
  kMaskedEqual
};

std::string_view ScmpOperatorName(Operator op);  // "SCMP_CMP_MASKED_EQ"
std::optional<Operator> ParseOperator(std::string_view text);

// A test of one argument register, unsigned and 64 bits wide.
struct Condition {
  uint32_t index = 0;  // 0-5
  Operator op = Operator::kEqual;
  uint64_t value = 0;      // kMaskedEqual: the mask
  uint64_t value_two = 0;  // kMaskedEqual: what the masked argument must be; otherwise without meaning
  bool operator==(const Condition&) const = default;

  // The meaning: what the test says of an argument. Beside it stands the lowering in filter/lower.cc; a
  // random test compares the two.
  bool Matches(uint64_t argument) const;
};

// includes / excludes of the Docker format; empty members decide nothing.
struct Selector {
  std::vector<std::string> capabilities;
  std::vector<std::string> arches;  // "amd64", "arm64", ...
  std::string min_kernel;           // "4.8"
  bool operator==(const Selector&) const = default;
  bool empty() const { return capabilities.empty() && arches.empty() && min_kernel.empty(); }
};

struct Rule {
  std::vector<std::string> names;
  std::string
      legacy_name;  // the member `name` of old profiles; docker and podman know it, plain OCI ignores it
  Action action = Action::kAllow;
  std::optional<uint32_t> errno_return;
  std::string errno_text;             // podman's `errno`: a name or a number, stronger than errnoRet there
  std::vector<Condition> conditions;  // all must hold (see filter/meaning.h for what runtimes make of it)
  std::string comment;
  Selector includes, excludes;
  json::Position at;  // where the rule stood in the file
};

// One line of Docker's `archMap`: with this native architecture, these others are filtered too.
struct ArchMapping {
  std::string architecture;
  std::vector<std::string> sub_architectures;
  bool operator==(const ArchMapping&) const = default;
};

struct Document {
  Action default_action = Action::kErrno;
  bool has_default_action = true;  // false: the file has none (see Reading::kAsRuntimes)
  std::optional<uint32_t> default_errno_return;
  std::string default_errno_text;          // podman's `defaultErrno`
  std::vector<std::string> architectures;  // SCMP_ARCH_*, as written
  std::vector<ArchMapping> arch_map;       // docker's and podman's; plain OCI ignores it
  std::vector<std::string> flags;          // SECCOMP_FILTER_FLAG_*
  std::string listener_path;
  std::string listener_metadata;
  std::vector<Rule> rules;
  std::string file;                   // the name in messages
  std::vector<std::string> warnings;  // what kAsRuntimes let pass, one located line each
};

// Whether a file is read as strictly as a person wants it, or as leniently as the runtimes do.
enum class Reading {
  kStrict,      // unknown members, members given twice, a missing defaultAction: errors
  kAsRuntimes,  // they pass into Document::warnings, so that one can say what a runtime would make of the
                // file
};

// Reads a document. Broken JSON, unknown actions, operators, architectures, wrong types and numbers out of
// range are errors that name file, line, column and what was expected (kBadInput). Names of calls are *not*
// checked here: runtimes ignore unknown ones, so that is lint's word (and UnknownNames' below).
Result<Document> Read(std::string_view text, const std::string& file, Reading reading = Reading::kStrict);
// Reads a file or "-", or a name of the catalogue (profile/catalogue.h).
Result<Document> ReadProfile(const std::string& name_or_path, Reading reading = Reading::kStrict);

// One message for each name that is no system call of any architecture: "FILE:LINE:COLUMN: ... did you mean".
std::vector<std::string> UnknownNames(const Document& document);

// Every SCMP_ARCH_* that some loader or runtime takes.
std::span<const std::string_view> ArchitectureNames();

// Writes it in the Docker format, stable: writing what was read and reading it again changes nothing.
std::string Write(const Document& document);

}  // namespace whittle::profile

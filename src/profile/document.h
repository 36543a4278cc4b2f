// The seccomp document that runtimes read: the `linux.seccomp` object of the OCI runtime-spec with the
// extensions of Docker and containers/common. This is the file as written; what it means depends on a Target
// (filter/meaning.h). Pure; thread safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "profile/action.h"
#include "profile/members.h"

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

// How an object stood in its file, as far as that has no meaning: the order of its members, which of them
// were null, and what only people read. It makes writing what was read change nothing. What was made, not
// read, has none.
struct Spelling {
  bool from_file = false;
  std::string order;  // a character for each member (members.h); short, so that it costs no allocation
  std::vector<json::Member> others;  // members that no loader knows, in their order
  // Documents that differ in it only are equal.
  friend bool operator==(const Spelling&, const Spelling&) { return true; }
};

// Action::kKillThread has two names in the format, which mean the same to runc, crun and libseccomp.
enum class KillName : uint8_t { kKillThread, kKill };

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
  Spelling spelling;
  bool operator==(const Selector&) const = default;
  bool empty() const { return capabilities.empty() && arches.empty() && min_kernel.empty(); }
};

struct Rule {
  std::vector<std::string> names;
  std::string
      legacy_name;  // the member `name` of old profiles; docker and podman know it, plain OCI ignores it
  Action action = Action::kAllow;
  KillName kill_name = KillName::kKillThread;
  std::optional<uint32_t> errno_return;
  std::string errno_text;             // podman's `errno`: a name or a number, stronger than errnoRet there
  std::vector<Condition> conditions;  // all must hold (see filter/meaning.h for what runtimes make of it)
  std::string comment;
  Selector includes, excludes;
  json::Position at;  // where the rule stood in the file
  Spelling spelling;
  std::vector<Spelling> condition_spellings;  // of `conditions`, unless those were changed in number
};

// One line of Docker's `archMap`: with this native architecture, these others are filtered too.
struct ArchMapping {
  std::string architecture;
  std::vector<std::string> sub_architectures;
  Spelling spelling;
  bool operator==(const ArchMapping&) const = default;
};

struct Document {
  Action default_action = Action::kErrno;
  KillName default_kill_name = KillName::kKillThread;
  bool has_default_action = true;  // false: the file has none (see Reading::kAsRuntimes)
  std::optional<uint32_t> default_errno_return;
  std::string default_errno_text;          // podman's `defaultErrno`
  std::vector<std::string> architectures;  // SCMP_ARCH_*, as written
  std::vector<ArchMapping> arch_map;       // docker's and podman's; plain OCI ignores it
  std::vector<std::string> flags;          // SECCOMP_FILTER_FLAG_*
  std::string listener_path;
  std::string listener_metadata;
  std::vector<Rule> rules;
  // containerd's own default, taken by its name in the catalogue: of that it decides the conditions (includes,
  // excludes, archMap) for each container, which it ignores in a file.
  bool decided_by_containerd = false;
  Spelling spelling;
  std::string file;                   // the name in messages
  json::Position at;                  // where the document stood in the file; {0, 0}: it was made, not read
  std::array<json::Position, kDocumentMembers.size()>
      member_at{};                    // and what stands behind each member's name
  std::vector<std::string> warnings;  // what kAsRuntimes let pass, one located line each
};

// Whether a file is read as strictly as a person wants it, or as leniently as the runtimes do.
enum class Reading {
  kStrict,      // unknown members, members given twice, a missing defaultAction: errors
  kAsRuntimes,  // they pass into Document::warnings, so that one can say what a runtime would make of the
                // file
};

// Reads a document. Broken JSON, unknown actions, operators, architectures, wrong types and numbers out of
// range are errors (kBadInput): "FILE:LINE:COLUMN: POINTER: what is wrong, what was expected", POINTER as in
// RFC 6901, "/" for the document itself. Names of calls are *not* checked here: runtimes ignore unknown ones,
// so that is lint's word (and UnknownNames' below). Cost: linear in the text; at most 16 MiB and a million
// values.
Result<Document> Read(std::string_view text, const std::string& file, Reading reading = Reading::kStrict);
// The two steps of it: text to JSON, within these limits; and a value that was read already, perhaps inside of
// another document.
Result<json::Value> ReadTree(std::string_view text, const std::string& file);
Result<Document> ReadValue(const json::Value& root, const std::string& file,
                           Reading reading = Reading::kStrict);
// Reads a file or "-", or a name of the catalogue (profile/catalogue.h).
Result<Document> ReadProfile(const std::string& name_or_path, Reading reading = Reading::kStrict);
// Reads an entry of the catalogue, also where a file has its name. Errors: kInternal where there is none.
Result<Document> ReadCatalogue(std::string_view entry);

// Where a member of kDocumentMembers stood in the file; {0, 0} if it was not read.
json::Position PositionOf(const Document& document, std::string_view member);

// One message for each name that is no system call of any architecture: "FILE:LINE:COLUMN: POINTER: ... did
// you mean"; after the first hundred, only how many there are.
std::vector<std::string> UnknownNames(const Document& document);

// Every SCMP_ARCH_* that some loader or runtime takes.
std::span<const std::string_view> ArchitectureNames();

// Writes it in the Docker format, stable. Of what was read, only white space, the spelling of numbers and of
// member names in another case, and members given twice change: order, empty and null members,
// `SCMP_ACT_KILL` and what no loader knows stay as they were. Members that were added to what was read come
// last.
std::string Write(const Document& document);
// The document as if it had been made, not read: without spelling, notes and unknown members. What Write()
// makes of it is the same for all files that say the same rules in the same order.
Document Plain(Document document);

}  // namespace whittle::profile

// Profiles, as evidence of intent: Docker's and OCI's JSON (also what oci-seccomp-bpf-hook and Inspektor
// Gadget write, the latter behind "// CONTAINER"), inside of other JSON (an OCI config.json), and in YAML
// (the Security Profiles Operator's SeccompProfile and whatever else has a defaultAction inside). What a
// profile means, the target says.
#include <fmt/core.h>

#include "base/document_kind.h"
#include "base/text.h"
#include "base/yaml.h"
#include "filter/meaning.h"
#include "import/format.h"
#include "import/intent.h"
#include "profile/document.h"
#include "syscalls/table.h"

namespace whittle::import {
namespace {

using json::Kind;
using json::Value;

constexpr size_t kMaxDepth = 12;       // of an object around a profile
constexpr size_t kMaxProfiles = 1000;  // in a file

struct Found {
  std::string container = "-";
  const Value* profile = nullptr;
  std::string base;  // of the operator: another profile that this one adds to
};

const Value* TextMember(const Value& object, std::string_view name) {
  const auto* member = object.Find(name);
  return member != nullptr && member->is(Kind::kString) && !member->text.empty() && member->text.size() < 4096
             ? member
             : nullptr;
}

// Whose the profiles below an object are: its metadata's name, or its own; else as above it.
std::string NameOf(const Value& object, const std::string& above) {
  const auto* metadata = object.Find("metadata");
  const auto* name = TextMember(metadata == nullptr ? object : *metadata, "name");
  return name == nullptr ? above : name->text;
}

// Every object with a default action, from the outside in.
void FindProfiles(const Value& value, const std::string& container, size_t depth, std::vector<Found>& found) {
  if (depth > kMaxDepth || found.size() >= kMaxProfiles) return;
  if (value.Find("defaultAction") != nullptr) {
    const auto* base = TextMember(value, "baseProfileName");
    found.push_back({container, &value, base == nullptr ? "" : base->text});
    return;
  }
  const std::string name = value.is(Kind::kObject) ? NameOf(value, container) : container;
  for (const auto& item : value.items) FindProfiles(item, name, depth + 1, found);
  for (const auto& member : value.members) FindProfiles(member.value, name, depth + 1, found);
}

// Values stand so many lines further down than their own text says.
void Shift(Value& value, uint32_t lines) {
  value.at.line += lines;
  for (auto& item : value.items) Shift(item, lines);
  for (auto& member : value.members) Shift(member.value, lines);
}

struct Part {
  std::string container = "-";
  Value root;
};

// JSON, perhaps several behind lines of "// CONTAINER".
Result<std::vector<Part>> ParseJson(std::string_view text, const std::string& shown) {
  constexpr json::Limits kLimits = {.bytes = size_t{16} << 20, .depth = 32, .values = 1'000'000};
  std::vector<Part> parts;
  std::string container = "-";
  size_t begin = 0;
  uint32_t line = 0;
  uint32_t first_line = 0;
  const auto take = [&](size_t end) -> Result<void> {
    const auto piece = text.substr(begin, end - begin);
    if (Trim(piece).find_first_not_of("\n\r") == piece.npos) return {};
    if (parts.size() >= kMaxProfiles) return {};
    const std::string name =
        first_line == 0 ? shown : fmt::format("{}, from line {} on", shown, first_line + 1);
    auto root = TRY(json::Parse(piece, name, kLimits));
    Shift(root, first_line);
    parts.push_back({container, std::move(root)});
    return {};
  };
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const auto here = text.substr(at, end - at);
    ++line;
    if (here.starts_with("//")) {
      TRY(take(at));
      container = std::string(Trim(here.substr(2, 4096)));
      if (container.empty()) container = "-";
      begin = std::min(end + 1, text.size());
      first_line = line;
    }
    at = end + 1;
  }
  TRY(take(text.size()));
  return parts;
}

Result<std::vector<Part>> ParseAny(std::string_view text, const std::string& shown) {
  if (json::BeginsAsJson(text) || Trim(text).starts_with("//")) return ParseJson(text, shown);
  std::vector<Part> parts;
  for (auto& root : TRY(yaml::Parse(text, shown))) parts.push_back({"-", std::move(root)});
  return parts;
}

// Names that tools make up for numbers that they do not know: "syscall_1f4", "unknown_syscall_500".
std::optional<uint32_t> MadeUpNumber(std::string_view name) {
  constexpr std::string_view kDecimal = "unknown_syscall_";
  constexpr std::string_view kHexadecimal = "syscall_";
  std::optional<uint64_t> value;
  if (name.starts_with(kDecimal)) value = ParseUnsigned(name.substr(kDecimal.size()));
  if (name.starts_with(kHexadecimal))
    value = ParseUnsigned("0x" + std::string(name.substr(kHexadecimal.size())));
  return value && *value < 4096 ? std::optional(static_cast<uint32_t>(*value)) : std::nullopt;
}

class ProfileParser final : public Parser {
 public:
  ProfileParser(Tally& tally, const Settings& settings)
      : tally_(tally), settings_(settings), intent_(tally) {}

  Result<std::vector<Complaint>> Document(std::string_view text, const std::string& shown) override;
  void End() override { intent_.End(); }

 private:
  Result<void> Take(const Found& found, const std::string& shown);
  void TakeMeaning(const Found& found, const filter::Meaning& meaning);
  void TakeUnknownNames(const Found& found, const profile::Document& document);
  Result<profile::Target> Target() const;

  Tally& tally_;
  const Settings settings_;
  Intent intent_;
  std::vector<Complaint> complaints_;
};

Result<profile::Target> ProfileParser::Target() const {
  if (settings_.target) return settings_.target();
  profile::Target target;
  target.arch = settings_.native;
  target.capabilities = profile::DefaultCapabilities();
  return target;
}

void ProfileParser::TakeMeaning(const Found& found, const filter::Meaning& meaning) {
  using profile::Action;
  for (const auto& rules : meaning.abis) {
    for (const auto& [number, list] : rules.calls()) {
      for (const auto& rule : list) {
        const auto arguments = rule.conditions.empty() ? Intent::Arguments::kAny : Intent::Arguments::kSome;
        intent_.Add(found.container, rules.abi(), number, rule.action, arguments,
                    ValuesOf(rules.abi(), number, rule.conditions));
      }
    }
  }
  if (!profile::Blocks(meaning.otherwise.action)) intent_.AllowsTheRest();
}

// Runtimes ignore them; a number can be told, all others are not understood.
void ProfileParser::TakeUnknownNames(const Found& found, const profile::Document& document) {
  for (const auto& rule : document.rules) {
    auto names = rule.names;
    if (!rule.legacy_name.empty()) names.push_back(rule.legacy_name);
    for (const auto& name : names) {
      if (profile::LibraryName::Find(name)) continue;
      const auto arguments = rule.conditions.empty() ? Intent::Arguments::kAny : Intent::Arguments::kSome;
      if (const auto number = MadeUpNumber(name)) {
        intent_.Add(found.container, settings_.native, *number, rule.action, arguments);
      } else {
        complaints_.push_back({rule.at.line, fmt::format("no system call is named '{}'{}",
                                                         json::Quotable(name), DidYouMean(name))});
      }
    }
  }
}

Result<void> ProfileParser::Take(const Found& found, const std::string& shown) {
  const auto document = TRY(profile::ReadValue(*found.profile, shown, profile::Reading::kAsRuntimes));
  const auto target = TRY(Target());
  const auto meaning = filter::MeaningOf(document, target);
  if (meaning.state != filter::Compiled::State::kFiltered) {
    return Fail(ErrorCode::kBadInput,
                fmt::format("{}: no filter would be installed: {}",
                            meaning.where.empty() ? shown : meaning.where, meaning.why));
  }
  TakeMeaning(found, meaning);
  TakeUnknownNames(found, document);
  if (!found.base.empty()) {
    tally_.Lose("base-profile",
                fmt::format("the profile adds to '{}', which is not in the file: its calls are missing",
                            Printable(found.base)));
  }
  return {};
}

Result<std::vector<Complaint>> ProfileParser::Document(std::string_view text, const std::string& shown) {
  complaints_.clear();
  const auto parts = TRY(ParseAny(text, shown));
  std::vector<Found> found;
  for (const auto& part : parts) FindProfiles(part.root, part.container, 0, found);
  if (found.empty()) {
    return Fail(ErrorCode::kBadInput,
                fmt::format("{}: no profile in it: none of its objects has a defaultAction", shown));
  }
  if (found.size() >= kMaxProfiles) {
    return Fail(ErrorCode::kBadInput, fmt::format("{}: more than {} profiles", shown, kMaxProfiles - 1));
  }
  for (const auto& one : found) TRY(Take(one, shown));
  return std::move(complaints_);
}

}  // namespace

bool LooksLikeProfile(std::string_view line) {
  return line.find("\"defaultAction\"") != line.npos || Trim(line).starts_with("defaultAction:");
}

std::unique_ptr<Parser> MakeProfile(Tally& tally, const Settings& settings) {
  return std::make_unique<ProfileParser>(tally, settings);
}

}  // namespace whittle::import

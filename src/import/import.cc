#include "import/import.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "evidence/under_filter.h"
#include "syscalls/table.h"

namespace whittle::import {
namespace {

constexpr size_t kMaxLine = 1 << 20;  // no record is longer; the rest of such a line is skipped
constexpr size_t kMaxDocument = size_t{16} << 20;
constexpr size_t kMaxComplaints = 5;  // are shown; all are counted
constexpr size_t kMaxShown = 160;     // bytes of such a line
constexpr std::string_view kNotUnderstood = "not-understood";
constexpr std::string_view kNoCalls = "no-calls";

}  // namespace

Importer::Importer(const Format& format, const Settings& settings)
    : format_(&format),
      settings_(settings),
      tally_(std::make_unique<Tally>()),
      parser_(format.make(*tally_, settings_)) {}

void Importer::BeginFile(const std::string& shown, const std::string& name, bool in_envelopes) {
  shown_ = shown;
  envelope_.reset();
  if (in_envelopes) envelope_.emplace(format_->opens_syslog);
  names_.insert(name);
  line_ = 0;
  parser_->BeginFile(name);
}

void Importer::Show(uint64_t line, std::string_view why) {
  ++not_understood_;
  if (complaints_.size() >= kMaxComplaints) return;
  complaints_.push_back(fmt::format("{}:{}: not understood as {}: {}", shown_, line, format_->name, why));
}

void Importer::Complain(std::string_view line) {
  Show(line_, fmt::format("'{}'", Printable(line.substr(0, kMaxShown))));
}

void Importer::TakeLine(std::string_view line) {
  ++line_;
  if (line_ == 1 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (!envelope_) return TakeContent(line);
  if (const auto inside = envelope_->Open(line)) TakeInside(*inside);
}

void Importer::TakeInside(const Envelope::Inside& inside) {
  if (!inside.is_cut) return TakeContent(inside.line);
  ++lines_;
  Complain(inside.line);
}

bool Importer::IsComment(std::string_view line) const {
  if (line.front() > '#') return false;  // as most are
  const auto trimmed = Trim(line);
  return trimmed.empty() || (trimmed.starts_with('#') && !format_->looks(line));
}

void Importer::TakeContent(std::string_view line) {
  if (line.empty()) return parser_->Blank();
  if (IsComment(line)) return;
  ++lines_;
  if (parser_->Line(line) == Understood::kNo) Complain(line);
}

void Importer::Feed(std::string_view bytes) {
  if (format_->reading == Reading::kLines) return FeedLines(bytes);
  if (rest_.size() <= kMaxDocument) rest_ += bytes.substr(0, kMaxDocument + 1 - rest_.size());
}

size_t Importer::TakeBytes(std::string_view bytes) {
  if (!rest_.empty() || skipping_ || envelope_) return 0;
  const size_t taken = parser_->Bytes(bytes);
  if (taken > 0) line_ += static_cast<uint64_t>(std::ranges::count(bytes.substr(0, taken), '\n'));
  return taken;
}

void Importer::FeedLines(std::string_view bytes) {
  while (!bytes.empty()) {
    bytes.remove_prefix(TakeBytes(bytes));
    if (bytes.empty()) return;
    const size_t end = bytes.find('\n');
    const auto piece = bytes.substr(0, end);
    if (end == std::string_view::npos) {
      if (!skipping_) rest_ += piece;
      if (rest_.size() > kMaxLine) {
        ++line_;
        ++lines_;
        Complain(rest_);
        rest_.clear();
        skipping_ = true;
      }
      return;
    }
    if (skipping_) {
      skipping_ = false;
    } else if (rest_.empty()) {
      TakeLine(piece);
    } else {
      rest_ += piece;
      TakeLine(rest_);
      rest_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
}

Result<void> Importer::TakeDocument() {
  if (rest_.size() > kMaxDocument) {
    return Fail(ErrorCode::kBadInput, fmt::format("{}: larger than {} MiB", shown_, kMaxDocument >> 20));
  }
  if (rest_.starts_with(kByteOrderMark)) rest_.erase(0, kByteOrderMark.size());
  lines_ += Lines(rest_).size();
  for (const auto& complaint : TRY(parser_->Document(rest_, shown_))) {
    Show(complaint.line, complaint.why);
    not_understood_ += complaint.more;
  }
  return {};
}

Result<void> Importer::EndFile() {
  if (format_->reading == Reading::kWhole) {
    TRY(TakeDocument());
  } else if (!rest_.empty()) {
    const uint64_t before = not_understood_;
    TakeLine(rest_);
    // It may read as another one than it was: "open" of "openat".
    if (not_understood_ == before) tally_->Lose("truncated", std::string(kNoEnd), 1);
  }
  if (const auto inside = envelope_ ? envelope_->End() : std::nullopt) TakeInside(*inside);
  rest_.clear();
  skipping_ = false;
  parser_->EndFile();
  return {};
}

evidence::Evidence Importer::Build(const std::string& salt) {
  parser_->End();
  tally_->Forget(kNotUnderstood);
  if (not_understood_ > 0) {
    tally_->Lose(std::string(kNotUnderstood), fmt::format("lines were not understood as {}", format_->name),
                 not_understood_);
  }
  tally_->Forget(kNoCalls);
  if (format_->traces && tally_->empty()) {
    tally_->Lose(std::string(kNoCalls), "the trace shows no call: whatever ran, this did not watch it");
  }
  evidence::Recording recording;
  recording.source = format_->source;
  recording.native = settings_.native;
  recording.refusals_watched = settings_.enforced != nullptr;
  const std::string names = Join(std::vector(names_.begin(), names_.end()), ", ");
  recording.target = (names_.size() == 1 ? "file " : "files ") + names.substr(0, 1000);
  return tally_->Build(std::move(recording), salt);
}

namespace {

void WarnOfNumbers(Imported& imported) {
  std::set<std::pair<Abi, uint32_t>> seen;
  for (const auto& [row, what] : imported.rows) seen.emplace(row.second.abi, row.second.number);
  for (const auto& [abi, number] : seen) {
    if (SyscallName(abi, number)) continue;
    imported.warnings.insert(
        fmt::format("{} number {} has no name; it cannot be put into a JSON profile", AbiName(abi), number));
  }
}

// libseccomp's names for what is only known here in the other byte order. It has none for arm.
std::string_view BigEndianName(Abi abi) {
  switch (abi) {
    case Abi::kPpc64:
      return "SCMP_ARCH_PPC64";
    case Abi::kMips64:
      return "SCMP_ARCH_MIPS64";
    case Abi::kMips64N32:
      return "SCMP_ARCH_MIPS64N32";
    case Abi::kMips:
      return "SCMP_ARCH_MIPS";
    default:
      return "";
  }
}

// The calls are the same in both orders, the architectures that profiles list are not.
std::string BigEndianText(Abi abi) {
  const auto name = BigEndianName(abi);
  const std::string seen = fmt::format("calls of {} were seen on a big-endian machine: ", AbiName(abi));
  if (name.empty()) return seen + "no profile can list its architecture";
  return seen + fmt::format(
                    "a profile for it has to list {}; those made here list {}, which no runtime takes there: "
                    "rename it",
                    name, ScmpArchName(abi));
}

void WarnOfAbis(Imported& imported, const std::set<Abi>& big_endian, Abi native) {
  std::set<Abi> others;
  for (const auto& [row, what] : imported.rows) {
    if (row.second.abi != native && !big_endian.contains(row.second.abi)) others.insert(row.second.abi);
  }
  for (const Abi abi : big_endian) imported.warnings.insert(BigEndianText(abi));
  for (const Abi abi : others) {
    imported.warnings.insert(fmt::format(
        "calls of {} were seen: a profile for them has to list {} (the list for {} does not cover them)",
        AbiName(abi), ScmpArchName(abi), AbiName(native)));
  }
}

void AddRows(Rows& rows, const Tally& tally) {
  tally.EachRow([&](const evidence::Subject& subject, const evidence::CallKey& key, const Row& row) {
    Row& into = rows[{subject, key}];
    const bool dated = row.first_ms != kUndated;
    if (dated && (into.first_ms == kUndated || row.first_ms < into.first_ms)) into.first_ms = row.first_ms;
    into.last_ms = std::max(into.last_ms, row.last_ms);
    into.count += row.count;
  });
}

}  // namespace

Imported Finish(Importer& importer, const std::string& salt, const Options& options) {
  Imported imported;
  imported.evidence = importer.Build(salt);
  imported.formats.emplace(importer.format().name);
  imported.lines = importer.lines();
  imported.not_understood = importer.not_understood();
  imported.complaints = importer.complaints();
  imported.warnings = importer.tally().warnings();
  AddRows(imported.rows, importer.tally());
  if (options.under_filter) {
    evidence::AddGap(
        imported.evidence.gaps,
        {imported.evidence.recordings.begin()->first, std::string(evidence::kUnderFilter),
         "a filter was in force: what it refused, and what the program would have done then, is missing", 0});
  }
  WarnOfNumbers(imported);
  WarnOfAbis(imported, importer.tally().big_endian(), options.settings.native);
  return imported;
}

}  // namespace whittle::import

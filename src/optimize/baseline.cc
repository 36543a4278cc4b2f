#include "optimize/baseline.h"

#include <fmt/core.h>

#include <array>
#include <optional>

#include "base/file.h"
#include "base/text.h"
#include "syscalls/table.h"

namespace whittle::optimize {
namespace {

using profile::Target;
using profile::Version;

struct File {
  std::string_view name, text;
};
constexpr File kFiles[] = {
#include "baselines.inc"
};

constexpr size_t kColumns = 10;  // the last one, whether it is needed, may be missing

// "0" stands for the one version that Whittle itself has.
Result<Version> RowVersion(std::string_view text) {
  if (text == "0") return Version{};
  return profile::ParseVersion(text);
}

Result<Need> RowNeed(std::string_view text) {
  if (text.empty()) return Need::kUnknown;
  if (text == "1") return Need::kNeeded;
  if (text == "0") return Need::kTolerated;
  return Fail(ErrorCode::kBadInput, "expected needed 0, 1 or nothing");
}

Result<BaselineRow> ParseRow(std::string_view line) {
  const auto cells = Split(line, ',');
  if (cells.size() != kColumns && cells.size() != kColumns - 1) {
    return Fail(ErrorCode::kBadInput, fmt::format("expected {} cells, found {}", kColumns, cells.size()));
  }
  const auto need = TRY(RowNeed(cells.size() == kColumns ? cells[kColumns - 1] : ""));
  const auto abi = ParseAbi(cells[4]);
  const auto seen = ParseUnsigned(cells[6]);
  const auto starts = ParseUnsigned(cells[7]);
  const bool flag = cells[3] == "0" || cells[3] == "1";
  if (!abi || !seen || !starts || !flag) {
    return Fail(ErrorCode::kBadInput,
                "expected no_new_privs 0 or 1, an ABI, and whole numbers for seen and starts");
  }
  return BaselineRow{std::string(cells[0]),
                     TRY(RowVersion(cells[1])),
                     std::string(cells[2]),
                     cells[3] == "1",
                     *abi,
                     std::string(cells[5]),
                     *seen,
                     *starts,
                     std::string(cells[8]),
                     need};
}

// How far apart two versions are: the larger part decides.
std::array<uint32_t, 3> Distance(const Version& a, const Version& b) {
  const auto apart = [](uint32_t x, uint32_t y) { return x > y ? x - y : y - x; };
  return {apart(a.major, b.major), apart(a.minor, b.minor), apart(a.patch, b.patch)};
}

std::optional<Version> NearestVersion(const std::vector<BaselineRow>& rows, const Target& target) {
  std::optional<Version> nearest;
  for (const auto& row : rows) {
    if (row.runtime != RuntimeName(target.runtime)) continue;
    if (!nearest ||
        Distance(row.version, target.runtime_version) < Distance(*nearest, target.runtime_version)) {
      nearest = row.version;
    }
  }
  return nearest;
}

}  // namespace

Result<std::vector<BaselineRow>> ParseBaselines(std::string_view csv, const std::string& file) {
  std::vector<BaselineRow> rows;
  size_t number = 0;
  for (const auto line : Lines(csv)) {
    ++number;
    if (line.empty() || line.starts_with('#') || line.starts_with("runtime,")) continue;
    auto row = ParseRow(line);
    if (!row) return std::unexpected(WithContext(row.error(), fmt::format("{}:{}", file, number)));
    rows.push_back(std::move(*row));
  }
  return rows;
}

const std::vector<BaselineRow>& MeasuredBaselines() {
  static const auto all = [] {
    std::vector<BaselineRow> rows;
    for (const auto& file : kFiles) {
      // Our own tables; a unit test reads them all.
      const auto parsed = ParseBaselines(file.text, std::string(file.name));
      if (parsed) rows.insert(rows.end(), parsed->begin(), parsed->end());
    }
    return rows;
  }();
  return all;
}

Baseline BaselineFor(const Target& target) { return BaselineFor(target, MeasuredBaselines()); }

Baseline BaselineFor(const Target& target, const std::vector<BaselineRow>& rows) {
  Baseline baseline;
  const auto nearest = NearestVersion(rows, target);
  const std::string runtime(RuntimeName(target.runtime));
  if (!nearest) {
    baseline.doubt = fmt::format("no start of {} was ever measured: run `whittle baseline`", runtime);
    return baseline;
  }
  const auto take = [&](Abi abi) {
    for (const auto& row : rows) {
      const bool fits =
          row.runtime == runtime && row.version == *nearest && row.no_new_privs == target.no_new_privs;
      if (fits && row.abi == abi) baseline.rows.push_back(row);
    }
  };
  take(target.arch);
  const bool own_abi = !baseline.rows.empty();
  if (!own_abi) take(Abi::kX86_64);
  if (target.runtime == profile::Runtime::kNone) {
    baseline.measured = "whittle run";
    return baseline;
  }
  baseline.measured = fmt::format("{} {}", runtime, nearest->Text());
  if (*nearest != target.runtime_version) {
    baseline.doubt = fmt::format("measured on {}, not on {} {}: run `whittle baseline` there",
                                 baseline.measured, runtime, target.runtime_version.Text());
  } else if (!own_abi) {
    baseline.doubt =
        fmt::format("measured on x86_64, not on {}: run `whittle baseline` there", AbiName(target.arch));
  }
  return baseline;
}

namespace {

// `[ABI] NAME`, one a line.
Result<std::vector<BaselineRow>> ParseList(std::string_view text, const std::string& file,
                                           const Target& target) {
  std::vector<BaselineRow> rows;
  size_t number = 0;
  for (const auto line : Lines(text)) {
    ++number;
    const auto words = Words(line.substr(0, line.find('#')));
    if (words.empty()) continue;
    const auto abi = words.size() == 2 ? ParseAbi(words[0]) : std::optional(target.arch);
    const auto name = words.back();
    if (words.size() > 2 || !abi || !IsSyscallName(name)) {
      return Fail(
          ErrorCode::kBadInput,
          fmt::format("{}:{}: expected the name of a system call, perhaps behind an ABI, found '{}'{}", file,
                      number, Printable(line.substr(0, 80)), DidYouMean(name)));
    }
    BaselineRow row;
    row.runtime = RuntimeName(target.runtime);
    row.version = target.runtime_version;
    row.phase = "start";
    row.no_new_privs = target.no_new_privs;
    row.abi = *abi;
    row.call = name;
    row.need = Need::kNeeded;
    rows.push_back(std::move(row));
  }
  if (rows.empty()) return Fail(ErrorCode::kBadInput, fmt::format("{}: holds no call", file));
  return rows;
}

// "runc:1.1.5" or "crun".
std::optional<Target> NamedRuntime(const std::string& name, Target target) {
  const size_t colon = name.find(':');
  const auto runtime = profile::ParseRuntime(name.substr(0, colon));
  if (!runtime) return std::nullopt;
  target.runtime = *runtime;
  if (colon == std::string::npos) return target;
  const auto version = profile::ParseVersion(name.substr(colon + 1));
  if (!version) return std::nullopt;
  target.runtime_version = *version;
  return target;
}

}  // namespace

Result<Baseline> ReadBaseline(const std::string& name, const Target& target) {
  if (name != "-" && !FileExists(name)) {
    if (const auto named = NamedRuntime(name, target)) return BaselineFor(*named);
  }
  const auto text = TRY(ReadFile(name));
  const std::string file = name == "-" ? "standard input" : Printable(name);
  const auto start = Trim(std::string_view(text).substr(0, 4096));
  if (start.starts_with('{') || start.starts_with('[')) {
    return Fail(
        ErrorCode::kBadInput,
        fmt::format("{}: this is JSON: a baseline is the table that 'whittle baseline' writes, or a list of "
                    "names, one a line",
                    file));
  }
  const bool is_table = text.find("runtime,version,") != std::string::npos;
  if (!is_table) {
    Baseline baseline;
    baseline.rows = TRY(ParseList(text, file, target));
    baseline.measured = file;
    return baseline;
  }
  auto baseline = BaselineFor(target, TRY(ParseBaselines(text, file)));
  if (!baseline.rows.empty()) return baseline;
  return Fail(ErrorCode::kBadInput,
              fmt::format("{}: holds nothing of {} with no_new_privs {}", file, RuntimeName(target.runtime),
                          target.no_new_privs ? "on" : "off"));
}

}  // namespace whittle::optimize

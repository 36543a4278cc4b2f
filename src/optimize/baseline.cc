#include "optimize/baseline.h"

#include <fmt/core.h>

#include <array>
#include <optional>

#include "base/text.h"

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

constexpr size_t kColumns = 9;

// "0" stands for the one version that Whittle itself has.
Result<Version> RowVersion(std::string_view text) {
  if (text == "0") return Version{};
  return profile::ParseVersion(text);
}

Result<BaselineRow> ParseRow(std::string_view line) {
  const auto cells = Split(line, ',');
  if (cells.size() != kColumns) {
    return Fail(ErrorCode::kBadInput, fmt::format("expected {} cells, found {}", kColumns, cells.size()));
  }
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
                     std::string(cells[8])};
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

}  // namespace whittle::optimize

#include "report.h"

#include <fmt/core.h>

#include <algorithm>

namespace whittle::bench {
namespace {

void PrintText(const Row& row) {
  fmt::print("{:<20} {:>11.1f}  ", row.name, row.value);
  if (row.ratio) {
    fmt::print("{:>7.3f}  [{:.3f}, {:.3f}]  ", row.ratio->median, row.ratio->low, row.ratio->high);
  } else {
    fmt::print("{:>25}  ", "");
  }
  const std::string goal =
      row.goal ? fmt::format("goal {:.2f}: {}", *row.goal, row.Missed() ? "MISSED" : "ok") : "";
  fmt::print("{:<17} {}\n", goal, row.what);
}

void PrintJson(const Row& row, const std::string& unit) {
  fmt::print("{{\"arm\": \"{}\", \"{}\": {:.1f}", row.name, unit, row.value);
  if (row.ratio)
    fmt::print(", \"ratio\": {:.4f}, \"low\": {:.4f}, \"high\": {:.4f}", row.ratio->median, row.ratio->low,
               row.ratio->high);
  if (row.goal) fmt::print(", \"goal\": {}, \"missed\": {}", *row.goal, row.Missed());
  fmt::print("}}");
}

}  // namespace

bool Report(std::span<const Row> rows, const std::string& unit, Format format) {
  if (format == Format::kJson) {
    const char* separator = "[";
    for (const auto& row : rows) {
      fmt::print("{}", separator);
      PrintJson(row, unit);
      separator = ",\n ";
    }
    fmt::print("]\n");
  } else {
    fmt::print("{:<20} {:>11}  {:>7}  {}\n", "arm", unit, "ratio", "95 % interval");
    for (const auto& row : rows) PrintText(row);
  }
  return std::ranges::none_of(rows, &Row::Missed);
}

}  // namespace whittle::bench

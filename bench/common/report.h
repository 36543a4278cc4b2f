// What a benchmark found, as a table or as JSON.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "statistics.h"

namespace whittle::bench {

struct Row {
  std::string name;
  double value = 0;  // a median, in the unit of the table
  // To what the benchmark compares with; nothing: there is nothing to compare with.
  std::optional<Interval> ratio;
  // The ratio may be at most this. A goal is missed only if the whole interval lies above it.
  std::optional<double> goal;
  std::string what;

  bool Missed() const { return goal && ratio && ratio->low > *goal; }
};

enum class Format { kText, kJson };
// `unit` is the name of the values' column: "ns/call". Prints on standard output; true if no goal is missed.
bool Report(std::span<const Row> rows, const std::string& unit, Format format);

}  // namespace whittle::bench

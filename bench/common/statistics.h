// Medians and bootstrap intervals of paired ratios. Pure.
#pragma once

#include <vector>

namespace whittle::bench {

double Median(std::vector<double> values);

struct Interval {
  double median = 0;
  double low = 0;  // 95 %
  double high = 0;
};
// The median of values[i] / base[i], with the percentile interval of 2000 resamplings (fixed seed).
Interval PairedRatio(const std::vector<double>& values, const std::vector<double>& base);

}  // namespace whittle::bench

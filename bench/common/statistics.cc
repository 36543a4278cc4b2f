#include "statistics.h"

#include <algorithm>
#include <random>

namespace whittle::bench {

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const size_t middle = values.size() / 2;
  return values.size() % 2 != 0 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Interval PairedRatio(const std::vector<double>& values, const std::vector<double>& base) {
  std::vector<double> ratios;
  for (size_t i = 0; i < values.size() && i < base.size(); i++) ratios.push_back(values[i] / base[i]);
  if (ratios.empty()) return {};
  constexpr size_t kResamplings = 2000;
  std::mt19937 random(1);
  std::uniform_int_distribution<size_t> pick(0, ratios.size() - 1);
  std::vector<double> medians;
  for (size_t i = 0; i < kResamplings; i++) {
    std::vector<double> sample;
    for (size_t j = 0; j < ratios.size(); j++) sample.push_back(ratios[pick(random)]);
    medians.push_back(Median(std::move(sample)));
  }
  std::ranges::sort(medians);
  return {Median(ratios), medians[kResamplings / 40], medians[kResamplings - kResamplings / 40 - 1]};
}

}  // namespace whittle::bench

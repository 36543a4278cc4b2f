// The words behind a bench's name: "--rounds 11 --json".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace whittle::bench {

class Words {
 public:
  Words(int argc, char** argv) : words_(argv + (argc > 0 ? 1 : 0), argv + argc) {}

  bool Has(std::string_view name) const;
  std::optional<std::string_view> Behind(std::string_view name) const;
  // `otherwise` where the name is not there, or no number is behind it.
  uint64_t Number(std::string_view name, uint64_t otherwise) const;

 private:
  std::vector<std::string_view> words_;
};

}  // namespace whittle::bench

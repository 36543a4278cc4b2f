// YAML: any bytes give documents within the limits, or an error that names a place; what was read can be
// written as JSON and, JSON being YAML, read again.
#include <cstdlib>

#include "base/yaml.h"

using namespace whittle;

namespace {

size_t CountOf(const json::Value& value) {
  size_t count = 1;
  for (const auto& item : value.items) count += CountOf(item);
  for (const auto& member : value.members) count += CountOf(member.value);
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr json::Limits kLimits = {.bytes = size_t{1} << 20, .depth = 32, .values = 10'000};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto documents = yaml::Parse(text, "input", kLimits);
  if (!documents) {
    if (!documents.error().message.starts_with("input:")) std::abort();
    return 0;
  }
  size_t count = 0;
  for (const auto& document : *documents) {
    count += CountOf(document);
    if (!json::Parse(json::Write(document), "written")) std::abort();
  }
  if (count > kLimits.values) std::abort();
  return 0;
}

// What the engine costs, each part beside what it is compared with, all in one run.
//
//   engine_bench [PART...] [--rounds 31] [--percent 100] [--whittle PROGRAM] [--json]
//
// Exit code 1: a goal is missed.
#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "part.h"

namespace whittle::bench {
namespace {

struct Part {
  std::string_view name;
  std::string_view what;
  Result<bool> (*run)(const Settings& settings);
};

constexpr Part kParts[] = {
    {"compile", "a read document to a program, beside libseccomp", BenchCompile},
    {"kernel", "calls under the filter in the running kernel", BenchKernel},
    {"verdicts", "verdicts in user space", BenchVerdicts},
    {"diff", "what two profiles answer differently", BenchDiff},
    {"start", "the start of the program", BenchStart},
};

// 0, or 1 if a goal is missed, or 5.
int Run(const std::vector<std::string>& wanted, const Settings& settings) {
  int code = 0;
  for (const auto& part : kParts) {
    if (!wanted.empty() && std::ranges::find(wanted, part.name) == wanted.end()) continue;
    if (settings.format == Format::kText) fmt::print("\n{}: {}\n", part.name, part.what);
    const auto met = part.run(settings);
    if (!met) {
      fmt::print(stderr, "{}: {}\n", part.name, met.error().message);
      return 5;
    }
    if (!*met) code = 1;
  }
  return code;
}

}  // namespace
}  // namespace whittle::bench

int main(int argc, char** argv) {
  whittle::bench::Settings settings;
  settings.whittle = WHITTLE_PROGRAM;
  std::vector<std::string> parts;
  for (int i = 1; i < argc; i++) {
    const std::string_view word = argv[i];
    const auto number = whittle::ParseUnsigned(i + 1 < argc ? argv[i + 1] : "");
    if (word == "--json") {
      settings.format = whittle::bench::Format::kJson;
    } else if (word == "--rounds" && number) {
      settings.rounds = *number, ++i;
    } else if (word == "--percent" && number) {
      settings.scale = static_cast<double>(*number) / 100, ++i;
    } else if (word == "--whittle" && i + 1 < argc) {
      settings.whittle = argv[++i];
    } else {
      parts.emplace_back(word);
    }
  }
  return whittle::bench::Run(parts, settings);
}

// `whittle doctor`: what this host can do, what follows, and how to mend it.
#include <fmt/core.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/progress.h"
#include "base/text.h"
#include "cli/verb.h"
#include "container/engines.h"
#include "container/host.h"
#include "container/target.h"

namespace whittle::cli {
namespace {

using container::Area;
using container::Finding;
using container::HostFact;

struct Options {
  bool json = false;
};

constexpr std::array<std::pair<Area, const char*>, 4> kHeadings = {
    {{Area::kRecording, "Recording (record, baseline)"},
     {Area::kRefusals, "Watching refusals (run, record --denials)"},
     {Area::kFilters, "Filters (run)"},
     {Area::kContainers, "Containers"}}};

std::string Coloured(Finding finding, bool colour) {
  const std::string text = fmt::format("{:<8}", container::FindingName(finding));
  if (!colour) return text;
  constexpr std::array<int, 3> kColours = {32, 31, 33};
  return fmt::format("\x1b[{}m{}\x1b[0m", kColours[static_cast<size_t>(finding)], text);
}

void PrintFact(const HostFact& fact, size_t width, bool colour) {
  const std::string indent(width + 12, ' ');
  fmt::print("  {}{:<{}}  {}\n", Coloured(fact.finding, colour), fact.name, width, Printable(fact.found));
  fmt::print("{}{}\n", indent, fact.follows);
  if (!fact.mend.empty()) fmt::print("{}to mend: {}\n", indent, fact.mend);
}

void PrintTable(const std::vector<HostFact>& facts, const std::string& target) {
  size_t width = 0;
  for (const auto& fact : facts) width = std::max(width, fact.name.size());
  const bool colour = ColourAllowed(STDOUT_FILENO);
  for (const auto& [area, heading] : kHeadings) {
    fmt::print("{}\n", heading);
    for (const auto& fact : facts) {
      if (fact.area == area) PrintFact(fact, width, colour);
    }
    fmt::print("\n");
  }
  fmt::print("Profiles are made for: {}\n", target);
}

json::Value JsonOf(const std::vector<HostFact>& facts, const std::string& target) {
  std::vector<json::Value> items;
  for (const auto& fact : facts) {
    const bool needed = fact.weight == container::Weight::kNeeded;
    items.push_back(json::Object({{"area", container::AreaName(fact.area)},
                                  {"name", fact.name},
                                  {"state", container::FindingName(fact.finding)},
                                  {"needed_to_record", needed},
                                  {"found", fact.found},
                                  {"follows", fact.follows},
                                  {"mend", fact.mend}}));
  }
  return json::Object({{"can_record", container::CanRecord(facts)},
                       {"target", target},
                       {"facts", json::Array(std::move(items))}});
}

void PrintConclusion(const std::vector<HostFact>& facts) {
  if (container::CanRecord(facts)) {
    fmt::print("This host can record.\n");
    return;
  }
  std::vector<std::string> lacking;
  for (const auto& fact : facts) {
    const bool stops = fact.weight == container::Weight::kNeeded && fact.finding == Finding::kMissing;
    if (stops) lacking.push_back(fact.name);
  }
  fmt::print(
      "This host cannot record as things stand: {} missing. What needs no recording works: "
      "generate,\n"
      "verify, simulate, report and run -- COMMAND.\n",
      Join(lacking, ", "));
}

Result<int> Run(const Options& options) {
  const auto engines = container::Engines::Find();
  const auto facts = container::ProbeHost(engines);
  const auto target = container::TargetOfHost(engines);
  const std::string text = target ? fmt::format("{} ({})", target->target.Text(), target->why)
                                  : fmt::format("not known: {}", target.error().message);
  if (options.json) {
    fmt::print("{}", json::Write(JsonOf(facts, text)));
  } else {
    PrintTable(facts, text);
    PrintConclusion(facts);
  }
  return container::CanRecord(facts) ? kYes : kNo;
}

}  // namespace

Verb DoctorVerb() {
  return {"doctor", "what this host can do, what follows, and how to mend what is missing",
          "  sudo whittle doctor\n  sudo whittle doctor --json | jq .can_record\n\n"
          "Exit code: 0 if this host can record, 1 if not.",
          [](Flags flags) {
            auto options = std::make_shared<Options>();
            flags.Switch("--json", options->json, "one JSON document on standard output (docs/doctor.md)");
            return [options] { return Run(*options); };
          }};
}

}  // namespace whittle::cli

// What recording costs a server: nginx under wrk, microseconds a request, under each tracer, all in each
// round, in random order; ratios to the empty program as paired medians with 95 % bootstrap intervals. A goal
// is missed only if the interval lies above it: then this exits with 1; with 77 if nginx or wrk is missing.
//
//   server_bench [--rounds 11] [--seconds 3] [--json]
#include <fmt/core.h>

#include <future>

#include "empty_programs.h"
#include "record/recorder.h"
#include "report.h"
#include "rounds.h"
#include "web_server.h"
#include "words.h"

namespace whittle::bench {
namespace {

constexpr double kGoal = 1 / 0.98;  // 98 % of the requests

struct Settings {
  uint64_t rounds = 11;
  uint64_t seconds = 3;
  bool json = false;
};

class Load {
 public:
  Load(const WebServer& server, const Settings& settings)
      : server_(server), seconds_(static_cast<int>(settings.seconds)) {}

  Result<double> Plain() const { return 1e6 / TRY(server_.RequestsPerSecond(seconds_)); }

  Result<double> UnderEmpty(EmptyPrograms::Which which) const {
    const auto attached = TRY(EmptyPrograms::Attach(which));
    return Plain();
  }

  // Polled meanwhile, as `whittle record` does. That nothing was seen is an error: it would prove nothing.
  Result<double> Recorded(record::Denials denials) const {
    record::Options options;
    options.denials = denials;
    auto recorder = TRY(record::Recorder::Create(std::move(options)));
    TRY(recorder->AddProcessTree(server_.pid()));
    auto load = std::async(std::launch::async, [this] { return Plain(); });
    while (load.wait_for(std::chrono::seconds(0)) != std::future_status::ready) TRY(recorder->Poll(200));
    TRY(recorder->Stop());
    if (recorder->Snapshot().subjects.empty()) return Fail(ErrorCode::kInternal, "nginx was not recorded");
    return load.get();
  }

 private:
  const WebServer& server_;
  int seconds_;
};

int Run(const Settings& settings) {
  const auto server = WebServer::Start();
  if (!server) {
    fmt::print(stderr, "left out: {}\n", server.error().message);
    return 77;
  }
  const Load load(*server, settings);
  using record::Denials;
  const Times times =
      MeasureRounds({{"none", [&] { return load.Plain(); }},
                     {"empty", [&] { return load.UnderEmpty({.typed = true}); }},
                     {"recorded", [&] { return load.Recorded(Denials::kIgnore); }},
                     {"empty-both", [&] { return load.UnderEmpty({.typed = true, .exit = true}); }},
                     {"denials", [&] { return load.Recorded(Denials::kWatch); }}},
                    settings.rounds);
  if (!times.contains("empty")) return 77;  // no BPF here: nothing to compare with
  std::vector<Row> rows;
  const auto add = [&](const char* name, const char* base, std::optional<double> goal, const char* what) {
    if (!times.contains(name)) return;
    const auto& own = times.at(name);
    rows.push_back({name, Median(own), PairedRatio(own, times.at(base)), goal, what});
  };
  add("none", "empty", std::nullopt, "no tracer at all");
  add("empty", "empty", std::nullopt, "an empty tp_btf/sys_enter program");
  add("recorded", "empty", kGoal, "whittle's recorder on nginx: 98 % of the requests");
  add("recorded", "none", std::nullopt, "the same, to no tracer at all");
  add("empty-both", "empty", std::nullopt, "empty tp_btf programs at sys_enter and sys_exit");
  add("denials", "empty-both", kGoal, "with the watch for refused calls, to both empty programs");
  return Report(rows, "us/request", settings.json ? Format::kJson : Format::kText) ? 0 : 1;
}

}  // namespace
}  // namespace whittle::bench

int main(int argc, char** argv) {
  const whittle::bench::Words words(argc, argv);
  whittle::bench::Settings settings;
  settings.rounds = words.Number("--rounds", settings.rounds);
  settings.seconds = words.Number("--seconds", settings.seconds);
  settings.json = words.Has("--json");
  return whittle::bench::Run(settings);
}

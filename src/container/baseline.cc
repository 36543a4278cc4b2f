// Idea: a filter that permits everything is still a filter, so every call made under it by a program that
// *arrived* in the container (design: not through an exec inside it) is the runtime's, after it loaded the
// filter. The image's programs make next to no calls, so nothing else disturbs. One container is one start:
// each has a cgroup of its own, so calls are counted per start. A `docker exec` is recorded by a recorder of
// its own.
#include "container/baseline.h"

#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <set>

#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "container/cgroup_path.h"
#include "container/client.h"
#include "container/runtime.h"
#include "container/scratch.h"
#include "container/target.h"
#include "container/tiny_image.h"
#include "profile/document.h"
#include "record/recorder.h"
#include "syscalls/table.h"

namespace whittle::container {
namespace {

constexpr const char* kImage = "whittle-baseline:1";
constexpr const char* kPermitAll = R"({"defaultAction": "SCMP_ACT_ALLOW",
 "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
 "syscalls": [{"names": ["kexec_load"], "action": "SCMP_ACT_ERRNO"}]}
)";
constexpr int kStartDeadlineMs = 60'000;
constexpr int64_t kOneEpochMs = 600'000;  // a start is one sample: epochs inside it mean nothing

struct Variant {
  const char* name;
  std::vector<std::string> arguments;
};
// What changes what a runtime does after loading the filter.
const std::array<Variant, 5>& Variants() {
  static const std::array<Variant, 5> variants = {
      {{"plain", {}},
       {"--user", {"--user", "1000:1000"}},
       {"--tty", {"--tty"}},
       {"--tty --user", {"--tty", "--user", "1000:1000"}},
       {"--cap-add --read-only --workdir", {"--cap-add", "SYS_PTRACE", "--read-only", "--workdir", "/tmp"}}}};
  return variants;
}

const std::array<Variant, 3>& ExecVariants() {
  static const std::array<Variant, 3> variants = {
      {{"plain", {}}, {"--user", {"--user", "1000:1000"}}, {"--tty", {"--tty"}}}};
  return variants;
}

// Adds a start: one for each call that arrived programs made under the filter in that container. A recording
// that shows no execve missed the start, whatever it shows else: it is no sample.
void Count(const evidence::Evidence& evidence, const std::string& container, VariantCounts& counts) {
  std::set<std::pair<Abi, uint32_t>> calls;
  bool executed = false;
  for (const auto& [subject, observed] : evidence.subjects) {
    if (subject.container != container || subject.arrival != evidence::Arrival::kArrived) continue;
    for (const auto& [key, when] : observed) {
      if (!key.under_filter) continue;
      calls.emplace(key.abi, key.number);
      executed = executed || key.number == SyscallNumber(key.abi, "execve");
    }
  }
  if (!executed) return;
  ++counts.starts;
  for (const auto& call : calls) ++counts.seen[call];
}

// A few starts may escape the recorder; more would make rare calls invisible.
Result<void> RequireSamples(const VariantCounts& counts, uint32_t wanted) {
  if (uint64_t{counts.starts} * 20 >= uint64_t{wanted} * 19) return {};
  return Fail(ErrorCode::kNotPossible,
              fmt::format("only {} of {} starts show their execve: the recorder missed the rest",
                          counts.starts, wanted));
}

Result<void> RequireComplete(const evidence::Evidence& evidence, Phase phase) {
  for (const auto& gap : evidence.gaps) {
    // Of an executable only its name is missing, and nobody asks for it here.
    if (gap.kind == "unnamed") continue;
    // An exec comes into a container that runs already; the exec itself is seen from its beginning.
    if (gap.kind == "late-attach" && phase == Phase::kExec) continue;
    return Fail(ErrorCode::kNotPossible,
                fmt::format("the recording has a gap, so the baseline would too: {}", Printable(gap.detail)));
  }
  return {};
}

class Measurement {
 public:
  Measurement(const BaselinePlan& plan, const Say& say) : plan_(plan), say_(say) {}

  Result<Baseline> Run() {
    TRY(Prepare());
    Baseline out;
    out.target = target_;
    out.engine_text =
        fmt::format("{} {}", EngineName(engine_->info().kind), Printable(engine_->info().version));
    out.runtime_text = runtime_text_;
    for (const bool no_new_privs : {false, true}) {
      auto starts = TRY(MeasureStarts(no_new_privs));
      if (plan_.tries > 0) TRY(FindNeeds(starts, no_new_privs));
      const auto execs = TRY(MeasureExecs(no_new_privs));
      out.rows.insert(out.rows.end(), starts.begin(), starts.end());
      out.rows.insert(out.rows.end(), execs.begin(), execs.end());
    }
    AddArguedRows(target_.runtime, out.rows);
    return out;
  }

 private:
  Result<void> Prepare() {
    engines_ = Engines::Find(plan_.engine);
    TRY(engines_.RequireOne());
    engine_ = engines_.answering().front().get();
    const HostTarget host = TRY(TargetOfEngine(engine_->info(), plan_.runtime));
    target_ = host.target;
    runtime_text_ =
        fmt::format("{} {}", profile::RuntimeName(target_.runtime), target_.runtime_version.Text());
    scratch_.emplace(TRY(ScratchFolder::Create()));
    filter_file_ = scratch_->File("permit-all.json");
    TRY(WriteFile(filter_file_, kPermitAll));
    return ImportImage();
  }

  Result<void> ImportImage() {
    const std::string archive = scratch_->File("image.tar");
    const std::string image = TRY(TinyImage(target_.arch));
    TRY(WriteFile(archive, image));
    auto words = TRY(ClientWords(engine_->info()));
    words.insert(words.end(), {"import", archive, kImage});
    TRY(Client(words));
    return {};
  }

  static Result<std::string> Client(const std::vector<std::string>& words) {
    const auto answer = TRY(RunProcess(words, kStartDeadlineMs));
    if (answer.exit_code == 0) return std::string(Trim(answer.output));
    const auto lines = Lines(answer.errors);
    return Fail(ErrorCode::kBadInput,
                fmt::format("'{}' exited with {}: {}", Join(words, " "), answer.exit_code,
                            lines.empty() ? "no message" : Printable(lines.front())));
  }

  Result<std::vector<std::string>> RunWords(bool no_new_privs, const std::vector<std::string>& more) const {
    return RunWords(no_new_privs, more, filter_file_);
  }
  Result<std::vector<std::string>> RunWords(bool no_new_privs, const std::vector<std::string>& more,
                                            const std::string& filter_file) const {
    const ClientCall call{.engine = engine_->info(), .runtime = plan_.runtime};
    auto words = TRY(ClientRunWords(call));
    words.insert(words.end(), {"--rm", "--network", "none", "--security-opt", "seccomp=" + filter_file});
    if (no_new_privs) words.insert(words.end(), {"--security-opt", "no-new-privileges"});
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  Result<std::vector<BaselineRow>> MeasureStarts(bool no_new_privs) {
    std::vector<VariantCounts> counts;
    for (const auto& variant : Variants()) {
      auto one = MeasureVariant(no_new_privs, variant);
      if (!one) return std::unexpected(WithContext(one.error(), fmt::format("measuring {}", variant.name)));
      counts.push_back(std::move(*one));
    }
    return RowsOf(Phase::kStart, no_new_privs, counts);
  }

  Result<VariantCounts> MeasureVariant(bool no_new_privs, const Variant& variant) {
    record::Options options;
    options.new_cgroups = record::NewCgroups::kRecordUntilDecided;
    options.epoch_ms = kOneEpochMs;
    options.target = "baseline";
    const auto recorder = TRY(record::Recorder::Create(std::move(options)));
    std::vector<std::string> names;
    for (uint32_t i = 0; i < plan_.starts; ++i) {
      say_(fmt::format("{}, no_new_privs {}, {}: start {} of {}", runtime_text_, no_new_privs ? "on" : "off",
                       variant.name, i + 1, plan_.starts));
      const std::string id = TRY(StartOnce(no_new_privs, variant));
      names.push_back(fmt::format("start-{}", i));
      TRY(recorder->Poll(0));
      TRY(Decide(*recorder, id, names.back()));
    }
    TRY(recorder->Stop());
    const auto evidence = recorder->Snapshot();
    TRY(RequireComplete(evidence, Phase::kStart));
    VariantCounts counts{variant.name, 0, {}};
    for (const auto& name : names) Count(evidence, name, counts);
    TRY(RequireSamples(counts, plan_.starts));
    return counts;
  }

  // A call is needed if some start without it fails. What comes and goes with the timing cannot be tried.
  Result<void> FindNeeds(std::vector<BaselineRow>& rows, bool no_new_privs) {
    for (auto& row : rows) {
      if (row.reason == kSometimes || row.call == "rt_sigreturn") continue;
      say_(fmt::format("{}, no_new_privs {}: starts without {}", runtime_text_, no_new_privs ? "on" : "off",
                       row.call));
      row.needed =
          !TRY(StartsWith(rows, no_new_privs, [&](const BaselineRow& other) { return &other != &row; }));
    }
    // Calls that may fail one by one may be needed together.
    const auto kept = [](const BaselineRow& row) { return row.needed.value_or(true); };
    if (TRY(StartsWith(rows, no_new_privs, kept))) return {};
    for (auto& row : rows) {
      if (!row.needed.value_or(true)) row.needed.reset();
    }
    return {};
  }

  // Whether containers start with the calls of the chosen rows and the program's own one.
  Result<bool> StartsWith(const std::vector<BaselineRow>& rows, bool no_new_privs,
                          const std::function<bool(const BaselineRow&)>& chosen) {
    profile::Document document;
    document.architectures = {std::string(ScmpArchName(target_.arch))};
    profile::Rule rule;
    rule.names = {"exit_group"};
    for (const auto& row : rows) {
      if (chosen(row)) rule.names.push_back(row.call);
    }
    document.rules.push_back(std::move(rule));
    const std::string file = scratch_->File("chosen.json");
    TRY(WriteFile(file, profile::Write(document)));
    for (const size_t variant : {size_t{0}, size_t{3}}) {
      for (uint32_t i = 0; i < plan_.tries; ++i) {
        if (!TRY(StartUnder(file, no_new_privs, Variants()[variant]))) return false;
      }
    }
    return true;
  }

  // Whether a container starts and its program ends well; one that hangs is removed.
  Result<bool> StartUnder(const std::string& file, bool no_new_privs, const Variant& variant) {
    constexpr int kDeadlineMs = 20'000;
    const std::string name = fmt::format("whittle-baseline-{}-{}", ::getpid(), starts_made_++);
    std::vector<std::string> more = {"--name", name};
    more.insert(more.end(), variant.arguments.begin(), variant.arguments.end());
    more.insert(more.end(), {kImage, std::string(kTinyExit)});
    const auto answer = RunProcess(TRY(RunWords(no_new_privs, more, file)), kDeadlineMs);
    if (answer && answer->exit_code == 0) return true;
    auto words = TRY(ClientWords(engine_->info()));
    words.insert(words.end(), {"rm", "--force", name});
    (void)RunProcess(words, kStartDeadlineMs);  // mostly it is gone already
    return false;
  }

  // Runs a container to its end; its id.
  Result<std::string> StartOnce(bool no_new_privs, const Variant& variant) {
    const std::string id_file = scratch_->File(fmt::format("id-{}", starts_made_++));
    std::vector<std::string> more = {"--cidfile", id_file};
    more.insert(more.end(), variant.arguments.begin(), variant.arguments.end());
    more.insert(more.end(), {kImage, std::string(kTinyExit)});
    const auto words = TRY(RunWords(no_new_privs, more));
    TRY(Client(words));
    const std::string text = TRY(ReadFile(id_file));
    return std::string(Trim(text));
  }

  static Result<void> Decide(record::Recorder& recorder, const std::string& id, const std::string& name) {
    bool found = false;
    for (const auto& cgroup : recorder.Undecided()) {
      const bool ours = OwnerOfCgroupPath(cgroup.path).id == id;
      found = found || ours;
      if (ours) recorder.Name(cgroup.key, name);
      TRY(ours ? recorder.Keep(cgroup.key) : recorder.Drop(cgroup.key));
    }
    if (found) return {};
    return Fail(ErrorCode::kNotPossible,
                fmt::format("container {} was started, but its cgroup was not seen: the "
                            "engine does not run on this host, or makes none",
                            id.substr(0, 12)));
  }

  Result<std::vector<BaselineRow>> MeasureExecs(bool no_new_privs) {
    std::vector<std::string> more = {"--detach", "--name", fmt::format("whittle-baseline-{}", ::getpid()),
                                     kImage, std::string(kTinyPause)};
    const auto words = TRY(RunWords(no_new_privs, more));
    const std::string id = TRY(Client(words));
    auto counts = MeasureExecsIn(id, no_new_privs);
    auto kill = TRY(ClientWords(engine_->info()));
    kill.insert(kill.end(), {"kill", id});
    TRY(Client(kill));
    if (!counts) return std::unexpected(WithContext(counts.error(), "measuring exec"));
    return RowsOf(Phase::kExec, no_new_privs, *counts);
  }

  Result<std::vector<VariantCounts>> MeasureExecsIn(const std::string& id, bool no_new_privs) {
    const auto info = TRY(engines_.Get(id));
    const auto cgroup = TRY(record::ContainerCgroupOfProcess(info.pid));
    std::vector<VariantCounts> all;
    for (const auto& variant : ExecVariants()) {
      VariantCounts counts{variant.name, 0, {}};
      for (uint32_t i = 0; i < plan_.starts; ++i) {
        say_(fmt::format("{}, no_new_privs {}, exec {}: {} of {}", runtime_text_, no_new_privs ? "on" : "off",
                         variant.name, i + 1, plan_.starts));
        TRY(ExecOnce(id, cgroup.key, variant, counts));
      }
      TRY(RequireSamples(counts, plan_.starts));
      all.push_back(std::move(counts));
    }
    return all;
  }

  Result<void> ExecOnce(const std::string& id, record::CgroupKey cgroup, const Variant& variant,
                        VariantCounts& counts) {
    record::Options options;
    options.epoch_ms = kOneEpochMs;
    options.target = "baseline";
    const auto recorder = TRY(record::Recorder::Create(std::move(options)));
    TRY(recorder->AddCgroup(cgroup, record::CgroupKind::kContainer));
    recorder->Name(cgroup, "exec");
    auto words = TRY(ClientWords(engine_->info()));
    words.emplace_back("exec");
    words.insert(words.end(), variant.arguments.begin(), variant.arguments.end());
    words.insert(words.end(), {id, std::string(kTinyExit)});
    TRY(Client(words));
    TRY(recorder->Stop());
    const auto evidence = recorder->Snapshot();
    TRY(RequireComplete(evidence, Phase::kExec));
    Count(evidence, "exec", counts);
    return {};
  }

  const BaselinePlan& plan_;
  const Say& say_;
  Engines engines_;
  const Engine* engine_ = nullptr;
  profile::Target target_;
  std::string runtime_text_;
  std::optional<ScratchFolder> scratch_;
  std::string filter_file_;
  uint64_t starts_made_ = 0;
};

}  // namespace

Result<Baseline> MeasureBaseline(const BaselinePlan& plan, const Say& say) {
  return Measurement(plan, say).Run();
}

}  // namespace whittle::container

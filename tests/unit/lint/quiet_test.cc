// Where lint must be quiet: what docker and podman use themselves, and what Whittle makes.
//   WHITTLE_QUIET_ROUNDS   how many random workloads to make profiles of (60)
//   WHITTLE_CORPUS         folders besides data/catalogue, with ':' between them: whose ...-default.json are
//   engines' own profiles
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>

#include "base/file.h"
#include "base/text.h"
#include "evidence/evidence.h"
#include "lint/lint.h"
#include "optimize/generate.h"
#include "profile/catalogue.h"
#include "profile/document.h"
#include "syscalls/table.h"

namespace whittle::lint {
namespace {

void ExpectNoError(std::string_view text, const std::string& name, const Options& options = {}) {
  for (const auto& finding : Lint(text, options)) {
    EXPECT_NE(finding.severity, Severity::kError)
        << name << ": " << finding.pointer << ": " << finding.message << " [" << finding.rule << "]";
  }
}

TEST(Quiet, OfTheCatalogue) {
  for (const auto& entry : profile::Catalogue()) {
    const auto text = profile::CatalogueText(entry.name);
    ASSERT_TRUE(text) << entry.name;
    Options by_name;
    by_name.containerds_own = profile::IsContainerdsOwn(std::string(entry.name));
    ExpectNoError(*text, std::string(entry.name), by_name);
  }
}

// Each runtime, with its level and its answer.
std::vector<optimize::Options> Ways() {
  std::vector<optimize::Options> ways(4);
  ways[1].target.runtime = profile::Runtime::kCrun;
  ways[1].target.runtime_version = {1, 8, 1};
  ways[1].level = optimize::Level::kPortable;
  ways[2].target.runtime = profile::Runtime::kNone;
  ways[2].deny = optimize::Deny::kKill;
  ways[3].target.no_new_privs = true;
  ways[3].deny = optimize::Deny::kLog;
  return ways;
}

// Of a copy in a file containerd ignores what makes it another one for each container.
TEST(Quiet, NotOfACopyOfContainerdsDefault) {
  const auto is_it = [](const Finding& finding) { return finding.rule == "docker-extensions-ignored"; };
  EXPECT_EQ(std::ranges::count_if(Lint(*profile::CatalogueText("containerd-default")), is_it), 1);
}

// As a file with another name and other white space they are the same.
TEST(Quiet, OfDockersDefaultHoweverItIsSpelled) {
  const auto document = profile::Read(*profile::CatalogueText("docker-default"), "seccomp.json");
  ASSERT_TRUE(document);
  ExpectNoError(profile::Write(*document), "a copy");
}

// Somebody else's profile in the same format may be meant as a Localhost profile, where it is dangerous.
TEST(Quiet, NotOfDockersFormatWhereNobodySaysWhoReadsIt) {
  auto document = profile::Read(*profile::CatalogueText("docker-default"), "seccomp.json");
  ASSERT_TRUE(document);
  document->rules.pop_back();
  const auto is_it = [](const Finding& finding) { return finding.rule == "docker-extensions-ignored"; };
  EXPECT_EQ(std::ranges::count_if(Lint(profile::Write(*document)), is_it), 1);
  Options docker;
  std::erase_if(docker.targets, [](const auto& target) { return target.loader != profile::Loader::kDocker; });
  docker.usual = false;
  EXPECT_EQ(std::ranges::count_if(Lint(profile::Write(*document), docker), is_it), 0);
}

TEST(Quiet, OfWhatGenerateMakes) {
  for (const std::string name : {"web", "web-gaps", "mixed", "enforced"}) {
    const auto evidence =
        evidence::ReadEvidenceFile(WHITTLE_SOURCE_DIR "/tests/golden/evidence/" + name + ".evidence.json");
    ASSERT_TRUE(evidence) << name;
    for (const auto& options : Ways()) {
      const auto generated = optimize::Generate(*evidence, options);
      ASSERT_TRUE(generated) << name << ": " << generated.error().message;
      ExpectNoError(profile::Write(generated->document), name + " for " + options.target.Text());
    }
  }
}

// --- Random workloads, every option of generate, many targets

template <typename T>
const T& OneOf(std::mt19937_64& random, const std::vector<T>& items) {
  return items[random() % items.size()];
}

evidence::CallKey RandomCall(std::mt19937_64& random, Abi abi) {
  static const std::vector<std::string_view> kNames(AllSyscallNames().begin(), AllSyscallNames().end());
  evidence::CallKey key;
  key.abi = abi;
  std::string_view name;
  do {
    name = OneOf(random, kNames);
  } while (!SyscallNumber(abi, name));
  key.number = *SyscallNumber(abi, name);
  using enum evidence::Fate;
  key.fate = OneOf<evidence::Fate>(random, {kAllowed, kAllowed, kAllowed, kLogged, kDenied, kUnknown});
  key.under_filter = random() % 4 == 0;
  using Flags = evidence::CloneFlags;
  if (name == "clone" || name == "clone3")
    key.clone_flags =
        OneOf<Flags>(random, {Flags::kUnknown, Flags::kOrdinary, Flags::kNamespaces, Flags::kOnlyClone3});
  return key;
}

evidence::Evidence RandomWorkload(std::mt19937_64& random, Abi native) {
  evidence::Evidence evidence;
  auto& recording = evidence.recordings["run"];
  recording.source = "ebpf";
  recording.native = native;
  recording.refusals_watched = random() % 2 == 0;
  recording.started_ms = recording.ended_ms = 1'700'000'000'000;
  recording.epoch_ms = 1000;
  recording.epochs = 1;
  const auto siblings = SiblingAbis(native);
  const size_t programs = 1 + random() % 3;
  for (size_t program = 0; program < programs; ++program) {
    auto& calls = evidence.subjects[{"web", "/bin/program-" + std::to_string(program)}];
    for (size_t left = 1 + random() % 120; left > 0; --left) {
      const Abi abi = random() % 8 == 0 ? siblings[random() % siblings.size()] : native;
      calls[RandomCall(random, abi)].epochs["run"].Add(0);
    }
  }
  return evidence;
}

optimize::Options RandomWay(std::mt19937_64& random) {
  optimize::Options options;
  auto& target = options.target;
  target.arch = OneOf<Abi>(random, {Abi::kX86_64, Abi::kX86_64, Abi::kAarch64, Abi::kS390x});
  using profile::Loader;
  target.loader = OneOf<Loader>(random, {Loader::kDocker, Loader::kPodman, Loader::kOci});
  using profile::Runtime;
  target.runtime = OneOf<Runtime>(random, {Runtime::kRunc, Runtime::kCrun, Runtime::kNone});
  if (target.runtime == Runtime::kCrun) target.runtime_version = {1, 8, 1};
  target.no_new_privs = random() % 2 == 0;
  options.level = OneOf<optimize::Level>(random, {optimize::Level::kStrict, optimize::Level::kPortable});
  using optimize::Deny;
  options.deny = OneOf<Deny>(random, {Deny::kErrno, Deny::kErrno, Deny::kLog, Deny::kKill});
  options.arguments =
      OneOf<optimize::Arguments>(random, {optimize::Arguments::kOff, optimize::Arguments::kSafe});
  options.refusals =
      OneOf<optimize::Refusals>(random, {optimize::Refusals::kKeep, optimize::Refusals::kAllow});
  return options;
}

TEST(Quiet, OfRandomWorkloads) {
  const char* wanted = std::getenv("WHITTLE_QUIET_ROUNDS");
  const uint64_t rounds = ParseUnsigned(wanted == nullptr ? "60" : wanted).value_or(60);
  size_t made = 0;
  for (uint64_t seed = 0; seed < rounds; ++seed) {
    std::mt19937_64 random(seed);
    const auto options = RandomWay(random);
    const auto evidence = RandomWorkload(random, options.target.arch);
    const auto generated = optimize::Generate(evidence, options);
    if (!generated) {
      EXPECT_NE(generated.error().code, ErrorCode::kInternal) << seed << ": " << generated.error().message;
      continue;
    }
    ++made;
    ExpectNoError(profile::Write(generated->document),
                  "workload " + std::to_string(seed) + " for " + options.target.Text());
  }
  EXPECT_GT(made, rounds * 9 / 10);
  std::cout << "quiet: " << made << " profiles made of " << rounds << " random workloads\n";
}

TEST(Quiet, OfEnginesOwnProfiles) {
  std::string names = WHITTLE_SOURCE_DIR "/data/catalogue";
  if (const char* folders = std::getenv("WHITTLE_CORPUS")) names += std::string(":") + folders;
  std::ranges::replace(names, ':', ' ');
  size_t count = 0;
  for (const auto folder : Words(names)) {
    for (const auto& entry : std::filesystem::directory_iterator(std::string(folder))) {
      if (!std::string(entry.path().filename()).ends_with("-default.json")) continue;
      const auto text = ReadFile(entry.path());
      ASSERT_TRUE(text) << text.error().message;
      Options by_name;  // as a file it is dangerous
      by_name.containerds_own = entry.path().filename() == "containerd-default.json";
      ExpectNoError(*text, entry.path(), by_name);
      ++count;
    }
  }
  EXPECT_GE(count, 2u);  // docker's and podman's
  std::cout << "quiet: " << count << " defaults of engines\n";
}

}  // namespace
}  // namespace whittle::lint

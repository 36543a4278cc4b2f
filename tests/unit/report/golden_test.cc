// What users see, held against files under tests/golden/report/. After a wanted change:
// scripts/approve-goldens.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "advise/deciders.h"
#include "advise/diff.h"
#include "base/file.h"
#include "filter/compile.h"
#include "optimize/generate.h"
#include "report/diff.h"
#include "report/generated.h"
#include "report/html.h"
#include "report/json.h"
#include "report/summary.h"
#include "report/text.h"
#include "report/verified.h"

namespace whittle::report {
namespace {

const std::string kFolder = WHITTLE_SOURCE_DIR "/tests/golden/";

void ExpectGolden(const std::string& name, const std::string& text) {
  const std::string path = kFolder + "report/" + name;
  if (std::getenv("WHITTLE_APPROVE") != nullptr) {
    ASSERT_TRUE(WriteFile(path, text));
    return;
  }
  const auto wanted = ReadFile(path);
  ASSERT_TRUE(wanted) << wanted.error().message;
  EXPECT_EQ(*wanted, text) << "not as in " << path << "; if this is wanted: scripts/approve-goldens";
}

evidence::Evidence Load(const std::string& name) {
  auto evidence = evidence::ReadEvidenceFile(kFolder + "evidence/" + name + ".evidence.json");
  EXPECT_TRUE(evidence) << evidence.error().message;
  return std::move(*evidence);
}

// Of the goldens' own, so that a new measurement of a shipped baseline changes none of them.
optimize::Baseline FixedBaseline(const profile::Target& target) {
  static const auto rows = [] {
    const std::string path = kFolder + "baseline.csv";
    const auto text = ReadFile(path);
    EXPECT_TRUE(text) << path;
    return optimize::ParseBaselines(*text, path);
  }();
  EXPECT_TRUE(rows) << rows.error().message;
  return optimize::BaselineFor(target, *rows);
}

profile::Target DockerTarget() {
  profile::Target target;
  target.capabilities = profile::DefaultCapabilities();
  return target;
}

optimize::Generated MakeProfile(const std::string& name, optimize::Level level = optimize::Level::kStrict) {
  optimize::Options options;
  options.level = level;
  options.target = DockerTarget();
  options.baseline = FixedBaseline(options.target);
  auto generated = optimize::Generate(Load(name), options);
  EXPECT_TRUE(generated) << generated.error().message;
  return std::move(*generated);
}

Facts Collect(Input input) {
  input.target = DockerTarget();
  input.runtime.next = FixedBaseline(input.target);
  auto facts = CollectFacts(std::move(input));
  EXPECT_TRUE(facts) << facts.error().message;
  return std::move(*facts);
}

// Everything that a report can hold, and all of it well.
Facts FullFacts() {
  Input input;
  input.evidence = Load("web");
  input.profile = MakeProfile("web").document;
  input.profile_file = "/srv/profiles/web profile.json";
  input.after = Load("enforced");
  input.attacks = *ReadAttacks(*ReadFile(kFolder + "evidence/attacks.json"), "attacks.json");
  return Collect(std::move(input));
}

// Gaps, refusals, hostile names, unknown refusals.
Facts DoubtfulFacts() {
  Input input;
  input.evidence = *Merge(Load("web-gaps"), Load("refused"));
  input.profile = MakeProfile("mixed").document;
  input.profile_file = "mixed.json";
  input.after = Load("refused");
  input.attacks = {{"<b>bold</b>", "mount", "succeeded", ""}};
  return Collect(std::move(input));
}

Facts BareFacts() {
  Input input;
  input.evidence = Load("web");
  return Collect(std::move(input));
}

TEST(Golden, Profile) { ExpectGolden("web.profile.json", profile::Write(MakeProfile("web").document)); }
TEST(Golden, PortableProfile) {
  const auto generated = MakeProfile("web", optimize::Level::kPortable);
  ExpectGolden("web-portable.profile.json", profile::Write(generated.document));
  ExpectGolden("web-portable.generated.txt", GeneratedText(generated));
}
TEST(Golden, ProfileOfDoubtfulEvidence) {
  ExpectGolden("web-gaps.generated.txt", GeneratedText(MakeProfile("web-gaps")));
  ExpectGolden("mixed.profile.json", profile::Write(MakeProfile("mixed").document));
}

TEST(Golden, Summary) {
  ExpectGolden("web.summary.txt", SummaryText(Load("web")));
  ExpectGolden("refused.summary.txt", SummaryText(Load("refused")));
  ExpectGolden("empty.summary.txt", SummaryText(Load("empty")));
  ExpectGolden("web-gaps.summary.json", json::Write(SummaryJson(Load("web-gaps"))));
}

TEST(Golden, Verification) {
  const auto target = DockerTarget();
  const auto verification =
      optimize::Verify(MakeProfile("mixed").document, target, Load("web"), {FixedBaseline(target), {}});
  ASSERT_TRUE(verification);
  ExpectGolden("mixed-against-web.verify.txt", VerificationText(*verification, "mixed.json", &target));
  ExpectGolden("mixed-against-web.verify.json",
               json::Write(VerificationJson(*verification, "mixed.json", &target)));
  ExpectGolden("mixed-against-web.verify.md", VerificationMarkdown(*verification, "mixed.json", &target));
  ExpectGolden("mixed-against-web.verify.sarif",
               json::Write(VerificationSarif(*verification, "mixed.json", "0.0.0")));
}

TEST(Golden, Report) {
  ExpectGolden("full.report.txt", ReportText(FullFacts()));
  ExpectGolden("full.report.html", ReportHtml(FullFacts()));
  ExpectGolden("full.report.json", json::Write(ReportJson(FullFacts())));
}
TEST(Golden, ReportOfDoubts) {
  ExpectGolden("doubtful.report.txt", ReportText(DoubtfulFacts()));
  ExpectGolden("doubtful.report.html", ReportHtml(DoubtfulFacts()));
}
TEST(Golden, ReportWithoutProfile) { ExpectGolden("bare.report.txt", ReportText(BareFacts())); }

DiffReport Compared(const std::string& first, const std::string& second) {
  profile::Target target;
  target.loader = profile::Loader::kOci;
  target.loader_version = {2, 1, 0};
  target.runtime = profile::Runtime::kCrun;
  target.runtime_version = {1, 29, 1};
  const auto read = [&](const std::string& name) {
    const auto text = ReadFile(kFolder + "diff/" + name);
    EXPECT_TRUE(text) << name;
    auto document = profile::Read(*text, name);
    EXPECT_TRUE(document) << document.error().message;
    return std::move(*document);
  };
  const auto a = read(first);
  const auto b = read(second);
  const auto first_compiled = filter::Compile(a, target);
  const auto second_compiled = filter::Compile(b, target);
  auto diff = advise::BehaviourDiff({&first_compiled->program, 1}, {&second_compiled->program, 1});
  EXPECT_TRUE(diff) << diff.error().message;
  DiffReport report{std::move(*diff), {}, {}, advise::DifferentMembers(a, target, b, target)};
  report.first = {first, target.Text(), true, advise::DecidersOf(a, *first_compiled->meaning, report.diff)};
  report.second = {second, target.Text(), true,
                   advise::DecidersOf(b, *second_compiled->meaning, report.diff)};
  return report;
}

TEST(Golden, BehaviourDiff) {
  const auto report = Compared("before.json", "after.json");
  ExpectGolden("diff.txt", DiffText(report, Colour::kNever));
  ExpectGolden("diff.md", DiffMarkdown(report));
  ExpectGolden("diff.json", json::Write(DiffJson(report)));
  ExpectGolden("diff.sarif", json::Write(DiffSarif(report, "0.0.0")));
}

TEST(Golden, BehaviourDiffOfTheSame) {
  const auto report = Compared("before.json", "before.json");
  ExpectGolden("diff-same.txt", DiffText(report, Colour::kNever));
  ExpectGolden("diff-same.md", DiffMarkdown(report));
}

}  // namespace
}  // namespace whittle::report

// Hostile documents: many rules, many names, many conditions, many findings. That each of these answers at
// all, in the time that a test has, is what is asserted; how fast is measured elsewhere.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "asked.h"
#include "lint/lint.h"
#include "lint/rule.h"
#include "syscalls/table.h"

namespace whittle::lint {
namespace {

std::string Many(size_t count, const auto& rule) {
  std::string text = R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[)";
  for (size_t i = 0; i < count; ++i) text += (i == 0 ? "" : ",") + rule(i);
  return text + "]}";
}

bool Has(const std::vector<Finding>& findings, std::string_view rule) {
  return std::ranges::any_of(findings, [&](const Finding& finding) { return finding.rule == rule; });
}

TEST(Bounds, AMillionRulesAreRefused) {
  const auto text = Many(1'000'000, [](size_t) { return std::string("{}"); });
  const auto findings = Lint(text);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].rule, "json-syntax") << "too many values";
}

TEST(Bounds, OfEachRuleAHundredFindingsAreKeptAndTheOthersCounted) {
  const auto text = Many(
      50'000, [](size_t i) { return fmt::format(R"({{"names":["x{}"],"action":"SCMP_ACT_ALLOW"}})", i); });
  const auto findings = Lint(text);
  const auto is_it = [](const Finding& finding) { return finding.rule == "unknown-name"; };
  EXPECT_EQ(std::ranges::count_if(findings, is_it), 101);
  const auto last = std::ranges::find_if(findings, [](const Finding& finding) {
    return finding.message == "and 49900 more findings of this kind" && finding.rule == "unknown-name";
  });
  ASSERT_NE(last, findings.end());
  EXPECT_EQ(last->pointer, "/syscalls/99/names/0") << "beside the last one that is told";
  EXPECT_LT(findings.size(), 101 * Rules().size());
}

TEST(Bounds, OneNameInManyEntries) {
  const auto text = Many(60'000, [](size_t i) {
    return fmt::format(
        R"({{"names":["ioctl"],"action":"SCMP_ACT_ALLOW","args":[{{"index":1,"op":"SCMP_CMP_GT","value":{}}}]}})",
        i);
  });
  EXPECT_TRUE(Has(Lint(text), "filter-too-large"));
}

TEST(Bounds, ManyEntriesThatAskOtherRegistersBehindSocketcall) {
  for (const size_t count : {60, 4'000, 60'000}) {
    auto text = Many(count, [](size_t i) {
      return fmt::format(
          R"({{"names":["setsockopt"],"action":"SCMP_ACT_LOG","args":[{{"index":{},"op":"SCMP_CMP_EQ","value":{}}}]}})",
          i % 4 + 1, i + 100'000);
    });
    text.insert(1, R"("architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_X86"],)");
    EXPECT_TRUE(Has(Lint(text), "socketcall-bypass")) << count;
  }
}

// Two entries for all of the names, of which the first one covers the second, whatever else is in them.
std::string CoveredTwice(const std::string& names, const std::string& comment = "") {
  constexpr std::string_view kEntry =
      R"({{"names":[{}],"action":"SCMP_ACT_ALLOW","comment":"{}","args":[{{"index":1,"op":"SCMP_CMP_{}","value":{}}}]}})";
  return fmt::format(
      R"({{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_X86"],"syscalls":[{},{}]}})",
      fmt::format(kEntry, names, comment, "LE", 31), fmt::format(kEntry, names, comment, "EQ", 3));
}

std::string AllNamesTimes(size_t times) {
  std::string names;
  for (size_t i = 0; i < times; ++i) {
    for (const auto& call : AllSyscallNames())
      names += fmt::format("{}\"{}\"", names.empty() ? "" : ",", call);
  }
  return names;
}

TEST(Bounds, ManyNamesOfCoveredEntriesAreTried) {
  std::string same = "\"kill\"";
  for (int i = 0; i < 50'000; ++i) same += ",\"kill\"";
  const std::string comment(1'000'000, 'x');
  for (const auto& text : {CoveredTwice(same), CoveredTwice(same, comment), CoveredTwice(AllNamesTimes(1)),
                           CoveredTwice(AllNamesTimes(15), comment)})
    EXPECT_TRUE(Has(Lint(text), "duplicate-rule"));
}

TEST(Bounds, ManyNamesTimesManyConditions) {
  std::string names, conditions;
  for (int i = 0; i < 100'000; ++i) {
    names += fmt::format("{}\"close\",\"x{}\"", i == 0 ? "" : ",", i);
    conditions +=
        fmt::format(R"({}{{"index":{},"op":"SCMP_CMP_NE","value":{}}})", i == 0 ? "" : ",", i % 6, i);
  }
  const auto findings = Lint(fmt::format(
      R"({{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{{"names":[{}],"action":"SCMP_ACT_ALLOW","args":[{}]}}]}})",
      names, conditions));
  EXPECT_TRUE(Has(findings, "no-such-argument"));
}

TEST(Bounds, ManyConditionsOnNegativeIntsOfManyNames) {
  std::string names, conditions;
  for (int i = 0; i < 50'000; ++i) {
    names += fmt::format("{}\"kill\",\"x{}\"", i == 0 ? "" : ",", i);
    conditions += fmt::format(R"({}{{"index":0,"op":"SCMP_CMP_EQ","value":{}}})", i == 0 ? "" : ",",
                              UINT64_MAX - static_cast<uint64_t>(i));
  }
  EXPECT_TRUE(Has(
      Lint(fmt::format(
          R"({{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{{"names":[{}],"action":"SCMP_ACT_ALLOW","args":[{}]}}]}})",
          names, conditions)),
      "negative-int"));
}

TEST(Bounds, ManyEntriesOfCallsThatStandForOthers) {
  constexpr std::string_view kArm = R"("architectures":["SCMP_ARCH_AARCH64"],"syscalls")";
  auto text = Many(10'000, [](size_t i) {
    return fmt::format(R"({{"names":["open","x{}","chmod"],"action":"SCMP_ACT_ALLOW"}})", i);
  });
  text.replace(text.find("\"syscalls\""), 10, kArm);
  EXPECT_TRUE(Has(Lint(text), "missing-sibling"));
  EXPECT_TRUE(Has(
      Lint(Many(
          10'000,
          [](size_t i) {
            return fmt::format(
                R"({{"names":["openat","x{}"],"action":"SCMP_ACT_ALLOW","args":[{{"index":2,"op":"SCMP_CMP_EQ","value":{}}}]}},{{"names":["openat2"],"action":"SCMP_ACT_ALLOW"}})",
                i, i);
          })),
      "open-detour"));
}

TEST(Bounds, ManyPodsManyDocumentsAndProfilesInside) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "---\nkind: Pod\nspec: {containers: [{name: a}]}\n";
  const auto findings = Lint(text);
  EXPECT_TRUE(Has(findings, "seccomp-not-set"));
  EXPECT_EQ(findings.size(), 101u);
  std::string map = "apiVersion: v1\nkind: ConfigMap\ndata:\n";
  for (int i = 0; i < 300; ++i)
    map += fmt::format("  p{}: '{{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": []}}'\n", i);
  EXPECT_TRUE(Has(Lint(map), "default-allows"));
}

TEST(Bounds, ManyAnnotationsAboveManyPods) {
  std::string annotations, pods;
  for (int i = 0; i < 20'000; ++i) {
    annotations += fmt::format("\"container.seccomp.security.alpha.kubernetes.io/{}\":\"x\",", i);
    pods += fmt::format("\"p{}\":{{\"spec\":{{\"containers\":[{{\"name\":\"a\"}}]}}}},", i);
  }
  annotations.pop_back();
  const auto findings = Lint(
      fmt::format(R"({{{}"kind":"Web","metadata":{{"name":"n","annotations":{{{}}}}}}})", pods, annotations));
  EXPECT_TRUE(Has(findings, "seccomp-annotation"));
  EXPECT_TRUE(Has(findings, "seccomp-not-set"));
}

TEST(Bounds, ManyAnnotationsTimesManyContainers) {
  std::string annotations, containers;
  for (int i = 0; i < 30'000; ++i) {
    annotations += fmt::format(R"("container.seccomp.security.alpha.kubernetes.io/c{}":"unconfined",)", i);
    containers += fmt::format(R"({{"name":"c{}"}},)", 30'000 - i);
  }
  annotations.pop_back();
  containers.pop_back();
  const auto text = fmt::format(
      R"({{"apiVersion":"v1","kind":"Pod","metadata":{{"annotations":{{{}}}}},"spec":{{"containers":[{}]}}}})",
      annotations, containers);
  EXPECT_TRUE(Has(Lint(text), "seccomp-annotation"));
  for (const auto words : {"--kubernetes-version 1.26", "--kubernetes-version 1.18 --pod-security baseline"})
    EXPECT_TRUE(Has(Lint(text, Asked(words)), "seccomp-annotation")) << words;
  EXPECT_TRUE(Has(Lint(text, Asked("--kubernetes-version 1.18 --pod-security baseline")), "pod-security"));
}

TEST(Bounds, OfManyProfilesInsideAHundredFindingsOfARuleAreKept) {
  std::string map = "apiVersion: v1\nkind: ConfigMap\ndata:\n";
  for (int i = 0; i < 300; ++i)
    map += fmt::format("  p{}: '{{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": []}}'\n", i);
  const auto findings = Lint(map);
  std::vector<std::string> messages;
  for (const auto& finding : findings) {
    if (finding.rule == "default-allows") messages.push_back(finding.message);
  }
  ASSERT_EQ(messages.size(), 101u);
  EXPECT_EQ(std::ranges::count(messages, "and 200 more findings of this kind"), 1);
}

std::string MapOf(size_t count, const auto& profile) {
  std::string map = "apiVersion: v1\nkind: ConfigMap\ndata:\n";
  for (size_t i = 0; i < count; ++i) map += fmt::format("  p{}: '{}'\n", i, profile(i));
  return map;
}

TEST(Bounds, ProfilesInsideShareWhatMayBeTried) {
  const auto text = CoveredTwice(AllNamesTimes(1));
  const auto findings = Lint(MapOf(300, [&](size_t) { return text; }));
  EXPECT_TRUE(Has(findings, "duplicate-rule")) << "of the first ones";
}

TEST(Bounds, OfTooManyProfilesInsideItIsToldThatThereAreMore) {
  const auto profile = [](size_t) { return R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": []})"; };
  const auto enough = LintAndPlaces(MapOf(kMostInside, profile)).inside;
  EXPECT_EQ(enough.looked_at, kMostInside);
  EXPECT_FALSE(enough.more);
  const auto many = LintAndPlaces(MapOf(20'000, profile)).inside;
  EXPECT_EQ(many.looked_at, kMostInside);
  EXPECT_TRUE(many.more);
}

TEST(Bounds, OfDocumentsOnlyThoseThatAreProfilesCount) {
  std::string text;
  for (size_t i = 0; i < kMostInside + 7; ++i) {
    text += fmt::format("---\napiVersion: x/v1\nkind: SeccompProfile\nspec: {}\n",
                        i % 2 == 0 ? "{defaultAction: SCMP_ACT_ERRNO}" : "{baseProfileName: web}");
  }
  EXPECT_FALSE(LintAndPlaces(text).inside.more) << "what is no profile does not count";
  EXPECT_TRUE(LintAndPlaces(text + text + text).inside.more);
}

TEST(Bounds, OfTooLargeProfilesInsideTheFirstOnesAreLookedAt) {
  const std::string comment(kMostTextInside / 3, 'x');
  const auto profile = [&](size_t i) {
    return fmt::format(R"({{"defaultAction": "SCMP_ACT_ALLOW", "comment": "{}"}})", i == 4 ? "" : comment);
  };
  const auto inside = LintAndPlaces(MapOf(5, profile)).inside;
  EXPECT_EQ(inside.looked_at, 2u) << "not the last one, which is short, either";
  EXPECT_TRUE(inside.more);
}

TEST(Bounds, ManyFinalizersTimesManyNodesAndPods) {
  Options options;
  auto& known = options.cluster.known;
  std::string pods = "apiVersion: v1\nkind: List\nitems:\n", objects = pods, nodes;
  for (int i = 0; i < 5'000; ++i) {
    nodes += fmt::format("a-node-with-a-name-that-is-longer-than-the-sixty-three-of-a-finalizer-{}\n", i);
    pods += fmt::format(
        "- {{kind: Pod, metadata: {{name: p{0}}}, status: {{phase: Running}}, spec: {{containers: [{{name: "
        "a, "
        "securityContext: {{seccompProfile: {{type: Localhost, localhostProfile: p{0}.json}}}}}}]}}}}\n",
        i);
    objects += fmt::format(
        "- {{apiVersion: security-profiles-operator.x-k8s.io/v1, kind: SeccompProfile, metadata: {{name: "
        "o{0}, "
        "deletionTimestamp: x, finalizers: [in-use-by-active-pods, gone-{0}-deleted]}}, status: "
        "{{localhostProfile: p{0}.json}}}}\n",
        i);
  }
  ASSERT_TRUE(manifest::AddNodes(nodes, "nodes", known));
  ASSERT_TRUE(manifest::AddPods(pods, "pods", known));
  const auto findings = Lint(objects, options);
  const auto is_it = [](const Finding& finding) { return finding.rule == "stale-finalizer"; };
  EXPECT_EQ(std::ranges::count_if(findings, is_it), 101);
}

TEST(Bounds, AManifestOfNothingButLevels) {
  EXPECT_TRUE(Has(Lint("kind: Pod\nspec: " + std::string(100'000, '[')), "yaml-syntax"));
  EXPECT_FALSE(Lint("{\"kind\": " + std::string(100'000, '[')).empty());
}

}  // namespace
}  // namespace whittle::lint

// Writing what was read changes nothing but white space.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "profile/catalogue.h"
#include "random_document.h"

namespace whittle::filter::testing {
namespace {

using json::Kind;
using json::Value;
using profile::Reading;

// Text in the form that Write() has, so that only what it says counts.
std::string Canonical(std::string_view text) {
  const auto value = json::Parse(text, "text");
  return value ? json::Write(*value) : value.error().message;
}

std::string RoundTrip(std::string_view text, Reading reading = Reading::kStrict) {
  const auto document = profile::Read(text, "p.json", reading);
  return document ? profile::Write(*document) : document.error().message;
}

// Says the same in another spelling: other order, members that are empty, null or for people, the old name of
// an action.
class Respelling {
 public:
  explicit Respelling(Generator& random) : random_(random) {}

  Value Document(Value document) {
    for (auto& member : document.members) {
      if (member.name != "syscalls") continue;
      for (auto& rule : member.value.items) rule = Rule(std::move(rule));
    }
    return Object(std::move(document), {"architectures", "archMap", "flags"},
                  {"listenerPath", "listenerMetadata"});
  }

 private:
  Value Rule(Value rule) {
    for (auto& member : rule.members) {
      if (member.name != "args") continue;
      for (auto& condition : member.value.items) condition = Object(std::move(condition), {}, {});
    }
    if (random_.Below(4) == 0) rule.Set("includes", Selector());
    if (random_.Below(4) == 0) rule.Set("excludes", Selector());
    return Object(std::move(rule), {"args"}, {"comment", "errno", "name"});
  }

  Value Selector() {
    Value selector = json::Object();
    if (random_.Below(2) == 0) selector.Set("caps", json::Array({"CAP_BPF", "CAP_SYS_ADMIN"}));
    if (random_.Below(2) == 0) selector.Set("minKernel", "4.8");
    return Object(std::move(selector), {"caps", "arches"}, {"minKernel"});
  }

  Value Object(Value object, const std::vector<std::string>& lists, const std::vector<std::string>& texts) {
    const auto add = [&](const std::string& name, Value empty) {
      if (object.Find(name) != nullptr || random_.Below(3) != 0) return;
      object.Set(name, random_.Below(2) == 0 ? Value() : std::move(empty));
    };
    for (const auto& name : lists) add(name, json::Array());
    for (const auto& name : texts) add(name, "");
    if (random_.Below(3) == 0) object.Set("//", "why this is so");
    if (random_.Below(8) == 0)
      object.Set("_reviewed", json::Object({{"by", "somebody"}, {"at", 7}, {"x", Value()}}));
    for (auto& member : object.members) {
      const bool kill = member.value.is(Kind::kString) && member.value.text == "SCMP_ACT_KILL_THREAD";
      if (kill && random_.Below(2) == 0) member.value.text = "SCMP_ACT_KILL";
    }
    for (size_t i = object.members.size(); i > 1; --i)
      std::swap(object.members[i - 1], object.members[random_.Below(i)]);
    return object;
  }

  Generator& random_;
};

TEST(RoundTrip, RandomDocumentsInEverySpellingComeBackAsTheyWere) {
  Generator random(20);
  Respelling respelling(random);
  for (int i = 0; i < 3000; ++i) {
    const auto made = random.Document(Language::kWhole);
    const std::string plain = profile::Write(made);
    EXPECT_EQ(RoundTrip(plain), plain);
    const Value respelled = respelling.Document(*json::Parse(plain, "plain"));
    const std::string text = json::Write(respelled, json::Style::kCompact);
    ASSERT_EQ(RoundTrip(text), json::Write(respelled)) << text;
    const auto read = profile::Read(text, "p.json");
    const auto again = profile::Read(profile::Write(*read), "p.json");
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_EQ(again->rules.size(), made.rules.size());
    for (size_t rule = 0; rule < made.rules.size(); ++rule) {
      EXPECT_EQ(again->rules[rule].names, made.rules[rule].names);
      EXPECT_EQ(again->rules[rule].conditions, made.rules[rule].conditions);
      EXPECT_EQ(again->rules[rule].action, made.rules[rule].action);
      EXPECT_EQ(again->rules[rule].includes, read->rules[rule].includes);
    }
  }
}

TEST(RoundTrip, TheCatalogueComesBackAsItIs) {
  for (const auto& entry : profile::Catalogue()) {
    const auto text = profile::CatalogueText(entry.name);
    EXPECT_EQ(RoundTrip(*text), Canonical(*text)) << entry.name;
  }
}

TEST(RoundTrip, EveryMemberOfTheLanguageStays) {
  const std::string text = R"({
    "$schema": "https://example.org/seccomp.json", "syscalls": [
      {"comment": "why", "names": ["read", ""], "action": "SCMP_ACT_KILL", "args": []},
      {"name": "chmod", "action": "SCMP_ACT_KILL_THREAD", "args": null, "errno": "", "names": null},
      {"names": [], "action": "SCMP_ACT_ERRNO", "errnoRet": 0, "errno": "ENOSYS", "comment": ""},
      {"action": "SCMP_ACT_NOTIFY", "names": ["mkdir"], "includes": {}, "excludes": {"caps": [], "arches": null},
       "args": [{"op": "SCMP_CMP_EQ", "value": 0}, {"op": "SCMP_CMP_MASKED_EQ", "valueTwo": 0, "index": 5,
                 "value": 18446744073709551615, "comment": "all bits"}]}],
    "archMap": [{"subArchitectures": null, "architecture": "SCMP_ARCH_ARM"}, {"architecture": "SCMP_ARCH_X86_64"}],
    "flags": [], "defaultErrno": "", "listenerPath": "/run/a.sock", "listenerMetadata": "tab\tand \u0000",
    "defaultAction": "SCMP_ACT_KILL", "defaultErrnoRet": null, "architectures": null})";
  EXPECT_EQ(RoundTrip(text), Canonical(text));
}

TEST(RoundTrip, WhatOnlyALenientReaderTakesStaysAsWell) {
  for (const char* text : {R"({})", R"({"defaultAction": null})", R"({"flags": [], "defaultAction": ""})",
                           R"({"kind": "SeccompProfile", "spec": {"a": [1.5]}})",
                           R"({"syscals": [], "syscalls": null, "defaultAction": "SCMP_ACT_LOG"})"}) {
    EXPECT_EQ(RoundTrip(text, Reading::kAsRuntimes), Canonical(text));
  }
  EXPECT_EQ(
      RoundTrip(R"({"DefaultAction": "SCMP_ACT_LOG", "flags": ["a"], "Flags": []})", Reading::kAsRuntimes),
      Canonical(R"({"defaultAction": "SCMP_ACT_LOG", "flags": []})"));
}

TEST(RoundTrip, WhatIsChangedIsWrittenAndWhatIsAddedComesLast) {
  auto document = profile::Read(
      R"({"syscalls": [{"action": "SCMP_ACT_KILL", "names": ["read"], "args": null}], "defaultAction": "SCMP_ACT_LOG"})",
      "p.json");
  ASSERT_TRUE(document);
  document->rules[0].action = profile::Action::kAllow;
  document->rules[0].conditions.push_back({0, profile::Operator::kEqual, 1, 0});
  document->flags = {"SECCOMP_FILTER_FLAG_LOG"};
  EXPECT_EQ(profile::Write(*document),
            Canonical(R"({"syscalls": [{"action": "SCMP_ACT_ALLOW", "names": ["read"],
    "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]}], "defaultAction": "SCMP_ACT_LOG",
    "flags": ["SECCOMP_FILTER_FLAG_LOG"]})"));
}

}  // namespace
}  // namespace whittle::filter::testing

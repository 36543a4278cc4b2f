#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "report/explained.h"
#include "report/table.h"

namespace whittle::report {
namespace {

using advise::CallFacts;
using advise::OtherWay;
using optimize::Need;

constexpr size_t kLabel = 14;
constexpr size_t kFewValues = 6;

std::string Entry(std::string_view label, const std::string& text) {
  return WrapText(text, std::string(kLabel, ' '), fmt::format("{:<{}}", label, kLabel));
}

std::string_view KindText(ArgumentKind kind) {
  switch (kind) {
    case ArgumentKind::kPointer:
      return "a pointer: a filter sees the address, not what lies there";
    case ArgumentKind::kInt:
      return "an int: the kernel uses the low half of the register";
    case ArgumentKind::kUnsignedInt:
      return "an unsigned int: the kernel uses the low half of the register";
    case ArgumentKind::kSignedWord:
      return "a signed word";
    case ArgumentKind::kWord:
      return "a word";
    case ArgumentKind::kUnknown:
      break;
  }
  return "of a type that is not in the table";
}

std::string_view KindName(ArgumentKind kind) {
  constexpr std::string_view kNames[] = {"unknown", "pointer", "int", "unsigned-int", "signed-word", "word"};
  return kNames[static_cast<size_t>(kind)];
}

std::string ArgumentText(const advise::ArgumentFacts& argument) {
  std::string text(KindText(argument.kind));
  if (!argument.named || argument.named->values.empty()) return text;
  const auto& values = argument.named->values;
  text += argument.named->flags ? "; flags like " : "; values like ";
  for (size_t i = 0; i < values.size() && i < kFewValues; ++i)
    text += fmt::format("{}{}", i == 0 ? "" : ", ", values[i].name);
  return text + fmt::format(" ({} are named)", values.size());
}

std::string NumbersText(const CallFacts& facts) {
  std::string text;
  for (const auto& [abi, number] : facts.numbers)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", AbiName(abi), number);
  if (facts.absent.empty()) return text;
  text += "; none on";
  for (const Abi abi : facts.absent) text += fmt::format(" {}", AbiName(abi));
  return text;
}

std::string ArgumentsText(const CallFacts& facts, const profile::Target& target) {
  if (std::ranges::find(facts.absent, target.arch) != facts.absent.end())
    return Entry("arguments", fmt::format("{} does not have the call", AbiName(target.arch)));
  std::string text =
      Entry("arguments", fmt::format("{} on {}", facts.arguments.size(), AbiName(target.arch)));
  for (size_t i = 0; i < facts.arguments.size(); ++i)
    text += Entry("", fmt::format("{}: {}", i, ArgumentText(facts.arguments[i])));
  return text;
}

std::string_view NeedText(const advise::RuntimeUse& use) {
  if (use.phase == "exec") return "makes it for docker exec and health checks";
  if (use.need == Need::kNeeded) return "starts no container without it";
  return use.need == Need::kTolerated ? "makes it, and starts without it" : "makes it at a start";
}

// "open or openat" of "open openat".
std::string Alternatives(std::string_view calls) {
  std::string text;
  for (const auto call : Split(calls, ' ')) text += fmt::format("{}{}", text.empty() ? "" : " or ", call);
  return text;
}

// "32" of tables: "32-bit ABIs".
std::string AbisText(std::string_view abis) {
  return abis == "32" || abis == "64" ? fmt::format("{}-bit ABIs", abis) : std::string(abis);
}

// "any program, though a recording can miss it: a thread ends with it".
std::string EssentialText(const optimize::Essential& row) {
  const bool any = row.seen == optimize::kAnyProgram;
  const std::string who = any ? "any program" : fmt::format("who calls {}", row.seen);
  const std::string where = row.abis == "all" ? "" : fmt::format(" ({})", AbisText(row.abis));
  return fmt::format("{}{}, though a recording can miss it: {}; generate allows it", who, where, row.because);
}

std::string NeedersText(const CallFacts& facts) {
  std::string text;
  for (const auto& use : facts.runtimes) text += Entry("", fmt::format("{} {}", use.runtime, NeedText(use)));
  for (const auto& need : facts.start_needs) {
    text += Entry("", fmt::format("a start {}: it {} ({})",
                                  need.programs == "every" ? "of any program" : "that loads libraries",
                                  need.step, Alternatives(need.calls)));
  }
  for (const auto reason : facts.any_program) text += Entry("", fmt::format("any program: {}", reason));
  for (const auto& row : facts.essentials) text += Entry("", EssentialText(row));
  for (const auto& way : facts.fallback_of)
    text += Entry("", fmt::format("who is answered ENOSYS to {}: {}", way.call, way.reason));
  return text.empty() ? Entry("", "nothing in the tables; recordings tell of a workload") : text;
}

std::string OtherWaysText(const CallFacts& facts) {
  std::string text;
  if (facts.fallback) {
    text += Entry("", fmt::format("on ENOSYS (not EPERM) {}: {}",
                                  facts.fallback->also == "none needed"
                                      ? std::string("programs do without it")
                                      : fmt::format("programs take {}", facts.fallback->also),
                                  facts.fallback->reason));
  }
  const auto add = [&](const std::vector<OtherWay>& ways, std::string_view what) {
    for (const auto& way : ways) {
      text += Entry("", way.reason.empty() ? fmt::format("{}: {}", way.call, what)
                                           : fmt::format("{}: {} ({})", way.call, way.reason, what));
    }
  };
  add(facts.equivalents, "libraries take one for the other");
  add(facts.detours, "reaches the same end");
  return text.empty() ? Entry("", "none in the tables") : text;
}

std::string PowerText(const CallFacts& facts) {
  std::string text = facts.risk ? fmt::format("{} of 3: {}", facts.risk->level, facts.risk->reason)
                                : std::string("0 of 3: nothing is noted of it");
  if (!facts.capability.empty())
    text += fmt::format("; wants {}, for some arguments at least", facts.capability);
  return text;
}

std::string FlawsText(const CallFacts& facts, const profile::Target& target) {
  if (facts.flaws.empty()) return Entry("flaws", "none in the table (data/cves.csv)");
  std::string text = Entry(
      "flaws",
      fmt::format("{} for which the call is part of a published way (published: the source names the call; "
                  "derived: it was concluded from the description); could an argument rule close it?",
                  facts.flaws.size()));
  for (const auto& pair : facts.flaws) {
    text += Entry("", fmt::format("{} ({}, {}): {}", pair.cve, pair.published ? "published" : "derived",
                                  pair.source, advise::ArgumentRuleText(target.arch, pair)));
  }
  return text;
}

std::string CatalogueText(const CallFacts& facts, const profile::Target& target) {
  if (facts.catalogue.empty()) return "";
  std::string text = Entry("catalogue", "on " + target.Text());
  for (const auto& row : facts.catalogue) {
    const auto& answer = row.answer;
    std::string said = row.filtered ? answer.verdict : std::string("no filter there");
    if (row.filtered && !answer.by.empty()) said += fmt::format(": {}", Printable(answer.by));
    text += Entry("", fmt::format("{}: {}", row.profile, said));
  }
  return text;
}

json::Value WaysJson(const std::vector<OtherWay>& ways) {
  json::Value list = json::Array();
  for (const auto& way : ways)
    list.items.push_back(json::Object({{"call", way.call}, {"reason", way.reason}}));
  return list;
}

json::Value ArgumentsJson(const CallFacts& facts) {
  json::Value list = json::Array();
  for (const auto& argument : facts.arguments) {
    json::Value values = json::Object();
    if (argument.named) {
      for (const auto& value : argument.named->values) values.Set(std::string(value.name), value.value);
    }
    list.items.push_back(json::Object({{"kind", KindName(argument.kind)},
                                       {"flags", argument.named && argument.named->flags},
                                       {"values", std::move(values)}}));
  }
  return list;
}

std::string_view NeedName(const advise::RuntimeUse& use) {
  return use.need == Need::kNeeded ? "needed" : use.need == Need::kTolerated ? "tolerated" : "unknown";
}

json::Value NeedersJson(const CallFacts& facts) {
  json::Value runtimes = json::Array();
  for (const auto& use : facts.runtimes) {
    runtimes.items.push_back(
        json::Object({{"runtime", use.runtime}, {"phase", use.phase}, {"need", NeedName(use)}}));
  }
  json::Value starts = json::Array();
  for (const auto& need : facts.start_needs) {
    starts.items.push_back(
        json::Object({{"programs", need.programs}, {"calls", need.calls}, {"step", need.step}}));
  }
  json::Value essentials = json::Array();
  for (const auto& row : facts.essentials) {
    essentials.items.push_back(
        json::Object({{"seen", row.seen}, {"abis", row.abis}, {"because", row.because}}));
  }
  json::Value any = json::Array();
  for (const auto reason : facts.any_program) any.items.push_back(std::string(reason));
  return json::Object({{"runtimes", std::move(runtimes)},
                       {"any_program", std::move(any)},
                       {"unseen", std::move(essentials)},
                       {"starts", std::move(starts)},
                       {"fallback_of", WaysJson(facts.fallback_of)}});
}

json::Value FlawsJson(const CallFacts& facts, const profile::Target& target) {
  json::Value list = json::Array();
  for (const auto& pair : facts.flaws) {
    list.items.push_back(json::Object({{"cve", pair.cve},
                                       {"certainty", pair.published ? "published" : "derived"},
                                       {"source", pair.source},
                                       {"argument_rule", advise::ArgumentRuleText(target.arch, pair)}}));
  }
  return list;
}

json::Value CatalogueJson(const CallFacts& facts) {
  json::Value list = json::Array();
  for (const auto& row : facts.catalogue) {
    list.items.push_back(json::Object({{"profile", row.profile},
                                       {"filtered", row.filtered},
                                       {"verdict", row.answer.verdict},
                                       {"by", Printable(row.answer.by)}}));
  }
  return list;
}

}  // namespace

std::string CallText(const CallFacts& facts, const profile::Target& target) {
  std::string text = fmt::format(
      "{}: {} ({})\n", facts.name,
      facts.meaning ? *facts.meaning : std::string_view("no words for it in the table"), facts.group);
  text += Entry("numbers", NumbersText(facts));
  text += ArgumentsText(facts, target);
  text += "needed by\n" + NeedersText(facts);
  text += "other ways\n" + OtherWaysText(facts);
  text += Entry("risk", PowerText(facts));
  text += FlawsText(facts, target);
  return text + CatalogueText(facts, target);
}

json::Value CallJson(const CallFacts& facts, const profile::Target& target) {
  json::Value numbers = json::Object();
  for (const auto& [abi, number] : facts.numbers) numbers.Set(std::string(AbiName(abi)), number);
  json::Value value = json::Object({{"call", facts.name},
                                    {"meaning", facts.meaning.value_or("")},
                                    {"group", facts.group},
                                    {"target", target.Text()},
                                    {"numbers", std::move(numbers)},
                                    {"arguments", ArgumentsJson(facts)},
                                    {"needed_by", NeedersJson(facts)},
                                    {"equivalents", WaysJson(facts.equivalents)},
                                    {"detours", WaysJson(facts.detours)},
                                    {"risk", facts.risk ? facts.risk->level : 0},
                                    {"risk_reason", facts.risk ? facts.risk->reason : ""},
                                    {"capability", facts.capability},
                                    {"flaws", FlawsJson(facts, target)},
                                    {"catalogue", CatalogueJson(facts)}});
  if (facts.fallback) {
    value.Set("fallback", json::Object({{"also", facts.fallback->also}, {"reason", facts.fallback->reason}}));
  }
  return value;
}

}  // namespace whittle::report

#include "report/story.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "base/time.h"
#include "evidence/source.h"
#include "evidence/under_filter.h"
#include "report/completeness_text.h"
#include "report/summary.h"
#include "syscalls/facts.h"
#include "syscalls/table.h"

namespace whittle::report {
namespace {

constexpr size_t kRiskyShown = 12;

Block Paragraph(std::string text, Tone tone = Tone::kPlain) {
  Block block;
  block.tone = tone;
  block.text = std::move(text);
  return block;
}

Block List(std::string title, std::vector<std::string> lines, bool folded = false) {
  Block block;
  block.kind = Block::Kind::kList;
  block.text = std::move(title);
  block.lines = std::move(lines);
  block.folded = folded;
  return block;
}

Block Code(std::string title, std::vector<std::string> lines) {
  Block block = List(std::move(title), std::move(lines));
  block.kind = Block::Kind::kCode;
  return block;
}

Block Table(std::vector<std::string> header, std::vector<std::vector<Cell>> rows) {
  Block block;
  block.kind = Block::Kind::kTable;
  block.header = std::move(header);
  block.rows = std::move(rows);
  return block;
}

std::vector<std::string> Names(const Facts& facts, const CallSet& calls) {
  std::vector<std::string> names;
  for (const auto& call : calls) names.push_back(CallName(facts, call));
  std::ranges::sort(names);
  return names;
}

std::string NamesText(const Facts& facts, const CallSet& calls) {
  std::string text;
  for (const auto& name : Names(facts, calls)) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// --- How sure is it that nothing is missing?

void TellVerification(const Facts& facts, Section& section) {
  if (!facts.profile) return;
  const auto& verification = facts.profile->verification;
  if (!facts.profile->filtered) {
    section.blocks.push_back(
        Paragraph("The target installs no filter from this profile: " + facts.profile->why, Tone::kBad));
    return;
  }
  if (verification.refused.empty() && verification.depends.empty()) {
    section.blocks.push_back(Paragraph(
        fmt::format("All {} of the recording were run through this profile's filter as the target makes it "
                    "({}): none is refused.",
                    Counted(verification.observations, "observation"), facts.target.Text()),
        Tone::kGood));
  } else {
    section.blocks.push_back(Paragraph(fmt::format("Of {} in the recording this profile would refuse {}, and "
                                                   "{} depend on arguments that were not recorded: "
                                                   "whittle verify lists them.",
                                                   Counted(verification.observations, "observation"),
                                                   verification.refused.size(), verification.depends.size()),
                                       Tone::kBad));
  }
  if (verification.baseline.rows.empty() || !verification.baseline.doubt.empty()) {
    section.blocks.push_back(
        Paragraph("The calls of the runtime itself: " + verification.baseline.doubt + ".", Tone::kBad));
  } else if (!verification.baseline_refused.empty()) {
    section.blocks.push_back(Paragraph(
        fmt::format("{} itself would be refused {}: no container would start.",
                    verification.baseline.measured, Counted(verification.baseline_refused.size(), "call")),
        Tone::kBad));
  }
}

void TellCoverage(const Facts& facts, Section& section) {
  if (!facts.completeness.known()) {
    section.blocks.push_back(Paragraph(
        "How complete the recording is, is unknown: fewer than two epochs show its load. Record longer.",
        Tone::kBad));
    return;
  }
  const auto& estimate = facts.completeness.best();
  const evidence::Estimate news{1 - estimate.coverage.value, 1 - estimate.coverage.high,
                                1 - estimate.coverage.low};
  const auto unit = UnitName(estimate.kind);
  section.blocks.push_back(
      Paragraph(fmt::format("The chance that one more {} of this load shows a call that was not seen "
                            "before is estimated at {}; {}. The estimates rest on {}{} ({}) and speak about "
                            "more of the same load; they are no certainty.",
                            unit, PercentText(news), UnseenText(estimate), Counted(estimate.units, unit),
                            estimate.few_units ? ", too few to rely on," : "", facts.completeness.why),
                estimate.few_units ? Tone::kBad : Tone::kPlain));
  if (!facts.once.empty()) {
    section.blocks.push_back(
        List(fmt::format("{} {} seen in one epoch of the load only: a shorter recording might have "
                         "missed {}.",
                         Counted(facts.once.size(), "call"), facts.once.size() == 1 ? "was" : "were",
                         facts.once.size() == 1 ? "it" : "them"),
             Names(facts, facts.once), true));
  }
  if (!facts.ends_only.empty()) {
    section.blocks.push_back(List(
        fmt::format(
            "{} made only while it started or ended, in {}. The estimates say nothing about these: another "
            "start may differ.",
            facts.ends_only.size() == 1 ? "1 call was" : fmt::format("{} calls were", facts.ends_only.size()),
            Counted(estimate.starts, "recorded start")),
        Names(facts, facts.ends_only), true));
  }
}

// How others saw what they saw.
void TellSources(const Facts& facts, Section& section) {
  std::set<std::string_view> notes;
  for (const auto& [id, recording] : facts.evidence.recordings)
    notes.insert(evidence::SourceNote(recording.source));
  for (const auto note : notes) {
    if (!note.empty()) section.blocks.push_back(Paragraph(fmt::format("Evidence {}.", note), Tone::kBad));
  }
}

void TellGaps(const Facts& facts, Section& section) {
  if (facts.evidence.complete()) {
    section.blocks.push_back(Paragraph("No gap is known: the recorder reports no loss.", Tone::kGood));
  } else {
    std::vector<std::string> lines;
    for (const auto& gap : facts.evidence.gaps) {
      lines.push_back(fmt::format("{}: {}{}", gap.kind, gap.detail,
                                  gap.count > 0 ? fmt::format(" ({})", gap.count) : ""));
    }
    section.blocks.push_back(
        Paragraph("The recording has gaps: calls may be missing for these reasons.", Tone::kBad));
    section.blocks.push_back(List("", std::move(lines)));
  }
  using evidence::HiddenByFilter;
  const auto hidden = FindHiddenByFilter(facts.evidence);
  if (hidden == HiddenByFilter::kRefusals) {
    section.blocks.push_back(
        Paragraph("A filter was in force while this was recorded: what it refused, and what would have "
                  "followed, is not in the recording.",
                  Tone::kBad));
  } else if (hidden == HiddenByFilter::kWhatFollowed) {
    section.blocks.push_back(Paragraph(
        "Calls were refused while this was recorded: what would have followed is not in the recording.",
        Tone::kBad));
  }
}

void TellPhases(const Facts& facts, Section& section) {
  if (facts.not_exercised.empty()) {
    section.blocks.push_back(
        Paragraph("Every phase of its life that whittle asks for was exercised.", Tone::kGood));
    return;
  }
  std::vector<std::string> lines;
  for (const auto& [phase, how] : facts.not_exercised)
    lines.push_back(fmt::format("{} ({}): {}", phase.name, phase.what, how));
  section.blocks.push_back(
      List("Not known to have been exercised; what only these need is missing. To exercise them:",
           std::move(lines)));
}

Section TellCertainty(const Facts& facts) {
  Section section{"How sure is it that nothing is missing?", {}};
  TellVerification(facts, section);
  TellSources(facts, section);
  TellGaps(facts, section);
  TellCoverage(facts, section);
  TellPhases(facts, section);
  return section;
}

// --- What it closes

Section TellClosed(const Facts& facts) {
  Section section{"What this profile closes", {}};
  section.blocks.push_back(
      Paragraph(fmt::format("{} that Docker's default leaves open {} refused by this profile.",
                            Counted(facts.closed.size(), "call"), facts.closed.size() == 1 ? "is" : "are")));
  std::vector<std::vector<Cell>> rows;
  for (const auto& call : facts.closed) {
    if (call.level < 2 || rows.size() == kRiskyShown) break;
    rows.push_back({{call.name, Tone::kCode}, {call.reason, Tone::kPlain}});
  }
  if (!rows.empty()) {
    section.blocks.push_back(Paragraph("Those with the highest risk in our table (data/risk.csv):"));
    section.blocks.push_back(Table({"Call", "Why it matters"}, std::move(rows)));
  }
  const size_t pairs = facts.flaws.published_pairs + facts.flaws.derived_pairs;
  if (pairs > 0) {
    section.blocks.push_back(Paragraph(fmt::format(
        "In our table of published kernel flaws (data/cves.csv) that closes {} of a flaw and a call that is "
        "part of "
        "its way, for {} different CVEs: {} as the source names them, {} concluded from descriptions. Most "
        "are long "
        "fixed in current kernels; the count says how much of the kind is out of reach.",
        Counted(pairs, "pair"), facts.flaws.cves, facts.flaws.published_pairs, facts.flaws.derived_pairs)));
  }
  if (facts.closed.empty()) return section;
  std::vector<std::string> names;
  for (const auto& call : facts.closed) names.push_back(call.name);
  std::ranges::sort(names);
  section.blocks.push_back(List("All of them", std::move(names), true));
  return section;
}

// --- The second run

void TellRefusals(const Facts& facts, const AfterFacts& after, Section& section) {
  if (!after.refused.empty()) {
    std::vector<std::vector<Cell>> rows;
    for (const auto& [executable, calls] : after.refused) {
      rows.push_back({{executable, Tone::kCode}, {NamesText(facts, calls), Tone::kBad}});
    }
    section.blocks.push_back(Paragraph("Calls of the workload were refused:", Tone::kBad));
    section.blocks.push_back(Table({"Program", "Refused"}, std::move(rows)));
  } else if (!after.refusals_watched) {
    section.blocks.push_back(
        Paragraph("Whether calls were refused is unknown: refusals were not watched for (record --denials).",
                  Tone::kBad));
  } else if (!after.under_filter) {
    section.blocks.push_back(
        Paragraph("No call was seen under a filter: this run was not confined.", Tone::kBad));
  } else {
    section.blocks.push_back(
        Paragraph("Refusals were watched for, and the workload was refused nothing.", Tone::kGood));
  }
}

void TellReplaced(const AfterFacts& after, Section& section) {
  if (!after.clone3_replaced) return;
  section.blocks.push_back(
      Paragraph("clone3 was answered \"no such call\", as the profile means it: no filter can see its flags. "
                "libcs take clone "
                "then, whose flags the profile tests."));
}

Section TellAfter(const Facts& facts) {
  const auto& after = *facts.after;
  Section section{"The second run, under the profile", {}};
  TellRefusals(facts, after, section);
  TellReplaced(after, section);
  section.blocks.push_back(
      Paragraph(fmt::format("It was recorded for {} and made {} of the {} calls of the first run again.",
                            Counted(after.epochs, "epoch"), after.made_again, facts.made.size())));
  if (after.under_filter && !after.without_filter.empty()) {
    section.blocks.push_back(Paragraph(
        "Seen without a filter in force: " + NamesText(facts, after.without_filter) + ".", Tone::kBad));
  }
  if (!after.not_made.empty()) {
    section.blocks.push_back(Paragraph("Not made this time: " + NamesText(facts, after.not_made) + "."));
  }
  if (!after.new_calls.empty()) {
    section.blocks.push_back(
        Paragraph("Made for the first time, and let pass: " + NamesText(facts, after.new_calls) + "."));
  }
  if (!after.complete) {
    section.blocks.push_back(Paragraph("This recording has gaps: refusals may be missing.", Tone::kBad));
  }
  return section;
}

// --- Attacks

Tone OutcomeTone(const std::string& outcome) {
  if (outcome == "refused" || outcome == "killed") return Tone::kGood;
  return outcome == "succeeded" ? Tone::kBad : Tone::kMuted;
}

Section TellAttacks(const Facts& facts) {
  const auto& attacks = *facts.attacks;
  const auto count = [&](const char* outcome) {
    return std::ranges::count(attacks, outcome, &Attack::outcome);
  };
  Section section{"Attacks tried inside", {}};
  const auto stopped = count("refused") + count("killed");
  section.blocks.push_back(Paragraph(
      fmt::format("{} of {} were stopped by the filter, {} failed for another reason, {} succeeded.", stopped,
                  Counted(attacks.size(), "attempt"), count("failed"), count("succeeded")),
      attacks.empty() || count("succeeded") > 0 ? Tone::kBad : Tone::kGood));
  std::vector<std::vector<Cell>> rows;
  for (const auto& attack : attacks) {
    const std::string outcome =
        attack.error.empty() ? attack.outcome : fmt::format("{} ({})", attack.outcome, attack.error);
    rows.push_back(
        {{attack.call, Tone::kCode}, {attack.name, Tone::kPlain}, {outcome, OutcomeTone(attack.outcome)}});
  }
  section.blocks.push_back(Table({"Call", "What the attempt is after", "Outcome"}, std::move(rows)));
  return section;
}

// --- Programs

Section TellPrograms(const Facts& facts) {
  Section section{"Which program needed what", {}};
  std::vector<std::vector<Cell>> rows;
  for (const auto& program : facts.programs) {
    const std::string where = program.subject.container == "-" ? "" : program.subject.container + "  ";
    const std::string only = facts.programs.size() == 1 ? "" : NamesText(facts, program.only_here);
    rows.push_back({{where + program.subject.executable, Tone::kCode},
                    {std::to_string(program.calls.size()), Tone::kPlain},
                    {only.empty() ? "-" : only, Tone::kMuted}});
  }
  section.blocks.push_back(Table({"Program", "Calls", "Only this program made"}, std::move(rows)));
  if (!facts.refused.empty()) {
    section.blocks.push_back(Paragraph(
        "Tried and refused while recording, and not counted above: " + NamesText(facts, facts.refused) + ".",
        Tone::kBad));
  }
  return section;
}

// --- Use

// In single quotes where a shell would change the text.
std::string ShellWord(const std::string& text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-:=@,+").find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::ranges::all_of(text, plain)) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string ImageOf(const Facts& facts) {
  std::set<std::string> images;
  for (const auto& [id, recording] : facts.evidence.recordings) images.insert(recording.image);
  return images.size() == 1 && !images.begin()->empty() ? *images.begin() : "IMAGE";
}

std::string BaseName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

Section TellUse(const Facts& facts) {
  Section section{"How to use it", {}};
  section.blocks.push_back(Code("The file", {facts.profile_file}));
  if (facts.target.runtime == profile::Runtime::kNone) {
    section.blocks.push_back(
        Code("Start a command under it",
             {fmt::format("whittle run --profile {} -- COMMAND", ShellWord(facts.profile_file))}));
    return section;
  }
  const bool podman = facts.target.loader == profile::Loader::kPodman;
  section.blocks.push_back(
      Code(podman ? "Podman" : "Docker",
           {fmt::format("{} run --security-opt seccomp={} {}", podman ? "podman" : "docker",
                        ShellWord(facts.profile_file), ShellWord(ImageOf(facts)))}));
  section.blocks.push_back(
      Code(fmt::format("Kubernetes, for the container (not the pod), with the file as profiles/{} in the "
                       "kubelet's seccomp folder of every node",
                       BaseName(facts.profile_file)),
           {"securityContext:", "  seccompProfile:", "    type: Localhost",
            fmt::format("    localhostProfile: profiles/{}", BaseName(facts.profile_file))}));
  return section;
}

// --- Everything, and how it was counted

Section TellCalls(const Facts& facts) {
  Section section{"The calls", {}};
  for (const auto group : SyscallGroups()) {
    CallSet calls;
    for (const auto& call : facts.made) {
      if (SyscallGroup(SyscallText(call.first, call.second)) == group) calls.insert(call);
    }
    if (!calls.empty()) {
      section.blocks.push_back(List(fmt::format("{} ({})", group, calls.size()), Names(facts, calls), true));
    }
  }
  return section;
}

Section TellMethod(const Facts& facts) {
  Section section{"How this was counted", {}};
  section.blocks.push_back(Paragraph(fmt::format("Recorded from {} to {}, {}.", TimeText(facts.started_ms),
                                                 TimeText(facts.ended_ms), Counted(facts.epochs, "epoch"))));
  section.blocks.push_back(
      Paragraph(fmt::format("Unconfined: the {} system calls of {} that whittle knows by name. Docker's "
                            "default and the profile: their "
                            "compiled filters were asked for each of these; a call counts as open if the "
                            "filter lets it pass with some "
                            "arguments at least.",
                            facts.known, AbiName(facts.target.arch))));
  section.blocks.push_back(Paragraph("The target of Docker's default: " + facts.default_target +
                                     ". The target of this profile: " + facts.target.Text() + "."));
  if (facts.made_by_abi.size() > 1) {
    std::string abis;
    for (const auto& [abi, count] : facts.made_by_abi)
      abis += fmt::format("{}{} {}", abis.empty() ? "" : ", ", AbiName(abi), count);
    section.blocks.push_back(Paragraph("The workload's calls by ABI: " + abis + "; the bars show " +
                                       std::string(AbiName(facts.target.arch)) + " only."));
  }
  return section;
}

Figure Open(const Facts& facts, std::string label, size_t count, std::string note) {
  return {std::move(label), std::to_string(count),
          static_cast<double>(count) / static_cast<double>(facts.known), std::move(note)};
}

std::string ProfileNote(const ProfileFacts& profile) {
  std::string note = fmt::format("{} of the workload", profile.of_workload);
  if (profile.of_runtime > 0) note += fmt::format(", {} of the runtime itself", profile.of_runtime);
  if (profile.other > 0) note += fmt::format(", {} that were not seen", profile.other);
  const size_t refused = profile.verification.refused.size();
  if (refused > 0) note += fmt::format("; it refuses {} that the workload made", refused);
  return note;
}

}  // namespace

std::string CallName(const Facts& facts, const Call& call) {
  const std::string name = SyscallText(call.first, call.second);
  return call.first == facts.target.arch ? name : fmt::format("{} {}", AbiName(call.first), name);
}

Figure MadeFigure(const Facts& facts) {
  return Open(facts, "made by the workload", facts.made.size(), "different system calls under this load");
}

std::vector<Figure> OpenFigures(const Facts& facts) {
  std::vector<Figure> figures;
  figures.push_back(Open(facts, "unconfined", facts.known, "every call of this machine"));
  figures.push_back(Open(facts, "Docker's default", facts.default_open.size(), "calls that it leaves open"));
  if (!facts.profile) {
    figures.push_back({"this profile", "unknown", 0, "no profile was given (--profile)"});
  } else if (!facts.profile->filtered) {
    figures.push_back({"this profile", "no filter", 1, facts.profile->why});
  } else {
    figures.push_back(Open(facts, "this profile", facts.profile->open.size(), ProfileNote(*facts.profile)));
  }
  return figures;
}

std::vector<Section> TellStory(const Facts& facts) {
  std::vector<Section> story = {TellCertainty(facts)};
  if (facts.after) story.push_back(TellAfter(facts));
  if (facts.attacks) story.push_back(TellAttacks(facts));
  if (facts.profile) story.push_back(TellUse(facts));
  if (facts.profile && facts.profile->filtered) story.push_back(TellClosed(facts));
  story.push_back(TellPrograms(facts));
  story.push_back(TellCalls(facts));
  story.push_back(TellMethod(facts));
  return story;
}

}  // namespace whittle::report

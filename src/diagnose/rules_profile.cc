// Faults of the profile itself: not there, broken, refused, not in force.
#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "diagnose/rules.h"

namespace whittle::diagnose {
namespace {

using filter::Compiled;
using profile::Action;

// What the engine said, for `because`.
void AddMessage(const Case& c, Cause& cause) {
  if (!c.facts.error.empty()) cause.because.push_back("the engine says: " + Quoted(c.facts.error));
}

std::string PathAdvice(const std::string& path) {
  if (path.starts_with("localhost/")) {
    return fmt::format(
        "{} is how Kubernetes' old annotations named a file below the kubelet's folder: docker and podman "
        "take the "
        "path of a file, Kubernetes 'localhostProfile: {}'",
        Printable(path), Printable(path.substr(10)));
  }
  return "give the whole path. docker's client and podman read the file where they run, relative to their "
         "working "
         "folder; a kubelet reads localhostProfile below its seccomp folder, /var/lib/kubelet/seccomp by "
         "default, "
         "on every node";
}

Cause Missing(const Case& c, std::string path) {
  Cause cause;
  const bool relative = !path.empty() && !path.starts_with('/');
  cause.kind = relative ? Kind::kProfilePath : Kind::kProfileMissing;
  cause.certainty = Certainty::kCertain;
  cause.what =
      path.empty() ? "the profile's file is not there"
      : relative
          ? fmt::format("the profile's path {} is relative, and leads to no file from where it is read",
                        Quoted(path))
          : fmt::format("the profile's file {} is not there", Quoted(path));
  AddMessage(c, cause);
  if (!c.facts.profile.missing.empty()) cause.because.push_back(c.facts.profile.missing);
  cause.change =
      relative ? PathAdvice(path)
               : "put the file there, on the machine where it is read (docker's daemon-wide profile: on the "
                 "daemon's; Kubernetes: on every node), or correct the path";
  return cause;
}

// docker's API wants the document, its client puts it there; other clients and files of settings often give
// the path.
bool IsPathAsDocument(const Case& c) {
  const auto& info = c.facts.info;
  return info && info->engine == container::EngineKind::kDocker && c.facts.profile.broken.size() > 0 &&
         (info->seccomp.starts_with('/') || info->seccomp.ends_with(".json"));
}

void FileRules(const Case& c, Causes& causes) {
  const ProfileFacts& profile = c.facts.profile;
  const bool said = c.message && c.message->kind;
  if (IsPathAsDocument(c) || (said && *c.message->kind == Kind::kProfilePath && c.message->path.empty())) {
    Cause cause{Kind::kProfilePath,
                Certainty::kCertain,
                "docker's daemon was given a path in place of the profile",
                {},
                "",
                {}};
    if (IsPathAsDocument(c))
      cause.because.push_back("it keeps as the profile: " + Quoted(c.facts.info->seccomp));
    AddMessage(c, cause);
    cause.change =
        "the daemon reads no file of a container's profile: 'docker run --security-opt seccomp=FILE' sends "
        "what is in it; other clients have to send the document itself";
    causes.push_back(std::move(cause));
    return;
  }
  const bool missing =
      said && (*c.message->kind == Kind::kProfileMissing || *c.message->kind == Kind::kProfilePath);
  if (missing || (!profile.missing.empty() && c.stage != Stage::kRuns && c.stage != Stage::kEnded)) {
    causes.push_back(Missing(c, c.message && !c.message->path.empty() ? c.message->path : profile.path));
    return;
  }
  if (!profile.broken.empty() || (said && *c.message->kind == Kind::kProfileBroken)) {
    Cause cause{Kind::kProfileBroken, Certainty::kCertain, "the profile is no JSON", {}, "", {}};
    if (profile.broken.empty() && !c.message->path.empty())
      cause.what = fmt::format("the profile {} is no JSON", Quoted(c.message->path));
    if (!profile.broken.empty()) cause.because.push_back(profile.broken);
    AddMessage(c, cause);
    cause.change = profile.broken.empty() ? "whittle simulate FILE load: names line and column"
                                          : "mend it at that place";
    causes.push_back(std::move(cause));
  }
}

bool Notifies(const profile::Document& document) {
  return document.default_action == Action::kNotify ||
         std::ranges::any_of(document.rules, [](const auto& rule) { return rule.action == Action::kNotify; });
}

Cause NoListener(const Case& c, Certainty certainty, std::string why) {
  Cause cause{
      Kind::kNoListener, certainty, "the profile asks a listener (SCMP_ACT_NOTIFY), and nobody listens",
      {std::move(why)},  "",        {}};
  AddMessage(c, cause);
  cause.change =
      "start the agent that listens before the container and name its socket in listenerPath (docker from "
      "23.0 on, podman), or give those calls another action";
  for (const auto& rule :
       c.facts.profile.document ? c.facts.profile.document->rules : std::vector<profile::Rule>())
    if (rule.action == Action::kNotify)
      cause.calls.insert(cause.calls.end(), rule.names.begin(), rule.names.end());
  return cause;
}

bool SaidNoListener(const Case& c) { return c.message && c.message->kind == Kind::kNoListener; }

void RefusedRules(const Case& c, Causes& causes) {
  const ProfileFacts& profile = c.facts.profile;
  const auto cause = [&](std::string why) {
    Cause refused{Kind::kProfileRefused, Certainty::kCertain, "the profile is not taken: " + why, {}, "", {}};
    if (c.stage == Stage::kRuns || c.stage == Stage::kEnded) refused.certainty = Certainty::kPossible;
    AddMessage(c, refused);
    if (c.facts.target) refused.because.push_back("it would be loaded by " + c.facts.target->Text());
    refused.change = "mend the profile; whittle simulate PROFILE load asks whether a target takes it";
    return refused;
  };
  if (!profile.invalid.empty()) return causes.push_back(cause(profile.invalid));
  if (!c.oversized.empty()) return causes.push_back(cause(c.oversized));
  const bool refused = c.judge && c.judge->compiled().state == Compiled::State::kRefused;
  if (refused && c.judge->compiled().why.find("listenerPath") != std::string::npos && profile.document &&
      Notifies(*profile.document)) {
    return causes.push_back(NoListener(c, Certainty::kCertain, c.judge->compiled().why));
  }
  if (refused) return causes.push_back(cause(c.judge->compiled().why));
  if (!c.facts.no_listener.empty() && c.filters() && Notifies(*profile.document) && c.stage != Stage::kRuns &&
      c.stage != Stage::kEnded) {
    const auto certainty = SaidNoListener(c) ? Certainty::kCertain : Certainty::kLikely;
    return causes.push_back(NoListener(c, certainty, c.facts.no_listener));
  }
  if (SaidNoListener(c))
    return causes.push_back(NoListener(c, Certainty::kCertain, "the start was given up for it"));
  if (c.message && c.message->kind == Kind::kProfileRefused)
    causes.push_back(cause("the runtime refuses it"));
}

// A filter that was meant and is not there. It is no reason to fail.
void IgnoredRules(const Case& c, Causes& causes) {
  const ProfileFacts& profile = c.facts.profile;
  const bool given = profile.given == ProfileFacts::Given::kDocument;
  const bool fails = c.stage == Stage::kNeverStarted || (c.stage == Stage::kEnded && c.exit_code() != 0);
  const auto add = [&](Certainty certainty, std::string what, std::string because, std::string change) {
    Cause cause{Kind::kProfileIgnored, fails ? Certainty::kPossible : certainty,
                std::move(what),       {std::move(because)},
                std::move(change),     {}};
    if (fails) cause.because.emplace_back("it explains what is let pass, not why the container failed");
    causes.push_back(std::move(cause));
  };
  const bool none_live = c.facts.process && c.facts.process->seccomp == 0 && c.stage == Stage::kRuns;
  if (given && !profile.ignored.empty()) {
    add(Certainty::kCertain, "the profile is ignored: " + profile.ignored,
        none_live ? "its first process has no filter (Seccomp: 0)" : "so no filter is in force",
        "run it without --privileged and give the capabilities that it needs (--cap-add)");
  } else if (c.judge && c.judge->compiled().state == Compiled::State::kUnconfined) {
    add(Certainty::kCertain, "the profile filters nothing: " + c.judge->compiled().why,
        "no filter is installed, and nobody says so", "give it a defaultAction and rules");
  } else if (given && none_live) {
    add(Certainty::kCertain, "the profile is not in force: the first process has no filter",
        fmt::format("process {} says Seccomp: 0", c.facts.process->pid),
        "look whether the runtime is built with seccomp, and what started the process");
  } else if (profile.given == ProfileFacts::Given::kUnconfined && !fails) {
    add(Certainty::kPossible, "no filter is in force: it was started with seccomp=unconfined",
        "every call is let pass", "start it without that option, or with a profile");
  }
}

}  // namespace

void ProfileRules(const Case& c, Causes& causes) {
  FileRules(c, causes);
  RefusedRules(c, causes);
  IgnoredRules(c, causes);
}

}  // namespace whittle::diagnose

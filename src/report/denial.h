// A refused (or logged) call, told to people and to programs: what `whittle denials` shows. Pure; thread
// safe. Names come from workloads: the text makes them printable.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "advise/allow.h"
#include "base/json.h"
#include "record/recorder.h"

namespace whittle::report {

// "mkdir(0x7ffd10, 0x1ff)", "socket(AF_PACKET, SOCK_RAW, 0)": the arguments that the call takes, by name
// where they have one. The native ABI goes without saying. At most 200 bytes.
std::string RefusedCallText(const record::Denial& denial);

// "ERRNO(1)", "KILL_THREAD"; "unknown" if the filters could not be asked.
std::string AnswerText(const record::Denial& denial);

// One line: "refused 3 x mkdir(...): EPERM (...), web: nginx (/usr/sbin/nginx, pid 12, thread 13)".
std::string DenialLine(const record::Denial& denial);

// That line, and below it, two blanks in: which filter, who asked, what came next, and what could be done.
// `profile`: the one behind its filter, if that is known; the advice is tried on it.
std::string DenialText(const record::Denial& denial, const advise::InForce* profile = nullptr);

// docs/denials.md has the members.
json::Value DenialJson(const record::Denial& denial, const advise::InForce* profile = nullptr);
// {"format": "whittle-denials-report", ...} with all of them; `gaps`: what may be missing.
using InForceFor = std::function<const advise::InForce*(const record::Denial&)>;
json::Value DenialsJson(std::span<const record::Denial> denials, const evidence::Evidence& evidence,
                        const InForceFor& profile_for);

// What may be missing, for people: a line for each kind, of which documents keep every one.
std::vector<std::string> FoldedGaps(const evidence::Evidence& evidence);

}  // namespace whittle::report

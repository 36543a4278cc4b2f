// What a killed recorder's maps held, put where its journal would have had it a moment later. Pure but for
// the caller's question; thread safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "container/lives.h"
#include "evidence/evidence.h"
#include "record/takeover.h"

namespace whittle::container {

// Whose a cgroup is of which the killed recorder had not heard yet.
struct Claim {
  enum class Verdict { kWanted, kNot, kUnknown } verdict = Verdict::kUnknown;
  LifeFacts facts;  // of kWanted
};
using AskWhose = std::function<Claim(std::string_view cgroup_path)>;

// The journal with what is in `left`: in the last epoch of its recording that the journal has, since nobody
// knows more precisely when it was. Cgroups that stay unknown are gaps "undecided". Whether or not there is a
// journal, the result has the gap "unfinished" of that recording.
evidence::Evidence WithTakenOver(std::optional<evidence::Evidence> journal, const record::TakenOver& left,
                                 const AskWhose& ask);

}  // namespace whittle::container

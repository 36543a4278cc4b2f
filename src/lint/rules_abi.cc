// Ways around a profile: other ABIs, multiplexers, calls whose arguments no filter sees.
#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "lint/rules.h"
#include "profile/library_names.h"
#include "syscalls/facts.h"
#include "syscalls/table.h"

namespace whittle::lint {
namespace {

using profile::Action;

// The 32-bit ABI whose programs a kernel of that native ABI usually runs as well.
std::optional<Abi> SmallSibling(Abi native) {
  for (const Abi abi : SiblingAbis(native)) {
    if (Is32Bit(abi)) return abi;
  }
  return std::nullopt;
}

bool HasAbi(const Place& place, Abi abi) {
  return std::ranges::find(place.meaning.abis, abi, &filter::AbiRules::abi) != place.meaning.abis.end();
}

}  // namespace

void CheckAbiMissing(const Subject& subject, Sink& sink) {
  for (const auto& place : subject.places()) {
    const auto small = SmallSibling(place.target.arch);
    if (!place.filtered() || !small || HasAbi(place, *small)) continue;
    sink.Add(
        Severity::kWarning, subject.ArchitecturesPointer(),
        subject.lists_architectures()
            ? fmt::format(
                  "{} is not listed: programs of that ABI are killed, whatever the default action says",
                  ScmpArchName(*small))
            : fmt::format(
                  "no architectures: only the native ABI is filtered as written, and programs of any other, "
                  "as 32-bit ones ({}), are killed",
                  ScmpArchName(*small)),
        fmt::format("list {} if such programs may run; if none may, all is well", ScmpArchName(*small)));
    return;
  }
}

void CheckClone3Bypass(const Subject& subject, Sink& sink) {
  if (!subject.Mentions("clone3") && !subject.deny_list()) return;
  for (const auto& place : subject.places()) {
    const Abi abi = place.target.arch;
    if (PassesAt(place, abi, "clone") != Passes::kSometimes) continue;
    if (PassesAt(place, abi, "clone3") == Passes::kNever) continue;
    const bool named = subject.Mentions("clone3");
    sink.Add(Severity::kWarning, named ? At(subject.NameOf("clone3").mentions.front()) : "/defaultAction",
             "clone is open with some flags only, and clone3 with all: its flags are behind a pointer, which "
             "a filter "
             "cannot read",
             "answer clone3 with ENOSYS (SCMP_ACT_ERRNO, errnoRet 38): libcs then take clone");
    return;
  }
}

void CheckIoUringBypass(const Subject& subject, Sink& sink) {
  for (const auto& place : subject.places()) {
    const Abi abi = place.target.arch;
    if (PassesAt(place, abi, kRing) == Passes::kNever) continue;
    std::vector<std::string> refused;
    for (const auto& detour : Detours()) {
      if (detour.also == kRing && SyscallNumber(abi, detour.call) &&
          PassesAt(place, abi, detour.call) != Passes::kAlways)
        refused.emplace_back(detour.call);
    }
    // A ring with SQPOLL is read by a thread of the kernel's.
    if (subject.Mentions("io_uring_enter") && PassesAt(place, abi, "io_uring_enter") == Passes::kNever)
      refused.emplace_back("io_uring_enter");
    if (refused.empty()) continue;
    const bool named = subject.Mentions(kRing);
    sink.Add(
        Severity::kWarning, named ? At(subject.NameOf(kRing).mentions.front()) : "/defaultAction",
        fmt::format("io_uring is open and does without the call what is refused: {}. No filter sees what is "
                    "submitted to a ring",
                    Listed(refused)),
        "refuse io_uring_setup, io_uring_enter and io_uring_register");
    return;
  }
}

}  // namespace whittle::lint

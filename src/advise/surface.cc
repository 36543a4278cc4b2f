#include "advise/surface.h"

#include <algorithm>

#include "syscalls/table.h"

namespace whittle::advise {
namespace {

using filter::Compiled;
using optimize::Answer;

// As if there were no filter.
std::vector<AskedCall> CallsOf(Abi abi) {
  Answer allowed;
  allowed.only.emplace();
  allowed.verdict = profile::VerdictText(allowed.only->action, allowed.only->data);
  std::vector<AskedCall> calls;
  for (const auto name : AllSyscallNames()) {
    if (const auto number = SyscallNumber(abi, name)) calls.push_back({name, *number, allowed});
  }
  return calls;
}

Result<bool> AnyPasses(const optimize::Judge& judge, Abi abi) {
  for (const auto& call : CallsOf(abi)) {
    if (TRY(judge.Ask(abi, call.number)).kind != Answer::Kind::kRefused) return true;
  }
  return false;
}

}  // namespace

Surface WholeSurface(Abi native) {
  Surface surface{native, CallsOf(native), {}};
  for (const Abi abi : SiblingAbis(native)) {
    if (abi != native) surface.other_abis.push_back(abi);
  }
  return surface;
}

Result<Surface> SurfaceOf(const optimize::Judge& judge, Abi native) {
  Surface surface = WholeSurface(native);
  if (judge.compiled().state != Compiled::State::kFiltered) return surface;
  for (auto& call : surface.calls) call.answer = TRY(judge.Ask(native, call.number));
  std::vector<Abi> open;
  for (const Abi abi : surface.other_abis) {
    if (TRY(AnyPasses(judge, abi))) open.push_back(abi);
  }
  surface.other_abis = std::move(open);
  return surface;
}

}  // namespace whittle::advise

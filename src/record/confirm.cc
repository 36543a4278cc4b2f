#include "record/confirm.h"

#include "filter/live/read.h"

namespace whittle::record {

ConfirmDenial ConfirmByLiveFilters() {
  return [](pid_t tid, const filter::Call& call) -> std::optional<bool> {
    const auto live = filter::ReadLiveFilters(tid);
    // The thread had a filter when it was refused: if it has none now, it is ending.
    if (!live || live->programs.empty()) return std::nullopt;
    return profile::Blocks(filter::EvaluateStacked(live->programs, call).action);
  };
}

}  // namespace whittle::record

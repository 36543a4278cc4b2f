#include "record/confirm.h"

#include "filter/live/read.h"

namespace whittle::record {

ConfirmDenial ConfirmByLiveFilters() {
  return [](pid_t tid, const filter::Call& call) -> std::optional<bool> {
    const auto live = filter::ReadLiveFilters(tid);
    if (!live) return std::nullopt;
    return filter::EvaluateStacked(live->programs, call).action < profile::Action::kLog;
  };
}

}  // namespace whittle::record

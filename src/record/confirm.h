// Whether a call that left without having entered was really refused: asked of the filters of the living
// thread.
#pragma once

#include "record/recorder.h"

namespace whittle::record {

// Reads the thread's filters (without stopping it) and evaluates them. Cannot tell once the thread is gone.
ConfirmDenial ConfirmByLiveFilters();

}  // namespace whittle::record

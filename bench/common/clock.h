// Clocks, and where a measurement runs.
#pragma once

namespace whittle::bench {

// Of the thread: what it computes itself, so that other load on the machine counts little. Of the wall: for
// what lets another process work.
enum class Clock { kThread, kWall };

// Nanoseconds since some time.
double Now(Clock clock);

// Keeps the calling thread, and what it starts, on the last CPU.
void PinToLastCpu();

}  // namespace whittle::bench

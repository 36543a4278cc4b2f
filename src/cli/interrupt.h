// Ctrl-C and SIGTERM end what a verb watches as --for does: with a whole answer. One for the process.
#pragma once

namespace whittle::cli {

// From here on these signals no longer end the process, but are remembered.
void CatchInterrupts();
// True once one of them came.
bool Interrupted();

}  // namespace whittle::cli

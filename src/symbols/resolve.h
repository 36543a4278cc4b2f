// Who called: a copied stack made readable. The files that are read for it are the workload's, and their
// parsers were not made for enemies: that part runs in a child process of its own, as nobody, without rights
// to gain any, with limits of time and memory. What goes wrong there costs names, nothing else. Not thread
// safe (it forks).
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "symbols/stack.h"

namespace whittle::symbols {

// Innermost first; at least one frame. `pid`: the process, which may be gone: then files are taken from the
// host where they are the same ones. Takes at most some seconds.
std::vector<Frame> Resolve(Sample sample, pid_t pid);

// Why names are not resolved here ("stacks are unwound by libdw.so.1: ..."); empty if they are.
std::string WhyUnresolved();

// What a child sends, and back. Internal to this folder and its tests.
std::string Packed(const std::vector<Frame>& frames);
std::vector<Frame> Unpacked(std::string_view text);

}  // namespace whittle::symbols

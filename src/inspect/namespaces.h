// The namespaces of a process, by the links under /proc/PID/ns; nothing is entered. Thread safe.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace whittle::inspect {

struct Namespace {
  enum class Whose {
    kHost,     // the one that the host's own processes are in
    kOther,    // another one: the container's, or one shared with other containers
    kUnknown,  // it cannot be read, or cannot be told from here
  };
  std::string kind;    // "mnt", "pid", "user", ...
  uint64_t inode = 0;  // its number; 0 if it cannot be read
  Whose whose = Whose::kUnknown;
};

// "the host's", "its own", "not known"
std::string_view WhoseText(Namespace::Whose whose);

// Of the process (or thread), by kind. A kind that this kernel lacks is left out.
std::vector<Namespace> NamespacesOf(pid_t pid);

// A line of /proc/PID/uid_map: ids first..first+count-1 of the namespace are these of the reader's.
struct IdRange {
  uint32_t inside = 0;
  uint32_t outside = 0;
  uint32_t count = 0;
  bool operator==(const IdRange&) const = default;
};
std::vector<IdRange> ParseIdMap(std::string_view text);
// True if every id stands for itself.
bool IsIdentity(const std::vector<IdRange>& map);

}  // namespace whittle::inspect

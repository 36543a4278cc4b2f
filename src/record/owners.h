// The cgroups and process trees that a recorder knows: what was decided about them and what they are called.
// Pure; not thread safe. To keep or to name a cgroup holds for every known cgroup below it in its hierarchy.
// To drop one holds for that one alone: engines make a folder for all their containers ("/docker") along with
// the first of them, so what lies below something unwanted may be what is wanted.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "record/cgroup.h"

namespace whittle::record {

enum class Decision { kUndecided, kKept, kDropped };

class Owners {
 public:
  // Makes it known; does nothing if it is already. A new cgroup below a dropped or kept one starts undecided.
  void Add(uint64_t key, std::string path, Decision decision);
  bool Has(uint64_t key) const { return owners_.contains(key); }

  // Decides; returns the keys that changed. Where `key` is kept, undecided ones below follow it.
  std::vector<uint64_t> Decide(uint64_t key, Decision decision);
  // Returns the keys that have the name now.
  std::vector<uint64_t> Name(uint64_t key, const std::string& container);
  void Forget(uint64_t key) { owners_.erase(key); }
  bool IsName(const std::string& container) const;

  // Kept, and so part of the evidence. A cgroup that was made so lately that nobody decided is not; calls
  // whose owner could not be read (0) are.
  bool Reported(uint64_t key) const;
  // Whether it is kept, or lies below one that is.
  bool Covers(const Cgroup& cgroup) const;
  // The name given, else the last component of the path, else "cgroup-NUMBER"; "-" for a process tree.
  std::string ContainerName(uint64_t key) const;
  std::string Path(uint64_t key) const;
  std::vector<Cgroup> Undecided() const;

 private:
  struct Owner {
    std::string path;
    Decision decision = Decision::kUndecided;
    std::string name;
  };
  std::vector<uint64_t> SelfAndBelow(uint64_t key) const;

  std::map<uint64_t, Owner> owners_;
};

}  // namespace whittle::record

// Keeps the lives of containers in a store while they are watched (`whittle denials --keep`): after the
// container and its engine's memory of it are gone, `whittle why` reads there what was refused to it. Not
// thread safe.
//
// Invariants: a life's file is whole at any moment, and covers all up to its `updated_ms`; while something
// new comes it is at most kEveryMs old; what cannot be written is tried again, and nothing else waits for it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "container/lives.h"
#include "kept/store.h"

namespace whittle::kept {

inline constexpr int64_t kEveryMs = 2000;

class Keeper {
 public:
  // Errors: those of Store::Open.
  static Result<Keeper> Open(const std::string& folder);

  // Takes what is known of all lives now, and writes those that have something new: one that goes on not more
  // than once in kEveryMs, unless this is the last time. Returns the lives that are over and need no more.
  // `now_ms`: wall clock.
  enum class When { kNow, kLastTime };
  std::vector<size_t> Take(const std::vector<container::SeenLife>& lives, int64_t now_ms,
                           When when = When::kNow);

  // Whether something is not written yet, because it was written a moment ago, or could not be.
  bool waits() const;
  // Why something could not be written; nothing if all is.
  const std::optional<Error>& trouble() const { return trouble_; }
  // Lives of which nothing can be kept any more: the store could not be written for too long.
  uint64_t lost() const { return lost_; }
  const std::string& folder() const { return store_.folder(); }

 private:
  using Call = std::tuple<std::string, Abi, uint32_t, evidence::Fate>;  // by whom, and what became of it
  struct Held {
    Life life;    // as it is to be written
    Life before;  // what a writer that was killed knew of the same life
    std::set<Call> known;
    int64_t written_ms = 0;
    bool dirty = true;
    bool over = false;
  };

  explicit Keeper(Store store) : store_(std::move(store)) {}
  void TakeGaps(const container::SeenLife& seen, int64_t now_ms);
  std::vector<std::string> GapsOf(const Held& held, const container::SeenLife& seen) const;
  Held Begin(const container::SeenLife& seen);
  void Update(Held& held, const container::SeenLife& seen, int64_t now_ms);
  static void AddFirstSeen(Held& held, Life& life, const container::SeenLife& seen, int64_t now_ms);
  void WriteDirty(int64_t now_ms, When when);
  std::vector<size_t> LetGo();

  Store store_;
  std::map<size_t, Held> held_;
  // Gaps of the whole run, and when one was last noticed to be there, or to have grown.
  struct Noticed {
    uint64_t count = 0;
    int64_t ms = 0;
  };
  std::map<std::pair<std::string, std::string>, Noticed> gaps_;
  std::optional<Error> trouble_;
  uint64_t lost_ = 0;
};

}  // namespace whittle::kept

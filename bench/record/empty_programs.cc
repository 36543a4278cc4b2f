#include "empty_programs.h"

#include <bpf/libbpf.h>

#include <utility>

#include "empty.skel.h"

namespace whittle::bench {

Result<EmptyPrograms> EmptyPrograms::Attach(Which which) {
  Skeleton skeleton(empty__open(), empty__destroy);
  if (!skeleton) return Fail(ErrorCode::kNotPossible, "cannot open the empty programs");
  bpf_program__set_autoload(skeleton->progs.empty_typed, which.typed);
  bpf_program__set_autoload(skeleton->progs.empty_raw, which.raw);
  bpf_program__set_autoload(skeleton->progs.empty_exit, which.exit);
  if (empty__load(skeleton.get()) != 0 || empty__attach(skeleton.get()) != 0)
    return Fail(ErrorCode::kNotPossible, "cannot attach the empty programs: 'whittle doctor' explains");
  return EmptyPrograms(std::move(skeleton));
}

}  // namespace whittle::bench

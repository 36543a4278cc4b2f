#include "filter/evaluator.h"

#include <algorithm>

#include "filter/cache.h"
#include "filter/machine.h"
#include "syscalls/table.h"

namespace whittle::filter {
namespace {

bool ComparesWith(std::span<const sock_filter> program, uint32_t value) {
  return std::ranges::any_of(program, [&](const sock_filter& in) {
    return in.code == (BPF_JMP | BPF_JEQ | BPF_K) && in.k == value;
  });
}

}  // namespace

Evaluator::Evaluator(std::span<const Program> programs) {
  for (const auto& program : programs) filters_.push_back(Prepare(program));
}

Evaluator::Filter Evaluator::Prepare(Program program) {
  Filter filter;
  filter.rows.fill(-1);
  for (const Abi abi : AllAbis()) {
    if (!ComparesWith(program, AuditArch(abi))) continue;
    filter.rows[static_cast<size_t>(abi)] = static_cast<int>(filter.ways.size());
    for (uint32_t i = 0; i < kNumbers; ++i) {
      const KnownWay way = FollowKnown(program, AuditArch(abi), FirstNumber(abi) + i);
      // A return is executed, too.
      filter.ways.push_back({way.constant ? program[way.at].k : way.accumulator,
                             static_cast<uint16_t>(way.steps + (way.constant ? 1 : 0)),
                             way.constant ? kReturned : static_cast<uint16_t>(way.at)});
    }
  }
  filter.program = std::move(program);
  return filter;
}

const Evaluator::Way* Evaluator::Find(const Filter& filter, const Call& call) {
  const int row = filter.rows[static_cast<size_t>(call.abi)];
  const uint32_t index = call.number - FirstNumber(call.abi);
  return row < 0 || index >= kNumbers ? nullptr : &filter.ways[static_cast<size_t>(row) + index];
}

Verdict Evaluator::Of(const Call& call) const {
  if (filters_.size() == 1) {
    const Way* way = Find(filters_.front(), call);
    if (way != nullptr && way->at == kReturned) return VerdictOf({way->value, way->steps});
  }
  return OfStack(call);
}

Verdict Evaluator::OfStack(const Call& call) const {
  const Data data = DataOf(call);
  Strictest strictest;
  for (auto filter = filters_.rbegin(); filter != filters_.rend(); ++filter) {
    const Way* way = Find(*filter, call);
    if (way != nullptr && way->at == kReturned) {
      strictest.Add({way->value, way->steps});
    } else {
      strictest.Add(
          RunFrom(filter->program, data, way == nullptr ? Begin{} : Begin{way->at, way->value, way->steps}));
    }
  }
  return VerdictOf(strictest.returned());
}

}  // namespace whittle::filter

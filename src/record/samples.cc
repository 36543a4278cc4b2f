#include "record/samples.h"

#include <algorithm>
#include <string_view>

#include "record/subjects.h"

namespace whittle::record {

symbols::Sample SampleOf(const whittle_sample& sample) {
  symbols::Sample result;
  std::ranges::copy(sample.registers, result.registers.begin());
  result.width = sample.is_32_bit != 0 ? symbols::Sample::Width::k32 : symbols::Sample::Width::k64;
  result.stack.assign(sample.stack, sample.stack + std::min<uint32_t>(sample.stack_bytes, WHITTLE_STACK));
  result.modules_known = sample.modules_cut == WHITTLE_MODULES_ALL;
  for (uint32_t i = 0; i < std::min<uint32_t>(sample.module_count, WHITTLE_MODULES); i++) {
    const whittle_module& module = sample.modules[i];
    const std::string_view components(module.path, std::min<size_t>(module.path_bytes, sizeof(module.path)));
    result.modules.push_back({module.start, module.end, module.offset, module.inode,
                              module.path_cut != 0 ? "" : PathFromComponents(components)});
  }
  return result;
}

}  // namespace whittle::record

// A filter as an array in C, each instruction with its meaning.
#include <fmt/core.h>

#include "export/array.h"
#include "export/name.h"
#include "filter/disassemble.h"

namespace whittle::exporting {

Result<Exported> WriteC(const Source& source) {
  const auto& program = source.compiled.program;
  const auto name = TRY(CName(source));
  Exported exported;
  exported.text = fmt::format(
      "/* Made by whittle convert of {}.\n"
      " * Load it with struct sock_fprog {{{}, {}}} and seccomp(SECCOMP_SET_MODE_FILTER). */\n"
      "#include <linux/filter.h>\n\nstatic const struct sock_filter {}[{}] = {{\n",
      Origin(source), program.size(), name, name, program.size());
  for (const auto& line : filter::Disassemble(program)) {
    const auto& in = program[line.index];
    exported.text +=
        fmt::format("    {{{:#06x}, {}, {}, {:#010x}}}, /* {}: {}{}{} */\n", in.code, in.jt, in.jf, in.k,
                    line.index, line.code, line.meaning.empty() ? "" : "  ", line.meaning);
  }
  exported.text += "};\n";
  exported.lost = LostOfArrays(source);
  return exported;
}

}  // namespace whittle::exporting

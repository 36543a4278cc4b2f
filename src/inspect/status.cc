#include "inspect/status.h"

#include <fmt/core.h>

#include <map>

#include "base/text.h"

namespace whittle::inspect {
namespace {

constexpr size_t kMaxNesting = 32;  // of pid namespaces, the kernel's limit

class Fields {
 public:
  Fields(std::string_view text, std::string source) : source_(std::move(source)) {
    for (const auto line : Lines(text)) {
      const size_t colon = line.find(':');
      if (colon == std::string_view::npos) continue;
      // The first counts: a name cannot bring in a line of its own, since its ends of line are escaped.
      values_.try_emplace(line.substr(0, colon), Trim(line.substr(colon + 1)));
    }
  }

  bool Has(std::string_view name) const { return values_.contains(name); }
  Result<std::string_view> Text(std::string_view name) const {
    const auto found = values_.find(name);
    if (found != values_.end()) return found->second;
    return Fail(ErrorCode::kBadInput, fmt::format("{}: the line {} is missing", source_, name));
  }
  Result<std::vector<uint32_t>> Numbers(std::string_view name, size_t least, size_t most) const {
    std::vector<uint32_t> numbers;
    const auto text = TRY(Text(name));
    for (const auto word : Words(text)) {
      const auto number = ParseUnsigned(word);
      if (!number || *number > UINT32_MAX || numbers.size() == most) return Malformed(name);
      numbers.push_back(static_cast<uint32_t>(*number));
    }
    if (numbers.size() < least) return Malformed(name);
    return numbers;
  }
  Result<uint32_t> Number(std::string_view name) const { return TRY(Numbers(name, 1, 1)).front(); }
  Result<uint64_t> Mask(std::string_view name) const {
    const auto mask = ParseUnsigned("0x" + std::string(TRY(Text(name))));
    if (!mask) return Malformed(name);
    return *mask;
  }

 private:
  std::unexpected<Error> Malformed(std::string_view name) const {
    return Fail(ErrorCode::kBadInput, fmt::format("{}: the line {} is malformed", source_, name));
  }
  std::string source_;
  std::map<std::string_view, std::string_view> values_;
};

Result<Ids> IdsOf(const Fields& fields, std::string_view name) {
  const auto numbers = TRY(fields.Numbers(name, 4, 4));
  return Ids{numbers[0], numbers[1], numbers[2], numbers[3]};
}

Result<CapabilitySets> CapabilitiesOf(const Fields& fields) {
  return CapabilitySets{TRY(fields.Mask("CapInh")), TRY(fields.Mask("CapPrm")), TRY(fields.Mask("CapEff")),
                        TRY(fields.Mask("CapBnd")), TRY(fields.Mask("CapAmb"))};
}

}  // namespace

Result<Status> ParseStatus(std::string_view text, const std::string& source) {
  const Fields fields(text, source);
  Status status;
  status.name = TRY(fields.Text("Name"));
  status.process = static_cast<pid_t>(TRY(fields.Number("Tgid")));
  for (const uint32_t id : TRY(fields.Numbers("NSpid", 1, kMaxNesting + 1)))
    status.ids.push_back(static_cast<pid_t>(id));
  status.uids = TRY(IdsOf(fields, "Uid"));
  status.gids = TRY(IdsOf(fields, "Gid"));
  status.capabilities = TRY(CapabilitiesOf(fields));
  status.no_new_privs = TRY(fields.Number("NoNewPrivs")) != 0;
  status.seccomp_mode = TRY(fields.Number("Seccomp"));
  if (fields.Has("Seccomp_filters")) status.seccomp_filters = TRY(fields.Number("Seccomp_filters"));
  return status;
}

}  // namespace whittle::inspect

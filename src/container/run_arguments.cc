// What the engine's own arguments mean for the filter. Only those that matter are understood; the rest is the
// engine's.
#include <fmt/core.h>

#include <optional>
#include <string_view>

#include "container/run.h"

namespace whittle::container {
namespace {

// The value of a long option at `i`, "--name=value" or "--name value"; advances over it.
std::optional<std::string> ValueAt(const std::vector<std::string>& words, size_t& i, std::string_view name) {
  const std::string_view word = words[i];
  if (!word.starts_with(name)) return std::nullopt;
  const std::string_view rest = word.substr(name.size());
  if (rest.starts_with("=")) return std::string(rest.substr(1));
  if (!rest.empty() || i + 1 >= words.size()) return std::nullopt;
  return words[++i];
}

// A switch: "--name", "--name=true", "--name=1".
bool IsSwitchedOn(std::string_view word, std::string_view name) {
  if (!word.starts_with(name)) return false;
  const std::string_view rest = word.substr(name.size());
  return rest.empty() || rest == "=true" || rest == "=1" || rest == "=t";
}

// "-d" or a bundle of single letters that has it ("-dit"): a letter with a value ends the bundle.
bool IsDetachBundle(std::string_view word) {
  if (word.size() < 2 || word[0] != '-' || word[1] == '-') return false;
  for (const char c : word.substr(1)) {
    if (c == 'd') return true;
    if (c != 'i' && c != 't' && c != 'P' && c != 'q') return false;
  }
  return false;
}

Result<void> TakeSecurityOption(std::string_view option, EngineArguments& out) {
  if (option.starts_with("seccomp")) {
    return Fail(ErrorCode::kUsage,
                "--security-opt seccomp=... contradicts --profile: leave one of them away");
  }
  constexpr std::string_view kNoNewPrivs = "no-new-privileges";
  if (option.starts_with(kNoNewPrivs)) {
    const std::string_view rest = option.substr(kNoNewPrivs.size());
    out.no_new_privs = rest.empty() || rest.substr(1) == "true";
  }
  return {};
}

}  // namespace

Result<EngineArguments> ReadEngineArguments(const std::vector<std::string>& arguments) {
  EngineArguments out;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (IsSwitchedOn(word, "--privileged")) {
      return Fail(ErrorCode::kUsage,
                  "--privileged switches the filter off: name the capabilities with --cap-add instead");
    }
    out.detached = out.detached || IsSwitchedOn(word, "--detach") || IsDetachBundle(word);
    if (const auto option = ValueAt(arguments, i, "--security-opt")) {
      TRY(TakeSecurityOption(*option, out));
    } else if (auto id_file = ValueAt(arguments, i, "--cidfile")) {
      out.id_file = std::move(*id_file);
    } else if (auto add = ValueAt(arguments, i, "--cap-add")) {
      out.add.push_back(std::move(*add));
    } else if (auto drop = ValueAt(arguments, i, "--cap-drop")) {
      out.drop.push_back(std::move(*drop));
    }
  }
  return out;
}

}  // namespace whittle::container

// The members of each object of a profile, in the order in which Whittle writes what it made itself. Reader
// and writer go by these tables. Pure; thread safe.
#pragma once

#include <array>
#include <string_view>

namespace whittle::profile {

inline constexpr std::array<std::string_view, 9> kDocumentMembers = {
    "defaultAction", "defaultErrnoRet", "defaultErrno",     "architectures", "archMap",
    "flags",         "listenerPath",    "listenerMetadata", "syscalls",
};
inline constexpr std::array<std::string_view, 9> kRuleMembers = {
    "names", "name", "action", "errnoRet", "errno", "args", "comment", "includes", "excludes",
};
inline constexpr std::array<std::string_view, 4> kConditionMembers = {"index", "value", "valueTwo", "op"};
inline constexpr std::array<std::string_view, 3> kSelectorMembers = {"caps", "arches", "minKernel"};
inline constexpr std::array<std::string_view, 2> kMappingMembers = {"architecture", "subArchitectures"};

// The characters of Spelling::order.
inline constexpr char kOtherMember = '*';  // the next of Spelling::others
constexpr char Given(size_t member) { return static_cast<char>('a' + member); }
constexpr char GivenAsNull(size_t member) { return static_cast<char>('A' + member); }

// True for members that people write for people, in any object: comments, a schema, whatever begins with one
// of
// "_", "$", "#", "//". No loader knows them, and nobody takes them for a typing error.
constexpr bool IsNote(std::string_view name) {
  return name == "comment" || name == "comments" || name == "description" || name.starts_with('_') ||
         name.starts_with('$') || name.starts_with('#') || name.starts_with("//");
}

}  // namespace whittle::profile

// Names of subjects, as the kernel side keeps them, made readable. Pure; thread safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace whittle::record {

// "bin\0..." from the file up to the root ("sleep\0bin\0usr\0") as "/usr/bin/sleep"; empty if there is none.
std::string PathFromComponents(std::string_view components);

// True if `path` is `above` or lies below it: "/a/b" is below "/a" and below "/".
bool IsBelow(std::string_view path, std::string_view above);

// The last component: "4f1a" of "/docker/4f1a".
std::string LastComponent(std::string_view path);

}  // namespace whittle::record

// Whether a profile is docker's default of another version than the target's. Pure; thread safe.
#pragma once

#include <string>

#include "profile/document.h"
#include "profile/target.h"

namespace whittle::filter {

// As profile::OtherVersionText() of the catalogue's name, for every document that comes to the same on the
// target: the entry itself, a copy of it with other white space or comments, and what `resolve` made of it.
// Empty where nothing sets it apart, and for every other document.
std::string OtherVersionText(const profile::Document& document, const profile::Target& target);

}  // namespace whittle::filter

// A diagnosis for people and for scripts (docs/why.md). Pure; thread safe. Text is made printable here.
#pragma once

#include <string>

#include "base/json.h"
#include "diagnose/cause.h"

namespace whittle::diagnose {

std::string DiagnosisText(const Diagnosis& diagnosis);
json::Value DiagnosisJson(const Diagnosis& diagnosis);

}  // namespace whittle::diagnose

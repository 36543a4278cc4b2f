// Documents and what is made of them, for the tests of this folder; what must succeed fails the test that
// asks.
#pragma once

#include <gtest/gtest.h>

#include "base/yaml.h"
#include "export/export.h"
#include "profile/document.h"

namespace whittle::exporting::testing {

inline profile::Document DocumentOf(std::string_view text) {
  const auto document = profile::Read(text, "p.json", profile::Reading::kAsRuntimes);
  EXPECT_TRUE(document) << (document ? "" : document.error().message);
  return document.value_or(profile::Document());
}

inline Result<Exported> TryExport(std::string_view format, const profile::Document& document,
                                  const profile::Target& target, const Options& options = {}) {
  const auto found = FindFormat(format);
  EXPECT_TRUE(found) << format;
  return Export(**found, document, target, options);
}

inline Exported ExportOf(std::string_view format, const profile::Document& document,
                         const profile::Target& target, const Options& options = {}) {
  auto exported = TryExport(format, document, target, options);
  EXPECT_TRUE(exported) << (exported ? "" : exported.error().message);
  return exported.value_or(Exported());
}

// The profile in a SeccompProfile object.
inline profile::Document ObjectOf(const std::string& text) {
  const auto objects = yaml::Parse(text, "object.yaml");
  if (!objects || objects->size() != 1 || objects->front().Find("spec") == nullptr) {
    ADD_FAILURE() << "no object with a spec: " << text;
    return {};
  }
  const auto document = profile::ReadValue(*objects->front().Find("spec"), "object.yaml");
  EXPECT_TRUE(document) << (document ? "" : document.error().message);
  return document.value_or(profile::Document());
}

}  // namespace whittle::exporting::testing

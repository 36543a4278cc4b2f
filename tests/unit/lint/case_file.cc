#include "case_file.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/file.h"
#include "base/text.h"

namespace whittle::lint {

std::vector<Case> ReadCases(const std::string& path) {
  const auto text = ReadFile(path);
  EXPECT_TRUE(text);
  std::vector<Case> cases;
  uint32_t number = 0;
  for (const auto line : Lines(text ? std::string_view(*text) : "")) {
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with("case: ")) {
      cases.push_back({number, std::string(line.substr(6)), "", "", {}});
    } else if (line.starts_with("asked: ")) {
      cases.back().asked = line.substr(7);
    } else if (line.starts_with("profile: ")) {
      cases.back().text = line.substr(9);
    } else if (line.starts_with('|')) {
      cases.back().text += std::string(line.substr(std::min<size_t>(2, line.size()))) + "\n";
    } else {
      cases.back().wanted.emplace_back(line);
    }
  }
  return cases;
}

std::string Text(const Finding& finding) {
  return fmt::format("{} {} {}", SeverityName(finding.severity), finding.rule, finding.pointer);
}

bool Holds(const std::string& wanted, const std::vector<Finding>& findings) {
  const auto words = Words(wanted);
  if (words[0] == "no-finding") {  // at that place, or of that rule anywhere
    return std::ranges::none_of(findings, [&](const Finding& finding) {
      return words[1].starts_with('/') ? finding.pointer == words[1] : finding.rule == words[1];
    });
  }
  const size_t says = wanted.find(" says ");
  const std::string place = wanted.substr(0, says);
  return std::ranges::any_of(findings, [&](const Finding& finding) {
    return Text(finding) == place &&
           (says == wanted.npos ||
            (finding.message + "; " + finding.fix).find(wanted.substr(says + 6)) != std::string::npos);
  });
}

}  // namespace whittle::lint

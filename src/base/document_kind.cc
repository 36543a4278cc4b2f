#include "base/document_kind.h"

#include <fmt/core.h>

namespace whittle {
namespace {

struct Row {
  DocumentKind kind;
  std::string_view name;  // "this is NAME"
  std::string_view made;  // how one comes by it
  bool (*is)(const json::Value& root);
};

bool Has(const json::Value& root, std::string_view member) { return root.Find(member) != nullptr; }

bool IsEvidence(const json::Value& root) {
  const auto* format = root.Find("format");
  return format != nullptr && format->text == "whittle-evidence";
}
bool IsProfile(const json::Value& root) { return Has(root, "defaultAction"); }
bool IsBaseline(const json::Value& root) { return Has(root, "runtime") && Has(root, "rows"); }
bool IsSummary(const json::Value& root) { return Has(root, "completeness") && Has(root, "subjects"); }
bool IsVerification(const json::Value& root) { return Has(root, "passed") && Has(root, "observations"); }

constexpr Row kRows[] = {
    {DocumentKind::kEvidence, "evidence", "'whittle record' and 'whittle import' make evidence", IsEvidence},
    {DocumentKind::kProfile, "a profile", "'whittle generate' makes one of evidence", IsProfile},
    {DocumentKind::kBaseline, "a measured baseline", "'whittle baseline' measures one", IsBaseline},
    {DocumentKind::kSummary, "the summary of evidence", "'whittle show --json' prints one", IsSummary},
    {DocumentKind::kVerification, "the answer of verify", "'whittle verify --json' prints one",
     IsVerification},
};

const Row& RowOf(DocumentKind kind) { return kRows[static_cast<size_t>(kind)]; }

}  // namespace

std::optional<DocumentKind> KindOfDocument(const json::Value& root) {
  if (!root.is(json::Kind::kObject)) return std::nullopt;
  for (const auto& row : kRows) {
    if (row.is(root)) return row.kind;
  }
  return std::nullopt;
}

std::string WrongKindText(const json::Value& root, DocumentKind wanted) {
  const auto kind = KindOfDocument(root);
  if (!kind || *kind == wanted) return "";
  return fmt::format("this is {}, not {}: {}", RowOf(*kind).name, RowOf(wanted).name, RowOf(wanted).made);
}

}  // namespace whittle

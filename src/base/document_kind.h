// Whittle's own documents in one table: how each is known, and how one comes by it. A reader that is given
// another kind than it wants says so in these words. Pure; thread safe.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"

namespace whittle {

enum class DocumentKind { kEvidence, kProfile, kBaseline, kSummary, kVerification };

// What a JSON document is, by its members; nothing if it is none of ours.
std::optional<DocumentKind> KindOfDocument(const json::Value& root);

// "this is a profile, not evidence: 'whittle record' makes evidence", or empty if the document is of the
// wanted kind or of none that is known.
std::string WrongKindText(const json::Value& root, DocumentKind wanted);

}  // namespace whittle

// `dmesg --json`: {"dmesg": [{"pri": 5, "time": 14041.541783, "msg": "audit: type=1326 audit(...): ..."},
// ...]}. A message is read as the line that dmesg prints of it otherwise (audit.cc).
#include <fmt/core.h>

#include "base/json.h"
#include "base/text.h"
#include "import/format.h"

namespace whittle::import {
namespace {

class DmesgParser final : public Parser {
 public:
  DmesgParser(Tally& tally, const Settings& settings) : audit_(MakeAudit(tally, settings)) {}

  void BeginFile(std::string_view name) override { audit_->BeginFile(name); }
  Result<std::vector<Complaint>> Document(std::string_view text, const std::string& shown) override;
  void EndFile() override { audit_->EndFile(); }
  void End() override { audit_->End(); }

 private:
  std::unique_ptr<Parser> audit_;
};

Result<std::vector<Complaint>> DmesgParser::Document(std::string_view text, const std::string& shown) {
  const json::Value root = TRY(json::Parse(text, shown, {.bytes = text.size(), .depth = 6}));
  const auto* messages = root.Find("dmesg");
  if (messages == nullptr || !messages->is(json::Kind::kArray)) {
    return Fail(ErrorCode::kBadInput, fmt::format("{}: expected the output of dmesg --json: an object with a "
                                                  "list 'dmesg'",
                                                  shown));
  }
  std::vector<Complaint> complaints;
  for (const auto& entry : messages->items) {
    const auto* message = entry.Find("msg");
    const bool is_text = message != nullptr && message->is(json::Kind::kString);
    const auto* priority = entry.Find("pri");
    const bool has_priority = priority != nullptr && priority->is(json::Kind::kUnsigned);
    const auto before = has_priority ? fmt::format("<{}>[0.0] ", priority->number) : "[0.0] ";
    const auto line = is_text ? before + message->text : "";
    const bool is_read = is_text && audit_->Line(line.substr(0, line.find('\n'))) == Understood::kYes;
    if (is_read) continue;
    const std::string why =
        is_text ? fmt::format("'{}'", Printable(message->text.substr(0, 160))) : "a message without 'msg'";
    complaints.push_back({static_cast<uint64_t>(entry.at.line), why});
  }
  return complaints;
}

}  // namespace

bool LooksLikeDmesg(std::string_view line) {
  const auto trimmed = Trim(line);
  return trimmed == "\"dmesg\": [" || trimmed.starts_with("\"pri\": ");
}

std::unique_ptr<Parser> MakeDmesg(Tally& tally, const Settings& settings) {
  return std::make_unique<DmesgParser>(tally, settings);
}

}  // namespace whittle::import

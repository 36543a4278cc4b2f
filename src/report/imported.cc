#include "report/imported.h"

#include <fmt/core.h>

#include <algorithm>
#include <tuple>

#include "base/text.h"
#include "report/summary.h"
#include "syscalls/table.h"

namespace whittle::report {
namespace {

using Entry = import::Rows::value_type;

std::string RowText(const Entry& entry) {
  const auto& [subject, key] = entry.first;
  const auto& row = entry.second;
  return fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\n", evidence::FateName(key.fate), row.count,
                     AbiName(key.abi), SyscallText(key.abi, key.number), Printable(subject.executable),
                     SeenText(row.first_ms), SeenText(row.last_ms));
}

bool IsRefused(const Entry& entry) { return evidence::Refused(entry.first.second.fate); }

}  // namespace

std::string ImportedText(const import::Imported& imported) {
  std::set<std::pair<Abi, uint32_t>> calls;
  std::set<evidence::Subject> subjects;
  for (const auto& [row, what] : imported.rows) {
    subjects.insert(row.first);
    calls.emplace(row.second.abi, row.second.number);
  }
  std::string formats;
  for (const auto& format : imported.formats) formats += (formats.empty() ? "" : ", ") + format;
  std::string text =
      fmt::format("read {} ({}): {} of {}", Counted(imported.lines, "line"), formats,
                  Counted(calls.size(), "different call"), Counted(subjects.size(), "subject"));
  if (imported.not_understood > 0) {
    text += fmt::format("; {} not understood", Counted(imported.not_understood, "line"));
  }
  if (!imported.evidence.complete())
    text += fmt::format("; {}", Counted(imported.evidence.gaps.size(), "gap"));
  return text;
}

std::string ImportedSummary(const import::Imported& imported) {
  std::vector<const Entry*> rows;
  for (const auto& entry : imported.rows) rows.push_back(&entry);
  std::ranges::stable_sort(rows, {}, [](const Entry* entry) {
    const auto& [subject, key] = entry->first;
    return std::tuple(!IsRefused(*entry), UINT64_MAX - entry->second.count, evidence::FateName(key.fate),
                      SyscallText(key.abi, key.number));
  });
  std::string text = "fate\tcount\tabi\tcall\texecutable\tfirst\tlast\n";
  uint64_t records = 0;
  uint64_t refused = 0;
  std::set<std::pair<Abi, uint32_t>> calls;
  for (const Entry* entry : rows) {
    text += RowText(*entry);
    records += entry->second.count;
    calls.emplace(entry->first.second.abi, entry->first.second.number);
    if (IsRefused(*entry)) ++refused;
  }
  return text + fmt::format("total {} records, {} calls, {} denied\n", records, calls.size(), refused);
}

}  // namespace whittle::report

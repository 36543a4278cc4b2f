#include "prove/meaning.h"

#include <linux/seccomp.h>

#include "prove/entries.h"
#include "prove/reading.h"

namespace whittle::prove {
namespace {

// The values of a word from the last part's end on.
struct Part {
  uint32_t to;
  Node node;
};

// The diagram that asks a word which part its value is of. Parts cover all values, in order. Whatever nodes
// it makes are part of the diagram.
class PartsDiagram {
 public:
  PartsDiagram(Diagrams& diagrams, int word, std::span<const Part> parts)
      : diagrams_(diagrams), word_(word), parts_(parts) {}

  Node Make() { return Below(0, kWordBits); }

 private:
  // Of the values whose bits from `bit` on are those of `value`.
  Node Below(uint32_t value, int bit) {
    while (parts_[at_].to < value) ++at_;
    const uint32_t last = bit == 0 ? value : value | UINT32_MAX >> (kWordBits - bit);
    if (last <= parts_[at_].to) return parts_[at_].node;
    const Node no = Below(value, bit - 1);
    const Node yes = Below(value | 1u << (bit - 1), bit - 1);
    return diagrams_.Ask(word_, bit - 1, yes, no);
  }

  Diagrams& diagrams_;
  int word_;
  std::span<const Part> parts_;
  size_t at_ = 0;  // parts before it were passed
};

Node ByEntries(Diagrams& diagrams, std::span<const sock_filter> program, const std::vector<ArchRun>& table) {
  Reading reading(diagrams, program);
  std::vector<Reading::Point> starts;
  for (const auto& arch : table) {
    for (const auto& number : arch.numbers) starts.push_back(reading.Start(number.entry));
  }
  reading.Run();
  std::vector<Part> archs, numbers;
  auto start = starts.begin();
  for (const auto& arch : table) {
    numbers.clear();
    for (const auto& number : arch.numbers) numbers.push_back({number.to, reading.MeaningOf(*start++)});
    archs.push_back({arch.to, PartsDiagram(diagrams, kNumberWord, numbers).Make()});
  }
  return PartsDiagram(diagrams, kArchWord, archs).Make();
}

Node ByInstructions(Diagrams& diagrams, std::span<const sock_filter> program) {
  Reading reading(diagrams, program);
  const auto start = reading.Start(0);
  reading.Run();
  return reading.MeaningOf(start);
}

}  // namespace

Node MeaningOf(Diagrams& diagrams, std::span<const sock_filter> program) {
  const auto table = EntriesOf(program);
  const Node meaning = table ? ByEntries(diagrams, program, *table) : ByInstructions(diagrams, program);
  return diagrams.exhausted() ? Diagrams::kFalse : meaning;
}

Node MeaningOf(Diagrams& diagrams, std::span<const filter::Program> programs) {
  if (programs.empty()) return diagrams.Verdict(SECCOMP_RET_ALLOW);
  Node all = MeaningOf(diagrams, std::span<const sock_filter>(programs.front()));
  for (const auto& program : programs.subspan(1)) {
    if (diagrams.exhausted()) return Diagrams::kFalse;
    const Node next = MeaningOf(diagrams, std::span<const sock_filter>(program));
    all = diagrams.Combine(Diagrams::Join::kStack, all, next);
  }
  return diagrams.exhausted() ? Diagrams::kFalse : all;
}

}  // namespace whittle::prove

#include "kept/life.h"

#include <fmt/core.h>

#include <algorithm>

#include "evidence/text_value.h"

namespace whittle::kept {
namespace {

using json::Kind;
using json::Value;

constexpr json::Limits kLimits{.bytes = kMaxBytes, .depth = 16, .values = size_t{1} << 18};
constexpr size_t kMaxFrames = 64;
constexpr size_t kMaxFrameBytes = 512;
constexpr size_t kMaxGaps = 256;

// The members of one object; those that nobody asks for are passed over. Keeps the first complaint.
class Members {
 public:
  Members(const Value& object, const std::string& file, std::string what)
      : object_(object), file_(file), what_(std::move(what)) {
    if (!object.is(Kind::kObject)) Complain(object, "", "an object");
  }

  std::string Text(std::string_view name) {
    const Value* value = Find(name);
    return value == nullptr ? "" : TextOf(*value, name);
  }
  std::string NeededText(std::string_view name) {
    std::string text = Text(name);
    if (text.empty() && status_) Complain(object_, name, "a text that is not empty");
    return text;
  }
  int64_t Number(std::string_view name, int64_t otherwise = 0) {
    const Value* value = Find(name);
    if (value == nullptr) return otherwise;
    if (value->is(Kind::kInteger)) return otherwise;  // -1: not known
    if (value->is(Kind::kUnsigned) && value->number <= INT64_MAX) return static_cast<int64_t>(value->number);
    Complain(*value, name, "a whole number from 0 to 2^63 - 1");
    return otherwise;
  }
  int64_t NeededNumber(std::string_view name) {
    if (Find(name) == nullptr) Complain(object_, name, "a whole number");
    return Number(name);
  }
  bool Flag(std::string_view name) {
    const Value* value = Find(name);
    if (value == nullptr) return false;
    if (!value->is(Kind::kBoolean)) Complain(*value, name, "true or false");
    return value->is(Kind::kBoolean) && value->boolean;
  }
  // Empty where it is missing.
  const std::vector<Value>& List(std::string_view name) {
    static const std::vector<Value> kNone;
    const Value* value = Find(name);
    if (value == nullptr) return kNone;
    if (!value->is(Kind::kArray)) Complain(*value, name, "an array");
    return value->items;
  }
  std::vector<std::string> Texts(std::string_view name) {
    std::vector<std::string> texts;
    for (const auto& item : List(name)) texts.push_back(TextOf(item, name));
    return texts;
  }
  // A denials file has frames as texts, the report of 'whittle denials' as objects.
  std::vector<std::string> Frames(std::string_view name) {
    std::vector<std::string> frames;
    for (const auto& item : List(name)) {
      const Value* text = item.is(Kind::kObject) ? item.Find("text") : nullptr;
      frames.push_back(TextOf(text == nullptr ? item : *text, name));
    }
    return frames;
  }
  std::vector<uint64_t> Numbers(std::string_view name) {
    std::vector<uint64_t> numbers;
    for (const auto& item : List(name)) {
      if (!item.is(Kind::kUnsigned)) Complain(item, name, "an array of whole numbers");
      numbers.push_back(item.is(Kind::kUnsigned) ? item.number : 0);
    }
    return numbers;
  }
  Abi NeededAbi(std::string_view name) {
    const auto abi = ParseAbi(NeededText(name));
    if (!abi) Complain(object_, name, "an ABI such as x86_64");
    return abi ? *abi : Abi::kX86_64;
  }
  evidence::Fate Fate(std::string_view name, evidence::Fate otherwise) {
    const std::string text = Text(name);
    const auto fate = evidence::ParseFate(text);
    if (!text.empty() && !fate) Complain(object_, name, "allowed, logged, denied, killed or unknown");
    return fate.value_or(otherwise);
  }
  evidence::Arrival Arrival(std::string_view name) {
    return evidence::ParseArrival(Text(name)).value_or(evidence::Arrival::kWorkload);
  }
  void Complain(const Value& value, std::string_view name, std::string_view wanted) {
    if (!status_) return;
    status_ = json::FailAt(file_, value.at,
                           fmt::format("{}{}{}: expected {}", what_, name.empty() ? "" : ".", name, wanted));
  }
  Result<void> status() const { return status_; }

 private:
  const Value* Find(std::string_view name) const {
    const Value* value = object_.is(Kind::kObject) ? object_.Find(name) : nullptr;
    return value == nullptr || value->is(Kind::kNull) ? nullptr : value;
  }
  std::string TextOf(const Value& value, std::string_view name) {
    auto text = evidence::ReadText(value, file_, fmt::format("{}.{}", what_, name));
    if (text) return std::move(*text);
    if (status_) status_ = std::unexpected(text.error());
    return "";
  }

  const Value& object_;
  const std::string& file_;
  std::string what_;
  Result<void> status_;
};

Result<Refusal> ReadRefusal(const Value& item, const std::string& file, std::string what) {
  Members members(item, file, std::move(what));
  Refusal refusal;
  refusal.abi = members.NeededAbi("abi");
  refusal.call = members.NeededText("call");
  refusal.arguments = members.Numbers("arguments");
  refusal.fate = members.Fate("fate", evidence::Fate::kDenied);
  refusal.action = members.Text("action");
  refusal.got = members.Text("got");
  refusal.errno_name = members.Text("errno");
  refusal.executable = members.Text("executable");
  refusal.command = members.Text("command");
  refusal.arrival = members.Arrival("arrival");
  refusal.pid = members.Number("pid");
  refusal.tid = members.Number("tid");
  refusal.count = static_cast<uint64_t>(members.Number("count", 1));
  refusal.first_ms = members.Number("first_ms");
  refusal.last_ms = members.Number("last_ms");
  // The report has an object there, of which nothing is needed.
  const Value* filter = item.is(Kind::kObject) ? item.Find("filter") : nullptr;
  if (filter != nullptr && !filter->is(Kind::kObject)) refusal.filter = members.Number("filter", -1);
  refusal.stack = members.Frames("stack");
  TRY(members.status());
  return refusal;
}

Result<FirstSeen> ReadFirstSeen(const Value& item, const std::string& file, std::string what) {
  Members members(item, file, std::move(what));
  FirstSeen seen;
  seen.ms = members.Number("ms");
  seen.executable = members.Text("executable");
  seen.arrival = members.Arrival("arrival");
  seen.abi = members.NeededAbi("abi");
  seen.call = members.NeededText("call");
  seen.fate = members.Fate("fate", evidence::Fate::kUnknown);
  TRY(members.status());
  return seen;
}

Result<void> ReadContainer(const Value& object, const std::string& file, Life& life) {
  Members whose(object, file, "container");
  life.id = whose.NeededText("id");
  life.name = whose.NeededText("name");
  life.image = whose.Text("image");
  life.engine = whose.Text("engine");
  life.runtime = whose.Text("runtime");
  return whose.status();
}

// At most `most` bytes, without cutting a character of UTF-8 into pieces.
Value Cut(std::string_view text, size_t most = evidence::kMaxTextBytes) {
  if (text.size() <= most) return evidence::TextValue(text);
  constexpr std::string_view kMore = "...";
  size_t end = most - kMore.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) end--;
  return evidence::TextValue(std::string(text.substr(0, end)) + std::string(kMore));
}

Value RefusalJson(const Refusal& refusal) {
  Value arguments = json::Array(), stack = json::Array();
  for (const uint64_t argument : refusal.arguments) arguments.items.emplace_back(argument);
  for (size_t i = 0; i < refusal.stack.size() && i < kMaxFrames; i++) {
    stack.items.push_back(Cut(refusal.stack[i], kMaxFrameBytes));
  }
  return json::Object({{"abi", AbiName(refusal.abi)},
                       {"call", Cut(refusal.call)},
                       {"arguments", std::move(arguments)},
                       {"fate", evidence::FateName(refusal.fate)},
                       {"action", Cut(refusal.action)},
                       {"got", Cut(refusal.got)},
                       {"errno", Cut(refusal.errno_name)},
                       {"executable", Cut(refusal.executable)},
                       {"command", Cut(refusal.command)},
                       {"arrival", evidence::ArrivalName(refusal.arrival)},
                       {"pid", refusal.pid},
                       {"tid", refusal.tid},
                       {"count", refusal.count},
                       {"first_ms", refusal.first_ms},
                       {"last_ms", refusal.last_ms},
                       {"filter", refusal.filter},
                       {"stack", std::move(stack)}});
}

Value FirstSeenJson(const FirstSeen& seen) {
  return json::Object({{"ms", seen.ms},
                       {"executable", Cut(seen.executable)},
                       {"arrival", evidence::ArrivalName(seen.arrival)},
                       {"abi", AbiName(seen.abi)},
                       {"call", Cut(seen.call)},
                       {"fate", evidence::FateName(seen.fate)}});
}

Value Texts(const std::vector<std::string>& texts) {
  Value list = json::Array();
  for (const auto& text : texts) list.items.push_back(Cut(text));
  return list;
}

std::string TextOf(const Life& life) {
  Value refused = json::Array(), seen = json::Array();
  for (const auto& refusal : life.refused) refused.items.push_back(RefusalJson(refusal));
  for (const auto& call : life.first_seen) seen.items.push_back(FirstSeenJson(call));
  return json::Write(json::Object({{"format", "whittle-denials"},
                                   {"version", kVersion},
                                   {"container", json::Object({{"id", Cut(life.id)},
                                                               {"name", Cut(life.name)},
                                                               {"image", Cut(life.image)},
                                                               {"engine", Cut(life.engine)},
                                                               {"runtime", Cut(life.runtime)}})},
                                   {"marks", Texts(life.marks)},
                                   {"started_ms", life.started_ms},
                                   {"updated_ms", life.updated_ms},
                                   {"from_start", life.from_start},
                                   {"ended", life.ended},
                                   {"refused", std::move(refused)},
                                   {"first_seen", std::move(seen)},
                                   {"dropped", life.dropped},
                                   {"gaps", Texts(life.gaps)}}));
}

template <typename T>
size_t DropOldest(std::vector<T>& list, size_t count) {
  count = std::min(count, list.size());
  list.erase(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(count));
  return count;
}

template <typename T>
size_t DropOlderHalf(std::vector<T>& list) {
  return DropOldest(list, (list.size() + 1) / 2);
}

// Takes away what is missed least; at most some thirty times.
void Shrink(Life& life) {
  std::vector<Refusal*> with_stack;
  for (auto& refusal : life.refused) {
    if (!refusal.stack.empty()) with_stack.push_back(&refusal);
  }
  if (!with_stack.empty()) {
    for (size_t i = 0; i < (with_stack.size() + 1) / 2; i++) with_stack[i]->stack.clear();
  } else if (!life.refused.empty()) {
    life.dropped += DropOlderHalf(life.refused);
  } else if (!life.first_seen.empty()) {
    DropOlderHalf(life.first_seen);
  } else {
    DropOlderHalf(life.gaps);
  }
}

bool IsEmpty(const Life& life) {
  return life.refused.empty() && life.first_seen.empty() && life.gaps.empty();
}

}  // namespace

Result<std::vector<Refusal>> ReadRefusals(const Value& object, std::string_view member,
                                          const std::string& file, std::string_view container) {
  Members members(object, file, "the document");
  std::vector<Refusal> refusals;
  const auto& list = members.List(member);
  for (size_t i = 0; i < list.size(); ++i) {
    const Value* whose = list[i].is(Kind::kObject) ? list[i].Find("container") : nullptr;
    if (!container.empty() && whose != nullptr && whose->text != container) continue;
    auto refusal = TRY(ReadRefusal(list[i], file, fmt::format("refused[{}]", i)));
    if (evidence::Refused(refusal.fate)) refusals.push_back(std::move(refusal));
  }
  TRY(members.status());
  return refusals;
}

Result<Life> Read(std::string_view text, const std::string& file) {
  const Value root = TRY(json::Parse(text, file, kLimits));
  Members members(root, file, "the document");
  if (members.Text("format") != "whittle-denials") members.Complain(root, "format", "whittle-denials");
  if (members.NeededNumber("version") > kVersion) {
    members.Complain(root, "version", fmt::format("at most {}: a newer whittle wrote this", kVersion));
  }
  Life life;
  life.marks = members.Texts("marks");
  life.started_ms = members.NeededNumber("started_ms");
  life.updated_ms = members.NeededNumber("updated_ms");
  life.from_start = members.Flag("from_start");
  life.ended = members.Flag("ended");
  life.dropped = static_cast<uint64_t>(members.Number("dropped"));
  life.gaps = members.Texts("gaps");
  const auto& seen = members.List("first_seen");
  const Value* container = root.is(Kind::kObject) ? root.Find("container") : nullptr;
  if (container == nullptr) members.Complain(root, "container", "an object");
  if (root.is(Kind::kObject) && root.Find("refused") == nullptr)
    members.Complain(root, "refused", "an array");
  TRY(members.status());
  life.refused = TRY(ReadRefusals(root, "refused", file, ""));
  for (size_t i = 0; i < seen.size(); ++i) {
    life.first_seen.push_back(TRY(ReadFirstSeen(seen[i], file, fmt::format("first_seen[{}]", i))));
  }
  TRY(ReadContainer(*container, file, life));
  return life;
}

void KeepNewest(Life& life) {
  std::ranges::stable_sort(life.refused, {}, &Refusal::last_ms);
  if (life.refused.size() > kMaxKinds)
    life.dropped += DropOldest(life.refused, life.refused.size() - kMaxKinds);
}

std::string Write(Life life) {
  KeepNewest(life);
  if (life.first_seen.size() > kMaxFirstSeen) {
    DropOldest(life.first_seen, life.first_seen.size() - kMaxFirstSeen);
  }
  if (life.gaps.size() > kMaxGaps) {
    const size_t more = life.gaps.size() - kMaxGaps;
    life.gaps.resize(kMaxGaps);
    life.gaps.push_back(fmt::format("and {} more gaps, which found no room here", more));
  }
  std::string text = TextOf(life);
  while (text.size() > kMaxBytes && !IsEmpty(life)) {
    Shrink(life);
    text = TextOf(life);
  }
  return text;
}

}  // namespace whittle::kept

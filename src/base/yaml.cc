#include "base/yaml.h"

#include <fmt/core.h>
#include <yaml.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "base/text.h"

namespace whittle::yaml {
namespace {

using json::Position;
using json::Value;

Position PositionOf(const yaml_mark_t& mark) {
  return {static_cast<uint32_t>(mark.line + 1), static_cast<uint32_t>(mark.column + 1)};
}

std::string_view TextOf(const yaml_char_t* text, size_t length) {
  return {reinterpret_cast<const char*>(text), length};
}

// "0x1f", "0o17", "-5", "+5"; nothing if it is none or does not fit.
std::optional<Value> WholeNumber(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.starts_with('-')) {
    const auto value = text.starts_with("-0x") ? std::nullopt : ParseSigned(text);
    return value ? std::optional<Value>(*value) : std::nullopt;
  }
  if (text.starts_with("0o") && text.size() > 2 && text.size() < 23 &&
      text.find_first_not_of("01234567", 2) == text.npos) {
    uint64_t value = 0;
    for (const char c : text.substr(2)) value = value << 3 | static_cast<uint64_t>(c - '0');
    return Value(value);
  }
  const auto value = ParseUnsigned(text);
  return value ? std::optional<Value>(*value) : std::nullopt;
}

// "1.5", "1e3", "-.5": only what has digits and nothing else of a word.
std::optional<Value> RealNumber(std::string_view text) {
  const bool may_be =
      text.find_first_of("0123456789") != text.npos && text.find_first_not_of("0123456789+-.eE") == text.npos;
  if (!may_be) return std::nullopt;
  const std::string copy(text);
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  return end == copy.c_str() + copy.size() ? std::optional<Value>(value) : std::nullopt;
}

Value Plain(std::string_view text) {
  for (const std::string_view null : {"", "~", "null", "Null", "NULL"}) {
    if (text == null) return {};
  }
  for (const std::string_view yes : {"true", "True", "TRUE"}) {
    if (text == yes) return true;
  }
  for (const std::string_view no : {"false", "False", "FALSE"}) {
    if (text == no) return false;
  }
  if (auto whole = WholeNumber(text)) return *std::move(whole);
  if (auto real = RealNumber(text)) return *std::move(real);
  return text;
}

size_t CountOf(const Value& value) {
  size_t count = 1;
  for (const auto& item : value.items) count += CountOf(item);
  for (const auto& member : value.members) count += 1 + CountOf(member.value);
  return count;
}

size_t DepthOf(const Value& value) {
  size_t depth = 0;
  for (const auto& item : value.items) depth = std::max(depth, DepthOf(item));
  for (const auto& member : value.members) depth = std::max(depth, DepthOf(member.value));
  return depth + 1;
}

constexpr std::string_view kMerge = "<<";

// What is being built: values whose end has not come.
struct Open {
  Value value;
  std::string anchor;
  std::optional<json::Member> member;  // of an object: the name that has come, and waits for its value
};

// libyaml's structures, which free themselves.
class Event {
 public:
  ~Event() { yaml_event_delete(&event_); }
  yaml_event_t* get() { return &event_; }
  const yaml_event_t* operator->() const { return &event_; }

 private:
  yaml_event_t event_{};
};

class Builder {
 public:
  Builder(const std::string& name, const json::Limits& limits) : name_(name), limits_(limits) {
    if (yaml_parser_initialize(&parser_) == 0) std::abort();  // out of memory
  }
  ~Builder() { yaml_parser_delete(&parser_); }
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  Result<std::vector<Value>> Run(std::string_view text);

 private:
  Result<void> Take(const yaml_event_t& event);
  Result<void> TakeAlias(const yaml_event_t& event, Position at);
  Result<void> Begin(json::Kind kind, const yaml_char_t* anchor, Position at);
  Result<void> Put(Value value, std::string anchor, Position at);
  Result<void> Count(size_t more, Position at);
  Result<void> CheckNames(const Value& object) const;
  Result<void> Merge(Value& object) const;
  std::unexpected<Error> FailAt(Position at, const std::string& what) const {
    return json::FailAt(name_, at, what);
  }

  yaml_parser_t parser_{};
  const std::string& name_;
  const json::Limits limits_;
  size_t values_ = 0;
  std::vector<Open> open_;
  std::map<std::string, Value, std::less<>> anchors_;
  std::vector<Value> documents_;
};

Result<void> Builder::Count(size_t more, Position at) {
  values_ += more;
  if (values_ <= limits_.values) return {};
  return FailAt(at, fmt::format("more than {} values, what aliases stand for included", limits_.values));
}

Result<void> Builder::Begin(json::Kind kind, const yaml_char_t* anchor, Position at) {
  TRY(Count(1, at));
  if (open_.size() >= limits_.depth)
    return FailAt(at, fmt::format("more than {} levels deep", limits_.depth));
  Open open;
  open.value.kind = kind;
  open.value.at = at;
  if (anchor != nullptr) open.anchor = reinterpret_cast<const char*>(anchor);
  open_.push_back(std::move(open));
  return {};
}

// A whole value: into what is open, or a document of its own.
Result<void> Builder::Put(Value value, std::string anchor, Position at) {
  if (!anchor.empty()) {
    TRY(Count(CountOf(value), at));  // the copy that aliases are made of
    anchors_.insert_or_assign(std::move(anchor), value);
  }
  if (open_.empty()) {
    documents_.push_back(std::move(value));
    return {};
  }
  Open& open = open_.back();
  if (open.value.is(json::Kind::kArray)) {
    open.value.items.push_back(std::move(value));
  } else if (!open.member) {
    if (!value.is(json::Kind::kString)) return FailAt(at, "expected the name of a member: a string");
    open.member = json::Member{std::move(value.text), at, {}};
  } else {
    open.member->value = std::move(value);
    open.value.members.push_back(*std::move(open.member));
    open.member.reset();
  }
  return {};
}

// Of a name that is given twice some readers take the last value, and others refuse it.
Result<void> Builder::CheckNames(const Value& object) const {
  std::map<std::string_view, Position> places;
  for (const auto& member : object.members) {
    const auto [first, is_new] = places.try_emplace(member.name, member.at);
    if (is_new || member.name == kMerge) continue;
    return FailAt(member.at, fmt::format("'{}' is given twice: also in line {}", json::Quotable(member.name),
                                         first->second.line));
  }
  return {};
}

// "<<: *defaults", or a list of such: members that the object does not have itself, of the first that has
// them.
Result<void> Builder::Merge(Value& object) const {
  std::vector<json::Member> members;
  std::vector<Value> sources;
  std::set<std::string> names;
  for (auto& member : object.members) {
    if (member.name != kMerge) {
      names.insert(member.name);
      members.push_back(std::move(member));
    } else if (member.value.is(json::Kind::kArray)) {
      for (auto& item : member.value.items) sources.push_back(std::move(item));
    } else {
      sources.push_back(std::move(member.value));
    }
  }
  for (auto& source : sources) {
    if (!source.is(json::Kind::kObject)) return FailAt(source.at, "expected a mapping: it is merged by <<");
    for (auto& member : source.members) {
      if (names.insert(member.name).second) members.push_back(std::move(member));
    }
  }
  object.members = std::move(members);
  return {};
}

Result<void> Builder::TakeAlias(const yaml_event_t& event, Position at) {
  const auto known = anchors_.find(reinterpret_cast<const char*>(event.data.alias.anchor));
  if (known == anchors_.end()) return FailAt(at, "an alias of an anchor that is not there yet");
  TRY(Count(CountOf(known->second), at));
  if (open_.size() + DepthOf(known->second) > limits_.depth) {
    return FailAt(at, fmt::format("more than {} levels deep", limits_.depth));
  }
  return Put(known->second, "", at);
}

Result<void> Builder::Take(const yaml_event_t& event) {
  const Position at = PositionOf(event.start_mark);
  switch (event.type) {
    case YAML_DOCUMENT_START_EVENT:
      anchors_.clear();
      return {};
    case YAML_ALIAS_EVENT:
      return TakeAlias(event, at);
    case YAML_SCALAR_EVENT: {
      const auto& scalar = event.data.scalar;
      const auto text = TextOf(scalar.value, scalar.length);
      // The name of a member is text, whatever it looks like.
      const bool is_name =
          !open_.empty() && open_.back().value.is(json::Kind::kObject) && !open_.back().member;
      const bool is_plain = scalar.style == YAML_PLAIN_SCALAR_STYLE && scalar.tag == nullptr && !is_name;
      const bool is_null = scalar.tag != nullptr &&
                           std::string_view(reinterpret_cast<const char*>(scalar.tag)) == YAML_NULL_TAG;
      Value value = is_null ? Value() : is_plain ? Plain(text) : Value(text);
      value.at = at;
      TRY(Count(1, at));
      return Put(std::move(value),
                 scalar.anchor == nullptr ? "" : reinterpret_cast<const char*>(scalar.anchor), at);
    }
    case YAML_SEQUENCE_START_EVENT:
      return Begin(json::Kind::kArray, event.data.sequence_start.anchor, at);
    case YAML_MAPPING_START_EVENT:
      return Begin(json::Kind::kObject, event.data.mapping_start.anchor, at);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: {
      Open done = std::move(open_.back());
      open_.pop_back();
      const Position begin = done.value.at;
      TRY(CheckNames(done.value));
      if (std::ranges::find(done.value.members, kMerge, &json::Member::name) != done.value.members.end())
        TRY(Merge(done.value));
      return Put(std::move(done.value), std::move(done.anchor), begin);
    }
    default:
      return {};
  }
}

Result<std::vector<Value>> Builder::Run(std::string_view text) {
  if (text.size() > limits_.bytes) return FailAt({1, 1}, fmt::format("larger than {} bytes", limits_.bytes));
  yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  for (;;) {
    Event event;
    if (yaml_parser_parse(&parser_, event.get()) == 0) {
      const char* problem = parser_.problem == nullptr ? "cannot be read" : parser_.problem;
      return FailAt(PositionOf(parser_.problem_mark), fmt::format("no YAML: {}", problem));
    }
    if (event->type == YAML_STREAM_END_EVENT) return std::move(documents_);
    TRY(Take(*event.get()));
  }
}

}  // namespace

Result<std::vector<Value>> Parse(std::string_view text, const std::string& name, const json::Limits& limits) {
  return Builder(name, limits).Run(text);
}

}  // namespace whittle::yaml

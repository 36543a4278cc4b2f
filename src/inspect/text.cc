#include "inspect/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "container/capabilities.h"
#include "filter/call_text.h"
#include "filter/disassemble.h"
#include "syscalls/facts.h"

namespace whittle::inspect {
namespace {

using filter::SeccompMode;
using prove::Passage;

constexpr size_t kWidth = 80;
constexpr size_t kLabelWidth = 16;

std::string Plural(size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

// `text` in lines of at most kWidth columns, all but the first indented. Words longer than a line are left
// whole.
std::string Wrapped(std::string_view text, size_t first_indent, size_t indent) {
  std::string out;
  size_t column = first_indent;
  for (const auto word : Split(text, ' ')) {
    const bool starts = out.empty();
    if (!starts && column + 1 + word.size() > kWidth) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!starts) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

class Page {
 public:
  explicit Page(Colour colour) : colour_(colour) {}
  void Head(const std::string& text) { out_ += Bold(Wrapped(text, 0, 2)) + "\n"; }
  void Row(std::string_view label, const std::string& text) {
    out_ += "  " + Bold(fmt::format("{:<{}}", label, kLabelWidth - 2)) +
            Wrapped(text, kLabelWidth, kLabelWidth) + "\n";
  }
  void More(const std::string& text) {
    out_ += std::string(kLabelWidth, ' ') + Wrapped(text, kLabelWidth, kLabelWidth + 2) + "\n";
  }
  void Item(std::string_view label, size_t width, const std::string& text) {
    const size_t indent = 4 + width + 2;
    out_ += fmt::format("    {:<{}}  {}\n", label, width, Wrapped(text, indent, indent));
  }
  void Line(const std::string& text, size_t indent = 0) {
    out_ += std::string(indent, ' ') + Wrapped(text, indent, indent + 2) + "\n";
  }
  void Gap() { out_ += "\n"; }
  std::string Take() { return std::move(out_); }

 private:
  std::string Bold(const std::string& text) const {
    return colour_ == Colour::kYes ? "\033[1m" + text + "\033[0m" : text;
  }
  Colour colour_;
  std::string out_;
};

std::string HeadText(const Inspection& inspection) {
  const auto& process = inspection.process;
  const std::string what = process.executable.empty() ? process.status.name : process.executable;
  std::string text = fmt::format("process {} ({})", process.pid, Printable(what));
  if (process.speaker != process.pid) text = fmt::format("thread {} of {}", process.speaker, text);
  if (inspection.container) {
    const auto& container = *inspection.container;
    return fmt::format("{}: {} container {}, image {}; {}", Printable(container.name),
                       container::EngineName(container.engine), Printable(container.id.substr(0, 12)),
                       Printable(container.image), text);
  }
  if (inspection.container_id.empty()) return text + ", in no container";
  return fmt::format("{}, in {} container {}", text, inspection.manager.empty() ? "a" : inspection.manager,
                     inspection.container_id.substr(0, 12));
}

std::string ModeText(const ThreadSet& set) {
  if (set.mode == SeccompMode::kDisabled) return "disabled: no filter, every call is let through";
  if (set.mode == SeccompMode::kStrict)
    return "strict: read, write, exit and rt_sigreturn; every other call kills the thread";
  std::string text = "filter: " + Plural(set.count, "filter");
  std::vector<std::string> sizes;
  for (const auto& program : set.filters) sizes.push_back(fmt::format("{}", program.size()));
  if (!sizes.empty()) text += fmt::format(" of {} instructions", Join(sizes, " + "));
  return text;
}

bool IsAbsent(const CallState* call) { return call->in_kernel == std::optional(false); }

std::string CountsText(const AbiState& state) {
  const auto blocked = state.With(Passage::kBlocked);
  const auto depends = state.With(Passage::kDepends);
  const auto logged = state.With(Passage::kLogged);
  std::string text =
      fmt::format("blocks {} of {} calls whatever the arguments", blocked.size(), state.calls.size());
  const auto absent = static_cast<size_t>(std::ranges::count_if(blocked, IsAbsent));
  if (absent > 0 && state.served != std::optional(false))
    text += fmt::format(" ({} of them not in this kernel)", absent);
  if (!depends.empty()) text += fmt::format(", {} depending on them", depends.size());
  if (!logged.empty()) text += fmt::format("; logs {}", logged.size());
  return text;
}

void AddSeccomp(Page& page, const Inspection& inspection) {
  const auto& seccomp = inspection.seccomp;
  page.Row("seccomp", ModeText(seccomp.main()));
  if (!inspection.calls.empty())
    page.More(
        fmt::format("{}: {}", AbiName(inspection.calls.front().abi), CountsText(inspection.calls.front())));
  if (seccomp.unread) page.More("what it blocks is not known: " + Printable(seccomp.unread->message));
  if (seccomp.by_ptrace) page.More("read by ptrace, which stopped the thread for a moment");
  if (!seccomp.differs()) return;
  page.More(fmt::format("threads differ! What follows is of {} of them, thread {} among them",
                        seccomp.main().threads.size(), seccomp.main().threads.front()));
  for (const auto& set : std::span(seccomp.sets).subspan(1)) {
    page.More(fmt::format("{}, {} among them: {}", Plural(set.threads.size(), "thread"), set.threads.front(),
                          ModeText(set)));
  }
}

std::string CapabilityNames(uint64_t mask) {
  std::vector<std::string> names;
  const auto known = container::AllCapabilities();
  for (size_t bit = 0; bit < 64; ++bit) {
    if ((mask >> bit & 1) == 0) continue;
    names.push_back(bit < known.size() ? LowerCase(known[bit].substr(4)) : fmt::format("#{}", bit));
  }
  if (names.empty()) return "none";
  if (names.size() >= known.size()) return fmt::format("all {}", names.size());
  return fmt::format("{}: {}", names.size(), Join(names, ", "));
}

// Sets that are alike share a line; the bounding set, which limits all others, comes first.
void AddCapabilities(Page& page, const CapabilitySets& sets) {
  const std::pair<std::string_view, uint64_t> all[] = {{"bounding", sets.bounding},
                                                       {"permitted", sets.permitted},
                                                       {"effective", sets.effective},
                                                       {"inheritable", sets.inheritable},
                                                       {"ambient", sets.ambient}};
  std::vector<std::pair<uint64_t, std::string>> lines;
  for (const auto& [name, mask] : all) {
    const auto same = std::ranges::find(lines, mask, &std::pair<uint64_t, std::string>::first);
    if (same != lines.end()) {
      same->second += ", " + std::string(name);
    } else {
      lines.emplace_back(mask, name);
    }
  }
  page.Row("capabilities", fmt::format("{}: {}", lines.front().second, CapabilityNames(lines.front().first)));
  for (const auto& [mask, names] : std::span(lines).subspan(1))
    page.More(fmt::format("{}: {}", names, CapabilityNames(mask)));
}

std::string NamesWith(const std::vector<Namespace>& namespaces, Namespace::Whose whose) {
  std::vector<std::string> names;
  for (const auto& one : namespaces)
    if (one.whose == whose) names.push_back(one.kind);
  return Join(names, ", ");
}

void AddNamespaces(Page& page, const Process& process) {
  std::vector<std::string> parts;
  for (const auto whose : {Namespace::Whose::kOther, Namespace::Whose::kHost, Namespace::Whose::kUnknown}) {
    const std::string names = NamesWith(process.namespaces, whose);
    if (!names.empty()) parts.push_back(fmt::format("{}: {}", WhoseText(whose), names));
  }
  page.Row("namespaces", Join(parts, "; "));
}

// Who the process is inside, and who that is on the host.
void AddUser(Page& page, const Process& process) {
  const auto& uids = process.status.uids;
  std::string text = fmt::format("uid {}, gid {}", uids[0], process.status.gids[0]);
  if (uids[1] != uids[0]) text += fmt::format(", effective uid {}", uids[1]);
  text += " as the host sees it";
  if (IsIdentity(process.uid_map)) {
    text += "; the user namespace changes no id";
  } else {
    std::vector<std::string> ranges;
    for (const auto& range : process.uid_map)
      ranges.push_back(fmt::format("{}-{} are {}-{} here", range.inside,
                                   uint64_t{range.inside} + range.count - 1, range.outside,
                                   uint64_t{range.outside} + range.count - 1));
    if (!ranges.empty()) text += "; uids inside: " + Join(ranges, ", ");
  }
  page.Row("user", text);
}

void AddMounts(Page& page, const Process& process) {
  if (const Mount* root = MountOf(process.mounts, "/"))
    page.Row("root",
             fmt::format("{}, {}", Printable(root->type), root->read_only ? "read-only" : "writable"));
  const auto covered = CoveredPaths(process.mounts);
  const auto list = [](std::vector<std::string> paths) {
    for (auto& path : paths) path = Printable(path);
    return Join(paths, ", ");
  };
  if (!covered.masked.empty()) page.Row("masked", list(covered.masked));
  if (!covered.read_only.empty()) page.Row("read-only", list(covered.read_only));
}

void AddSockets(Page& page, const Inspection& inspection) {
  const bool known = inspection.sockets_unknown.empty();
  if (!known) page.Row("engines", "not known: " + Printable(inspection.sockets_unknown));
  if (known && inspection.sockets.empty())
    return page.Row("engines", "no socket of a container engine is within reach");
  for (const auto& socket : inspection.sockets) {
    page.Row("engines", fmt::format("{} is within reach as {}: who may open it is root on the host",
                                    Printable(socket.on_host), Printable(socket.inside)));
  }
}

void AddRights(Page& page, const Inspection& inspection) {
  const Process& process = inspection.process;
  page.Row("no_new_privs", process.status.no_new_privs ? "yes" : "no");
  AddCapabilities(page, process.status.capabilities);
  AddUser(page, process);
  const std::string module = process.label_module.empty() ? "" : " (" + process.label_module + ")";
  page.Row("LSM", process.label.empty() ? "no security module labels it" : Printable(process.label) + module);
  AddNamespaces(page, process);
  page.Row("cgroup", Printable(process.cgroup));
  AddMounts(page, process);
  AddSockets(page, inspection);
  for (const auto& what : process.unread) page.Row("not read", Printable(what));
}

std::string Marked(const CallState& call) {
  return std::string(call.answer.name) + (call.in_kernel == std::optional(false) ? "*" : "");
}

// What a list of blocked calls is headed by.
std::string AnswerHead(const CallState& call, size_t filters) {
  std::string text = OutcomesText(call.answer.outcomes);
  if (call.answer.as_if_missing) text += ", being newer than all that the filter knows";
  if (filters > 1)
    text += fmt::format(", by filter {} of {}", call.answer.outcomes.possible.front().decider + 1, filters);
  return text;
}

using ByGroup = std::map<size_t, std::vector<std::string>>;

void AddGroups(Page& page, const ByGroup& groups) {
  for (const auto& [place, names] : groups) page.Item(SyscallGroups()[place], 18, Join(names, " "));
}

size_t GroupPlace(std::string_view name) {
  const auto groups = SyscallGroups();
  return static_cast<size_t>(std::ranges::find(groups, SyscallGroup(name)) - groups.begin());
}

void AddCalls(Page& page, const std::vector<const CallState*>& calls, size_t filters) {
  std::vector<std::string> heads;
  std::map<std::string, ByGroup> lists;
  for (const auto* call : calls) {
    const std::string head = AnswerHead(*call, filters);
    if (!lists.contains(head)) heads.push_back(head);
    lists[head][GroupPlace(call->answer.name)].push_back(Marked(*call));
  }
  for (const auto& head : heads) {
    page.Line(head, 2);
    AddGroups(page, lists[head]);
  }
}

std::string CallWithoutAbi(const filter::Call& call) {
  const std::string text = filter::CallText(call);
  return text.substr(text.find(' ') + 1);
}

void AddDepending(Page& page, const std::vector<const CallState*>& calls) {
  size_t width = 0;
  for (const auto* call : calls) width = std::max(width, Marked(*call).size());
  for (const auto* call : calls) {
    const auto& outcomes = call->answer.outcomes;
    std::string text = fmt::format("{} by {}", OutcomesText(outcomes), prove::WordsText(outcomes.words));
    const auto& strictest = outcomes.possible.front();
    text += "; refused: " + CallWithoutAbi(strictest.example);
    page.Item(Marked(*call), width, text);
  }
}

void AddAbi(Page& page, const AbiState& state, size_t filters) {
  const auto blocked = state.With(Passage::kBlocked);
  const auto depends = state.With(Passage::kDepends);
  const auto logged = state.With(Passage::kLogged);
  page.Gap();
  page.Head(fmt::format("Blocked on {} whatever the arguments: {}", AbiName(state.abi), blocked.size()));
  AddCalls(page, blocked, filters);
  if (!depends.empty()) {
    page.Head(fmt::format("Depending on arguments: {}", depends.size()));
    AddDepending(page, depends);
  }
  if (!logged.empty()) {
    page.Head(fmt::format("Logged, and let through: {}", logged.size()));
    AddCalls(page, logged, filters);
  }
  if (std::ranges::any_of(blocked, IsAbsent) || std::ranges::any_of(depends, IsAbsent))
    page.Line("* this kernel does not have it");
  page.Line("Numbers that are no call: " + OutcomesText(state.unknown));
}

// Of another ABI only what differs from the native one: most is alike.
void AddOther(Page& page, const AbiState& state, const AbiState& native) {
  page.Gap();
  std::string head = fmt::format("{}: {}", AbiName(state.abi), CountsText(state));
  if (state.served == std::optional(false)) head += "; this kernel is built without that ABI";
  page.Head(head);
  std::map<std::string_view, Passage> natives;
  for (const auto& call : native.calls) natives.emplace(call.answer.name, call.passage);
  std::map<Passage, std::vector<std::string>> differing;
  for (const auto& call : state.calls) {
    const auto same = natives.find(call.answer.name);
    const bool passes = call.passage == Passage::kAllowed;
    if (same == natives.end() ? passes : same->second == call.passage) continue;
    differing[call.passage].emplace_back(call.answer.name);
  }
  if (state.With(Passage::kBlocked).size() == state.calls.size()) {
    page.Line(fmt::format("every call: {}", OutcomesText(state.calls.front().answer.outcomes)), 4);
    return;
  }
  constexpr std::string_view kPassages[] = {"allowed", "logged", "depends", "blocked"};
  for (const auto& [passage, names] : differing)
    page.Item(kPassages[static_cast<size_t>(passage)], 7, Join(names, " "));
}

}  // namespace

std::string InspectionText(const Inspection& inspection, Colour colour) {
  Page page(colour);
  page.Head(HeadText(inspection));
  AddSeccomp(page, inspection);
  AddRights(page, inspection);
  const size_t filters = inspection.seccomp.main().filters.size();
  for (const auto& state : inspection.calls) {
    if (&state == &inspection.calls.front()) {
      AddAbi(page, state, filters);
    } else {
      AddOther(page, state, inspection.calls.front());
    }
  }
  return page.Take();
}

std::string CallLines(const Inspection& inspection) {
  constexpr std::string_view kPassages[] = {"allowed", "logged", "depends", "blocked"};
  std::string out;
  for (const auto& state : inspection.calls) {
    for (const auto& call : state.calls) {
      const auto& outcomes = call.answer.outcomes;
      const std::string words = prove::WordsText(outcomes.words);
      out +=
          fmt::format("{}\t{}\t{}\t{}\t{}\t{}\n", AbiName(state.abi), call.answer.name,
                      kPassages[static_cast<size_t>(call.passage)], OutcomesText(outcomes),
                      words.empty() ? "-" : words, call.in_kernel == std::optional(false) ? "absent" : "-");
    }
  }
  return out;
}

}  // namespace whittle::inspect

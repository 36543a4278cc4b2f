#include "inspect/json.h"

#include <fmt/core.h>

#include "container/capabilities.h"
#include "filter/call_text.h"

namespace whittle::inspect {
namespace {

using json::Value;

constexpr std::string_view kModes[] = {"disabled", "strict", "filter"};
constexpr std::string_view kPassages[] = {"allowed", "logged", "depends", "blocked"};
constexpr std::string_view kWhose[] = {"host", "own", "unknown"};

template <typename Items, typename Make>
Value ArrayOf(const Items& items, Make make) {
  std::vector<Value> values;
  for (const auto& item : items) values.push_back(make(item));
  return json::Array(std::move(values));
}

Value Texts(const auto& texts) {
  return ArrayOf(texts, [](const auto& text) { return Value(std::string(text)); });
}

Value Known(const std::optional<bool>& fact) { return fact ? Value(*fact) : Value(); }

Value CapabilitiesJson(const CapabilitySets& sets) {
  const auto names = [](uint64_t mask) { return Texts(container::CapabilitiesOfMask(mask)); };
  return json::Object({{"bounding", names(sets.bounding)},
                       {"permitted", names(sets.permitted)},
                       {"effective", names(sets.effective)},
                       {"inheritable", names(sets.inheritable)},
                       {"ambient", names(sets.ambient)}});
}

Value MapJson(const std::vector<IdRange>& map) {
  return ArrayOf(map, [](const IdRange& range) {
    return json::Object({{"inside", range.inside}, {"outside", range.outside}, {"count", range.count}});
  });
}

Value NamespacesJson(const std::vector<Namespace>& namespaces) {
  return ArrayOf(namespaces, [](const Namespace& one) {
    return json::Object(
        {{"kind", one.kind}, {"inode", one.inode}, {"whose", kWhose[static_cast<size_t>(one.whose)]}});
  });
}

Value RootJson(const Process& process) {
  const Mount* root = MountOf(process.mounts, "/");
  if (root == nullptr) return {};
  return json::Object({{"type", root->type}, {"read_only", root->read_only}});
}

Value ProcessJson(const Process& process) {
  const auto covered = CoveredPaths(process.mounts);
  Value value = json::Object({{"pid", process.pid},
                              {"thread", process.speaker},
                              {"executable", process.executable},
                              {"name", process.status.name},
                              {"uid", process.status.uids[0]},
                              {"effective_uid", process.status.uids[1]},
                              {"gid", process.status.gids[0]},
                              {"no_new_privs", process.status.no_new_privs},
                              {"capabilities", CapabilitiesJson(process.status.capabilities)}});
  value.Set("namespaces", NamespacesJson(process.namespaces));
  value.Set("uid_map", MapJson(process.uid_map));
  value.Set("gid_map", MapJson(process.gid_map));
  value.Set("lsm_label", process.label);
  value.Set("lsm", process.label_module);
  value.Set("cgroup", process.cgroup);
  value.Set("root", RootJson(process));
  value.Set("masked_paths", Texts(covered.masked));
  value.Set("read_only_paths", Texts(covered.read_only));
  value.Set("not_read", Texts(process.unread));
  return value;
}

Value SetJson(const ThreadSet& set) {
  return json::Object({{"mode", kModes[static_cast<size_t>(set.mode)]},
                       {"filters", set.count},
                       {"instructions", ArrayOf(set.filters,
                                                [](const auto& program) {
                                                  return Value(static_cast<uint64_t>(program.size()));
                                                })},
                       {"threads", ArrayOf(set.threads, [](pid_t tid) { return Value(tid); })}});
}

Value CallJson(const CallState& call) {
  Value value = json::Object({{"call", call.answer.name},
                              {"number", call.answer.number},
                              {"state", kPassages[static_cast<size_t>(call.passage)]},
                              {"exempt", call.exempt},
                              {"in_kernel", Known(call.in_kernel)},
                              {"as_if_missing", call.answer.as_if_missing}});
  value.Set("answers", OutcomesJson(call.answer.outcomes));
  return value;
}

Value AbiJson(const AbiState& state) {
  const auto count = [&](prove::Passage passage) {
    return Value(static_cast<uint64_t>(state.With(passage).size()));
  };
  return json::Object({{"abi", AbiName(state.abi)},
                       {"served_by_kernel", Known(state.served)},
                       {"blocked", count(prove::Passage::kBlocked)},
                       {"depends", count(prove::Passage::kDepends)},
                       {"logged", count(prove::Passage::kLogged)},
                       {"unknown_numbers", OutcomesJson(state.unknown)},
                       {"calls", ArrayOf(state.calls, CallJson)}});
}

Value ContainerJson(const Inspection& inspection) {
  if (inspection.container_id.empty()) return {};
  Value value = json::Object({{"id", inspection.container_id}, {"manager", inspection.manager}});
  if (!inspection.container) return value;
  const auto& info = *inspection.container;
  value.Set("engine", container::EngineName(info.engine));
  value.Set("name", info.name);
  value.Set("image", info.image);
  value.Set("runtime", info.runtime);
  value.Set("privileged", info.privileged);
  return value;
}

}  // namespace

Value OutcomesJson(const prove::Outcomes& outcomes) {
  Value value = json::Object();
  value.Set("possible", ArrayOf(outcomes.possible, [](const prove::Outcome& outcome) {
              Value one = json::Object({{"verdict", profile::VerdictText(outcome.action, outcome.data)}});
              one.Set("filter", static_cast<uint64_t>(outcome.decider + 1));
              one.Set("steps", outcome.steps);
              one.Set("example", filter::CallText(outcome.example));
              return one;
            }));
  value.Set("decided_by", prove::WordsText(outcomes.words));
  value.Set("more", outcomes.more);
  value.Set("decided", outcomes.decided);
  return value;
}

Value InspectionJson(const Inspection& inspection) {
  const auto& seccomp = inspection.seccomp;
  Value value = json::Object();
  value.Set("process", ProcessJson(inspection.process));
  value.Set("container", ContainerJson(inspection));
  value.Set("seccomp",
            json::Object({{"mode", kModes[static_cast<size_t>(seccomp.main().mode)]},
                          {"thread_sets", ArrayOf(seccomp.sets, SetJson)},
                          {"read_by", seccomp.unread ? Value() : Value(seccomp.by_ptrace ? "ptrace" : "bpf")},
                          {"not_read", seccomp.unread ? Value(seccomp.unread->message) : Value()}}));
  value.Set("abis", ArrayOf(inspection.calls, AbiJson));
  value.Set("engine_sockets",
            inspection.sockets_unknown.empty() || !inspection.sockets.empty()
                ? ArrayOf(inspection.sockets,
                          [](const EngineSocket& socket) {
                            return json::Object({{"on_host", socket.on_host}, {"inside", socket.inside}});
                          })
                : Value());
  return value;
}

}  // namespace whittle::inspect

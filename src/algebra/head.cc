#include "algebra/head.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

#include "base/text.h"

namespace whittle::algebra {
namespace {

using profile::Action;
using profile::Document;

bool Has(const std::vector<std::string>& list, const std::string& item) {
  return std::ranges::find(list, item) != list.end();
}

void MapArchitectures(std::span<const Ideal> hosts, Document& head) {
  for (const auto& host : hosts) {
    profile::ArchMapping mapping;
    mapping.architecture = ScmpArchName(host.target().arch);
    for (const Abi abi : OwnAbis(host, hosts.size())) {
      if (abi != host.target().arch) mapping.sub_architectures.emplace_back(ScmpArchName(abi));
    }
    head.arch_map.push_back(std::move(mapping));
  }
}

void ListArchitectures(std::span<const Ideal> hosts, Document& head) {
  for (const auto& host : hosts) {
    for (const Abi abi : host.listed()) {
      const std::string name(ScmpArchName(abi));
      if (!Has(head.architectures, name)) head.architectures.push_back(name);
    }
  }
}

// Flags change no verdict: those that all parts have stay.
void TakeFlags(std::span<const Document> parts, Document& head, std::vector<std::string>& notes) {
  for (const auto& flag : parts.front().flags) {
    if (std::ranges::all_of(parts, [&](const auto& part) { return Has(part.flags, flag); }))
      head.flags.push_back(flag);
  }
  for (const auto& part : parts) {
    for (const auto& flag : part.flags) {
      if (Has(head.flags, flag)) continue;
      notes.push_back(
          fmt::format("{}: not every profile has {}: left out", Printable(part.file), Printable(flag)));
    }
  }
}

void TakeListener(std::span<const Document> parts, Document& head, std::vector<std::string>& notes) {
  for (const auto& part : parts) {
    if (part.listener_path.empty()) continue;
    if (head.listener_path.empty()) {
      head.listener_path = part.listener_path;
      head.listener_metadata = part.listener_metadata;
    } else if (head.listener_path != part.listener_path) {
      notes.push_back(fmt::format("{}: another listenerPath; {} stays", Printable(part.file),
                                  Printable(head.listener_path)));
    }
  }
}

}  // namespace

std::vector<Abi> OwnAbis(const Ideal& ideal, size_t hosts) {
  auto abis = ideal.abis();
  if (hosts > 1) {
    const auto siblings = SiblingAbis(ideal.target().arch);
    std::erase_if(abis, [&](Abi abi) { return std::ranges::find(siblings, abi) == siblings.end(); });
  }
  return abis;
}

Document HeadOf(std::span<const Document> parts, std::span<const Ideal> hosts, const Answer& otherwise,
                std::vector<std::string>& notes) {
  Document head;
  head.file = "composed.json";
  head.default_action = otherwise.action;
  const bool takes_errno = otherwise.action == Action::kErrno || otherwise.action == Action::kTrace;
  if (takes_errno && otherwise.data != EPERM) head.default_errno_return = otherwise.data;
  if (hosts.size() > 1 && hosts.front().target().loader != profile::Loader::kOci) {
    MapArchitectures(hosts, head);
  } else {
    ListArchitectures(hosts, head);
  }
  TakeFlags(parts, head, notes);
  TakeListener(parts, head, notes);
  return head;
}

}  // namespace whittle::algebra

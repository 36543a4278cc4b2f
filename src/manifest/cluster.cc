#include "manifest/cluster.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "manifest/localhost.h"
#include "manifest/read.h"

namespace whittle::manifest {
namespace {

using json::Value;

// Those of a pod whose containers all have come to an end: phases, and what kubectl's table and its users
// call them.
bool IsEnd(std::string_view status) {
  constexpr std::string_view kEnds[] = {"Succeeded", "Failed",  "Completed", "Terminated",
                                        "Error",     "Evicted", "OOMKilled", "ContainerStatusUnknown"};
  return std::ranges::find(kEnds, status) != std::end(kEnds);
}

bool IsReady(const Value& node) {
  const auto* conditions = Member(Member(&node, "status"), "conditions");
  if (conditions == nullptr) return true;  // not known
  const auto not_ready = [](const Value& condition) {
    return Text(&condition, "type") == "Ready" && Text(&condition, "status") != "True";
  };
  return std::ranges::none_of(conditions->items, not_ready);
}

void AddNode(const Value& node, Cluster& cluster) {
  if (!cluster.nodes) cluster.nodes.emplace();
  const auto name = Text(Member(&node, "metadata"), "name");
  if (!name.empty()) (*cluster.nodes)[std::string(name)] = IsReady(node);
}

void AddPod(const Value& object, Cluster& cluster) {
  const auto* metadata = Member(&object, "metadata");
  const auto phase = Text(Member(&object, "status"), "phase");
  if (phase.empty() || Text(metadata, "name").empty()) return;
  KnownPod known{IsEnd(phase), std::string(Text(Member(&object, "spec"), "nodeName")), {}};
  for (const auto& pod : FindPods(object)) {
    for (const auto& container : pod.containers) {
      const auto path = Text(ProfileOf(pod, container).value, "localhostProfile");
      if (!path.empty()) known.localhost_profiles.push_back(CleanPath(path));
    }
  }
  if (!cluster.pods) cluster.pods.emplace();
  const auto space = Text(metadata, "namespace");
  (*cluster.pods)[fmt::format("{}/{}", space.empty() ? "default" : space, Text(metadata, "name"))] =
      std::move(known);
}

// The words of a line below a header, by the columns that the header's words begin. A cell may hold blanks.
class Table {
 public:
  explicit Table(std::string_view header) : header_(header) {}

  std::string_view Cell(std::string_view line, std::string_view column) const {
    const size_t begin = Column(column);
    if (begin >= line.size()) return "";
    const auto words = Words(line.substr(begin));
    return words.empty() ? "" : words.front();
  }

 private:
  size_t Column(std::string_view name) const {
    for (const auto word : Words(header_)) {
      if (word == name) return static_cast<size_t>(word.data() - header_.data());
    }
    return std::string_view::npos;
  }

  std::string_view header_;
};

// Lines with something in them, without their ends; the header of a table is kept apart.
struct Listing {
  std::optional<Table> table;
  std::vector<std::string_view> lines;
};
Listing ListingOf(std::string_view text) {
  Listing listing;
  for (const auto whole : Lines(text)) {
    const auto line = whole.substr(0, whole.find('\r'));
    if (Trim(line).empty() || line.starts_with('#')) continue;
    const bool header = line.starts_with("NAME ") || line.starts_with("NAMESPACE ");
    if (header) {
      listing.table = Table(line);
    } else {
      listing.lines.push_back(line);
    }
  }
  return listing;
}

// The objects, if the text is a manifest of them.
Result<std::optional<Value>> ObjectsOf(std::string_view text, const std::string& name) {
  if (!json::BeginsAsJson(text) && !LooksLikeManifest(text) && !text.starts_with("items:"))
    return std::nullopt;
  return TRY(Read(text, name));
}

std::string_view WithoutPrefix(std::string_view name, std::string_view prefix) {
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

void AddNodeLines(std::string_view text, Cluster& cluster) {
  const Listing listing = ListingOf(text);
  for (const auto line : listing.lines) {
    const auto name = WithoutPrefix(Words(line).front(), "node/");
    // "Ready,SchedulingDisabled"
    const bool ready = !listing.table || listing.table->Cell(line, "STATUS").starts_with("Ready");
    (*cluster.nodes)[std::string(name)] = ready;
  }
}

void AddPodLines(std::string_view text, Cluster& cluster) {
  const Listing listing = ListingOf(text);
  for (const auto line : listing.lines) {
    const auto words = Words(line);
    std::string_view space, node, status;
    std::string_view name = WithoutPrefix(words.front(), "pod/");
    if (listing.table) {
      space = listing.table->Cell(line, "NAMESPACE");
      name = listing.table->Cell(line, "NAME");
      node = listing.table->Cell(line, "NODE");
      status = listing.table->Cell(line, "STATUS");
    } else {
      if (words.size() > 1) node = words[1];
      if (words.size() > 2) status = words[2];
      const size_t slash = name.find('/');
      if (slash != name.npos) {
        space = name.substr(0, slash);
        name = name.substr(slash + 1);
      }
    }
    const std::string key = fmt::format("{}/{}", space.empty() ? "default" : space, name);
    (*cluster.pods)[key] = {IsEnd(status), std::string(node), {}};
  }
}

}  // namespace

void AddObjects(const std::vector<Place>& objects, Cluster& cluster) {
  for (const auto& object : objects) {
    if (Text(object.value, "kind") == "Node") AddNode(*object.value, cluster);
    if (Text(object.value, "kind") == "Pod") AddPod(*object.value, cluster);
  }
}

Result<void> AddNodes(std::string_view text, const std::string& name, Cluster& cluster) {
  const auto root = TRY(ObjectsOf(text, name));
  if (!cluster.nodes) cluster.nodes.emplace();
  if (root) {
    AddObjects(Objects(*root), cluster);
  } else {
    AddNodeLines(text, cluster);
  }
  return {};
}

Result<void> AddPods(std::string_view text, const std::string& name, Cluster& cluster) {
  const auto root = TRY(ObjectsOf(text, name));
  if (!cluster.pods) cluster.pods.emplace();
  cluster.all_pods = true;
  if (root) {
    AddObjects(Objects(*root), cluster);
  } else {
    AddPodLines(text, cluster);
  }
  return {};
}

}  // namespace whittle::manifest

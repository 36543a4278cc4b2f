// Valid random evidence for property tests. Two values drawn with the same ids are states of the same runs:
// they differ in what a run learns (image, epochs, phases), never in what it is.
#pragma once

#include <rapidcheck.h>

#include <optional>

#include "evidence/evidence.h"
#include "syscalls/table.h"

namespace whittle::evidence {

inline Recording RandomRecording(const std::string& id) {
  Recording recording;
  recording.source = "ebpf";
  recording.kernel = "6.1.0-" + id;
  recording.target = "container \xff" + id;  // not UTF-8
  recording.image = *rc::gen::element<std::string>("", "image-" + id);
  recording.runtime = *rc::gen::element<std::string>("", "runc 1.1.5");
  recording.started_ms = 1'700'000'000'000;
  recording.ended_ms = recording.started_ms + *rc::gen::inRange(0, 1000);
  recording.epoch_ms = 1000;
  recording.epochs = *rc::gen::inRange<uint32_t>(1, 40);
  for (const char* phase : {"start", "reload", "shutdown"}) {
    if (*rc::gen::arbitrary<bool>()) recording.exercised.insert(phase);
  }
  return recording;
}

inline EpochSet RandomEpochs(uint32_t epochs) {
  EpochSet set;
  const int pieces = *rc::gen::inRange(1, 5);
  for (int i = 0; i < pieces; ++i) {
    const uint32_t first = *rc::gen::inRange<uint32_t>(0, epochs);
    set.Add(first, *rc::gen::inRange<uint32_t>(first, epochs));
  }
  return set;
}

inline Subject RandomSubject() {
  return {*rc::gen::element<std::string>("-", "web", "db\n"),
          *rc::gen::element<std::string>("/bin/a", "/bin/\xc3\x28", "?", "{\"bytes\": \"ff\"}"),
          *rc::gen::element(Arrival::kWorkload, Arrival::kArrived)};
}

inline CallKey RandomCall() {
  CallKey key;
  key.abi = *rc::gen::element(Abi::kX86_64, Abi::kI386, Abi::kX32, Abi::kAarch64);
  key.number = *rc::gen::element<uint32_t>(0, 1, 56, 231, 257, 435, 700, kX32Bit + 1, UINT32_MAX);
  key.fate = *rc::gen::element(Fate::kAllowed, Fate::kLogged, Fate::kDenied, Fate::kKilled, Fate::kUnknown);
  key.under_filter = *rc::gen::arbitrary<bool>();
  const auto name = SyscallName(key.abi, key.number);
  if (name == "clone" || name == "clone3") {
    key.clone_flags = *rc::gen::element(CloneFlags::kUnknown, CloneFlags::kOrdinary, CloneFlags::kNamespaces,
                                        CloneFlags::kOnlyClone3);
  }
  return key;
}

// Few values, so that those of two sightings often meet; and many, so that they are often too many together.
inline Arguments RandomArguments() {
  if (*rc::gen::inRange(0, 4) == 0) return {};
  const auto indices = *rc::gen::elementOf(std::vector<std::vector<uint32_t>>{{0}, {0, 1}, {2, 5}});
  const uint64_t most = *rc::gen::element<uint64_t>(3, 200);
  const int combinations = *rc::gen::inRange(1, 50);
  std::optional<Arguments> all;
  for (int i = 0; i < combinations; ++i) {
    Arguments::Values values(indices.size());
    for (auto& value : values) value = *rc::gen::inRange<uint64_t>(0, most);
    const Arguments one(indices, std::move(values));
    if (all)
      all->Join(one);
    else
      all = one;
  }
  return *all;
}

inline Evidence RandomEvidence() {
  Evidence evidence;
  for (const char* id : {"a", "b-1", "c.d:e_f"}) {
    if (*rc::gen::arbitrary<bool>()) evidence.recordings.emplace(id, RandomRecording(id));
  }
  for (const auto& [id, recording] : evidence.recordings) {
    const int sightings = *rc::gen::inRange(0, 8);
    for (int i = 0; i < sightings; ++i) {
      const auto [seen, is_new] = evidence.subjects[RandomSubject()].try_emplace(RandomCall());
      seen->second.epochs[id].Union(RandomEpochs(recording.epochs));
      if (is_new) seen->second.arguments = RandomArguments();
    }
    if (*rc::gen::inRange(0, 3) == 0) {
      AddGap(evidence.gaps, {id, "table-full", "the table\nwas full", *rc::gen::inRange<uint64_t>(0, 3)});
    }
  }
  for (const auto& [subject, calls] : evidence.subjects) {
    const int scripts = *rc::gen::inRange(0, 3);
    for (int i = 0; i < scripts; ++i) {
      evidence.scripts[subject].insert(
          *rc::gen::element<std::string>("./run.sh", "/etc/init.d/a b", "\xff\n", ""));
    }
  }
  return evidence;
}

}  // namespace whittle::evidence

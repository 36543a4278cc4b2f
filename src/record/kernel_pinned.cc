// The part of Kernel that outlives a recorder: its maps, pinned; and what user space keeps in them for the
// next one.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/fd.h"
#include "record/kernel.h"
#include "recorder.skel.h"

namespace whittle::record {
namespace {

// What the evidence is made of; not what only a running recorder needs.
std::vector<bpf_map*> KeptMaps(const recorder& skeleton) {
  const auto& maps = skeleton.maps;
  return {maps.bss,           maps.data_control, maps.data_counters, maps.data_session,
          maps.subject_names, maps.overflow,     maps.candidates,    maps.scripts,
          maps.watched,       maps.cgroup_paths, maps.owner_names,   maps.notes};
}

// bpffs takes no dots.
std::string PathOf(const bpf_map* map, const std::string& pins) {
  std::string name = bpf_map__name(map);
  std::ranges::replace(name, '.', '_');
  return pins + "/" + name;
}

std::unexpected<Error> NotPossible(const std::string& what, int error) {
  return Fail(ErrorCode::kNotPossible, fmt::format("cannot {}: {}", what, strerror(error)));
}

template <typename Text>
Text Padded(const std::string& text) {
  Text padded{};
  memcpy(padded.text, text.data(), std::min(text.size(), sizeof(padded.text) - 1));
  return padded;
}

// A map of another version would be misread.
Result<void> ReuseMap(bpf_map* map, const std::string& path) {
  const Fd fd(bpf_obj_get(path.c_str()));
  if (!fd.valid()) return NotPossible("open the pinned map " + path, errno);
  bpf_map_info info{};
  uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(fd.get(), &info, &size) != 0) return NotPossible("read about " + path, errno);
  if (info.type != bpf_map__type(map) || info.key_size != bpf_map__key_size(map) ||
      info.value_size != bpf_map__value_size(map)) {
    return Fail(ErrorCode::kNotPossible, "another version of whittle made these maps: the layout differs");
  }
  const int error = bpf_map__reuse_fd(map, fd.get());
  return error == 0 ? Result<void>() : NotPossible("take over the map " + path, -error);
}

}  // namespace

Result<void> Kernel::Pin(const std::string& pins) {
  if (mkdir(pins.c_str(), 0700) != 0) return NotPossible("make the folder " + pins, errno);
  for (const bpf_map* map : KeptMaps(*skeleton_)) {
    const std::string path = PathOf(map, pins);
    if (bpf_obj_pin(bpf_map__fd(map), path.c_str()) != 0) return NotPossible("pin a map at " + path, errno);
  }
  pinned_ = true;
  return {};
}

Result<void> Kernel::Reuse(const std::string& pins) {
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, skeleton_->obj) bpf_program__set_autoload(program, false);
  for (bpf_map* map : KeptMaps(*skeleton_)) TRY(ReuseMap(map, PathOf(map, pins)));
  const int error = recorder__load(skeleton_);
  if (error != 0) return NotPossible("open pinned maps", -error);
  if (session().abi == WHITTLE_BPF_ABI) return {};
  return Fail(ErrorCode::kNotPossible,
              fmt::format("another version of whittle made these maps: layout {}, not {}", session().abi,
                          WHITTLE_BPF_ABI));
}

Result<std::unique_ptr<Kernel>> Kernel::OpenPinned(const std::string& pins) {
  std::unique_ptr<Kernel> kernel(new Kernel);
  kernel->skeleton_ = recorder__open();
  if (!kernel->skeleton_) return NotPossible("open the recorder's programs", errno);
  TRY(kernel->Reuse(pins));
  return kernel;
}

whittle_session& Kernel::session() { return skeleton_->data_session->session; }

void Kernel::ReadUnwritten(uint32_t slot, const std::function<void(uint32_t, uint32_t, uint64_t)>& take) {
  auto& rows = skeleton_->bss->unwritten[slot];
  for (uint32_t row = 0; row < WHITTLE_ROWS; row++) {
    for (uint32_t index = 0; index < WHITTLE_WORDS; index++) {
      if (rows[row][index] != 0) take(row, index, rows[row][index]);
    }
  }
}

void Kernel::SayWritten() {
  if (!pinned_) return;
  memset(skeleton_->bss->unwritten, 0, slot_end() * sizeof(skeleton_->bss->unwritten[0]));
}

void Kernel::SetOwnerName(uint64_t owner, const std::string& name) {
  if (!pinned_) return;
  whittle_owner_name value{};
  memcpy(value.name, name.data(), std::min(name.size(), sizeof(value.name) - 1));
  bpf_map__update_elem(skeleton_->maps.owner_names, &owner, sizeof(owner), &value, sizeof(value), BPF_ANY);
}

void Kernel::RemoveOwnerName(uint64_t owner) {
  if (pinned_) bpf_map__delete_elem(skeleton_->maps.owner_names, &owner, sizeof(owner), 0);
}

void Kernel::SetNote(const std::string& key, const std::string& text) {
  if (!pinned_) return;
  const auto padded = Padded<whittle_note_key>(key);
  const auto note = Padded<whittle_note>(text);
  bpf_map__update_elem(skeleton_->maps.notes, &padded, sizeof(padded), &note, sizeof(note), BPF_ANY);
}

void Kernel::RemoveNote(const std::string& key) {
  if (!pinned_) return;
  const auto padded = Padded<whittle_note_key>(key);
  bpf_map__delete_elem(skeleton_->maps.notes, &padded, sizeof(padded), 0);
}

}  // namespace whittle::record

// What a recorder left pinned: taken over by the same version, refused where another one made it.
#include <bpf/bpf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/fd.h"
#include "record/pins.h"
#include "record/takeover.h"
#include "record_harness.h"
#include "shared.h"

namespace whittle::record {
namespace {

using ::testing::HasSubstr;

class RecordPins : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = WhyNotLive(); !why.empty()) GTEST_SKIP() << why;
    const auto folder = PinFolder("/tmp/whittle-record-pins-test.json");
    ASSERT_TRUE(folder) << folder.error().message;
    Options options;
    options.id = "left";
    options.pins = pins_ = NewPins(*folder);
    const auto recorder = Recorder::Create(options);
    ASSERT_TRUE(recorder) << recorder.error().message;
    ASSERT_TRUE((*recorder)->Poll(0));
  }  // and it is gone, as one that is killed
  void TearDown() override {
    if (!pins_.empty()) RemovePins(pins_);
  }

  // The pin of a map: NAME, or PROGRAM_NAME.
  std::string PinOf(const std::string& name) const {
    for (const auto& entry : std::filesystem::directory_iterator(pins_)) {
      if (entry.path().filename().string().ends_with(name)) return entry.path();
    }
    ADD_FAILURE() << "no pin " << name;
    return "";
  }
  std::string WhyRefused() const {
    const auto left = TakeOver(pins_);
    return left ? "it was taken over" : left.error().message;
  }
  // Another map in the place of a pinned one.
  void Replace(const std::string& pin, bpf_map_type type, uint32_t key, uint32_t value) const {
    const Fd map(bpf_map_create(type, "other", key, value, 4, nullptr));
    ASSERT_TRUE(map.valid());
    ASSERT_EQ(unlink(pin.c_str()), 0);
    ASSERT_EQ(bpf_obj_pin(map.get(), pin.c_str()), 0);
  }

  std::string pins_;
};

TEST_F(RecordPins, TheSameVersionTakesThemOver) {
  const auto left = TakeOver(pins_);
  ASSERT_TRUE(left) << left.error().message;
  EXPECT_EQ(left->id, "left");
  EXPECT_FALSE(left->finished);
}

TEST_F(RecordPins, AnotherMeaningIsRefusedWhereEverySizeIsTheSame) {
  const Fd map(bpf_obj_get(PinOf("data_session").c_str()));
  ASSERT_TRUE(map.valid());
  bpf_map_info info{};
  uint32_t size = sizeof(info);
  ASSERT_EQ(bpf_obj_get_info_by_fd(map.get(), &info, &size), 0);
  std::string value(info.value_size, '\0');
  const uint32_t first = 0;
  ASSERT_EQ(bpf_map_lookup_elem(map.get(), &first, value.data()), 0);
  auto* session = reinterpret_cast<whittle_session*>(value.data());
  ASSERT_EQ(session->abi, uint32_t{WHITTLE_BPF_ABI});
  session->abi--;
  ASSERT_EQ(bpf_map_update_elem(map.get(), &first, value.data(), BPF_ANY), 0);
  EXPECT_THAT(WhyRefused(), HasSubstr("another version of whittle made these maps: layout"));
}

TEST_F(RecordPins, AnotherLayoutOfAMapIsRefused) {
  const std::string pin = PinOf("owner_names");
  Replace(pin, BPF_MAP_TYPE_HASH, sizeof(uint64_t), sizeof(whittle_owner_name) + 8);
  EXPECT_THAT(WhyRefused(), HasSubstr("another version"));
  Replace(pin, BPF_MAP_TYPE_HASH, sizeof(uint32_t), sizeof(whittle_owner_name));
  EXPECT_THAT(WhyRefused(), HasSubstr("another version"));
  Replace(pin, BPF_MAP_TYPE_LRU_HASH, sizeof(uint64_t), sizeof(whittle_owner_name));
  EXPECT_THAT(WhyRefused(), HasSubstr("another version"));
}

TEST_F(RecordPins, AMapThatAnOlderVersionDidNotHaveIsNoReasonToMisreadTheOthers) {
  ASSERT_EQ(unlink(PinOf("notes").c_str()), 0);
  EXPECT_THAT(WhyRefused(), HasSubstr("notes"));
}

TEST_F(RecordPins, TheyAreListedOnceTheirRecorderIsGone) {
  const auto is_listed = [&] {
    for (const auto& left : LeftByKilled()) {
      if (left.path == pins_) return true;
    }
    return false;
  };
  EXPECT_FALSE(is_listed()) << "this process is the recorder";
  const std::string dead = std::filesystem::path(pins_).parent_path().string() + "/2147483646-1000";
  ASSERT_TRUE(std::filesystem::create_directory(dead));
  bool found = false;
  for (const auto& left : LeftByKilled()) found = found || (left.path == dead && left.started_ms == 1000);
  EXPECT_TRUE(found);
  RemovePins(dead);
}

}  // namespace
}  // namespace whittle::record

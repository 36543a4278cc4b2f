#include "evidence/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence/evidence.h"
#include "syscalls/table.h"

namespace whittle::evidence {
namespace {

using testing::ElementsAre;

uint32_t Number(const char* call, Abi abi = Abi::kX86_64) { return *SyscallNumber(abi, call); }

TEST(KeptArguments, AreThoseWhoseValuesHaveNames) {
  EXPECT_THAT(KeptArguments(Abi::kX86_64, Number("socket")), ElementsAre(0, 1));
  EXPECT_THAT(KeptArguments(Abi::kX86_64, Number("fcntl")), ElementsAre(1));
  EXPECT_THAT(KeptArguments(Abi::kX86_64, Number("read")), ElementsAre());
  EXPECT_THAT(KeptArguments(Abi::kX86_64, Number("clone")), ElementsAre()) << "it has clone_flags";
  EXPECT_THAT(KeptArguments(Abi::kMips, Number("socket", Abi::kMips)), ElementsAre(0))
      << "its types are others";
  EXPECT_THAT(KeptArguments(Abi::kX86_64, 9999), ElementsAre());
  EXPECT_THAT(KeptArguments(Abi::kArm, Number("mmap2", Abi::kArm)), ElementsAre(2, 3));
  EXPECT_THAT(KeptArguments(Abi::kS390, Number("mmap2", Abi::kS390)), ElementsAre())
      << "they stand in memory";
}

TEST(ValuesText, HasNoNamesThatOtherMachinesGiveToOtherValues) {
  const std::vector<uint32_t> request = {1};
  for (const Abi abi : {Abi::kX86_64, Abi::kArm, Abi::kS390x}) {
    const uint32_t ioctl = Number("ioctl", abi);
    EXPECT_EQ(ValuesText(abi, ioctl, request, {0x5401}), "(*, TCGETS)");
    EXPECT_EQ(ValuesText(abi, ioctl, request, {0x5460}), "(*, 0x5460)") << "FIOQSIZE, which is 0x545e of arm";
    EXPECT_EQ(ValuesText(abi, ioctl, request, {4}), "(*, 0x4)") << "a flag of LOOP_SET_STATUS is no request";
  }
}

TEST(KeptArguments, AreToldCheaplyToo) {
  for (const Abi abi : AllAbis()) {
    for (uint32_t bare = 0; bare < 1100; ++bare) {
      const uint32_t number = bare | AbiBit(abi);
      EXPECT_EQ(KeepsArguments(abi, number), !KeptArguments(abi, number).empty()) << AbiName(abi) << number;
    }
  }
  EXPECT_FALSE(KeepsArguments(Abi::kX86_64, UINT32_MAX));
  EXPECT_FALSE(KeepsArguments(Abi::kX32, Number("socket", Abi::kX86_64)))
      << "without its bit it is none of x32";
}

TEST(Arguments, AreTakenAsTheKernelTakesThem) {
  const uint64_t registers[] = {0xffffffff00000002, 0x1234567800000001, 0};
  const auto socket = Arguments::OfRegisters(Abi::kX86_64, Number("socket"), registers);
  EXPECT_THAT(socket.values(), ElementsAre(ElementsAre(2, 1))) << "of an int the low half";
  const auto mprotect =
      Arguments::OfRegisters(Abi::kX86_64, Number("mprotect"), std::vector<uint64_t>{1, 2, 1ull << 40});
  EXPECT_THAT(mprotect.values(), ElementsAre(ElementsAre(1ull << 40))) << "of a word all";
}

TEST(Arguments, AreThoseOfAnotherCallAsItTakesThem) {
  const Arguments seen({2}, {1ull << 40 | 1});
  EXPECT_EQ(seen.AsTakenBy(Abi::kX86_64, Number("mprotect")), seen);
  EXPECT_EQ(seen.AsTakenBy(Abi::kI386, Number("mprotect", Abi::kI386)), Arguments({2}, {1}));
  EXPECT_EQ(Arguments().AsTakenBy(Abi::kI386, 1), Arguments());
}

TEST(Arguments, AreNotKnownWhereARegisterIsMissing) {
  const uint64_t registers[] = {2};
  EXPECT_FALSE(Arguments::OfRegisters(Abi::kX86_64, Number("socket"), registers).known());
  EXPECT_FALSE(Arguments::OfRegisters(Abi::kX86_64, Number("read"), registers).known());
}

TEST(Arguments, JoinToAllThatWereSeen) {
  Arguments seen({0, 1}, {2, 1});
  seen.Join(Arguments({0, 1}, {1, 5}));
  seen.Join(Arguments({0, 1}, {2, 1}));
  EXPECT_THAT(seen.values(), ElementsAre(ElementsAre(1, 5), ElementsAre(2, 1)));
}

TEST(Arguments, JoinedWithWhatIsNotKnownAreNotKnown) {
  const Arguments known({0}, {2});
  for (auto [a, b] : {std::pair(known, Arguments()), std::pair(Arguments(), known),
                      std::pair(known, Arguments({1}, {2}))}) {
    a.Join(b);
    EXPECT_FALSE(a.known());
    EXPECT_EQ(a, Arguments());
  }
}

TEST(Arguments, OfWhichThereAreTooManyAreNotKnown) {
  Arguments seen({0}, {0});
  for (uint64_t value = 1; value < Arguments::kMost; ++value) seen.Join(Arguments({0}, {value}));
  EXPECT_EQ(seen.values().size(), Arguments::kMost);
  seen.Join(Arguments({0}, {Arguments::kMost}));
  EXPECT_FALSE(seen.known());
}

TEST(ValuesText, NamesThem) {
  const auto text = [](const char* call, std::vector<uint32_t> indices, Arguments::Values values) {
    return ValuesText(Abi::kX86_64, Number(call), indices, values);
  };
  EXPECT_EQ(text("socket", {0, 1}, {2, 0x80801}), "(AF_INET, SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC)");
  EXPECT_EQ(text("fcntl", {1}, {2}), "(*, F_SETFD)");
  EXPECT_EQ(text("mmap", {2, 3}, {3, 0x22}), "(*, *, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)");
  EXPECT_EQ(text("socket", {0, 1}, {77, 9}), "(0x4d, 0x9)");
}

}  // namespace
}  // namespace whittle::evidence

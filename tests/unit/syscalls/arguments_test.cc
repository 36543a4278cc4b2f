#include "syscalls/arguments.h"

#include <gtest/gtest.h>

#include "syscalls/table.h"

namespace whittle {
namespace {

uint32_t CountOf(Abi abi, std::string_view name) {
  const auto number = SyscallNumber(abi, name);
  EXPECT_TRUE(number) << name;
  return ArgumentCount(abi, number.value_or(0));
}

TEST(Arguments, AreAsManyAsTheCallTakes) {
  EXPECT_EQ(CountOf(Abi::kX86_64, "getpid"), 0u);
  EXPECT_EQ(CountOf(Abi::kX86_64, "chmod"), 2u);
  EXPECT_EQ(CountOf(Abi::kX86_64, "fchmodat"), 3u);
  EXPECT_EQ(CountOf(Abi::kX86_64, "fchmodat2"), 4u);
  EXPECT_EQ(CountOf(Abi::kX86_64, "mmap"), 6u);
  EXPECT_EQ(CountOf(Abi::kX32, "openat"), 4u);
}

TEST(Arguments, OfA32BitAbiDifferWhereA64BitNumberTakesTwoRegisters) {
  EXPECT_EQ(CountOf(Abi::kX86_64, "pread64"), 4u);
  EXPECT_EQ(CountOf(Abi::kI386, "pread64"), 5u);
  EXPECT_EQ(CountOf(Abi::kArm, "pread64"), 6u) << "padded there";
  EXPECT_EQ(CountOf(Abi::kI386, "mmap"), 1u) << "a pointer to all of them";
  EXPECT_EQ(CountOf(Abi::kI386, "fchmodat"), 3u);
}

TEST(Arguments, OfAnUnknownCallAreSix) { EXPECT_EQ(ArgumentCount(Abi::kX86_64, 999), 6u); }

TEST(Arguments, OfAlmostEveryCallAreKnown) {
  size_t six = 0;
  for (const auto name : AllSyscallNames()) {
    for (const Abi abi : AllAbis()) {
      const auto number = SyscallNumber(abi, name);
      if (!number) continue;
      EXPECT_LE(ArgumentCount(abi, *number), 6u) << name;
      if (abi == Abi::kX86_64 && ArgumentCount(abi, *number) == 6) ++six;
    }
  }
  EXPECT_LT(six, 30u) << "of the x86-64 calls; twenty-odd really take six";
}

TEST(Arguments, AreTakenForPointersIntsOrWords) {
  EXPECT_EQ(KindOfArgument("openat", 0), ArgumentKind::kInt);
  EXPECT_EQ(KindOfArgument("openat", 1), ArgumentKind::kPointer);
  EXPECT_EQ(KindOfArgument("personality", 0), ArgumentKind::kUnsignedInt);
  EXPECT_EQ(KindOfArgument("lseek", 1), ArgumentKind::kSignedWord);
  EXPECT_EQ(KindOfArgument("read", 2), ArgumentKind::kWord);
  EXPECT_EQ(KindOfArgument("lseek", 3), ArgumentKind::kUnknown) << "it takes three";
  EXPECT_EQ(KindOfArgument("socketcall", 1), ArgumentKind::kPointer) << "only 32-bit ABIs have it";
  EXPECT_EQ(KindOfArgument("mmap", 4), ArgumentKind::kInt) << "a descriptor";
  EXPECT_EQ(KindOfArgument("no_such_call", 0), ArgumentKind::kUnknown);
}

// Two tables, from two sources.
TEST(Arguments, HaveAsManyKindsAsThereAre) {
  size_t known = 0;
  for (const auto name : AllSyscallNames()) {
    const auto number = SyscallNumber(Abi::kX86_64, name);
    if (!number || KindOfArgument(name, 0) == ArgumentKind::kUnknown) continue;
    ++known;
    uint32_t count = 1;
    while (KindOfArgument(name, count) != ArgumentKind::kUnknown) ++count;
    EXPECT_EQ(count, ArgumentCount(Abi::kX86_64, *number)) << name;
  }
  EXPECT_GT(known, 300u);
}

}  // namespace
}  // namespace whittle

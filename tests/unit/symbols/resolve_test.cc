#include "symbols/resolve.h"

#include <gtest/gtest.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "symbols/unwind.h"

namespace whittle::symbols {
namespace {

TEST(FrameText, SaysWhatIsKnownAndNoMore) {
  EXPECT_EQ(FrameText({0x7f00, "", 0, "", 0, "", 0}), "0x7f00");
  EXPECT_EQ(FrameText({0x7f00, "/usr/bin/app", 0x123, "", 0, "", 0}), "app+0x123");
  EXPECT_EQ(FrameText({0x7f00, "/usr/bin/app", 0x123, "main", 4, "", 0}), "app!main+0x4");
  EXPECT_EQ(FrameText({0x7f00, "/usr/bin/app", 0x123, "main", 4, "/src/a.c", 12}), "app!main+0x4 (a.c:12)");
  EXPECT_EQ(FrameText({0x7f00, "/usr/bin/a\033b", 1, "", 0, "", 0}), "a\\x1bb+0x1");
}

TEST(Packed, ComesBackAsItWas) {
  const std::vector<Frame> frames = {{1, "/a b", 2, "f(int, char)", 3, "x.c", 4},
                                     {~uint64_t{0}, "", 0, "", 0, "", 0}};
  EXPECT_EQ(Unpacked(Packed(frames)), frames);
  EXPECT_TRUE(Unpacked("no frames\x1e\x1f").empty());
}

// Two frames on a stack at 0x1000 whose frame pointers are right, and one that leads back.
TEST(FramePointerChain, EndsWhereItDoesNotLeadOutwards) {
  Sample sample;
  sample.registers[7] = 0x1000;
  sample.registers[6] = 0x1010;
  sample.modules = {{0x400000, 0x401000, 0, 1, "/app"}};
  std::array<uint64_t, 16> words{};
  words[2] = 0x1030;
  words[3] = 0x400010;
  words[6] = 0x1010;  // back
  words[7] = 0x400020;
  sample.stack.resize(sizeof(words));
  std::memcpy(sample.stack.data(), words.data(), sizeof(words));
  EXPECT_EQ(FramePointerChain(sample), (std::vector<uint64_t>{0x400010, 0x400020}));
  words[7] = 0x500000;  // no code
  std::memcpy(sample.stack.data(), words.data(), sizeof(words));
  EXPECT_EQ(FramePointerChain(sample), (std::vector<uint64_t>{0x400010}));
}

TEST(PlaceOf, IsAnOffsetInTheFile) {
  Sample sample;
  sample.modules = {{0x401000, 0x402000, 0x3000, 1, "/app"}, {0x500000, 0x501000, 0, 1, ""}};
  EXPECT_EQ(PlaceOf(sample, 0x401234).offset, 0x3234u);
  EXPECT_EQ(PlaceOf(sample, 0x401234).module, "/app");
  EXPECT_EQ(PlaceOf(sample, 0x500000).module, "?");
  EXPECT_EQ(PlaceOf(sample, 0x402000).module, "");
}

// This process' own stack, taken as the kernel side would.
__attribute__((noinline)) Sample OwnSample() {
  ucontext_t context;
  getcontext(&context);
  const auto& from = context.uc_mcontext.gregs;
  Sample sample;
  const int order[] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP, REG_R8,
                       REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};
  for (size_t i = 0; i < std::size(order); i++) sample.registers[i] = static_cast<uint64_t>(from[order[i]]);
  // The kernel copies it: an address sanitizer keeps programs from reading between their variables.
  sample.stack.resize(8192);
  const iovec to{sample.stack.data(), sample.stack.size()};
  const iovec from_stack{reinterpret_cast<void*>(sample.registers[7]), sample.stack.size()};
  const ssize_t copied = process_vm_readv(getpid(), &to, 1, &from_stack, 1, 0);
  EXPECT_GT(copied, 0);  // fewer than wanted where the stack's end is near
  sample.stack.resize(static_cast<size_t>(std::max<ssize_t>(copied, 0)));
  sample.modules = MappedModules(getpid());
  return sample;
}

__attribute__((noinline)) Sample AskedByUs() {
  Sample sample = OwnSample();
  __asm__ volatile("" ::: "memory");
  return sample;
}

TEST(Resolve, NamesTheFunctionsOfALivingProcess) {
  if (const auto why = WhyUnresolved(); !why.empty()) GTEST_SKIP() << why;
  const auto frames = Resolve(AskedByUs(), getpid());
  ASSERT_GE(frames.size(), 3u);
  EXPECT_NE(frames[0].function.find("OwnSample"), std::string::npos) << FrameText(frames[0]);
  EXPECT_NE(frames[1].function.find("AskedByUs"), std::string::npos) << FrameText(frames[1]);
  EXPECT_NE(frames[1].source.find("resolve_test.cc"), std::string::npos) << FrameText(frames[1]);
}

TEST(Resolve, GivesModuleAndOffsetWhereTheFileIsGone) {
  Sample sample = AskedByUs();
  for (auto& module : sample.modules) module.path = "/nowhere/" + std::to_string(module.inode);
  const auto frames = Resolve(sample, getpid());
  ASSERT_FALSE(frames.empty());
  EXPECT_EQ(frames[0].function, "");
  EXPECT_EQ(frames[0].module.find("/nowhere/"), 0u);
  EXPECT_NE(frames[0].offset, 0u);
}

TEST(Resolve, SurvivesFilesThatAreNoPrograms) {
  Sample sample = AskedByUs();
  for (auto& module : sample.modules) module = {module.start, module.end, module.offset, 0, "/etc/passwd"};
  EXPECT_FALSE(Resolve(sample, getpid()).empty());
}

}  // namespace
}  // namespace whittle::symbols

#include "symbols/debug_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace whittle::symbols {
namespace {

TEST(DebugFilePaths, AreThoseOfDistributions) {
  const unsigned char id[] = {0xab, 0xcd, 0xef};
  EXPECT_THAT(DebugFilePaths(id, {"/usr/lib/x.so", "x.debug", 0}),
              testing::ElementsAre("/usr/lib/debug/.build-id/ab/cdef.debug", "/usr/lib/x.debug",
                                   "/usr/lib/.debug/x.debug", "/usr/lib/debug/usr/lib/x.debug"));
  EXPECT_THAT(DebugFilePaths({}, {"/usr/lib/x.so", "", 0}), testing::IsEmpty());
}

TEST(DebugFilePaths, TakeNoLinkThatLeadsElsewhere) {
  EXPECT_THAT(DebugFilePaths({}, {"/usr/lib/x.so", "../../etc/shadow", 0}), testing::IsEmpty());
}

TEST(FileChecksum, IsTheCrc32OfTheWholeFile) {
  char name[] = "/tmp/whittle-crc-XXXXXX";
  const Fd file(mkstemp(name));
  ASSERT_EQ(write(file.get(), "123456789", 9), 9);
  unlink(name);
  EXPECT_EQ(FileChecksum(file.get()), 0xcbf43926u);  // the check value of CRC-32
}

}  // namespace
}  // namespace whittle::symbols

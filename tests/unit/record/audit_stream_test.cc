#include "record/audit_stream.h"

#include <gtest/gtest.h>

namespace whittle::record {
namespace {

TEST(AuditStream, ARecordNamesItsProcessBeforeAnythingThatTheProcessCouldWrite) {
  EXPECT_EQ(ProcessOfAuditRecord(
                "audit(1795928.123:7): auid=4294967295 uid=0 gid=0 ses=4294967295 subj=docker (enforce) "
                "pid=4711 comm=\"a pid=1 b\" exe=\"/a\" sig=0 arch=c000003e syscall=960 compat=0"),
            4711);
  EXPECT_EQ(ProcessOfAuditRecord("audit(1.1:1): pid=12"), 12);
  for (const char* text : {"", "pid=7", " pid=", " pid=x ", " pid=0 ", " pid=99999999999 "}) {
    EXPECT_FALSE(ProcessOfAuditRecord(text)) << text;
  }
}

}  // namespace
}  // namespace whittle::record

#include "diagnose/message.h"

#include <gtest/gtest.h>

namespace whittle::diagnose {
namespace {

// As engines and runtimes said it (docs/why.md): the words, the runtime, the kind, the calls of a step.
struct Said {
  const char* words;
  const char* runtime;
  std::optional<Kind> kind;
  std::vector<std::string> calls;
};

const Said kSaid[] = {
    {"failed to create shim task: OCI runtime create failed: runc create failed: unable to start container "
     "process: "
     "unable to apply caps: operation not permitted: unknown",
     "runc",
     Kind::kRuntimeRefused,
     {"capset"}},
    {"OCI runtime create failed: runc create failed: unable to start container process: unable to setup "
     "user: "
     "setgroups: operation not permitted: unknown",
     "runc",
     Kind::kRuntimeRefused,
     {"setgroups"}},
    {"runc create failed: unable to start container process: unable to setup user: operation not permitted",
     "runc",
     Kind::kRuntimeRefused,
     {"setgid", "setuid"}},
    {"error closing exec fds: ensure /proc/self/fd is on procfs: operation not permitted",
     "runc",
     Kind::kRuntimeRefused,
     {"fstatfs"}},
    {"OCI runtime start failed: cannot start an already running container: unknown",
     "runc",
     Kind::kRuntimeRefused,
     {"write", "futex"}},
    {"exec /bin/sh: operation not permitted", "runc", Kind::kRuntimeRefused, {"execve"}},
    {"unable to start container process: exec /bin/tiny2: function not implemented",
     "runc",
     Kind::kRuntimeRefused,
     {"faccessat2"}},
    {"OCI runtime create failed: capset: Operation not permitted: unknown",
     "crun",
     Kind::kRuntimeRefused,
     {"capset"}},
    {"{\"msg\":\"exec container process `/bin/sh`: Operation not permitted\",\"level\":\"error\"}",
     "crun",
     Kind::kRuntimeRefused,
     {"execve"}},
    {"OCI runtime start failed: container `0d83` is not running: unknown",
     "crun",
     Kind::kRuntimeRefused,
     {"pselect6"}},
    {"cannot start a stopped process: unknown", "runc", std::nullopt, {}},
    {"OCI runtime create failed: read from the init process: unknown", "crun", std::nullopt, {}},
    {"docker: opening seccomp profile (/nowhere/x.json) failed: open /nowhere/x.json: no such file or "
     "directory.",
     "",
     Kind::kProfileMissing,
     {}},
    {"docker: opening seccomp profile (profiles/x.json) failed: open profiles/x.json: no such file or "
     "directory.",
     "",
     Kind::kProfilePath,
     {}},
    {"Error: opening seccomp profile failed: open localhost/profiles/x.json: no such file or directory",
     "",
     Kind::kProfilePath,
     {}},
    {"failed to create containerd container: cannot load seccomp profile "
     "\"/var/lib/kubelet/seccomp/profiles/x.json\": "
     "open /var/lib/kubelet/seccomp/profiles/x.json: no such file or directory",
     "",
     Kind::kProfileMissing,
     {}},
    {"docker: compacting json for seccomp profile (broken.json) failed: invalid character '\"' after object "
     "key:value pair.",
     "",
     Kind::kProfileBroken,
     {}},
    {"Error: loading seccomp profile (broken.json) failed: decoding seccomp profile failed: invalid "
     "character '\"' "
     "after object key:value pair",
     "",
     Kind::kProfileBroken,
     {}},
    {"Decoding seccomp profile failed: invalid character '/' looking for beginning of value",
     "",
     Kind::kProfilePath,
     {}},
    {"runc create failed: string SCMP_ACT_DENY is not a valid action for seccomp: unknown",
     "runc",
     Kind::kProfileRefused,
     {}},
    {"OCI runtime create failed: invalid seccomp action `SCMP_ACT_DENY`: unknown",
     "crun",
     Kind::kProfileRefused,
     {}},
    {"OCI runtime create failed: get_seccomp_operator: unknown", "crun", Kind::kProfileRefused, {}},
    {"runc create failed: seccomp flags are not yet supported by runc", "runc", Kind::kProfileRefused, {}},
    {"runc create failed: unable to start container process: listenerPath is not set: unknown",
     "runc",
     Kind::kNoListener,
     {}},
    {"failed to connect with seccomp agent specified in the seccomp profile: dial unix /run/nobody.sock: "
     "connect: no "
     "such file or directory: OCI runtime attempted to invoke a command that was not found",
     "runc",
     Kind::kNoListener,
     {}},
    {"open seccomp receiver: connect socket to `/run/nobody.sock`: No such file or directory",
     "crun",
     Kind::kNoListener,
     {}},
    {"unable to start container process: exec: \"nosuch\": executable file not found in $PATH: unknown",
     "runc",
     Kind::kProgramMissing,
     {}},
    {"executable file `nosuch` not found in $PATH: No such file or directory: unknown",
     "crun",
     Kind::kProgramMissing,
     {}},
    {"unable to start container process: exec: \"/etc\": permission denied: unknown",
     "runc",
     Kind::kProgramUnusable,
     {}},
    {"OCI runtime create failed: open executable: Operation not permitted: unknown",
     "crun",
     Kind::kProgramUnusable,
     {}},
    {"exec /elf: exec format error", "runc", Kind::kProgramUnusable, {}},
    {"invalid mount config for type \"bind\": bind source path does not exist: /nowhere",
     "",
     Kind::kEngine,
     {}},
};

TEST(MessageTest, KnowsWhatEnginesAndRuntimesSay) {
  for (const auto& said : kSaid) {
    const auto meaning = MeaningOfMessage(said.words, said.runtime);
    ASSERT_TRUE(meaning) << said.words;
    EXPECT_EQ(meaning->kind, said.kind) << said.words;
    EXPECT_EQ(meaning->calls, said.calls) << said.words;
  }
}

TEST(MessageTest, SaysNothingOfWhatItDoesNotKnow) {
  EXPECT_FALSE(MeaningOfMessage("", "runc"));
  EXPECT_FALSE(MeaningOfMessage("hello", "runc"));
}

TEST(MessageTest, NamesTheFileAndTheError) {
  const auto missing = MeaningOfMessage(
      "opening seccomp profile (/a/x.json) failed: open /a/x.json: no such file or directory", "");
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->path, "/a/x.json");
  EXPECT_EQ(missing->error, 2u);
  EXPECT_EQ(MeaningOfMessage("unable to apply caps: operation not permitted", "runc")->error, 1u);
}

TEST(MessageTest, StepsAreInTheOrderOfAStart) {
  const auto capset = StepOf("runc", "capset");
  const auto execve = StepOf("runc", "execve");
  ASSERT_TRUE(capset && execve);
  EXPECT_LT(capset->order, execve->order);
  EXPECT_FALSE(StepOf("runc", "pselect6"));
}

}  // namespace
}  // namespace whittle::diagnose

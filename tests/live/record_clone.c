// Makes one clone or clone3 for each word, and nothing is left of it. For record_clone_test.
#define _GNU_SOURCE
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void finish(long child) {
  if (child == 0) _exit(0);
  if (child > 0) waitpid((pid_t)child, NULL, 0);
}

static long clone3(uint64_t flags, uint64_t cgroup, uint64_t wished_ids) {
  static pid_t wished = 1;  // taken: the call fails, the question was asked
  struct clone_args args;
  memset(&args, 0, sizeof args);
  args.flags = flags;
  args.exit_signal = SIGCHLD;
  args.cgroup = cgroup;
  args.set_tid = wished_ids ? (uint64_t)(uintptr_t)&wished : 0;
  args.set_tid_size = wished_ids;
  return syscall(SYS_clone3, &args, sizeof args);
}

static long clone_i386(uint32_t flags) {
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(120), "b"(flags), "c"(0), "d"(0), "S"(0), "D"(0) : "memory");
  return result;
}

int main(int count, char** words) {
  for (int i = 1; i < count; ++i) {
    const char* word = words[i];
    if (!strcmp(word, "clone")) finish(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
    if (!strcmp(word, "clone-user")) finish(syscall(SYS_clone, SIGCHLD | CLONE_NEWUSER, 0, 0, 0, 0));
    if (!strcmp(word, "clone-cgroup")) finish(syscall(SYS_clone, SIGCHLD | CLONE_NEWCGROUP, 0, 0, 0, 0));
    if (!strcmp(word, "i386")) finish(clone_i386(SIGCHLD));
    if (!strcmp(word, "i386-user")) finish(clone_i386(SIGCHLD | CLONE_NEWUSER));
    if (!strcmp(word, "clone3")) finish(clone3(0, 0, 0));
    if (!strcmp(word, "clone3-user")) finish(clone3(CLONE_NEWUSER, 0, 0));
    if (!strcmp(word, "clone3-time")) finish(clone3(CLONE_NEWTIME, 0, 0));
    if (!strcmp(word, "clone3-into-cgroup")) finish(clone3(CLONE_INTO_CGROUP, 9999, 0));
    if (!strcmp(word, "clone3-set-tid")) finish(clone3(0, 0, 1));
    if (!strcmp(word, "clone3-unreadable")) finish(syscall(SYS_clone3, 8, CLONE_ARGS_SIZE_VER2));
  }
  return 0;
}

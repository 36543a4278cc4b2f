// Reads the clock through the vsyscall page, without a filter and under one that refuses that. For record_unseen_test.
// Exit: 0 the filter decided, 1 it did not, 77 this kernel has no vsyscall page.
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

static int has_page(void) {
  char line[256];
  FILE* maps = fopen("/proc/self/maps", "r");
  int found = 0;
  while (maps && fgets(line, sizeof line, maps)) found |= strstr(line, "[vsyscall]") != NULL;
  if (maps) fclose(maps);
  return found;
}

int main(void) {
  time_t (*old_time)(time_t*) = (time_t (*)(time_t*))0xffffffffff600400UL;
  if (!has_page()) return 77;
  if (old_time(NULL) <= 0) return 1;
  struct sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_time, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog filter = {sizeof program / sizeof *program, program};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter)) return 1;
  return old_time(NULL) == -1 ? 0 : 1;
}

// The calls that record_calls makes by itself, on x86-64.
#pragma once

enum {
  NR_read = 0,
  NR_mmap = 9,
  NR_sched_yield = 24,
  NR_clone = 56,
  NR_execve = 59,
  NR_exit = 60,
  NR_wait4 = 61,
  NR_prctl = 157,
  NR_exit_group = 231,
  NR_unshare = 272,
  NR_seccomp = 317,
};

// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Reads one of the seccomp filters that a task has, without stopping it. User space runs the iterator once
// for each filter: filters form a list from the newest to the oldest, are never changed, and the list only
// grows at its new end, so a place counted from the old end stays the same filter however often one asks.
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define MAX_FILTERS 64
#define MAX_INSTRUCTIONS 4096  // BPF_MAXINSNS

char LICENSE[] SEC("license") = "GPL";

// Asked for.
int wanted_tid;
int wanted_filter;  // counted from the oldest; -1: only count them

// Found.
int found;         // the task was seen
int filter_count;  // how many filters it has; MAX_FILTERS + 1: more than that
int instruction_count;
int copy_error;
struct sock_filter instructions[MAX_INSTRUCTIONS];

static int count_filters(struct seccomp_filter* filter) {
  int count = 0;
  for (int i = 0; i <= MAX_FILTERS && filter; ++i) {
    ++count;
    filter = BPF_CORE_READ(filter, prev);
  }
  return count;
}

static void copy_filter(struct seccomp_filter* filter) {
  // The program as it was loaded; what the kernel runs is translated to eBPF.
  struct sock_fprog_kern* original = BPF_CORE_READ(filter, prog, orig_prog);
  if (!original) {
    copy_error = -2;  // kept only with CONFIG_CHECKPOINT_RESTORE
    return;
  }
  __u32 count = BPF_CORE_READ(original, len);
  if (count > MAX_INSTRUCTIONS) {
    copy_error = -7;
    return;
  }
  copy_error = bpf_probe_read_kernel(instructions, count * sizeof(struct sock_filter),
                                     BPF_CORE_READ(original, filter));
  instruction_count = count;
}

SEC("iter/task")
int read_filter(struct bpf_iter__task* context) {
  struct task_struct* task = context->task;
  if (!task || BPF_CORE_READ(task, pid) != wanted_tid) return 0;
  found = 1;
  struct seccomp_filter* filter = BPF_CORE_READ(task, seccomp.filter);
  filter_count = count_filters(filter);
  if (wanted_filter < 0 || wanted_filter >= filter_count) return 0;
  int newer = filter_count - 1 - wanted_filter;
  for (int i = 0; i <= MAX_FILTERS && i < newer && filter; ++i) filter = BPF_CORE_READ(filter, prev);
  if (filter) copy_filter(filter);
  return 0;
}

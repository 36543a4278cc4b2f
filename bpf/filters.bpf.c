// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Reads the seccomp filters that tasks have, without stopping them. User space runs an iterator once for each
// filter: filters form a list from the newest to the oldest, are never changed, and the list only grows at its
// new end, so a place counted from the old end stays the same filter however often one asks.
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "filters.h"

char LICENSE[] SEC("license") = "GPL";

// Asked for. Ids are those of the pid namespace of who asks.
int wanted_tid;
int wanted_process;
int wanted_filter;  // counted from the oldest; -1: only count them

// Found.
int found;         // the task was seen
int filter_count;  // how many filters it has; MAX_FILTERS + 1: more than that
int instruction_count;
int copy_error;
struct sock_filter instructions[MAX_INSTRUCTIONS];

// The task's id as the reader of the iterator sees it: a task has one in its own pid namespace and in each
// above, and the reader is in one of them. Test: live LiveFilters.AreReadFromInsideAPidNamespace.
static int visible_id(struct task_struct* task) {
  struct task_struct* reader = (struct task_struct*)bpf_get_current_task();
  unsigned int level = BPF_CORE_READ(reader, thread_pid, level);
  struct pid* pid = BPF_CORE_READ(task, thread_pid);
  int id = 0;
  if (level > BPF_CORE_READ(pid, level)) return 0;
  bpf_probe_read_kernel(&id, sizeof id,
                        (void*)__builtin_preserve_access_index(&pid->numbers) +
                            level * bpf_core_type_size(struct upid) + bpf_core_field_offset(struct upid, nr));
  return id;
}

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
  if (!task || visible_id(task) != wanted_tid) return 0;
  found = 1;
  struct seccomp_filter* filter = BPF_CORE_READ(task, seccomp.filter);
  filter_count = count_filters(filter);
  if (wanted_filter < 0 || wanted_filter >= filter_count) return 0;
  int newer = filter_count - 1 - wanted_filter;
  for (int i = 0; i <= MAX_FILTERS && i < newer && filter; ++i) filter = BPF_CORE_READ(filter, prev);
  if (filter) copy_filter(filter);
  return 0;
}

SEC("iter/task")
int list_threads(struct bpf_iter__task* context) {
  struct task_struct* task = context->task;
  if (!task || visible_id(BPF_CORE_READ(task, group_leader)) != wanted_process) return 0;
  struct seccomp_filter* filter = BPF_CORE_READ(task, seccomp.filter);
  struct thread_row row = {
      .tid = visible_id(task),
      .mode = BPF_CORE_READ(task, seccomp.mode),
      .count = count_filters(filter),
      .ending = BPF_CORE_READ(task, exit_state) != 0,
      .newest = (unsigned long)filter,
  };
  bpf_seq_write(context->meta->seq, &row, sizeof row);
  return 0;
}

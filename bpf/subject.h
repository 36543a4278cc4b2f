/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* From a task to its subject's slot: owner, executable file, arrival, and whether a filter is in force. Full keys, so two
 * subjects never share a slot. Cold.
 *
 * Kernel facts: the executable is mm->exe_file (a script's is its interpreter). An inode number can be reused while the
 * recorder runs: generation and time of modification tell the files apart. The field of the latter has had three names.
 * seccomp.mode is 0 without a filter. Test: live RecordTruth.RandomSetsAreRecordedExactly,
 * RecordTruth.WhetherAFilterWasInForceIsTrueForEachCall. */
#pragma once

#include "base.h"
#include "owner.h"
#include "path.h"
#include "filter_stack.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WHITTLE_SLOTS);
	__type(key, struct whittle_subject_key);
	__type(value, __u32);
} subjects SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, WHITTLE_SLOTS);
	__type(key, __u32);
	__type(value, struct whittle_subject);
} subject_names SEC(".maps");

/* Slots that are free again: of subjects that were dropped, or whose cgroup is gone and whose calls user space has. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, WHITTLE_SLOTS);
	__type(value, __u32);
} free_slots SEC(".maps");

const struct whittle_subject empty_subject = {};

struct inode___time {
	struct timespec64 i_mtime;
} __attribute__((preserve_access_index));
struct inode___time_private {
	struct timespec64 __i_mtime;
} __attribute__((preserve_access_index));

static __always_inline __u64 modified_ns(struct inode *inode)
{
	struct inode___time *before_6_6 = (void *)inode;
	struct inode___time_private *before_6_11 = (void *)inode;

	if (bpf_core_field_exists(inode->i_mtime_sec))
		return BPF_CORE_READ(inode, i_mtime_sec) * 1000000000ULL + BPF_CORE_READ(inode, i_mtime_nsec);
	if (bpf_core_field_exists(before_6_11->__i_mtime))
		return BPF_CORE_READ(before_6_11, __i_mtime.tv_sec) * 1000000000ULL +
		       BPF_CORE_READ(before_6_11, __i_mtime.tv_nsec);
	return BPF_CORE_READ(before_6_6, i_mtime.tv_sec) * 1000000000ULL +
	       BPF_CORE_READ(before_6_6, i_mtime.tv_nsec);
}

static __always_inline void fill_file(struct task_struct *task, struct whittle_subject_key *key)
{
	struct inode *inode = BPF_CORE_READ(task, mm, exe_file, f_inode);

	if (!inode)
		return;
	key->inode = BPF_CORE_READ(inode, i_ino);
	key->device = BPF_CORE_READ(inode, i_sb, s_dev);
	key->generation = BPF_CORE_READ(inode, i_generation);
	key->modified_ns = modified_ns(inode);
}

static __always_inline void name_subject(struct task_struct *task, __u32 slot, struct whittle_subject_key *key)
{
	struct whittle_subject *subject;
	__u32 cut = 0;

	bpf_map_update_elem(&subject_names, &slot, &empty_subject, BPF_ANY);
	subject = bpf_map_lookup_elem(&subject_names, &slot);
	if (!subject) {
		count_error(WHITTLE_ERROR_NAME);
		return;
	}
	subject->key = *key;
	subject->pid = BPF_CORE_READ(task, tgid);
	bpf_probe_read_kernel_str(subject->comm, sizeof(subject->comm), &task->comm);
	subject->path_bytes = executable_path(task, subject->path, &cut);
	subject->path_cut = cut;
	barrier();
	WRITE_ONCE(named[slot & (WHITTLE_SLOTS - 1)], WHITTLE_NAMED);
}

static __always_inline __u32 take_slot(void)
{
	__u32 slot = 0;
	__u64 next;

	if (!bpf_map_pop_elem(&free_slots, &slot))
		return slot;
	if (READ_ONCE(counters.next_slot) >= slot_limit)
		return 0;
	next = __sync_fetch_and_add(&counters.next_slot, 1);
	return next < slot_limit ? next : 0;
}

/* The subject's slot, made if it is new; 0 if there is none, which is counted. */
static __noinline __u32 slot_of(struct task_struct *task, struct whittle_subject_key *key)
{
	__u32 *found = bpf_map_lookup_elem(&subjects, key);
	__u32 slot;
	long failed;

	if (found)
		return *found;
	slot = take_slot();
	if (!slot) {
		count_error(WHITTLE_ERROR_TABLE_FULL);
		return 0;
	}
	WRITE_ONCE(logging[slot & (WHITTLE_SLOTS - 1)], key->filters != 0);
	failed = bpf_map_update_elem(&subjects, key, &slot, BPF_NOEXIST);
	if (!failed) {
		name_subject(task, slot, key);
		look();
		return slot;
	}
	/* Another thread of the same subject was faster: its slot counts. */
	bpf_map_push_elem(&free_slots, &slot, BPF_ANY);
	found = bpf_map_lookup_elem(&subjects, key);
	if (found)
		return *found;
	count_error(failed == -EEXIST ? WHITTLE_ERROR_UNRESOLVED : WHITTLE_ERROR_TABLE_FULL);
	return 0;
}

/* WHITTLE_BYSTANDER for a task that is not watched, 0 if it cannot be said (counted). *workload tells the rest. */
static __noinline __u32 resolve(struct task_struct *task, __u32 *workload)
{
	struct whittle_task_state state = {};
	struct whittle_subject_key key = {};

	*workload = 0;
	if (!owner_of(task, &state))
		return WHITTLE_BYSTANDER;
	key.owner = state.owner;
	if (state.workload)
		key.flags |= WHITTLE_SUBJECT_WORKLOAD;
	if (BPF_CORE_READ(task, seccomp.mode))
		key.flags |= WHITTLE_SUBJECT_UNDER_FILTER;
	if (watch_denials)
		key.filters = logging_filters(task);
	fill_file(task, &key);
	*workload = state.workload;
	return slot_of(task, &key);
}

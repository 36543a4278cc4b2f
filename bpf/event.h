/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What user space is told of, so that it looks. Only the state in the maps counts; a lost event only delays.
 *
 * Kernel facts: cgroup_mkdir fires before anything can run in the cgroup, for every hierarchy; cgroup_rmdir fires when it is
 * gone, and a cgroup with a living thread cannot be removed.
 * Test: live RecordStart. */
#pragma once

#include "owner.h"
#include "path.h"

static __always_inline struct whittle_event *new_event(enum whittle_event_kind kind, __u64 owner)
{
	struct whittle_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event) {
		count_error(WHITTLE_ERROR_RING_FULL);
		return NULL;
	}
	event->kind = kind;
	event->owner = owner;
	event->pid = 0;
	event->path_bytes = 0;
	event->unused = 0;
	return event;
}

static __always_inline void send_exec(struct task_struct *task, __u64 owner)
{
	struct whittle_event *event = new_event(WHITTLE_EXEC, owner);
	__u32 cut;

	if (!event)
		return;
	event->pid = process_id(task);
	event->path_bytes = executable_path(task, event->path, &cut);
	bpf_ringbuf_submit(event, 0);
}

static __always_inline void send_exit(struct task_struct *task, __u64 owner)
{
	struct whittle_event *event = new_event(WHITTLE_EXIT, owner);

	if (!event)
		return;
	event->pid = process_id(task);
	bpf_ringbuf_submit(event, 0);
}

/* Only while calls are not looked at: what may make a watched task do something new. Not what the kernel itself sends (timers,
 * children that ended), but for a filter's own signal; nor a thread to its own process.
 * Kernel fact: info is 0 (SEND_SIG_NOINFO) or has code SI_USER (0) where a process called kill(). All versions. */
static __always_inline int signal_woke(int signal, struct kernel_siginfo *info, struct task_struct *task)
{
	struct whittle_task_state state = {};
	struct task_struct *sender = bpf_get_current_task_btf();
	struct whittle_event *event;

	if (!by_seccomp(signal, info)) {
		if ((unsigned long)info == 1 || ((unsigned long)info > 1 && BPF_CORE_READ(info, si_code) != 0))
			return 0;
		if (BPF_CORE_READ(sender, tgid) == BPF_CORE_READ(task, tgid))
			return 0;
	}
	if (!owner_of(task, &state))
		return 0;
	event = new_event(WHITTLE_SIGNAL, state.owner);
	if (!event)
		return 0;
	event->pid = process_id(task);
	bpf_ringbuf_submit(event, 0);
	return 0;
}

/* The key of a cgroup of the two hierarchies that count; 0 for any other. */
static __always_inline __u64 key_of(struct cgroup *cgroup)
{
	__u64 id = BPF_CORE_READ(cgroup, kn, id);

	if (BPF_CORE_READ(cgroup, root, hierarchy_id) == 0)
		return id;
	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id) &&
	    BPF_CORE_READ(cgroup, root, subsys_mask) &
		    (1ULL << bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id)))
		return id | WHITTLE_KEY_V1;
	return 0;
}

static __always_inline void send_cgroup(enum whittle_event_kind kind, __u64 key, const char *path)
{
	struct whittle_event *event = new_event(kind, key);
	long bytes;

	if (!event)
		return;
	bytes = bpf_probe_read_kernel_str(event->path, WHITTLE_CGROUP_PATH, path);
	event->path_bytes = bytes > 0 ? bytes : 0;
	bpf_ringbuf_submit(event, 0);
}

const struct whittle_cgroup_path empty_path = {};

/* Records a new cgroup until user space decides, unless it lies in one that is kept: then it is that one's. */
static __always_inline int cgroup_made(struct cgroup *cgroup, const char *path)
{
	struct whittle_watched fresh = {.decision = WHITTLE_UNDECIDED, .kind = WHITTLE_KIND_CONTAINER}, *above;
	struct task_struct *maker = bpf_get_current_task_btf();
	struct whittle_cgroup_path *kept;
	__u64 key = key_of(cgroup), nearest = 0;

	if (!READ_ONCE(control.new_cgroups) || !key)
		return 0;
	above = nearest_watched(cgroup, key & WHITTLE_KEY_V1, &nearest);
	if (above && above->decision == WHITTLE_KEPT)
		return 0;
	/* What makes a cgroup below an undecided one may be the container's own. */
	fresh.maker_mount_ns = above ? above->maker_mount_ns : mount_ns_of(maker);
	bpf_map_update_elem(&cgroup_paths, &key, &empty_path, BPF_ANY);
	kept = bpf_map_lookup_elem(&cgroup_paths, &key);
	if (kept)
		bpf_probe_read_kernel_str(kept->path, sizeof(kept->path), path);
	if (!kept || bpf_map_update_elem(&watched, &key, &fresh, BPF_ANY))
		count_error(WHITTLE_ERROR_CGROUP_FULL);
	send_cgroup(WHITTLE_CGROUP_MADE, key, path);
	return 0;
}

static __always_inline int cgroup_removed(struct cgroup *cgroup, const char *path)
{
	__u64 key = key_of(cgroup);
	__u32 removed = 1;

	if (!key || !bpf_map_lookup_elem(&watched, &key))
		return 0;
	bpf_map_update_elem(&removed_cgroups, &key, &removed, BPF_ANY);
	__sync_fetch_and_add(&counters.removed, 1);
	send_cgroup(WHITTLE_CGROUP_REMOVED, key, path);
	return 0;
}

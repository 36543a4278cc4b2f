/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Whose a task is: which container (cgroup) or process tree it belongs to, and whether it is the owner's workload or
 * came from outside (the runtime, `docker exec`'s runc). Cold: runs on a miss, a fork, an exec or an exit only.
 *
 * Kernel facts:
 * - A cgroup's id is kn->id; ids are not reused soon (they carry a generation). 5.5+. The parent is self.parent, whatever
 *   kernfs calls its own parent field. Test: live RecordDocker.ARunningContainerAndACgroupBelowItsOwnAreOneSubject.
 * - v2 has hierarchy_id 0; the number spaces of v1 hierarchies are their own. Test: live RecordDocker.
 * - At sched_process_fork the child is already in its cgroup, also with CLONE_INTO_CGROUP, which makes no attach event. */
#pragma once

#include "base.h"

/* Cgroups that are recorded: the containers, and in the mode for new cgroups each one that was made. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, WHITTLE_CGROUPS);
	__type(key, __u64);
	__type(value, struct whittle_watched);
} watched SEC(".maps");

/* Those of them that are no more, until user space has noticed: nobody can come to be in them again. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, WHITTLE_CGROUPS);
	__type(key, __u64);
	__type(value, __u32);
} removed_cgroups SEC(".maps");

/* Their paths, where the recorder saw them made. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, WHITTLE_CGROUPS);
	__type(key, __u64);
	__type(value, struct whittle_cgroup_path);
} cgroup_paths SEC(".maps");

/* Tasks of an owner's own: seen to execute something, named, or a child of such a one. Key: the task's address, valid
 * until its exit. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 262144);
	__type(key, __u64);
	__type(value, struct whittle_task_state);
} tasks SEC(".maps");

/* Threads that were there before the recorder, as user space named them: of a process tree, of a container that runs
 * already. Key: thread id in the recorder's pid namespace. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, __u32);
	__type(value, struct whittle_task_state);
} roots SEC(".maps");

static __always_inline struct cgroup *parent_cgroup(struct cgroup *cgroup)
{
	struct cgroup_subsys_state *parent = BPF_CORE_READ(cgroup, self.parent);

	return parent ? (void *)parent - bpf_core_field_offset(struct cgroup, self) : NULL;
}

struct cgroup_walk {
	struct cgroup *cgroup;
	__u64 tag;
	__u64 key; /* of the one that was looked up last */
	enum { WALK_TOO_DEEP, WALK_FOUND, WALK_NOT_FOUND } end;
};

static long cgroup_loop(__u32 step, struct cgroup_walk *walk)
{
	struct cgroup *cgroup = walk->cgroup, *parent = parent_cgroup(cgroup);

	if (!parent) { /* the root is nobody's container */
		walk->end = WALK_NOT_FOUND;
		return 1;
	}
	walk->key = BPF_CORE_READ(cgroup, kn, id) | walk->tag;
	if (bpf_map_lookup_elem(&watched, &walk->key)) {
		walk->end = WALK_FOUND;
		return 1;
	}
	walk->cgroup = parent;
	return 0;
}

/* The nearest cgroup, from this one upwards, that is recorded. */
static __noinline struct whittle_watched *nearest_watched(struct cgroup *cgroup, __u64 tag, __u64 *key)
{
	struct cgroup_walk walk = {.cgroup = cgroup, .tag = tag};

	bpf_loop(WHITTLE_CGROUP_DEPTH, cgroup_loop, &walk, 0);
	if (walk.end == WALK_TOO_DEEP)
		count_error(WHITTLE_ERROR_CGROUP_DEEP);
	if (walk.end != WALK_FOUND)
		return NULL;
	*key = walk.key;
	return bpf_map_lookup_elem(&watched, &walk.key);
}

static __always_inline struct cgroup *pids_cgroup(struct task_struct *task)
{
	struct cgroup_subsys_state *state;

	if (!bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id))
		return NULL;
	state = BPF_CORE_READ(task, cgroups, subsys[bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id)]);
	return state ? BPF_CORE_READ(state, cgroup) : NULL;
}

static __always_inline struct whittle_watched *watched_of(struct task_struct *task, __u64 *key)
{
	struct whittle_watched *found;
	struct cgroup *cgroup;

	if (!READ_ONCE(control.cgroups))
		return NULL;
	found = nearest_watched(BPF_CORE_READ(task, cgroups, dfl_cgrp), 0, key);
	if (found)
		return found;
	cgroup = pids_cgroup(task);
	return cgroup ? nearest_watched(cgroup, WHITTLE_KEY_V1, key) : NULL;
}

static long ancestor_loop(__u32 step, struct task_struct **task)
{
	if (BPF_CORE_READ(*task, pid) <= 1)
		return 1;
	*task = BPF_CORE_READ(*task, real_parent);
	return 0;
}

/* The mount namespace of the first process. User space may not be allowed to look at it, so it is found once from any
 * task: all descend from that process, also those inside of pid namespaces. */
static __noinline __u64 first_mount_ns(struct task_struct *task)
{
	bpf_loop(WHITTLE_ANCESTORS, ancestor_loop, &task, 0);
	if (BPF_CORE_READ(task, pid) > 1)
		return 0;
	return BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
}

static __always_inline bool is_hosts(struct task_struct *task, __u64 mount_ns)
{
	if (!control.host_mount_ns[0])
		control.host_mount_ns[0] = first_mount_ns(task);
	return mount_ns == control.host_mount_ns[0] || mount_ns == control.host_mount_ns[1];
}

static __always_inline __u32 mount_ns_of(struct task_struct *task)
{
	return BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
}

static __always_inline bool in_host_mount_ns(struct task_struct *task)
{
	return is_hosts(task, mount_ns_of(task));
}

/* Was the task's program taken from a mount of a container? For a task that was there before the recorder. A runtime's own
 * program comes from the host's mounts, or from none (a memfd, or runc's detached copy of itself), even after it entered
 * the container. */
static __always_inline bool runs_containers_file(struct task_struct *task)
{
	struct vfsmount *public = BPF_CORE_READ(task, mm, exe_file, f_path.mnt);
	struct mount *mount = (void *)public - bpf_core_field_offset(struct mount, mnt);
	struct mnt_namespace *ns;

	if (!public)
		return false;
	ns = BPF_CORE_READ(mount, mnt_ns);
	if (!ns || ((__s64)ns < 0 && (__s64)ns > -4096)) /* detached, or MNT_NS_INTERNAL */
		return false;
	return !is_hosts(task, BPF_CORE_READ(ns, ns.inum));
}

/* Does an exec of this task, inside the cgroup, make it the container's workload? Not where the runtime itself runs: that is
 * the host, or wherever who made the cgroup was (an engine may live in a mount namespace of its own). */
static __always_inline bool inside(struct task_struct *task, struct whittle_watched *cgroup)
{
	if (cgroup->kind == WHITTLE_KIND_PLAIN)
		return true;
	return !in_host_mount_ns(task) && mount_ns_of(task) != cgroup->maker_mount_ns;
}

static __always_inline void keep_state(struct task_struct *task, struct whittle_task_state *state)
{
	__u64 key = (__u64)task;

	if (bpf_map_update_elem(&tasks, &key, state, BPF_ANY))
		count_error(WHITTLE_ERROR_TASK_FULL);
}

struct pid_walk {
	struct pid *pid;
	__u32 level;
	__u32 number;
};

static long pid_loop(__u32 step, struct pid_walk *walk)
{
	struct upid *number = (void *)walk->pid + bpf_core_field_offset(struct pid, numbers) +
			      step * bpf_core_type_size(struct upid);

	if (step > walk->level)
		return 1;
	if (BPF_CORE_READ(number, ns, ns.inum) != control.pid_ns_inode)
		return 0;
	walk->number = BPF_CORE_READ(number, nr);
	return 1;
}

/* The number of a pid in the recorder's pid namespace; 0 if that is none of those above it. */
static __noinline __u32 id_of(struct pid *pid)
{
	struct pid_walk walk = {.pid = pid, .level = BPF_CORE_READ(pid, level)};

	bpf_loop(WHITTLE_PID_LEVELS, pid_loop, &walk, 0);
	return walk.number;
}

static __always_inline __u32 thread_id(struct task_struct *task)
{
	return id_of(BPF_CORE_READ(task, thread_pid));
}

static __always_inline __u32 process_id(struct task_struct *task)
{
	return id_of(BPF_CORE_READ(task, group_leader, thread_pid));
}

/* A thread that user space named: what it said becomes the task's state, and the name is used up, since thread ids come
 * again. */
static __noinline bool take_root(struct task_struct *task, struct whittle_task_state *result)
{
	struct whittle_task_state *root;
	__u32 id;

	if (!READ_ONCE(control.roots))
		return false;
	id = thread_id(task);
	root = bpf_map_lookup_elem(&roots, &id);
	if (!root)
		return false;
	*result = *root;
	if (bpf_map_delete_elem(&roots, &id))
		return false;
	__sync_fetch_and_add(&control.roots, -1);
	if (result->workload == WHITTLE_BY_PROGRAM)
		result->workload = !in_host_mount_ns(task) && runs_containers_file(task);
	keep_state(task, result);
	return true;
}

static __always_inline bool known_state(struct task_struct *task, struct whittle_task_state *result)
{
	__u64 key = (__u64)task;
	struct whittle_task_state *state = bpf_map_lookup_elem(&tasks, &key);

	if (!state)
		return take_root(task, result);
	*result = *state;
	return true;
}

/* True if the task belongs to a process tree, or is in a recorded cgroup; fills in whose it is and how it came. */
static __noinline bool owner_of(struct task_struct *task, struct whittle_task_state *result)
{
	bool known = known_state(task, result);
	__u64 key = 0;

	if (known && (result->owner & WHITTLE_KEY_TREE))
		return true;
	if (!watched_of(task, &key))
		return false;
	/* Who executed nothing here has come from outside. What was there before the recorder was named by user space. */
	result->workload = known && result->owner == key && result->workload;
	result->owner = key;
	return true;
}

/* A child is what its parent is; where it was born into another owner's cgroup, that does not make it that one's workload.
 * True if it is watched. */
static __always_inline bool inherit_owner(struct task_struct *parent, struct task_struct *child)
{
	struct whittle_task_state state = {};
	__u64 key = (__u64)child;

	if (known_state(parent, &state))
		keep_state(child, &state);
	else
		bpf_map_delete_elem(&tasks, &key); /* of an earlier task at this address, should one have been left */
	return owner_of(child, &state);
}

/* After an exec: true if the task is watched. What is workload stays workload. */
static __always_inline bool exec_owner(struct task_struct *task, struct whittle_task_state *state)
{
	struct whittle_watched *cgroup;
	__u64 key = 0;

	if (!owner_of(task, state))
		return false;
	if (!state->workload && (state->owner & WHITTLE_KEY_TREE)) {
		state->workload = WHITTLE_WORKLOAD;
	} else if (!state->workload) {
		cgroup = watched_of(task, &key);
		if (cgroup && inside(task, cgroup))
			state->workload = WHITTLE_WORKLOAD;
	}
	if (state->workload)
		keep_state(task, state);
	return true;
}

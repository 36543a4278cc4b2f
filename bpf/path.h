/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The path of a task's executable as its mount namespace shows it. There is no helper for this in raw tracepoints, and
 * /proc/PID/exe is lost when the process is short-lived, so the names are walked here, from the file up to the root:
 * components one after the other, each with its final 0; user space puts them in order.
 *
 * Kernel fact: the root mount of a namespace is its own parent, or hangs below one at "/" (a container's after
 * pivot_root): names end there. A chroot is not the end: the path is that of the container. A file that is mounted by
 * itself and detached (runc starts from such a copy of itself) has no place in any namespace: its path is that in its
 * file system. A memfd has a name only. Test: live RecordDocker. */
#pragma once

#include "base.h"

struct path_walk {
	struct dentry *dentry;
	struct mount *mount;
	char *buffer; /* WHITTLE_PATH + WHITTLE_NAME bytes */
	__u32 bytes;
	__u32 cut;
	__u32 ended; /* the root was reached, or there is no more room */
};

static __always_inline struct mount *mount_of(struct vfsmount *public)
{
	return (void *)public - bpf_core_field_offset(struct mount, mnt);
}

/* Adds the name of a directory entry. */
static __always_inline void add_name(struct path_walk *walk, struct dentry *dentry)
{
	__u32 at = walk->bytes;
	long length;

	/* The verifier of kernels before 6.8 forgets the bound of a number that was spilled to the stack; this makes clang, which
	 * knows it, keep the mask. */
	barrier_var(at);
	length = bpf_probe_read_kernel_str(walk->buffer + (at & (WHITTLE_PATH - 1)), WHITTLE_NAME,
					   BPF_CORE_READ(dentry, d_name.name));
	if (length > 0)
		walk->bytes += length & (2 * WHITTLE_NAME - 1);
}

/* One step up. False at the root. */
static __always_inline bool path_step(struct path_walk *walk)
{
	struct dentry *dentry = walk->dentry, *parent = BPF_CORE_READ(dentry, d_parent);
	struct mount *mount = walk->mount, *up;

	if (dentry == parent || (mount && dentry == BPF_CORE_READ(mount, mnt.mnt_root))) {
		if (!mount)
			return false;
		up = BPF_CORE_READ(mount, mnt_parent);
		if (!up || up == mount)
			return false;
		walk->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
		walk->mount = up;
		return true;
	}
	if (walk->bytes >= WHITTLE_PATH) {
		walk->cut = 1;
		return false;
	}
	add_name(walk, dentry);
	walk->dentry = parent;
	return true;
}

static long path_loop(__u32 step, struct path_walk *walk)
{
	if (path_step(walk))
		return 0;
	walk->ended = 1;
	return 1;
}

/* Returns the bytes written; *cut is 1 if something did not fit. */
static __always_inline __u32 path_of(struct path *place, char *buffer, __u32 *cut)
{
	struct path_walk walk = {.buffer = buffer};
	struct dentry *dentry = BPF_CORE_READ(place, dentry);
	struct mount *mount;

	*cut = 0;
	if (BPF_CORE_READ(dentry, d_parent) == dentry) { /* a memfd: no directory, only a name */
		add_name(&walk, dentry);
		return walk.bytes;
	}
	walk.dentry = dentry;
	mount = mount_of(BPF_CORE_READ(place, mnt));
	if (dentry != BPF_CORE_READ(mount, mnt.mnt_root) || BPF_CORE_READ(mount, mnt_parent) != mount)
		walk.mount = mount;
	bpf_loop(WHITTLE_DEPTH, path_loop, &walk, 0);
	*cut = walk.cut || !walk.ended;
	return walk.bytes;
}

static __always_inline __u32 executable_path(struct task_struct *task, char *buffer, __u32 *cut)
{
	struct file *file = BPF_CORE_READ(task, mm, exe_file);

	*cut = 0;
	if (!file)
		return 0;
	return path_of((struct path *)__builtin_preserve_access_index(&file->f_path), buffer, cut);
}

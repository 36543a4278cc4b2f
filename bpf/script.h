/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The scripts that an interpreter is executed for: an attribute of the subject, which is the interpreter. Runs at an exec
 * only.
 *
 * Kernel facts:
 * - At sched_process_exec bprm->filename is the name that execve was given (of execveat: /dev/fd/N), bprm->interp that of
 *   the file that runs in the end: the same string unless "#!" or binfmt_misc put another in its place. A chain of
 *   interpreters shows its first and its last link. 4.x and later. Test: live RecordNames.
 * - Raw tracepoints run with preemption off and not inside of themselves: a buffer for each CPU is this program's alone. */
#pragma once

#include "subject.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, struct whittle_script_key);
	__type(value, __u32);
} scripts SEC(".maps");

/* A key is too large for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct whittle_script_key);
} script_buffer SEC(".maps");

static __noinline int keep_script(struct task_struct *task, struct whittle_task_state *state, const char *name)
{
	struct whittle_script_key *key;
	__u32 zero = 0, known = 1;
	long bytes;

	key = bpf_map_lookup_elem(&script_buffer, &zero);
	if (!key)
		return 0;
	__builtin_memset(key, 0, sizeof(*key));
	bytes = bpf_probe_read_kernel_str(key->name, sizeof(key->name), name);
	if (bytes <= 0 || bytes >= WHITTLE_SCRIPT) { /* cut names could be those of two scripts */
		count_error(WHITTLE_ERROR_SCRIPT);
		return 0;
	}
	key->subject.owner = state->owner;
	key->subject.flags = state->workload ? WHITTLE_SUBJECT_WORKLOAD : 0;
	fill_file(task, &key->subject);
	if (bpf_map_lookup_elem(&scripts, key))
		return 0;
	if (bpf_map_update_elem(&scripts, key, &known, BPF_ANY))
		count_error(WHITTLE_ERROR_SCRIPT);
	else
		__sync_fetch_and_add(&counters.scripts, 1);
	return 0;
}

static __always_inline void note_script(struct task_struct *task, struct whittle_task_state *state,
					struct linux_binprm *bprm)
{
	const char *name = BPF_CORE_READ(bprm, filename);

	if (name != BPF_CORE_READ(bprm, interp))
		keep_script(task, state, name);
}

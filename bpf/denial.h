/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The denial watch: calls that a filter refused. Attached only when asked for.
 *
 * Kernel facts:
 * - seccomp runs before sys_enter. A call that it refuses by ERRNO, TRACE without a tracer, or a notification that was
 *   answered leaves through sys_exit without having entered. A child's first exit (from its parent's clone) has no enter
 *   of its own; rt_sigreturn enters and exits. Test: live RecordDenials.
 * - TRAP and the killing actions raise SIGSYS with code SYS_SECCOMP on the thread itself; where the process is to be
 *   killed the action is reset and SA_IMMUTABLE first (5.16). Afterwards TRAP leaves through sys_exit.
 * - KILL_THREAD in a process of several threads shows only in sched_process_exit: exit code 31 without a group exit.
 *
 * An exit without an enter is a candidate. User space confirms it by evaluating the filters: a tracer that skipped the
 * call looks the same. A flag for each thread says whether it is between enter and exit. It lives in the table of
 * threads; the entry belongs to the first watched thread that claims it until that exits, others use a map. */
#pragma once

#include "subject.h"
#include "thread.h"
#include "call.h"

#define SIGSYS 31
#define SYS_SECCOMP 1
#define SA_IMMUTABLE 0x00800000
#define SIGNAL_GROUP_EXIT 0x00000004
#define IN_CALL 1

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct whittle_candidate_key);
	__type(value, struct whittle_candidate);
} candidates SEC(".maps");

/* The flag of threads that share their entry's hash with an earlier one. Key: the stack's number. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, __u32);
} in_calls SEC(".maps");

/* Sets the flag of the thread with that stack, and makes it known if it was not. */
static __noinline void set_in_call(__u64 stack, __u32 flag)
{
	struct whittle_thread *thread = thread_of(stack);
	__u64 ours = stack_word(stack), key = stack >> 14;
	__u64 owner = READ_ONCE(thread->in_call);

	if (!owner)
		owner = __sync_val_compare_and_swap(&thread->in_call, 0, ours | flag);
	if (!owner)
		return;
	if ((owner & ~0xffffULL) == ours) {
		WRITE_ONCE(thread->in_call, ours | flag);
		return;
	}
	if (bpf_map_update_elem(&in_calls, &key, &flag, BPF_ANY))
		count_error(WHITTLE_ERROR_IN_CALL_FULL);
}

static __always_inline void enter_known(struct whittle_thread *thread, __u64 regs)
{
	__u64 ours = stack_word(regs);

	if ((READ_ONCE(thread->in_call) & ~0xffffULL) == ours)
		WRITE_ONCE(thread->in_call, ours | IN_CALL);
	else
		set_in_call(regs, IN_CALL);
}

/* Of a thread that may be a bystander. It claims nothing before it is known to be watched. */
static __always_inline void enter_unknown(__u64 regs)
{
	set_in_call(regs, IN_CALL);
}

enum in_call { NOT_IN_CALL, WAS_IN_CALL, NEVER_SEEN };

/* Takes the flag back and says what it was. */
static __noinline enum in_call leave_call(__u64 regs)
{
	struct whittle_thread *thread = thread_of(regs);
	__u64 ours = stack_word(regs), key = regs >> 14;
	__u64 owner = READ_ONCE(thread->in_call);
	__u32 *flag, was;

	if ((owner & ~0xffffULL) == ours) {
		WRITE_ONCE(thread->in_call, ours);
		return owner & IN_CALL ? WAS_IN_CALL : NOT_IN_CALL;
	}
	flag = bpf_map_lookup_elem(&in_calls, &key);
	if (!flag)
		return NEVER_SEEN;
	was = *flag;
	*flag = 0;
	return was & IN_CALL ? WAS_IN_CALL : NOT_IN_CALL;
}

/* The thread with that stack is gone, or another has it now. */
static __always_inline void release_in_call(__u64 stack)
{
	struct whittle_thread *thread = thread_of(stack);
	__u64 key = stack >> 14;

	if ((READ_ONCE(thread->in_call) & ~0xffffULL) == stack_word(stack))
		WRITE_ONCE(thread->in_call, 0);
	else
		bpf_map_delete_elem(&in_calls, &key);
}

static __always_inline void read_arguments(struct pt_regs *regs, __u32 row, __u64 *arguments)
{
	if (row == WHITTLE_ROW_I386) {
		arguments[0] = (__u32)BPF_CORE_READ(regs, bx);
		arguments[1] = (__u32)BPF_CORE_READ(regs, cx);
		arguments[2] = (__u32)BPF_CORE_READ(regs, dx);
		arguments[3] = (__u32)BPF_CORE_READ(regs, si);
		arguments[4] = (__u32)BPF_CORE_READ(regs, di);
		arguments[5] = (__u32)BPF_CORE_READ(regs, bp);
		return;
	}
	arguments[0] = BPF_CORE_READ(regs, di);
	arguments[1] = BPF_CORE_READ(regs, si);
	arguments[2] = BPF_CORE_READ(regs, dx);
	arguments[3] = BPF_CORE_READ(regs, r10);
	arguments[4] = BPF_CORE_READ(regs, r8);
	arguments[5] = BPF_CORE_READ(regs, r9);
}

/* Counts a refused call of the current task. */
static __noinline void add_candidate(__u32 kind, __s64 result, struct pt_regs *regs)
{
	struct whittle_candidate_key key = {.kind = kind};
	struct task_struct *task = bpf_get_current_task_btf();
	struct whittle_candidate *found, fresh = {};
	struct call call;
	__u32 workload;

	key.slot = resolve(task, &workload);
	if (key.slot < WHITTLE_FIRST_SLOT)
		return;
	call = call_of(BPF_CORE_READ(task, thread_info.status), BPF_CORE_READ(regs, orig_ax));
	key.row = call.row;
	key.number = call.number;
	key.result = result;
	found = bpf_map_lookup_elem(&candidates, &key);
	if (found) {
		__sync_fetch_and_add(&found->count, 1);
		__sync_fetch_and_add(&counters.candidates, 1);
		return;
	}
	fresh.count = 0;
	fresh.pid = process_id(task);
	fresh.tid = thread_id(task);
	fresh.instruction_pointer = BPF_CORE_READ(regs, ip);
	bpf_get_current_comm(fresh.comm, sizeof(fresh.comm));
	read_arguments(regs, key.row, fresh.arguments);
	bpf_map_update_elem(&candidates, &key, &fresh, BPF_NOEXIST);
	found = bpf_map_lookup_elem(&candidates, &key);
	if (!found) {
		count_error(WHITTLE_ERROR_CANDIDATE_FULL);
		return;
	}
	__sync_fetch_and_add(&found->count, 1);
	__sync_fetch_and_add(&counters.candidates, 1);
	look();
}

static __noinline int exit_slowly(__u64 regs, __s64 result, enum in_call was)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (was == NEVER_SEEN)
		set_in_call(regs, 0);
	if (BPF_CORE_READ(task, seccomp.mode) != 2)
		return 0;
	add_candidate(was == NEVER_SEEN ? WHITTLE_REFUSED_UNSURE : WHITTLE_REFUSED, result, (void *)regs);
	return 0;
}

/* sys_exit. */
static __always_inline int leave(__u64 regs, __s64 result)
{
	struct whittle_thread *thread = thread_of(regs);
	__u64 ours = stack_word(regs);
	__u64 slot = READ_ONCE(thread->word) ^ ours;
	enum in_call was;

	if (slot == WHITTLE_BYSTANDER)
		return 0;
	if (READ_ONCE(thread->in_call) == (ours | IN_CALL)) {
		WRITE_ONCE(thread->in_call, ours);
		return 0;
	}
	was = leave_call(regs);
	return was == WAS_IN_CALL ? 0 : exit_slowly(regs, result, was);
}

/* SIGSYS by seccomp, on the current task. */
static __always_inline int signalled(int signal, struct kernel_siginfo *info, struct task_struct *task)
{
	struct k_sigaction action = {};
	struct pt_regs *regs;

	if (signal != SIGSYS || (unsigned long)info < 2 || BPF_CORE_READ(info, si_code) != SYS_SECCOMP)
		return 0;
	if (task != bpf_get_current_task_btf())
		return 0;
	regs = (struct pt_regs *)bpf_task_pt_regs(task);
	bpf_probe_read_kernel(&action, sizeof(action), &task->sighand->action[SIGSYS - 1]);
	/* With a handler (or SIG_IGN, which the kernel overrides by the default) the call was trapped. */
	add_candidate((action.sa.sa_flags & SA_IMMUTABLE) || (unsigned long)action.sa.sa_handler <= 1 ?
			      WHITTLE_KILLED :
			      WHITTLE_TRAPPED,
		      0, regs);
	/* TRAP leaves through sys_exit as well: that exit is no second refusal. */
	set_in_call(stack_of(task), IN_CALL);
	return 0;
}

/* A thread ends: by KILL_THREAD? */
static __always_inline void thread_ended(struct task_struct *task)
{
	if ((BPF_CORE_READ(task, exit_code) & 0x7f) == SIGSYS &&
	    !(BPF_CORE_READ(task, signal, flags) & SIGNAL_GROUP_EXIT))
		add_candidate(WHITTLE_KILLED_THREAD, 0, (struct pt_regs *)bpf_task_pt_regs(task));
}

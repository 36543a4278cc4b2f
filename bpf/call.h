/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Writing down one call of one slot, the long way: what the hot path does only for a call that is new in its epoch.
 *
 * Kernel facts:
 * - A 64-bit program makes a 32-bit call by int 0x80: TS_COMPAT tells, the number does not (i386 313 is splice, x86-64 313
 *   is finit_module). x32 numbers have bit 30; -1 has it too, and is no x32 call.
 *   Test: live RecordTruth.AbisAreTheThreadsOwn.
 * - seccomp() and prctl(PR_SET_SECCOMP) put a filter in force during the call, with SECCOMP_FILTER_FLAG_TSYNC for the
 *   other threads as well, and nothing fires then. PR_SET_MM may change the executable.
 *   Test: live RecordTruth.AFilterForAllThreadsIsSeenByTheOthers.
 * - clone() takes its flags in the first argument on x86, of which it uses the low 32 bits; clone3() (5.3) takes a pointer
 *   to them and a size. A caller has just written them, so they are there to be read; if not, it is said.
 *   Test: live RecordClone. */
#pragma once

#include "subject.h"
#include "thread.h"

#define PR_SET_SECCOMP 22
#define PR_SET_MM 35
#define CLONE_NEWTIME 0x80
#define CLONE_INTO_CGROUP 0x200000000ULL
#define SECCOMP_SET_MODE_FILTER 1
#define SECCOMP_FILTER_FLAG_TSYNC 1

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct whittle_overflow_key);
	__type(value, __u64);
} overflow SEC(".maps");

/* Processes in which a thread is setting a filter for all threads: process -> that thread. Until its next call none of
 * them is remembered, so that each call is seen with the filter that it had. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u32);
} unsettled SEC(".maps");

struct call {
	__u32 row;
	__u32 number; /* as seccomp sees it */
	__u32 bit; /* its place in the row; WHITTLE_NUMBERS and above: none */
};

static __always_inline struct call call_of(__u32 status, __u32 number)
{
	struct call call = {.row = WHITTLE_ROW_X86_64, .number = number, .bit = number};

	if (status & TS_COMPAT) {
		call.row = WHITTLE_ROW_I386;
	} else if (number >> 30 == 1) {
		call.row = WHITTLE_ROW_X32;
		call.bit = number & 0x3fffffff;
	}
	return call;
}

static __always_inline bool is_seccomp(struct call *call)
{
	return call->bit == (call->row == WHITTLE_ROW_I386 ? 354 : 317);
}

static __always_inline bool is_prctl(struct call *call)
{
	return call->bit == (call->row == WHITTLE_ROW_I386 ? 172 : 157);
}

static __always_inline bool is_clone(struct call *call)
{
	return call->bit == (call->row == WHITTLE_ROW_I386 ? 120 : 56);
}

static __always_inline bool is_clone3(struct call *call)
{
	return call->bit == 435;
}

static __always_inline void set_bit(__u32 slot, __u32 row, __u32 bit)
{
	__u64 *word = &sets[slot & (WHITTLE_SLOTS - 1)][READ_ONCE(control.epoch) & 1][row & (WHITTLE_ROWS - 1)]
			   [(bit >> 6) & (WHITTLE_WORDS - 1)];
	__u64 mask = 1ULL << (bit & 63);

	if (!(READ_ONCE(*word) & mask))
		__sync_fetch_and_or(word, mask);
}

static __always_inline void count_overflow(__u32 slot, struct call *call)
{
	struct whittle_overflow_key key = {.slot = slot, .row = call->row, .number = call->number};
	__u64 zero = 0;
	__u64 *count = bpf_map_lookup_elem(&overflow, &key);

	if (!count) {
		bpf_map_update_elem(&overflow, &key, &zero, BPF_NOEXIST);
		count = bpf_map_lookup_elem(&overflow, &key);
	}
	if (!count) {
		count_error(WHITTLE_ERROR_OVERFLOW_FULL);
		return;
	}
	__sync_fetch_and_add(count, 1);
	__sync_fetch_and_add(&counters.overflows, 1);
}

static __always_inline void unsettle(struct task_struct *task)
{
	__u32 process = BPF_CORE_READ(task, tgid), thread = BPF_CORE_READ(task, pid);

	if (bpf_map_update_elem(&unsettled, &process, &thread, BPF_ANY))
		count_error(WHITTLE_ERROR_SETTLE_FULL);
	forget_all();
}

/* May the task be remembered? Not while a thread of its process sets a filter for all; that thread's next call ends it. */
static __always_inline bool settled(struct task_struct *task)
{
	__u32 process = BPF_CORE_READ(task, tgid), thread = BPF_CORE_READ(task, pid);
	__u32 *setter = bpf_map_lookup_elem(&unsettled, &process);

	if (!setter)
		return true;
	if (*setter != thread)
		return false;
	bpf_map_delete_elem(&unsettled, &process);
	return true;
}

/* Does this control call change what is known of its thread? Deals with the other threads. */
static __always_inline bool changes_thread(struct task_struct *task, __u64 regs_address, struct call *call)
{
	struct pt_regs *regs = (void *)regs_address;
	bool i386 = call->row == WHITTLE_ROW_I386;
	__u64 first = i386 ? BPF_CORE_READ(regs, bx) : BPF_CORE_READ(regs, di);
	__u64 second = i386 ? BPF_CORE_READ(regs, cx) : BPF_CORE_READ(regs, si);

	if (is_prctl(call)) {
		if ((__u32)first == PR_SET_MM)
			unsettle(task);
		return (__u32)first == PR_SET_SECCOMP || (__u32)first == PR_SET_MM;
	}
	if ((__u32)first == SECCOMP_SET_MODE_FILTER && (second & SECCOMP_FILTER_FLAG_TSYNC))
		unsettle(task);
	return (__u32)first <= SECCOMP_SET_MODE_FILTER;
}

static __always_inline __u64 first_argument(struct pt_regs *regs, struct call *call)
{
	return call->row == WHITTLE_ROW_I386 ? (__u32)BPF_CORE_READ(regs, bx) : BPF_CORE_READ(regs, di);
}

static __always_inline enum whittle_clone clone3_kind(struct pt_regs *regs, struct call *call)
{
	struct clone_args given = {};
	__u64 size = call->row == WHITTLE_ROW_I386 ? (__u32)BPF_CORE_READ(regs, cx) : BPF_CORE_READ(regs, si);

	if (size > sizeof(given))
		size = sizeof(given);
	if (bpf_probe_read_user(&given, size, (void *)first_argument(regs, call)))
		return WHITTLE_CLONE3_UNREAD;
	if (given.flags & (WHITTLE_NAMESPACE_FLAGS | CLONE_NEWTIME))
		return WHITTLE_CLONE3_NAMESPACES;
	return given.flags & CLONE_INTO_CGROUP || given.set_tid_size ? WHITTLE_CLONE3_ONLY : WHITTLE_CLONE3_PLAIN;
}

static __always_inline enum whittle_clone clone_kind(__u64 regs_address, struct call *call)
{
	struct pt_regs *regs = (void *)regs_address;

	if (is_clone3(call))
		return clone3_kind(regs, call);
	return first_argument(regs, call) & WHITTLE_NAMESPACE_FLAGS ? WHITTLE_CLONE_NAMESPACES : WHITTLE_CLONE_PLAIN;
}

/* Writes the call down. False if the thread must not be remembered after it. */
static __noinline bool record_call(__u32 slot, struct task_struct *task, __u64 regs, __u64 id)
{
	struct call call = call_of(BPF_CORE_READ(task, thread_info.status), id);

	if (call.bit >= WHITTLE_NUMBERS) {
		count_overflow(slot, &call);
		return true;
	}
	if (is_seccomp(&call) || is_prctl(&call)) {
		set_bit(slot, WHITTLE_ROW_CONTROL, 2 * call.row + (is_prctl(&call) ? 1 : 0));
		return !changes_thread(task, regs, &call);
	}
	if (is_clone(&call) || is_clone3(&call)) {
		set_bit(slot, WHITTLE_ROW_CONTROL, WHITTLE_CLONE_BITS + 8 * call.row + clone_kind(regs, &call));
		return true;
	}
	set_bit(slot, call.row, call.bit);
	return true;
}

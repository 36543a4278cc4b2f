/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The table of threads: from the address of a thread's registers to its slot, without a helper call.
 *
 * Kernel facts:
 * - At sys_enter and sys_exit `regs` lies at the end of the thread's kernel stack: constant for the thread's life and
 *   different from every other living thread's. Kernel stacks are 16 KiB and aligned to that (x86-64 without KASAN), so
 *   regs >> 14 names the stack, and so does task->stack >> 14. Where it does not hold (same_stack()), nothing is kept and
 *   every call takes the long way. All versions.
 *   Test: live RecordTruth.ManyShortThreadsAndProcessesAreNeverTakenForOneAnother.
 * - A stack goes to another thread only through a fork, and sched_process_fork fires before the child runs.
 *   Test: the same.
 *
 * Three writers race for an entry: threads that share its hash, and whoever invalidates. An entry is right because
 * - its word is written last and holds the whole key: no other thread takes it for its own;
 * - the task pointer beside it is believed only if that task's stack is this stack: it is then this task;
 * - who writes an entry looks at the generation before it resolves and after it wrote: an invalidation in between shows,
 *   and the entry is taken back. Who invalidates raises the generation first and clears afterwards. */
#pragma once

#include "base.h"

/* The key's part of a word. */
static __always_inline __u64 stack_word(__u64 address_on_stack)
{
	return (address_on_stack << 2) & ~0xffffULL; /* (address >> 14) << 16 */
}

static __always_inline struct whittle_thread *thread_of(__u64 address_on_stack)
{
	/* Stacks lie 20 KiB apart (one guard page): a multiplication spreads them. */
	__u64 hash = ((address_on_stack >> 14) * 0x9E3779B97F4A7C15ULL) >> 48;

	return &threads[hash & (WHITTLE_THREADS - 1)];
}

static __always_inline __u64 stack_of(struct task_struct *task)
{
	return (__u64)BPF_CORE_READ(task, stack);
}

static __always_inline bool same_stack(__u64 regs, __u64 stack)
{
	return ((regs ^ stack) >> 14) == 0;
}

static __always_inline void forget_stack(__u64 stack)
{
	struct whittle_thread *thread = thread_of(stack);

	/* Another thread's entry may go with it: it resolves again. */
	WRITE_ONCE(thread->word, 0);
}

/* Keeps that the thread is `slot`, unless something changed since `generation` was read. */
static __always_inline void remember(__u64 regs, struct task_struct *task, __u32 slot, __u32 generation)
{
	struct whittle_thread *thread = thread_of(regs);

	if (!same_stack(regs, stack_of(task)))
		return;
	WRITE_ONCE(thread->word, 0);
	barrier();
	WRITE_ONCE(thread->task, (__u64)task);
	/* An exchange is a full barrier: the generation is read after the word stands. */
	__sync_lock_test_and_set(&thread->word, stack_word(regs) | slot);
	if (READ_ONCE(control.generation) != generation)
		WRITE_ONCE(thread->word, 0);
}

#define SWEEP_STEP 64
static long sweep_step(__u32 step, void *unused)
{
	for (int i = 0; i < SWEEP_STEP; i++) {
		struct whittle_thread *thread = &threads[(step * SWEEP_STEP + i) & (WHITTLE_THREADS - 1)];

		if (READ_ONCE(thread->word))
			WRITE_ONCE(thread->word, 0);
	}
	return 0;
}

/* Everyone resolves again. Some 50 us; only when a whole process changes at once. */
static __noinline void forget_all(void)
{
	__sync_fetch_and_add(&control.generation, 1);
	bpf_loop(WHITTLE_THREADS / SWEEP_STEP, sweep_step, NULL, 0);
}

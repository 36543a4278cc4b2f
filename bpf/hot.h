/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* sys_enter. The hot path (this thread is known, this subject has made this call in this epoch) makes no helper call and
 * no map look-up, and writes nothing. Everything else is miss() or first_sight().
 *
 * Kernel facts: bpf_rdonly_cast (6.2) turns the kept task address into something readable; a read of freed memory
 * gives zero or old bytes, never a fault, and the stack check refuses it. Older kernels find the task by a helper call,
 * which costs some 5 %. Test: live RecordTruth.RandomSetsAreRecordedExactlyByTheVariantForOlderKernels. */
#pragma once

#include "call.h"
#include "denial.h"

extern void *bpf_rdonly_cast(const void *object, __u32 btf_id) __ksym __weak;

/* record_call() of a subject whose filters can answer LOG: a call takes the short path only if its number alone says that
 * it is not logged. */
static __noinline bool record_or_log(__u32 slot, struct task_struct *task, __u64 regs, __u64 id)
{
	struct call call;
	bool decided_by_number, is_logged = logged(slot, task, regs, id, &decided_by_number);

	if (!is_logged && decided_by_number)
		return record_call(slot, task, regs, id);
	call = call_of(BPF_CORE_READ(task, thread_info.status), id);
	if (call.bit < WHITTLE_NUMBERS && (is_seccomp(&call) || is_prctl(&call) || is_clone(&call) || is_clone3(&call)))
		return record_call(slot, task, regs, id);
	if (!is_logged)
		count_overflow(slot, &call);
	return true;
}

/* False if the thread must not be remembered: what it does may change its filter. */
static __always_inline bool record_any(__u32 slot, struct task_struct *task, __u64 regs, __u64 id)
{
	bool lasts;

	if (!watch_denials)
		return record_call(slot, task, regs, id);
	if (READ_ONCE(logging[slot & (WHITTLE_SLOTS - 1)]))
		lasts = record_or_log(slot, task, regs, id);
	else
		lasts = record_call(slot, task, regs, id);
	if (!lasts)
		enter_loading(regs);
	return lasts;
}

static __noinline int miss(__u64 regs, __u64 id)
{
	__u32 generation = READ_ONCE(control.generation), workload, slot;
	struct task_struct *task = bpf_get_current_task_btf();

	barrier();
	__sync_fetch_and_add(&counters.misses, 1);
	slot = resolve(task, &workload);
	if (!slot)
		return 0;
	if (slot == WHITTLE_BYSTANDER) {
		remember(regs, task, slot, generation);
		return 0;
	}
	/* What arrived from outside is seen afresh at each call, with the filter of that moment: the runtime's own calls
	 * between loading the filter and the execve are told from this. */
	if (!record_any(slot, task, regs, id) || !workload || !settled(task))
		return 0;
	if (watch_denials && note_next(regs, task, id))
		return 0;
	remember(regs, task, slot, generation);
	return 0;
}

static __noinline int first_sight(__u32 slot, __u64 regs, __u64 id)
{
	if (!record_any(slot, bpf_get_current_task_btf(), regs, id))
		WRITE_ONCE(thread_of(regs)->word, 0);
	return 0;
}

enum watch { WITHOUT_DENIALS, WITH_DENIALS };

static __always_inline int enter(__u64 regs, __u64 id, enum watch watch)
{
	struct whittle_thread *thread = thread_of(regs);
	__u64 slot = READ_ONCE(thread->word) ^ stack_word(regs);
	struct task_struct *task;
	__u32 number = id, row = WHITTLE_ROW_X86_64;
	__u64 *word;

	if (slot > 0xffff) {
		if (watch == WITH_DENIALS)
			enter_unknown(regs);
		return miss(regs, id);
	}
	if (slot == WHITTLE_BYSTANDER)
		return 0;
	if (watch == WITH_DENIALS)
		enter_known(thread, regs);
	if (!use_task_helper)
		task = bpf_rdonly_cast((void *)READ_ONCE(thread->task), bpf_core_type_id_kernel(struct task_struct));
	else
		task = bpf_get_current_task_btf();
	if (!same_stack(regs, (__u64)task->stack))
		return miss(regs, id);
	if (task->thread_info.status & TS_COMPAT) {
		row = WHITTLE_ROW_I386;
	} else if (number >> 30 == 1) {
		row = WHITTLE_ROW_X32;
		number &= 0x3fffffff;
	}
	if (number >= WHITTLE_NUMBERS)
		return first_sight(slot, regs, id);
	word = &sets[slot & (WHITTLE_SLOTS - 1)][READ_ONCE(control.epoch) & 1][row][number >> 6];
	if (READ_ONCE(*word) >> (number & 63) & 1)
		return 0;
	return first_sight(slot, regs, id);
}

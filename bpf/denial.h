/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The denial watch: calls that a filter refused, or logged. Attached only when asked for.
 *
 * Kernel facts:
 * - seccomp runs before sys_enter. A call that it refuses by ERRNO, TRACE without a tracer, or a notification that was
 *   answered leaves through sys_exit without having entered. A child's first exit (from its parent's clone) has no enter
 *   of its own; rt_sigreturn enters and exits. Test: live RecordDenials.
 * - TRAP and the killing actions raise SIGSYS with code SYS_SECCOMP on the thread itself; where the process is to be
 *   killed the action is reset and SA_IMMUTABLE first (5.16). Afterwards TRAP leaves through sys_exit.
 * - KILL_THREAD in a process of several threads shows only in sched_process_exit: exit code 31 without a group exit. From
 *   6.11 on the thread's filters are gone by then.
 * - A tracer that skips a call makes it leave without having entered, too: by the number -1, or by PTRACE_SYSEMU.
 *
 * So all these are candidates only. What was refused is what the thread's own filters, asked again (verdict.h), refuse
 * with just this outcome. They are asked once for each kind: calls of one number that agree in all words that filters
 * were seen to read on their way take the same way again, so they are counted without asking.
 *
 * A flag for each thread says whether it is between enter and exit. It lives in the table of threads; the entry belongs
 * to the first watched thread that claims it until that exits, others use a map. */
#pragma once

#include "subject.h"
#include "thread.h"
#include "call.h"
#include "verdict.h"
#include "sample.h"

#define SIGSYS 31
#define SYS_SECCOMP 1
#define SA_IMMUTABLE 0x00800000
#define SIGNAL_GROUP_EXIT 0x00000004
#define SYSCALL_WORK_EMU (1u << 3) /* linux/thread_info.h: PTRACE_SYSEMU */
#define MAX_ERRNO 4095
#define ENOSYS 38
#define IN_CALL 1
#define LOADING 2 /* in a call that may load a filter */
#define SAMPLED 4 /* a sample waits for the thread's modules */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WHITTLE_CANDIDATES);
	__type(key, struct whittle_candidate_key);
	__type(value, struct whittle_candidate);
} candidates SEC(".maps");

/* Of each refused call and stack of filters: which words of it decide, as far as is known. */
struct decider_key {
	__u32 slot, row, number, kind;
	__u64 filters;
};
struct decider {
	__u32 words;
	__u32 variants;
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WHITTLE_CANDIDATES);
	__type(key, struct decider_key);
	__type(value, struct decider);
} deciders SEC(".maps");

/* Threads whose next calls are kept, until they end, by the stack's number: for which refusal. Best effort. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct whittle_candidate_key);
} followed SEC(".maps");

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

/* Lets user space look again at what it passed over. */
static __always_inline void sample_finished(__u64 stack)
{
	if (!finish_sample(stack))
		return;
	__sync_fetch_and_add(&counters.candidates, 1);
	look();
}

/* The thread's call may load a filter, now or in a moment. */
static __always_inline void enter_loading(__u64 regs)
{
	filter_may_be_loaded();
	set_in_call(regs, IN_CALL | LOADING);
}

enum in_call { NOT_IN_CALL, WAS_IN_CALL, NEVER_SEEN };

static __always_inline void leave_flags(__u64 regs, __u32 flags)
{
	if (flags & LOADING)
		filter_may_be_loaded();
	if (flags & SAMPLED)
		sample_finished(regs);
}

/* Takes the flag back and says what it was. */
static __noinline enum in_call leave_call(__u64 regs)
{
	struct whittle_thread *thread = thread_of(regs);
	__u64 ours = stack_word(regs), key = regs >> 14;
	__u64 owner = READ_ONCE(thread->in_call);
	__u32 *flag, was;

	if ((owner & ~0xffffULL) == ours) {
		WRITE_ONCE(thread->in_call, ours);
		leave_flags(regs, owner);
		return owner & IN_CALL ? WAS_IN_CALL : NOT_IN_CALL;
	}
	flag = bpf_map_lookup_elem(&in_calls, &key);
	if (!flag)
		return NEVER_SEEN;
	was = *flag;
	*flag = 0;
	leave_flags(regs, was);
	return was & IN_CALL ? WAS_IN_CALL : NOT_IN_CALL;
}

/* The thread with that stack is gone: the next one that has it goes on with nothing of its. */
static __always_inline void thread_gone(__u64 stack)
{
	struct whittle_thread *thread = thread_of(stack);
	__u64 key = stack >> 14;

	bpf_map_delete_elem(&followed, &key);
	if ((READ_ONCE(thread->in_call) & ~0xffffULL) == stack_word(stack))
		WRITE_ONCE(thread->in_call, 0);
	else
		bpf_map_delete_elem(&in_calls, &key);
}

/* Whether the filters' answer leads to what was seen. */
static __always_inline bool fits(__u32 kind, __s64 result, struct verdict *verdict)
{
	__u32 action = verdict->value & RET_ACTION, error = verdict->value & RET_DATA;

	if (!refuses(verdict->value))
		return false;
	if (kind == WHITTLE_TRAPPED || kind == WHITTLE_KILLED)
		return action != RET_ERRNO && action != RET_NOTIFY && action != RET_TRACE;
	if (action == RET_ERRNO)
		return result == -(__s64)(error > MAX_ERRNO ? MAX_ERRNO : error);
	if (action == RET_TRACE)
		return result == -ENOSYS;
	return action == RET_NOTIFY && kind == WHITTLE_REFUSED;
}

/* What was refused is the tracer's doing. */
static __always_inline bool tracer_skipped(struct task_struct *task, __u32 number)
{
	if (!BPF_CORE_READ(task, ptrace))
		return false;
	return number == (__u32)-1 || BPF_CORE_READ(task, thread_info.syscall_work) & SYSCALL_WORK_EMU;
}

/* A refused (or logged) call of the current task, while it is looked at. */
struct refused {
	struct task_struct *task;
	struct pt_regs *regs;
	struct seccomp_filter *filter;
	struct machine *machine;
	struct whittle_candidate_key key;
	struct verdict verdict;
};

static __always_inline struct decider_key decider_key_of(struct refused *refused)
{
	struct decider_key key = {.slot = refused->key.slot,
				  .row = refused->key.row,
				  .number = refused->key.number,
				  .kind = refused->key.kind,
				  .filters = refused->key.filters};

	return key;
}

static __always_inline void count_candidate(struct whittle_candidate *found)
{
	__sync_fetch_and_add(&found->count, 1);
	WRITE_ONCE(found->last_ns, bpf_ktime_get_ns());
	__sync_fetch_and_add(&counters.candidates, 1);
}

/* Counts it if one of its kind is known. */
static __noinline bool count_known(struct refused *refused)
{
	struct decider_key key;
	struct decider *decider;
	struct whittle_candidate *found;

	if (!refused)
		return false;
	key = decider_key_of(refused);
	decider = bpf_map_lookup_elem(&deciders, &key);
	if (!decider)
		return false;
	refused->key.variant = hash_words(refused->machine, decider->words) | 1;
	found = bpf_map_lookup_elem(&candidates, &refused->key);
	if (!found && decider->variants >= WHITTLE_VARIANTS) {
		refused->key.variant = 0;
		found = bpf_map_lookup_elem(&candidates, &refused->key);
	}
	if (found)
		count_candidate(found);
	return found;
}

/* Names its kind, after its filters were asked. */
static __noinline void choose_variant(struct refused *refused)
{
	struct decider_key key;
	struct decider *decider, fresh = {};

	if (!refused)
		return;
	key = decider_key_of(refused);
	bpf_map_update_elem(&deciders, &key, &fresh, BPF_NOEXIST);
	decider = bpf_map_lookup_elem(&deciders, &key);
	if (!decider) { /* no room: one kind for all values */
		refused->key.variant = 0;
		return;
	}
	__sync_fetch_and_or(&decider->words, refused->verdict.words);
	if (__sync_fetch_and_add(&decider->variants, 1) >= WHITTLE_VARIANTS)
		refused->key.variant = 0;
	else
		refused->key.variant = hash_words(refused->machine, decider->words) | 1;
}

static __always_inline void fill_candidate(struct refused *refused, struct whittle_candidate *fresh)
{
	struct pt_regs *regs = refused->regs;

	fresh->pid = process_id(refused->task);
	fresh->tid = thread_id(refused->task);
	fresh->instruction_pointer = BPF_CORE_READ(regs, ip);
	fresh->first_ns = fresh->last_ns = bpf_ktime_get_ns();
	fresh->verdict_known = refused->verdict.known;
	fresh->verdict = refused->verdict.value;
	fresh->words = refused->verdict.words;
	fresh->filter = refused->verdict.filter;
	fresh->filters = refused->verdict.filters;
	bpf_get_current_comm(fresh->comm, sizeof(fresh->comm));
	read_arguments(regs, refused->key.row, fresh->arguments);
}

/* The first of its kind. */
static __noinline void add_kind(struct refused *refused)
{
	struct whittle_candidate *found, fresh = {};
	struct task_struct *task;
	bool by_signal;
	__u64 stack;
	__u32 sample;

	if (!refused)
		return;
	choose_variant(refused);
	fill_candidate(refused, &fresh);
	bpf_map_update_elem(&candidates, &refused->key, &fresh, BPF_NOEXIST);
	found = bpf_map_lookup_elem(&candidates, &refused->key);
	if (!found) {
		count_error(WHITTLE_ERROR_CANDIDATE_FULL);
		return;
	}
	if (!READ_ONCE(found->sample)) {
		task = refused->task;
		by_signal = refused->key.kind == WHITTLE_TRAPPED || refused->key.kind == WHITTLE_KILLED;
		sample = take_sample(refused->regs, stack_of(task), by_signal ? LATER : NOW);
		WRITE_ONCE(found->sample, sample);
	}
	if (refused->key.kind == WHITTLE_REFUSED || refused->key.kind == WHITTLE_TRAPPED) {
		task = refused->task;
		stack = stack_of(task) >> 14;
		if (!bpf_map_update_elem(&followed, &stack, &refused->key, BPF_ANY))
			forget_stack(stack_of(task));
	}
	count_candidate(found);
	look();
}

/* After the thread of the call was refused something: keeps what it does next. False: nothing more is wanted. */
static __noinline bool note_next(__u64 regs, struct task_struct *task, __u64 id)
{
	__u64 stack = regs >> 14;
	struct whittle_candidate_key *key = bpf_map_lookup_elem(&followed, &stack);
	struct whittle_candidate *candidate;
	struct call call;
	__u32 at;

	if (!key)
		return false;
	candidate = bpf_map_lookup_elem(&candidates, key);
	at = candidate ? candidate->next_count : WHITTLE_NEXT;
	if (candidate && at < WHITTLE_NEXT) {
		call = call_of(BPF_CORE_READ(task, thread_info.status), id);
		candidate->next[at & (WHITTLE_NEXT - 1)] = (__u64)call.row << 32 | call.number;
		candidate->next_count = ++at;
		__sync_fetch_and_add(&counters.candidates, 1);
	}
	if (at < WHITTLE_NEXT)
		return true;
	bpf_map_delete_elem(&followed, &stack);
	return false;
}

/* Who else of the process has filters: those of a thread that has just ended are gone. */
struct sibling_walk {
	struct task_struct *task;
	struct refused *refused;
	struct list_head *head, *at;
};

static long sibling_step(__u32 step, struct sibling_walk *walk)
{
	struct task_struct *other;
	struct seccomp_filter *filter;
	struct refused *refused = walk->refused;
	struct list_head *at = walk->at;

	walk->at = at = BPF_CORE_READ(at, next);
	if (at == walk->head || !at)
		return 1;
	other = (void *)at - bpf_core_field_offset(struct task_struct, thread_node);
	filter = BPF_CORE_READ(other, seccomp.filter);
	if (!filter)
		return 0;
	evaluate(refused->machine, filter, &refused->verdict);
	if (refused->verdict.known && (refused->verdict.value & RET_ACTION) == RET_KILL_THREAD) {
		refused->filter = filter;
		return 1;
	}
	return 0;
}

/* The filters of a thread that KILL_THREAD ended: its own, or those of another thread that answer just that. */
static __always_inline void judge_ended_thread(struct refused *refused)
{
	struct sibling_walk walk = {.refused = refused};
	struct task_struct *task;

	if (!refused)
		return;
	task = refused->task;
	walk.head = (void *)BPF_CORE_READ(task, signal) + bpf_core_field_offset(struct signal_struct, thread_head);
	walk.at = walk.head;
	if (refused->filter)
		evaluate(refused->machine, refused->filter, &refused->verdict);
	else
		bpf_loop(1024, sibling_step, &walk, 0);
	if (!refused->verdict.known || (refused->verdict.value & RET_ACTION) != RET_KILL_THREAD) {
		__builtin_memset(&refused->verdict, 0, sizeof(refused->verdict));
		refused->verdict.value = RET_KILL_THREAD;
	}
}

/* Is it what it looks like? Asks the filters. */
static __always_inline bool judge(struct refused *refused, __s64 result)
{
	if (!refused)
		return false;
	if (refused->key.kind == WHITTLE_KILLED_THREAD) {
		judge_ended_thread(refused);
		return true;
	}
	evaluate(refused->machine, refused->filter, &refused->verdict);
	if (!refused->verdict.known)
		return true; /* user space may still find out */
	if (refused->key.kind == WHITTLE_REFUSED_UNSURE && (refused->verdict.value & RET_ACTION) == RET_NOTIFY)
		return true;
	return refused->key.kind == WHITTLE_LOGGED || fits(refused->key.kind, result, &refused->verdict);
}

static __always_inline void look_at(struct refused *refused, __s64 result)
{
	/* A thread's filters that are gone cannot name the kind. */
	if (refused->key.filters && count_known(refused))
		return;
	if (judge(refused, result))
		add_kind(refused);
}

/* Names the call and the filters that are to be asked about it, and takes a machine to ask them with, which the caller gives
 * back. False: there is none free, which is counted. */
static __always_inline bool prepare(struct refused *refused, struct call *call)
{
	struct task_struct *task = refused->task; /* on its own: `refused` is no type of the kernel's to be relocated */
	struct filter_stack stack;

	refused->key.row = call->row;
	refused->key.number = call->number;
	refused->filter = BPF_CORE_READ(task, seccomp.filter);
	filters_of(task, &stack);
	refused->key.filters = stack.name;
	refused->machine = take_machine();
	if (!refused->machine) {
		count_error(WHITTLE_ERROR_DENIAL_UNJUDGED);
		return false;
	}
	fill_data(refused->machine, refused->regs, refused->key.row, refused->key.number);
	return true;
}

/* A call of the current task that may have been refused: counts it if it was. */
static __noinline void add_candidate(__u32 kind, __s64 result, struct pt_regs *regs)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct refused refused = {.task = task, .regs = regs, .key = {.kind = kind, .result = result}};
	struct call call = call_of(BPF_CORE_READ(task, thread_info.status), BPF_CORE_READ(regs, orig_ax));
	__u32 workload;

	refused.key.slot = resolve(task, &workload);
	if (refused.key.slot < WHITTLE_FIRST_SLOT || tracer_skipped(task, call.number) || !prepare(&refused, &call))
		return;
	look_at(&refused, result);
	give_back(refused.machine);
}

/* Of a subject whose filters can answer LOG: true if this call was logged, and is counted as such. *decided_by_number: each
 * call of that number gets the same answer. */
static __always_inline bool logged(__u32 slot, struct task_struct *task, __u64 regs, __u64 id, bool *decided_by_number)
{
	struct refused refused = {.task = task, .regs = (void *)regs, .key = {.kind = WHITTLE_LOGGED, .slot = slot}};
	struct call call = call_of(BPF_CORE_READ(task, thread_info.status), id);
	bool is_logged = false;

	*decided_by_number = false;
	if (!prepare(&refused, &call))
		return false;
	is_logged = count_known(&refused);
	if (!is_logged) {
		evaluate(refused.machine, refused.filter, &refused.verdict);
		is_logged = refused.verdict.known && (refused.verdict.value & RET_ACTION) == RET_LOG;
		*decided_by_number = refused.verdict.known && !is_logged && !(refused.verdict.words >> 2);
		if (is_logged)
			add_kind(&refused);
	}
	give_back(refused.machine);
	return is_logged;
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
	enum in_call was;

	if (READ_ONCE(thread->in_call) == (ours | IN_CALL)) {
		WRITE_ONCE(thread->in_call, ours);
		return 0;
	}
	if ((READ_ONCE(thread->word) ^ ours) == WHITTLE_BYSTANDER)
		return 0;
	was = leave_call(regs);
	return was == WAS_IN_CALL ? 0 : exit_slowly(regs, result, was);
}

static __always_inline bool by_seccomp(int signal, struct kernel_siginfo *info)
{
	return signal == SIGSYS && (unsigned long)info > 1 && BPF_CORE_READ(info, si_code) == SYS_SECCOMP;
}

/* SIGSYS by seccomp, on the current task. */
static __always_inline int signalled(int signal, struct kernel_siginfo *info, struct task_struct *task)
{
	struct k_sigaction action = {};
	struct pt_regs *regs;

	if (!by_seccomp(signal, info))
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
	set_in_call(stack_of(task), IN_CALL | SAMPLED);
	return 0;
}

/* A thread ends: by KILL_THREAD? */
static __always_inline void thread_ended(struct task_struct *task)
{
	if ((BPF_CORE_READ(task, exit_code) & 0x7f) == SIGSYS &&
	    !(BPF_CORE_READ(task, signal, flags) & SIGNAL_GROUP_EXIT))
		add_candidate(WHITTLE_KILLED_THREAD, 0, (struct pt_regs *)bpf_task_pt_regs(task));
}

/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* A task's stack of filters: its name, and whether one of them can answer LOG.
 *
 * The name is a hash of what the filters say, not of where they are: an address is used again at once when a filter is
 * gone. It is worked out once for each address, and again after any watched task may have loaded a filter.
 *
 * A call that is logged is executed, so it looks like an allowed one at every tracepoint; what it was is known only by
 * asking the filters again, at each call of that subject whose answer may be LOG. So subjects are told apart by their
 * stack of filters where one of these can, and only there. Cold; only for the denial watch.
 *
 * Kernel fact: filters do not change once they are installed, and seccomp() and prctl() install them.
 * Test: live RecordVerdict, RecordDenials.CallsThatAreLogged... */
#pragma once

#include "verdict.h"

struct filter_stack {
	__u64 name; /* 0: no filter */
	__u64 prev, program; /* of the newest */
	__u32 loads; /* filter_loads when it was found */
	__u32 can_log;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct filter_stack);
} filter_stacks SEC(".maps");

/* Changes when a watched task begins, and when it ends, what may load a filter. */
__u32 filter_loads;

static __always_inline void filter_may_be_loaded(void)
{
	__sync_fetch_and_add(&filter_loads, 1);
}

struct filter_scan {
	struct machine_code *program;
	__u64 hash;
	__u32 length;
	__u32 can_log;
};

static long scan_step(__u32 step, struct filter_scan *scan)
{
	struct sock_filter in = scan->program->code[step & (MAX_INSTRUCTIONS - 1)];

	if (step >= scan->length)
		return 1;
	scan->hash = (scan->hash ^ ((__u64)in.code << 48 | (__u64)in.jt << 40 | (__u64)in.jf << 32 | in.k)) *
		     0x9E3779B97F4A7C15ULL;
	scan->hash ^= scan->hash >> 31;
	if ((in.code & 7) == BPF_RET && ((in.code & 0x18) == BPF_A || (in.k & RET_ACTION) == RET_LOG))
		scan->can_log = 1;
	return 0;
}

struct stack_walk {
	struct seccomp_filter *filter;
	__u64 hash;
	__u32 can_log;
};

static long stack_walk_step(__u32 step, struct stack_walk *walk)
{
	struct seccomp_filter *filter = walk->filter;
	struct filter_scan scan = {.hash = walk->hash};
	__u32 zero = 0;

	if (!filter)
		return 1;
	scan.program = bpf_map_lookup_elem(&machine_codes, &zero);
	scan.length = copy_program(filter);
	if (scan.program && scan.length)
		bpf_loop(MAX_INSTRUCTIONS, scan_step, &scan, 0);
	walk->hash = scan.hash + 1;
	walk->can_log |= scan.can_log;
	walk->filter = BPF_CORE_READ(filter, prev);
	return 0;
}

/* The hash of these filters, into this CPU's machine, which the caller has taken. Global: see evaluate_filters(). */
__noinline int hash_filters(__u64 newest)
{
	struct stack_walk walk = {.filter = (void *)newest};
	__u32 zero = 0;
	struct machine *machine = bpf_map_lookup_elem(&machines, &zero);

	if (!machine)
		return 0;
	bpf_loop(WHITTLE_FILTERS, stack_walk_step, &walk, 0);
	machine->hash = walk.hash;
	machine->can_log = walk.can_log;
	return 0;
}

/* False: it cannot be worked out now. */
static __always_inline bool scan_filters(struct seccomp_filter *newest, struct filter_stack *stack)
{
	struct machine *machine = take_machine();

	if (!machine)
		return false;
	hash_filters((__u64)newest);
	stack->name = machine->hash ? machine->hash : 1;
	stack->can_log = machine->can_log;
	give_back(machine);
	return true;
}

/* True if one of them can answer LOG. */
static __noinline bool filters_of(struct task_struct *task, struct filter_stack *stack)
{
	struct seccomp_filter *newest = BPF_CORE_READ(task, seccomp.filter);
	struct filter_stack *known, now = {};
	__u64 key = (__u64)newest;

	if (!stack)
		return false;
	__builtin_memset(stack, 0, sizeof(*stack));
	if (!newest)
		return false;
	now.loads = READ_ONCE(filter_loads);
	now.prev = (__u64)BPF_CORE_READ(newest, prev);
	now.program = (__u64)BPF_CORE_READ(newest, prog);
	known = bpf_map_lookup_elem(&filter_stacks, &key);
	if (known && known->loads == now.loads && known->prev == now.prev && known->program == now.program) {
		*stack = *known;
		return known->can_log;
	}
	if (scan_filters(newest, &now)) {
		bpf_map_update_elem(&filter_stacks, &key, &now, BPF_ANY);
	} else {
		now.name = key; /* each call asks */
		now.can_log = 1;
	}
	*stack = now;
	return now.can_log;
}

/* What tells apart stacks of filters that can answer LOG; 0 for all others. */
static __always_inline __u32 logging_filters(struct task_struct *task)
{
	struct filter_stack stack;

	return filters_of(task, &stack) ? (__u32)(stack.name >> 32) | 1 : 0;
}

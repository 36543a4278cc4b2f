/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What a task's filters answer to a call: the classic programs executed here once more, in the task that made the call, so
 * that no filter is asked that is not its own, and that none is missing because it is gone by the time user space looks.
 * Cold: at the first refused call of a kind, and for calls under a filter that can answer LOG.
 *
 * Kernel facts:
 * - seccomp.filter is the newest filter, prev the one before. Every filter of the list is asked; the strictest action wins
 *   (as signed numbers), among equals the newest one's. All versions.
 * - A filter keeps the program as it was loaded in prog->orig_prog only with CONFIG_CHECKPOINT_RESTORE.
 * - Division by a zero X ends a program with KILL_THREAD; shifts by X use its low five bits.
 * The same machine in user space is src/filter/machine.cc; both are held against the running kernel.
 * Test: live RecordVerdict, RecordDenials. */
#pragma once

#include <linux/bpf_common.h>

#include "base.h"

/* linux/filter.h, which cannot be had beside vmlinux.h. */
#define BPF_A 0x10
#define BPF_TXA 0x80

#define AUDIT_ARCH_I386 0x40000003
#define AUDIT_ARCH_X86_64 0xc000003e
#define RET_ACTION 0xffff0000u
#define RET_DATA 0x0000ffffu
#define RET_KILL_PROCESS 0x80000000u
#define RET_KILL_THREAD 0u
#define RET_TRAP 0x00030000u
#define RET_ERRNO 0x00050000u
#define RET_NOTIFY 0x7fc00000u
#define RET_TRACE 0x7ff00000u
#define RET_LOG 0x7ffc0000u
#define RET_ALLOW 0x7fff0000u

#define MAX_INSTRUCTIONS 4096
#define DATA_WORDS 16

struct verdict {
	__u32 known; /* 0: a filter could not be read */
	__u32 value; /* as SECCOMP_RET_*: action and data */
	__u32 words; /* words of struct seccomp_data that the filters read on their way */
	__u16 filter; /* which one answered that, counted from the newest */
	__u16 filters; /* how many there are */
};

struct machine {
	__u32 data[DATA_WORDS]; /* struct seccomp_data */
	__u32 memory[16];
	__u32 a, x;
	__u32 at, length;
	__u32 returned;
	__u32 words; /* those of `data` that were read */
	__u32 failed;
	__u32 busy; /* somebody on this CPU is using it */
	struct verdict verdict;
	__u64 hash; /* of a stack of filters, and */
	__u32 can_log; /* whether one of them can answer LOG */
};

struct machine_code {
	struct sock_filter code[MAX_INSTRUCTIONS];
};

/* One of each for a CPU. Apart, since the kernel limits such values to 32 KiB. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct machine);
} machines SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct machine_code);
} machine_codes SEC(".maps");

/* The machine of this CPU; NULL while a program that was interrupted uses it. To be given back. */
static __always_inline struct machine *take_machine(void)
{
	__u32 zero = 0;
	struct machine *machine = bpf_map_lookup_elem(&machines, &zero);

	if (!machine || __sync_lock_test_and_set(&machine->busy, 1))
		return NULL;
	return machine;
}

static __always_inline void give_back(struct machine *machine)
{
	__sync_lock_test_and_set(&machine->busy, 0);
}

static __always_inline void fill_wide(struct machine *machine, __u32 argument, __u64 value)
{
	machine->data[4 + 2 * argument] = value;
	machine->data[5 + 2 * argument] = value >> 32;
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

/* The call as its filters see it. */
static __noinline void fill_data(struct machine *machine, struct pt_regs *regs, __u32 row, __u32 number)
{
	__u64 arguments[6], ip = BPF_CORE_READ(regs, ip);

	if (!machine)
		return;
	read_arguments(regs, row, arguments);
	machine->data[0] = number;
	machine->data[1] = row == WHITTLE_ROW_I386 ? AUDIT_ARCH_I386 : AUDIT_ARCH_X86_64;
	machine->data[2] = ip;
	machine->data[3] = ip >> 32;
	for (int i = 0; i < 6; i++)
		fill_wide(machine, i, arguments[i]);
}

static __always_inline __u32 loaded(struct machine *machine, struct sock_filter *in)
{
	__u32 word = in->k >> 2;

	switch (in->code & 0xe0) {
	case BPF_ABS:
		machine->words |= 1u << (word & (DATA_WORDS - 1));
		return machine->data[word & (DATA_WORDS - 1)];
	case BPF_LEN:
		return DATA_WORDS * 4;
	case BPF_MEM:
		return machine->memory[in->k & 15];
	default:
		return in->k;
	}
}

static __always_inline __u32 computed(__u32 operation, __u32 a, __u32 operand)
{
	switch (operation) {
	case BPF_ADD:
		return a + operand;
	case BPF_SUB:
		return a - operand;
	case BPF_MUL:
		return a * operand;
	case BPF_DIV:
		return operand ? a / operand : 0;
	case BPF_AND:
		return a & operand;
	case BPF_OR:
		return a | operand;
	case BPF_XOR:
		return a ^ operand;
	case BPF_LSH:
		return a << (operand & 31);
	case BPF_RSH:
		return a >> (operand & 31);
	default:
		return 0u - a; /* BPF_NEG */
	}
}

static __always_inline bool holds(__u32 operation, __u32 a, __u32 operand)
{
	switch (operation) {
	case BPF_JEQ:
		return a == operand;
	case BPF_JGT:
		return a > operand;
	case BPF_JGE:
		return a >= operand;
	default:
		return a & operand; /* BPF_JSET */
	}
}

struct machine_run {
	struct machine *machine;
	struct machine_code *program;
};

/* One instruction; 1 at the end. */
static long machine_step(__u32 step, struct machine_run *run)
{
	struct machine *machine = run->machine;
	struct sock_filter in = run->program->code[machine->at & (MAX_INSTRUCTIONS - 1)];
	__u32 operand = in.code & BPF_X ? machine->x : in.k, value;

	if (machine->at >= machine->length) {
		machine->failed = 1;
		return 1;
	}
	machine->at++;
	switch (in.code & 7) {
	case BPF_LD:
		machine->a = loaded(machine, &in);
		return 0;
	case BPF_LDX:
		machine->x = loaded(machine, &in);
		return 0;
	case BPF_ST:
		machine->memory[in.k & 15] = machine->a;
		return 0;
	case BPF_STX:
		machine->memory[in.k & 15] = machine->x;
		return 0;
	case BPF_ALU:
		if ((in.code & 0xf0) == BPF_DIV && !operand) {
			machine->returned = RET_KILL_THREAD;
			return 1;
		}
		value = computed(in.code & 0xf0, machine->a, operand);
		machine->a = value;
		return 0;
	case BPF_JMP:
		if ((in.code & 0xf0) == BPF_JA)
			machine->at += in.k;
		else
			machine->at += holds(in.code & 0xf0, machine->a, operand) ? in.jt : in.jf;
		return 0;
	case BPF_RET:
		machine->returned = (in.code & 0x18) == BPF_A ? machine->a : in.k;
		return 1;
	default: /* BPF_MISC */
		if (in.code & BPF_TXA)
			machine->a = machine->x;
		else
			machine->x = machine->a;
		return 0;
	}
}

/* The filter's program, copied; its length, 0 if it cannot be had. */
static __noinline __u32 copy_program(struct seccomp_filter *filter)
{
	struct sock_fprog_kern *original = BPF_CORE_READ(filter, prog, orig_prog);
	__u32 zero = 0, length;
	struct machine_code *program = bpf_map_lookup_elem(&machine_codes, &zero);

	if (!program || !original)
		return 0;
	length = BPF_CORE_READ(original, len);
	if (!length || length > MAX_INSTRUCTIONS)
		return 0;
	if (bpf_probe_read_kernel(program->code, length * sizeof(struct sock_filter), BPF_CORE_READ(original, filter)))
		return 0;
	return length;
}

struct filter_walk {
	struct machine *machine;
	struct seccomp_filter *filter;
	struct verdict verdict;
};

static long filter_step(__u32 step, struct filter_walk *walk)
{
	struct machine *machine = walk->machine;
	struct machine_run run = {.machine = machine};
	struct seccomp_filter *filter = walk->filter;
	__u32 zero = 0;

	if (!filter)
		return 1;
	run.program = bpf_map_lookup_elem(&machine_codes, &zero);
	machine->length = copy_program(filter);
	machine->at = machine->a = machine->x = 0;
	machine->failed = !machine->length;
	if (!run.program)
		return 1;
	bpf_loop(MAX_INSTRUCTIONS, machine_step, &run, 0);
	if (machine->failed) {
		walk->verdict.known = 0;
		return 1;
	}
	if ((__s32)(machine->returned & RET_ACTION) < (__s32)(walk->verdict.value & RET_ACTION)) {
		walk->verdict.value = machine->returned;
		walk->verdict.filter = walk->verdict.filters;
	}
	walk->verdict.filters++;
	walk->filter = BPF_CORE_READ(filter, prev);
	return 0;
}

/* What these filters answer to the call in this CPU's machine, which the caller has taken: machine->verdict. A global
 * function, which the verifier walks through once and not at every call. */
__noinline int evaluate_filters(__u64 filter)
{
	struct filter_walk walk = {.filter = (void *)filter};
	__u32 zero = 0;
	struct machine *machine = bpf_map_lookup_elem(&machines, &zero);

	if (!machine)
		return 0;
	walk.machine = machine;
	walk.verdict.known = filter != 0;
	walk.verdict.value = RET_ALLOW;
	machine->words = 0;
	bpf_loop(WHITTLE_FILTERS, filter_step, &walk, 0);
	if (walk.filter) /* more than are followed */
		walk.verdict.known = 0;
	walk.verdict.words = machine->words;
	machine->verdict = walk.verdict;
	return 0;
}

static __always_inline void evaluate(struct machine *machine, struct seccomp_filter *filter, struct verdict *verdict)
{
	evaluate_filters((__u64)filter);
	*verdict = machine->verdict;
}

static __always_inline bool refuses(__u32 value)
{
	__u32 action = value & RET_ACTION;

	return action != RET_ALLOW && action != RET_LOG;
}

/* Equal for calls that agree in these words. */
static __always_inline __u64 hash_words(struct machine *machine, __u32 words)
{
	__u64 hash = words;

	for (int i = 2; i < DATA_WORDS; i++) {
		if (words >> i & 1)
			hash = (hash ^ machine->data[i]) * 0x9E3779B97F4A7C15ULL;
		hash ^= hash >> 29;
	}
	return hash;
}

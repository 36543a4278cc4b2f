/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Who asked for a refused call: the thread's registers, the top of its stack and its modules, copied while they are there, to
 * be unwound by user space, when the thread may be gone. Cold: once for each kind of refused call.
 *
 * Kernel facts:
 * - At sys_exit and at a signal of seccomp's the registers of user space are all in pt_regs, on every way into the kernel.
 * - bpf_iter_task_vma (6.7) walks mappings; older kernels give none, and user space reads /proc/PID/maps if it still can.
 * - It needs interrupts, which are off where a signal is generated: there the modules are left for the thread's next
 *   exit from the kernel, or its end.
 * - A mapping of a file on overlayfs names the real file; its place in the container is in struct backing_file (6.5).
 * Test: live DenialStacks. */
#pragma once

#include "base.h"
#include "path.h"

#ifndef bpf_ksym_exists
#define bpf_ksym_exists(symbol) (!!(symbol)) /* libbpf before 1.2 */
#endif
#define VM_EXEC 4
#define USER32_CS 0x23
#define FMODE_BACKING (1u << 25)

extern int bpf_iter_task_vma_new(struct bpf_iter_task_vma *iterator, struct task_struct *task, __u64 address) __ksym __weak;
extern struct vm_area_struct *bpf_iter_task_vma_next(struct bpf_iter_task_vma *iterator) __ksym __weak;
extern void bpf_iter_task_vma_destroy(struct bpf_iter_task_vma *iterator) __ksym __weak;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WHITTLE_SAMPLES);
	__type(key, __u32);
	__type(value, struct whittle_sample);
} samples SEC(".maps");

/* Those that nobody uses; filled by user space, also with what it has read. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, WHITTLE_SAMPLES);
	__type(value, __u32);
} free_samples SEC(".maps");

static __always_inline void copy_registers(struct whittle_sample *sample, struct pt_regs *regs)
{
	sample->registers[0] = BPF_CORE_READ(regs, orig_ax);
	sample->registers[1] = BPF_CORE_READ(regs, dx);
	sample->registers[2] = BPF_CORE_READ(regs, cx);
	sample->registers[3] = BPF_CORE_READ(regs, bx);
	sample->registers[4] = BPF_CORE_READ(regs, si);
	sample->registers[5] = BPF_CORE_READ(regs, di);
	sample->registers[6] = BPF_CORE_READ(regs, bp);
	sample->registers[7] = BPF_CORE_READ(regs, sp);
	sample->registers[8] = BPF_CORE_READ(regs, r8);
	sample->registers[9] = BPF_CORE_READ(regs, r9);
	sample->registers[10] = BPF_CORE_READ(regs, r10);
	sample->registers[11] = BPF_CORE_READ(regs, r11);
	sample->registers[12] = BPF_CORE_READ(regs, r12);
	sample->registers[13] = BPF_CORE_READ(regs, r13);
	sample->registers[14] = BPF_CORE_READ(regs, r14);
	sample->registers[15] = BPF_CORE_READ(regs, r15);
	sample->registers[16] = BPF_CORE_READ(regs, ip);
	sample->is_32_bit = (__u16)BPF_CORE_READ(regs, cs) == USER32_CS;
}

static long stack_step(__u32 step, struct whittle_sample **context)
{
	struct whittle_sample *sample = *context;
	__u32 at = (step * WHITTLE_STACK_STEP) & (WHITTLE_STACK - WHITTLE_STACK_STEP);

	if (bpf_probe_read_user(sample->stack + at, WHITTLE_STACK_STEP, (void *)(sample->registers[7] + at)))
		return 1;
	sample->stack_bytes = at + WHITTLE_STACK_STEP;
	return 0;
}

static __always_inline void copy_module(struct whittle_sample *sample, struct vm_area_struct *vma, struct file *file)
{
	struct backing_file *backing = (void *)file;
	struct path *place = (struct path *)__builtin_preserve_access_index(&file->f_path);
	struct whittle_module *module;
	__u32 at, cut = 0;

	if (!sample)
		return;
	at = sample->module_count;
	if (at >= WHITTLE_MODULES) {
		sample->modules_cut = WHITTLE_MODULES_CUT;
		return;
	}
	barrier_var(at);
	module = &sample->modules[at < WHITTLE_MODULES ? at : 0];
	if (bpf_core_type_exists(struct backing_file) && BPF_CORE_READ(file, f_mode) & FMODE_BACKING)
		place = (struct path *)__builtin_preserve_access_index(&backing->user_path);
	module->start = BPF_CORE_READ(vma, vm_start);
	module->end = BPF_CORE_READ(vma, vm_end);
	module->offset = BPF_CORE_READ(vma, vm_pgoff) << 12;
	module->inode = BPF_CORE_READ(file, f_inode, i_ino);
	module->path_bytes = path_of(place, module->path, &cut);
	module->path_cut = cut;
	sample->module_count = at + 1;
}

/* Fills in the modules of the current task. Global: see evaluate_filters(). */
__noinline int copy_modules(__u32 index)
{
	struct whittle_sample *sample = bpf_map_lookup_elem(&samples, &index);
	struct bpf_iter_task_vma iterator;
	struct vm_area_struct *vma;

	if (!sample)
		return 0;
	if (!bpf_ksym_exists(bpf_iter_task_vma_new)) {
		sample->modules_cut = WHITTLE_MODULES_NONE;
		return 0;
	}
	sample->modules_cut = WHITTLE_MODULES_ALL;
	bpf_iter_task_vma_new(&iterator, bpf_get_current_task_btf(), 0);
	while ((vma = bpf_iter_task_vma_next(&iterator))) {
		struct file *file = BPF_CORE_READ(vma, vm_file);

		if (file && BPF_CORE_READ(vma, vm_flags) & VM_EXEC)
			copy_module(sample, vma, file);
	}
	bpf_iter_task_vma_destroy(&iterator);
	return 0;
}

/* Samples whose modules are still to come, by the number of their thread's stack. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, WHITTLE_SAMPLES);
	__type(key, __u64);
	__type(value, __u32);
} unfinished_samples SEC(".maps");

/* The current task, whose stack that is, adds its modules to a sample that waits for them. */
static __noinline bool finish_sample(__u64 stack)
{
	__u64 key = stack >> 14;
	__u32 *waiting = bpf_map_lookup_elem(&unfinished_samples, &key), index;

	if (!waiting)
		return false;
	index = *waiting;
	bpf_map_delete_elem(&unfinished_samples, &key);
	copy_modules(index);
	return true;
}

enum when { NOW, LATER };

/* 1 + the sample's index; 0 if there is no room: user space reads too slowly. */
static __always_inline __u32 take_sample(struct pt_regs *regs, __u64 stack, enum when modules)
{
	__u64 key = stack >> 14;

	struct whittle_sample *sample;
	__u32 index = 0;

	if (bpf_map_pop_elem(&free_samples, &index))
		return 0;
	sample = bpf_map_lookup_elem(&samples, &index);
	if (!sample)
		return 0;
	sample->stack_bytes = sample->module_count = 0;
	copy_registers(sample, regs);
	bpf_loop(WHITTLE_STACK / WHITTLE_STACK_STEP, stack_step, &sample, 0);
	if (modules == NOW) {
		copy_modules(index);
	} else {
		sample->modules_cut = WHITTLE_MODULES_LATER;
		if (bpf_map_update_elem(&unfinished_samples, &key, &index, BPF_ANY))
			sample->modules_cut = WHITTLE_MODULES_NONE;
	}
	return index + 1;
}

/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The ground that the other headers stand on: kernel types, helpers, the globals, and counting of failures. */
#pragma once

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "shared.h"

/* x86: asm/thread_info.h. Set while a 32-bit call (int 0x80, sysenter) runs, also of a 64-bit program.
 * Test: live RecordTruth.AbisAreTheThreadsOwn. */
#define TS_COMPAT 0x0002

#define EEXIST 17

#define READ_ONCE(x) (*(volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, value) (*(volatile typeof(x) *)&(x) = (value))

/* Set before loading. */
const volatile __u32 use_task_helper = 0; /* 1: kernels before 6.2 */
const volatile __u32 watch_denials = 0;
const volatile __u32 slot_limit = WHITTLE_SLOTS;

/* Globals, mapped into user space. In .data, so that they stand apart from the large arrays. */
struct whittle_control control __attribute__((aligned(64))) SEC(".data.control") = {};
struct whittle_counters counters __attribute__((aligned(64))) SEC(".data.counters") = {.next_slot = WHITTLE_FIRST_SLOT};
struct whittle_session session __attribute__((aligned(64))) SEC(".data.session") = {.abi = WHITTLE_BPF_ABI};

/* What follows is zero at the start and large. */
struct whittle_thread threads[WHITTLE_THREADS] __attribute__((aligned(64)));
__u64 sets[WHITTLE_SLOTS][WHITTLE_PARITIES][WHITTLE_ROWS][WHITTLE_WORDS] __attribute__((aligned(64)));
__u8 named[WHITTLE_SLOTS] __attribute__((aligned(64))); /* enum whittle_named */
__u8 logging[WHITTLE_SLOTS] __attribute__((aligned(64))); /* 1: the subject's filters can answer LOG */

/* Bits that user space has taken out of the sets and that are in no journal yet: user space's own, kept here so that they
 * are not lost with it. */
__u64 unwritten[WHITTLE_SLOTS][WHITTLE_ROWS][WHITTLE_WORDS] __attribute__((aligned(64)));

/* User space's own, too, for the same reason. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, WHITTLE_CGROUPS);
	__type(key, __u64);
	__type(value, struct whittle_owner_name);
} owner_names SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, WHITTLE_CGROUPS);
	__type(key, struct whittle_note_key);
	__type(value, struct whittle_note);
} notes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

static __always_inline void count_error(enum whittle_error place)
{
	__sync_fetch_and_add(&counters.errors[place], 1);
}

/* Tells user space to read the maps. Losing it costs time, no data. */
static __always_inline void look(void)
{
	struct whittle_event *event = bpf_ringbuf_reserve(&events, 24, 0);

	if (!event) {
		count_error(WHITTLE_ERROR_RING_FULL);
		return;
	}
	event->kind = WHITTLE_LOOK;
	event->pid = 0;
	event->owner = 0;
	event->path_bytes = 0;
	event->unused = 0;
	bpf_ringbuf_submit(event, 0);
}

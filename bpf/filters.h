/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Sizes and rows that filters.bpf.c shares with user space. */
#pragma once

#define MAX_FILTERS 64        /* of one thread; a process can have about 6,000 tiny ones */
#define MAX_INSTRUCTIONS 4096 /* BPF_MAXINSNS */

/* A thread, as list_threads writes it. */
struct thread_row {
	int tid;
	int mode;  /* SECCOMP_MODE_* */
	int count; /* of filters; MAX_FILTERS + 1: more than that */
	int ending;
	unsigned long long newest; /* the same for threads that share all their filters */
};

/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What the kernel side and user space share: sizes, numbers and structs. Both compile this file; every struct's layout
 * is asserted here and again by tests/unit/record/layout_test.cc. A change of meaning raises WHITTLE_BPF_ABI. */
#pragma once

#ifdef __cplusplus
#include <linux/types.h>
#endif

#define WHITTLE_BPF_ABI 3

/* Subjects. A slot is a subject's index. 0 is no slot, 1 stands for every task that is not watched. */
#define WHITTLE_SLOTS 32768
#define WHITTLE_BYSTANDER 1
#define WHITTLE_FIRST_SLOT 2

/* Bitmaps: one for each slot, epoch parity and row. A row is an ABI, and one row more. */
#define WHITTLE_NUMBERS 1024
#define WHITTLE_WORDS (WHITTLE_NUMBERS / 64)
#define WHITTLE_PARITIES 2
#define WHITTLE_ROWS 4
enum whittle_row {
	WHITTLE_ROW_X86_64,
	WHITTLE_ROW_I386, /* int 0x80, sysenter: TS_COMPAT */
	WHITTLE_ROW_X32, /* numbers stand here without bit 30 */
	/* Calls that never take the short path: their bits stand here, and never in their own row.
	 * - seccomp() and prctl() can change what the recorder knows of a thread: 2 * row + (0 for seccomp, 1 for prctl).
	 * - Each clone() and clone3() is looked at for its flags: WHITTLE_CLONE_BITS + 8 * row + enum whittle_clone. */
	WHITTLE_ROW_CONTROL,
};

#define WHITTLE_CLONE_BITS 64
enum whittle_clone {
	WHITTLE_CLONE_PLAIN,
	WHITTLE_CLONE_NAMESPACES, /* some of WHITTLE_NAMESPACE_FLAGS */
	WHITTLE_CLONE3_PLAIN, /* nothing that clone() could not do as well */
	WHITTLE_CLONE3_NAMESPACES, /* or CLONE_NEWTIME */
	WHITTLE_CLONE3_ONLY, /* CLONE_INTO_CGROUP or set_tid: there is no other call for that */
	WHITTLE_CLONE3_UNREAD, /* its arguments could not be read */
	WHITTLE_CLONES,
};
/* CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET (linux/sched.h). */
#define WHITTLE_NAMESPACE_FLAGS 0x7e020000u

/* Threads that are remembered at once; two with one hash take turns. */
#define WHITTLE_THREADS 65536

#define WHITTLE_PATH 1024 /* bytes of an executable's path */
#define WHITTLE_NAME 256 /* bytes of one component of it */
#define WHITTLE_DEPTH 48 /* components */
#define WHITTLE_SCRIPT 384 /* bytes of a script's name */
#define WHITTLE_CGROUPS 65536 /* cgroups that are watched at once */
#define WHITTLE_CGROUP_PATH 512
#define WHITTLE_CGROUP_DEPTH 32
#define WHITTLE_ANCESTORS 64
#define WHITTLE_PID_LEVELS 32

/* The denial watch. */
#define WHITTLE_CANDIDATES 16384 /* kinds of refused calls at once */
#define WHITTLE_VARIANTS 64 /* of one call: the values that decide, told apart; all others are one kind */
#define WHITTLE_FILTERS 64 /* of one thread; one that has more is not judged */
#define WHITTLE_NEXT 4 /* calls that are kept of what a thread did after a refusal */
#define WHITTLE_SAMPLES 64 /* stacks that wait for user space at once */
#define WHITTLE_STACK 16384 /* bytes of a user stack */
#define WHITTLE_STACK_STEP 256
#define WHITTLE_MODULES 48 /* executable mappings of files */

/* Keys of owners (a container's cgroup, a process tree). */
#define WHITTLE_KEY_V1 (1ULL << 63)
#define WHITTLE_KEY_TREE (1ULL << 62)

/* What a thread is found by: the address of its registers on its kernel stack, and its slot; one word, so no reader
 * sees half of it. */
struct whittle_thread {
	__u64 word; /* (regs >> 14) << 16 | slot; 0: unknown */
	__u64 task; /* struct task_struct *, for the ABI; trusted only if its stack is ours */
	__u64 in_call; /* (regs >> 14) << 16 | 1 between enter and exit, only for the denial watch; 0: nobody's */
	__u64 unused;
};

#define WHITTLE_SUBJECT_WORKLOAD 1u
#define WHITTLE_SUBJECT_UNDER_FILTER 2u

/* Who makes a call. The file is named by all that tells a reused inode number from the first. */
struct whittle_subject_key {
	__u64 owner;
	__u64 inode;
	__u64 modified_ns;
	__u32 device;
	__u32 generation;
	__u32 flags;
	__u32 filters; /* which stack of filters, where one of them can answer LOG; else 0 */
};

struct whittle_subject {
	struct whittle_subject_key key;
	__u32 pid; /* first process seen, in the initial pid namespace */
	__u32 unused;
	__u32 path_bytes; /* components from the file upwards, each with its final 0 */
	__u32 path_cut; /* 1: the path is longer than fits */
	char comm[16];
	char path[WHITTLE_PATH + WHITTLE_NAME];
};

/* Of each slot: whether the subject's name is there to be read. */
enum whittle_named {
	WHITTLE_NAMELESS,
	WHITTLE_NAMED, /* the kernel side has finished it */
	WHITTLE_NAME_READ, /* user space knows it */
};

/* A script that an interpreter was executed for. The subject's flags are without that of the filter. */
struct whittle_script_key {
	struct whittle_subject_key subject;
	char name[WHITTLE_SCRIPT]; /* as execve was given it; zeroes to the end */
};

enum whittle_decision { WHITTLE_UNDECIDED = 1, WHITTLE_KEPT = 2 };
enum whittle_kind { WHITTLE_KIND_CONTAINER, WHITTLE_KIND_PLAIN };
struct whittle_watched {
	__u32 decision;
	__u32 kind;
	__u32 maker_mount_ns; /* of who made the cgroup: the runtime's, or its manager's; 0: not seen */
	__u32 unused;
};

/* What user space knows of an owner that is reported, kept here so that whoever takes over from a killed recorder has it. */
#define WHITTLE_OWNER_NAME 256
struct whittle_owner_name {
	char name[WHITTLE_OWNER_NAME]; /* empty: it was not named yet */
};
/* A line that the recorder's caller wants kept along with the maps. */
#define WHITTLE_NOTE_KEY 64
#define WHITTLE_NOTE 2048
struct whittle_note_key {
	char text[WHITTLE_NOTE_KEY]; /* zeroes to the end */
};
struct whittle_note {
	char text[WHITTLE_NOTE];
};

/* Whose maps these are; written by user space only. */
#define WHITTLE_RECORDING_ID 136
struct whittle_session {
	__u32 abi; /* WHITTLE_BPF_ABI */
	__u32 finished; /* 1: all of it is in the file */
	__s64 started_ms; /* wall clock */
	__s64 alive_ms; /* its last sign of life */
	__u32 refusals_watched;
	__u32 unused;
	char id[WHITTLE_RECORDING_ID];
	char target[256];
};

struct whittle_cgroup_path {
	char path[WHITTLE_CGROUP_PATH];
};

/* What is known of a task: whose it is, and whether it came by an exec of the owner's own. */
enum whittle_arrival {
	WHITTLE_ARRIVED,
	WHITTLE_WORKLOAD,
	WHITTLE_BY_PROGRAM, /* in roots only: if its program is the container's */
};
struct whittle_task_state {
	__u64 owner;
	__u32 workload; /* enum whittle_arrival */
	__u32 unused;
};

/* Numbers outside the bitmaps. */
struct whittle_overflow_key {
	__u32 slot;
	__u32 row;
	__u32 number; /* as seccomp sees it */
	__u32 unused;
};

enum whittle_candidate_kind {
	WHITTLE_REFUSED, /* left without having entered: ERRNO, TRACE without a tracer, an answered notification */
	WHITTLE_REFUSED_UNSURE, /* the same, but the thread may have been in the call when the watch began */
	WHITTLE_TRAPPED, /* SIGSYS to a handler */
	WHITTLE_KILLED, /* SIGSYS that ends the process */
	WHITTLE_KILLED_THREAD, /* one thread ended */
	WHITTLE_LOGGED, /* executed, and logged */
};
/* Calls that count as one: same call, same filters, same outcome, same values where the filters looked. */
struct whittle_candidate_key {
	__u32 slot;
	__u32 row;
	__u32 number; /* as seccomp sees it */
	__u32 kind;
	__s32 result; /* what the caller got; 0 for signals */
	__u32 unused;
	__u64 filters; /* names the stack of filters: the address of the newest */
	__u64 variant; /* names the values that decide; 0: any other (WHITTLE_VARIANTS) */
};
struct whittle_candidate {
	__u64 count;
	__u64 arguments[6]; /* of the first */
	__u64 instruction_pointer;
	__u64 first_ns; /* CLOCK_MONOTONIC */
	__u64 last_ns;
	__u32 pid; /* process and thread in the recorder's pid namespace; 0 if unknown there */
	__u32 tid;
	__u32 verdict_known; /* 0: the filters could not be asked */
	__u32 verdict; /* SECCOMP_RET_*: action and data */
	__u32 words; /* words of struct seccomp_data that the filters read to find it */
	__u16 filter; /* which filter answered so, counted from the newest */
	__u16 filters; /* how many there are */
	__u32 sample; /* 1 + index of the stack; 0: none was kept */
	__u32 next_count;
	__u64 next[WHITTLE_NEXT]; /* the calls that the thread entered next: row << 32 | number */
	char comm[16];
};

/* An executable mapping of a file. */
struct whittle_module {
	__u64 start, end;
	__u64 offset; /* in the file, bytes */
	__u64 inode;
	__u32 path_bytes; /* components from the file upwards, each with its final 0 */
	__u32 path_cut;
	char path[WHITTLE_PATH + WHITTLE_NAME];
};
enum whittle_modules {
	WHITTLE_MODULES_ALL,
	WHITTLE_MODULES_CUT, /* there are more */
	WHITTLE_MODULES_NONE, /* this kernel cannot list them here */
	WHITTLE_MODULES_LATER, /* in a moment, by the thread itself */
};
/* A thread's registers and the top of its stack. */
struct whittle_sample {
	__u64 registers[17]; /* ax dx cx bx si di bp sp r8..r15 ip: DWARF's numbers on x86-64 */
	__u32 is_32_bit; /* 32-bit code */
	__u32 stack_bytes; /* from sp on */
	__u32 module_count;
	__u32 modules_cut; /* enum whittle_modules */
	struct whittle_module modules[WHITTLE_MODULES];
	__u8 stack[WHITTLE_STACK];
};

enum whittle_event_kind {
	WHITTLE_CGROUP_MADE = 1,
	WHITTLE_CGROUP_REMOVED,
	WHITTLE_EXEC,
	WHITTLE_EXIT,
	WHITTLE_SIGNAL, /* a process sent a signal to a watched task */
	WHITTLE_LOOK, /* a new subject, a first denial: read the maps */
};
struct whittle_event {
	__u32 kind;
	__u32 pid; /* in the recorder's pid namespace */
	__u64 owner;
	__u32 path_bytes; /* exec: as in whittle_subject; cgroups: a string */
	__u32 unused;
	char path[WHITTLE_PATH + WHITTLE_NAME];
};

/* Read by the hot path, written by user space (and generation by both). */
struct whittle_control {
	__u32 epoch; /* its lowest bit chooses the bitmap */
	__u32 generation; /* changes when a thread may have become another subject's */
	__u32 new_cgroups; /* 1: record every new cgroup */
	__u32 cgroups; /* 1: cgroups are targets */
	__u32 roots; /* entries of the map of that name */
	__u32 unused;
	__u64 host_mount_ns[2]; /* of the first process (0: not found out yet), of the recorder */
	__u64 pid_ns_inode; /* of the recorder */
};

/* Written by the kernel side only: kept off the hot path's cache line. */
enum whittle_error {
	WHITTLE_ERROR_TABLE_FULL, /* calls of subjects that got no slot */
	WHITTLE_ERROR_UNRESOLVED, /* calls whose subject could not be found out */
	WHITTLE_ERROR_OVERFLOW_FULL, /* calls with an odd number that found no room */
	WHITTLE_ERROR_TASK_FULL, /* tasks whose arrival could not be kept */
	WHITTLE_ERROR_CGROUP_FULL, /* cgroups that could not be watched */
	WHITTLE_ERROR_CGROUP_DEEP, /* tasks more levels below the root than are followed */
	WHITTLE_ERROR_NAME, /* subjects whose name could not be kept */
	WHITTLE_ERROR_SCRIPT, /* scripts whose name could not be kept */
	WHITTLE_ERROR_CANDIDATE_FULL, /* refused calls that found no room */
	WHITTLE_ERROR_IN_CALL_FULL, /* threads that the denial watch cannot follow */
	WHITTLE_ERROR_DENIAL_UNJUDGED, /* calls that may have been refused: their filters could not be asked */
	WHITTLE_ERROR_SETTLE_FULL, /* processes whose change of filter could not be followed */
	WHITTLE_ERROR_RING_FULL, /* events only: no call is lost */
	WHITTLE_ERRORS,
};
struct whittle_counters {
	__u64 next_slot;
	__u64 misses;
	__u64 candidates; /* changes when there is a new refused call */
	__u64 overflows;
	__u64 removed; /* changes when a watched cgroup is removed */
	__u64 scripts; /* changes when there is a new one */
	__u64 errors[WHITTLE_ERRORS];
};

#ifdef __cplusplus
#define WHITTLE_ASSERT_SIZE(type, size) static_assert(sizeof(type) == (size))
#else
#define WHITTLE_ASSERT_SIZE(type, size) _Static_assert(sizeof(type) == (size), "layout of " #type)
#endif
WHITTLE_ASSERT_SIZE(struct whittle_thread, 32);
WHITTLE_ASSERT_SIZE(struct whittle_subject_key, 40);
WHITTLE_ASSERT_SIZE(struct whittle_subject, 72 + WHITTLE_PATH + WHITTLE_NAME);
WHITTLE_ASSERT_SIZE(struct whittle_script_key, 40 + WHITTLE_SCRIPT);
WHITTLE_ASSERT_SIZE(struct whittle_watched, 16);
WHITTLE_ASSERT_SIZE(struct whittle_session, 32 + WHITTLE_RECORDING_ID + 256);
WHITTLE_ASSERT_SIZE(struct whittle_task_state, 16);
WHITTLE_ASSERT_SIZE(struct whittle_overflow_key, 16);
WHITTLE_ASSERT_SIZE(struct whittle_candidate_key, 40);
WHITTLE_ASSERT_SIZE(struct whittle_candidate, 160);
WHITTLE_ASSERT_SIZE(struct whittle_module, 40 + WHITTLE_PATH + WHITTLE_NAME);
WHITTLE_ASSERT_SIZE(struct whittle_sample, 152 + WHITTLE_STACK + WHITTLE_MODULES * (40 + WHITTLE_PATH + WHITTLE_NAME));
WHITTLE_ASSERT_SIZE(struct whittle_event, 24 + WHITTLE_PATH + WHITTLE_NAME);
WHITTLE_ASSERT_SIZE(struct whittle_control, 48);
WHITTLE_ASSERT_SIZE(struct whittle_counters, 48 + 8 * WHITTLE_ERRORS);
